"""Parameters with their sources, how the result was computed, and where it ends."""

import numpy as np

from trialeukin.core.parameter import Parameter
from trialeukin.report.page import Section
from trialeukin.report.table import Table
from trialeukin.report.wording import unit_words
from trialeukin.trial.replicate_rows import TYPICAL
from trialeukin.trial.result import StudyResult

FIT_OF_THIS_PROJECT = "fit_"
SCRIPTS_OF_THIS_PROJECT = "validation/"
WITHOUT_TOXICITY = {
    "histamine": "What histamine itself does to patients is not in the model: grades of toxicity are those of IL-2, "
    "and a rule that waits for histamine's never acts.",
}


def parameters_section(result: StudyResult) -> Section:
    """Return every parameter with both spreads and its source; assumed and fitted ones are marked."""
    parameters = result.parameters
    assumed = sum(_is_only_assumed(parameter) for parameter in parameters.values())
    fitted = sum(_is_fitted(parameter) for parameter in parameters.values())
    changed = [each.name.replace("_", " ") for each in result.study.parameters]
    words = (
        f"The model {result.provenance.model} has {len(parameters)} parameters: {assumed} are assumed, with a reason, "
        f"and {fitted} were fitted by this project to published observations. Two spreads never mix: how much patients "
        "differ, and what is not known of the typical patient; both are standard deviations on the scale named.",
        *([f"Changed in the study file, with their reasons: {', '.join(changed)}."] if changed else []),
    )
    table = Table(
        caption="All parameters with their sources",
        head=("parameter", "value", "between patients", "uncertainty", "scale", "mark", "source"),
        rows=tuple(_row(name, parameter) for name, parameter in parameters.items()),
        numeric=(False, False, True, True, False, False, False),
        folded=True,
    )
    return Section(name="parameters", title="Parameters and their sources", words=words, blocks=(table,))


def _row(name: str, parameter: Parameter) -> tuple[str, ...]:
    return (
        name.replace("_", " "),
        f"{parameter.value:.4g} {unit_words(parameter.unit)}".rstrip(),
        f"{parameter.between_patients:.3g}",
        f"{parameter.uncertainty:.3g}",
        parameter.scale.value,
        _mark(parameter),
        parameter.source.place if parameter.source.assumed else str(parameter.source),
    )


def _mark(parameter: Parameter) -> str:
    if _is_fitted(parameter):
        return "fitted, prior assumed" if parameter.source.assumed else "fitted"
    return "assumed" if parameter.source.assumed else ""


def _is_only_assumed(parameter: Parameter) -> bool:
    return parameter.source.assumed and not _is_fitted(parameter)


def _is_fitted(parameter: Parameter) -> bool:
    return parameter.source.key.startswith(FIT_OF_THIS_PROJECT) or SCRIPTS_OF_THIS_PROJECT in parameter.source.place


def method_section(result: StudyResult) -> Section:
    """Return seed, sizes, versions, method, statuses and times."""
    provenance = result.provenance
    draws = result.endpoints[0].trials.draw
    drawn = np.unique(draws[draws != TYPICAL]).size
    rows = [
        ("seed", str(provenance.seed)),
        ("virtual patients under every arm", f"{provenance.patients:,}"),
        ("replicate trials", f"{provenance.replicates:,}"),
        (
            "draws of the parameters",
            f"{provenance.draws:,}, each with {provenance.patients_a_draw:,} patients" if provenance.draws else "none",
        ),
        *((("draws with replicate trials of their own", f"{drawn:,}"),) if drawn else ()),
        ("model", provenance.model),
        ("cohort", provenance.cohort),
        ("method", provenance.method),
        *((f"trajectories: {status.replace('_', ' ')}", f"{count:,}") for status, count in provenance.statuses.items()),
        *((f"version of {package}", version) for package, version in provenance.versions.items()),
        (
            "study file, SHA-256",
            f"{provenance.study_digest[:16]}…" if provenance.study_digest else "not read from a file",
        ),
        *((f"time: {stage}", f"{seconds:.1f} s") for stage, seconds in provenance.seconds.items()),
    ]
    table = Table(
        caption="How this result was computed", head=("what", "value"), rows=tuple(rows), numeric=(False, False)
    )
    words = (
        "Every patient is simulated under every arm with the same chance, so the individual effect is known; a "
        "virtual trial then sees only the arm that it randomised. The same study file, seed and versions give the "
        "same numbers.",
    )
    return Section(name="method", title="How it was computed", words=words, blocks=(table,))


def limits_section(result: StudyResult) -> Section:
    """Return what the result does not show, and what the study file had to assume."""
    assumed = sum(_is_only_assumed(parameter) for parameter in result.parameters.values())
    fitted = any(each.fitted for each in result.study.published.probabilities)
    given = {dose.drug for arm in result.arms for dose in arm.planned}
    carried = (
        "Their stated uncertainty is carried into the interval; a wrong structure of the model is not."
        if result.provenance.draws
        else "Neither their stated uncertainty nor a wrong structure of the model is carried into the interval."
    )
    notes = [
        f"{assumed} of {len(result.parameters)} parameters are assumptions. {carried}",
        "Concentrations in the marrow are taken to follow those in plasma. That link between dose and leukaemia is the "
        "least supported one in the chain.",
        *(note for drug, note in WITHOUT_TOXICITY.items() if drug in given),
        "The effect of immune cells on residual leukaemia in people is known from indirect evidence only.",
        "Agreement with the published hazard ratio of one trial is weak evidence: such a trial's own interval is wide.",
        *(
            ["The control arm's survival was used to calibrate the virtual patients; only the effect is predicted."]
            if fitted
            else []
        ),
    ]
    assumptions = result.provenance.assumptions
    table = Table(
        caption="What no source states and the study file assumes",
        head=("key of the study file", "reason"),
        rows=tuple((key.replace(".", ": ").replace("_", " "), reason) for key, reason in assumptions),
        numeric=(False, False),
    )
    return Section(name="limits", title="Limits", notes=tuple(notes), blocks=(table,) if assumptions else ())
