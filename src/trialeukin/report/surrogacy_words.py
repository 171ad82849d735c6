"""The plain answer to why biologic and clinical effects need not go together, with what would refute it."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from trialeukin.evidence.explanations import Explanation, Reason
from trialeukin.evidence.mediation import Estimate
from trialeukin.evidence.published_markers import BothEffects, WentTogether
from trialeukin.evidence.surrogacy import StructureSurrogacy
from trialeukin.evidence.vocabulary import GoesWith, JudgedOn
from trialeukin.model.structures import MarkerPath
from trialeukin.report.wording import with_limits

MANY = 10_000.0  # events beyond which a number of them is no plan


def plain_answer(found: tuple[StructureSurrogacy, ...]) -> tuple[str, ...]:
    """Return the answer in sentences; a span is that of the structures that data do not tell apart."""
    first, parts = found[0].mediation, {path: [_part(each, path) for each in found] for path in MarkerPath}
    rises = {each.path: each.rise for each in found[0].within}
    as_it_is = [each.explanation(Reason.NOTHING) for each in found]
    same = [100.0 * (1.0 - each.mediation.longer - each.mediation.shorter) for each in found]
    associations = [w.association.value for each in found for w in each.within if _is_nk(w.path) and w.association]
    explained = [100.0 * w.treated.value for each in found for w in each.within if _is_nk(w.path) and w.treated]
    most = "Most" if min(same) > 50.0 else "Some"
    lines = [
        f"The markers {_moving(rises)}: within four weeks NK cells rise {rises[MarkerPath.NK][0]:.1f} times, CD8 cells "
        f"{rises[MarkerPath.CD8][0]:.1f} times and Treg {rises[MarkerPath.TREG][0]:.1f} times (medians of patients "
        "assigned to treatment).",
        f"{_apart(parts)}: of {first.horizon:.0f} months, NK cells give {_span(parts[MarkerPath.NK])}, CD8 cells "
        f"{_span(parts[MarkerPath.CD8])}, Treg {_span(parts[MarkerPath.TREG])} and other ways "
        f"{_span([each.mediation.others for each in found])}; together {_span([e.mediation.total for e in found])} "
        f"months, a hazard ratio of {_ratios(as_it_is)}.",
        f"{most} patients cannot show it: {_range(same, 0)} % have the same course to a month with and without "
        "treatment, since they are cured or relapse either way.",
    ]
    if associations and explained:
        lines.append(
            f"A patient's own rise tells little: among the treated the rise of NK cells explains "
            f"{_range(explained, 1)} % of leukaemia-free survival, and it correlates {_range(associations, 2)} with "
            "what that patient gains, since the rise of Treg comes with it."
        )
    return tuple(lines)


def refutation(found: tuple[StructureSurrogacy, ...]) -> tuple[str, ...]:
    """Return what each explanation predicts, so that a trial could refute it."""
    lines = []
    for reason in Reason:
        taken = [each.explanation(reason) for each in found]
        words = "As it is" if reason is Reason.NOTHING else f"If {reason.value}"
        lines.append(
            f"{words}: {_span([each.gain for each in taken])} months, hazard ratio {_ratios(taken)}; {_events(taken)}."
        )
    return tuple(lines)


def published_statements(found: Iterable[WentTogether]) -> tuple[str, ...]:
    """Return how often papers say that a marker went with the clinical effect, within patients and as groups."""
    lines = []
    rows = list(found)
    for over, words in ((JudgedOn.PATIENTS, "Within patients"), (JudgedOn.GROUP, "As a group")):
        here = [each for each in rows if each.row.judged_on is over]
        counts = ", ".join(
            f"{sum(names.values())} {kind.value} ({', '.join(_marked(*each) for each in names.items())})"
            for kind in GoesWith
            if (names := Counter(each.study for each in here if each.row.goes_with is kind))
        )
        lines.append(f"{words}, {len(here)} published statements on whether a marker went with the effect: {counts}.")
    return tuple(lines)


def _marked(study: str, markers: int) -> str:
    """Return a study, with the number of its markers where it speaks of more than one."""
    return study if markers == 1 else f"{study}: {markers} markers"


def over_trials(found: BothEffects) -> str:
    """Return surrogacy over trials in a sentence, or the refusal with its counts."""
    if found.level is None:
        return f"Surrogacy over trials: {found.refusal}."
    value, low, high = found.level.explained
    threshold = found.level.threshold
    needed = (
        "no effect on the marker that is at all near would do"
        if threshold is None
        else f"surrogate threshold effect: a ratio of {np.exp(threshold):.2f}"
    )
    return f"Surrogacy over {found.level.k} trials: R2 {with_limits(value, low, high)}; {needed}."


def _is_nk(path: MarkerPath) -> bool:
    return path is MarkerPath.NK


def _part(found: StructureSurrogacy, path: MarkerPath) -> Estimate:
    return next(each.part for each in found.mediation.paths if each.path is path)


def _moving(rises: Mapping[MarkerPath, tuple[float, float, float]]) -> str:
    """Return whether any marker's median rise is seen."""
    return "move" if any(f"{middle:.1f}" != "1.0" for middle, *_ in rises.values()) else "do not move"


def _apart(parts: Mapping[MarkerPath, list[Estimate]]) -> str:
    """Return whether kinds of cells give and take, as far as that is seen."""
    months = [round(each.value, 1) for estimates in parts.values() for each in estimates]
    return "They pull apart" if min(months) < 0.0 < max(months) else "By kind of cell"


def _span(estimates: list[Estimate]) -> str:
    """Return the least and the greatest of estimates with the largest Monte Carlo error among them."""
    values = [each.value for each in estimates]
    error = max(each.error for each in estimates)
    low, high = (f"{round(value, 1) + 0.0:+.1f}" for value in (min(values), max(values)))  # no minus before zero
    return f"{low} ± {error:.1f}" if low == high else f"{low} to {high} (± {error:.1f})"


def _range(values: list[float], digits: int) -> str:
    low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
    return low if low == high else f"{low} to {high}"


def _ratios(taken: list[Explanation]) -> str:
    return _range([float(np.exp(each.log_ratio.value)) for each in taken], 2)


def _events(taken: list[Explanation]) -> str:
    counts = [each.events for each in taken]
    known = [each for each in counts if each is not None]
    if not known:
        return "no number of events gives a trial 80 % power"
    low, high = min(known), max(known)
    most = f"more than {MANY:,.0f}" if high > MANY or len(known) < len(counts) else f"{high:,.0f}"
    span = most if low > MANY or f"{low:,.0f}" == f"{high:,.0f}" else f"{low:,.0f} to {most}"
    return f"a trial with 80 % power needs {span} events"
