"""The question, the answer in one sentence with its uncertainty, and the figures it rests on."""

from trialeukin.report.page import Headline
from trialeukin.report.study_wording import interval_of, origin_of, what_if
from trialeukin.report.wording import listed, percent
from trialeukin.trial.published import PublishedRatio
from trialeukin.trial.result import EndpointResult, StudyResult

CAUTION = "trialeukin is research software, not a medical device. Nothing on this page is advice on treating a patient."


def answer(result: StudyResult) -> str:
    """Return the answer to the study's question: the primary endpoint's ratio, its interval and its benefit."""
    study, primary = result.study, result.endpoints[0]
    ratio = primary.hazard_ratio
    if not result.provenance.effect:
        return (
            f"Under the null hypothesis (the drug is given and does nothing to the leukaemia; its toxicity stays), "
            f"{percent(primary.significant.value, 1)} of trials of the study's size find a significant difference in "
            f"{_name(primary)}, where the level of the test is {percent(study.analysis.alpha, 1)}; the hazard ratio is "
            f"{ratio.median:.2f} (95 % of trials find {ratio.lower:.2f} to {ratio.upper:.2f}).{_together(result)}"
        )
    return (
        f"Predicted: in trials of the study's size ({study.treatment.n} patients on {study.treatment.name}, "
        f"{study.control.n} on {study.control.name}), the hazard ratio for {_name(primary)} is {ratio.median:.2f} "
        f"(95 % of trials find {ratio.lower:.2f} to {ratio.upper:.2f}, with what is not known of the parameters), and "
        f"{percent(primary.power.value)} of trials at the typical parameters show a significant benefit"
        f"{_averaged(primary)}.{_together(result)}"
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
        return "Nothing here is a prediction of the study: what it found is not set beside it."
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
            detail=f"{ratio.lower:.2f} to {ratio.upper:.2f} in 95 % of trials; ± {primary.ratio_error:.2f} Monte Carlo "
            "error",
            label=f"predicted hazard ratio, {_name(primary)}",
        ),
        _published(result.study.published.ratio(primary.endpoint)),
        Headline(
            value=percent(found_by.value),
            detail=f"± {percent(found_by.error, 1)} Monte Carlo error"
            f"{_averaged(primary) if result.provenance.effect else ''}",
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
                detail=f"{100.0 * first.trial.lower:.0f} to {percent(first.trial.upper)} in 95 % of trials",
                label=f"predicted {_name(primary)} of {first.arm} at {first.months:g} months",
            )
        )
    return tuple(found)


def _published(ratio: PublishedRatio | None) -> Headline:
    if ratio is None:
        return Headline(value="none", detail="", label="published hazard ratio")
    return Headline(
        value=f"{ratio.value:.2f}", detail=interval_of(ratio), label=f"published hazard ratio, {origin_of(ratio)}"
    )


def _averaged(result: EndpointResult) -> str:
    """Return what power is on average over the parameters, to stand behind what it is at typical ones."""
    return f"; {percent(result.assurance.value)} averaged over what is not known" if result.assurance else ""


def _name(result: EndpointResult) -> str:
    return result.endpoint.label.lower()
