"""The question, the answer in one sentence with its uncertainty, and the figures it rests on."""

import math

from trialeukin.core.counting import counted
from trialeukin.report.page import Headline
from trialeukin.report.study_wording import interval_of, origin_of, parameters_taken, trials_with_ratio, what_if
from trialeukin.report.wording import give_or_take, listed, percent, percents
from trialeukin.trial.published import PublishedRatio
from trialeukin.trial.result import EndpointResult, Milestone, StudyResult

RATIO_WITHOUT = "hazard ratio without an effect"
CAUTION = "trialeukin is research software, not a medical device. Nothing on this page is advice on treating a patient."


def answer(result: StudyResult) -> str:
    """Return the answer to the study's question: the primary endpoint's ratio, its interval and its benefit."""
    study, primary = result.study, result.endpoints[0]
    ratio, trials = primary.hazard_ratio, trials_with_ratio(primary)
    taken = parameters_taken(result.provenance.draws)
    if not result.provenance.effect:
        return (
            f"Under the null hypothesis (the drug is given and does nothing to the leukaemia; its toxicity stays), "
            f"{percent(primary.significant.value, 1)} of trials of the study's size find a significant difference in "
            f"{_name(primary)}, where the level of the test is {percent(study.analysis.alpha, 1)}; the hazard ratio is "
            f"{ratio.median:.2f} (95 % of {trials} find {ratio.lower:.2f} to {ratio.upper:.2f}, {taken})."
            f"{_together(result)}"
        )
    return (
        f"Predicted: in trials of the study's size ({counted(study.treatment.n, 'patient')} on {study.treatment.name}, "
        f"{study.control.n} on {study.control.name}), the hazard ratio for {_name(primary)} is {ratio.median:.2f} "
        f"(95 % of {trials} find {ratio.lower:.2f} to {ratio.upper:.2f}, {taken}), and "
        f"{percent(primary.power.value)} of trials at the typical parameters show a significant benefit"
        f"{''.join(f'; {each}' for each in _averaged(primary))}.{_together(result)}"
    )


def _together(result: StudyResult) -> str:
    """Return what trials claim of several treatments together."""
    family = result.family
    if family is None:
        return ""
    tests = f"With the tests of the {len(result.comparisons)} treatments {family.procedure.words}"
    if not result.provenance.effect:
        return f" {tests}, {percent(family.any_difference.typical.value, 1)} of trials find a difference of any."
    each = listed([f"{name} in {percent(claims.typical.value)}" for name, claims in family.benefit.items()])
    return f" {tests}, {percent(family.any_benefit.typical.value)} of trials claim a benefit of any: of {each}."


def comparison(result: StudyResult) -> str:
    """Return what the study itself found, and where that lies in the prediction; first whether it is a what-if."""
    return " ".join(filter(None, (what_if([each.name for each in result.study.parameters]), _found(result))))


def _found(result: StudyResult) -> str:
    primary = result.endpoints[0]
    if not result.provenance.effect:
        return (
            "Nothing here is a prediction of the study: what it found, where it stands beside these numbers, comes "
            "with the effect that is taken away here."
        )
    ratio, predicted = result.study.published.ratio(primary.endpoint), primary.hazard_ratio
    if ratio is None:
        return "No hazard ratio is published for it."
    if ratio.value < predicted.lower:
        place = "below that interval"
    elif ratio.value > predicted.upper:
        place = "above that interval"
    else:
        place = "inside that interval"
    found = f"{ratio.value:.2f}; {interval_of(ratio)}; {origin_of(ratio)}"
    return f"The study's own hazard ratio ({found}) lies {place}."


def headlines(result: StudyResult) -> tuple[Headline, ...]:
    """Return the figures at the top of the page."""
    primary = result.endpoints[0]
    ratio = primary.hazard_ratio
    found_by = primary.power if result.provenance.effect else primary.significant
    found = [
        Headline(
            value=f"{ratio.median:.2f}",
            detail="; ".join(
                (
                    f"{ratio.lower:.2f} to {ratio.upper:.2f} in 95 % of {trials_with_ratio(primary)}",
                    *_simulated(give_or_take(primary.ratio_error, 2)),
                )
            ),
            label=f"{'predicted hazard ratio' if result.provenance.effect else RATIO_WITHOUT}, {_name(primary)}",
        ),
        _published(result.study.published.ratio(primary.endpoint)),
        Headline(
            value=percent(found_by.value),
            detail="; ".join(
                (
                    *_simulated(give_or_take(100.0 * found_by.error, 1), " %"),
                    *(_averaged(primary) if result.provenance.effect else ()),
                )
            ),
            label=(
                "power: trials that show a significant benefit"
                if result.provenance.effect
                else "type I error: trials significant without an effect"
            ),
        ),
    ]
    control = [milestone for milestone in primary.milestones if milestone.arm == result.study.control.name]
    if control:
        first = control[0]
        found.append(
            Headline(
                value=percent(first.population.value),
                detail=_in_trials(first),
                label=f"predicted {_name(primary)} of {first.arm} at {counted(first.months, 'month')}",
            )
        )
    return tuple(found)


def _published(ratio: PublishedRatio | None) -> Headline:
    if ratio is None:
        return Headline(value="none", detail="", label="published hazard ratio")
    return Headline(
        value=f"{ratio.value:.2f}", detail=interval_of(ratio), label=f"published hazard ratio, {origin_of(ratio)}"
    )


def _in_trials(found: Milestone) -> str:
    """Return what trials see; that they end before it where none does."""
    if not math.isfinite(found.trial.median):
        return "the study's trials end before it"
    return f"{percents(found.trial.lower, found.trial.upper)} in 95 % of trials"


def _simulated(error: str, unit: str = "") -> tuple[str, ...]:
    """Return that an error is the simulation's; nothing of one that is not known."""
    return (f"{error}{unit} Monte Carlo error",) if error else ()


def _averaged(result: EndpointResult) -> tuple[str, ...]:
    """Return what power is on average over the parameters, to stand behind what it is at typical ones."""
    return (f"{percent(result.assurance.value)} averaged over what is not known",) if result.assurance else ()


def _name(result: EndpointResult) -> str:
    return result.endpoint.label.lower()
