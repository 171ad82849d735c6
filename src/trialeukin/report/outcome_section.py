"""Survival and the two ways a remission ends, by arm, with what the study printed."""

from trialeukin.core.counting import counted
from trialeukin.report.curve import value_at
from trialeukin.report.incidence_figure import IncidenceOfArm, incidence_figure
from trialeukin.report.page import Section
from trialeukin.report.picture import Picture, Words
from trialeukin.report.study_wording import arms_in_order, percent_with_error, published_beside
from trialeukin.report.survival_figure import SurvivalOfArm, survival_figure
from trialeukin.report.table import Table
from trialeukin.report.wording import percent, percents, signed
from trialeukin.trial.endpoint import Cause, Endpoint
from trialeukin.trial.published import PublishedProbability
from trialeukin.trial.result import Milestone, StudyResult

PREDICTED = "Predicted: the virtual population, ± Monte Carlo error; one trial: 95 % of trials of the study's size"
PREDICTED_HEAD = ("endpoint, arm, months", "predicted", "one trial")


def outcome_section(result: StudyResult) -> Section:
    """Return Kaplan-Meier curves, cumulative incidences, and the predicted beside the published."""
    pictures = tuple(_survival(result, found.endpoint) for found in result.endpoints)
    circles = "; open circles are what the study published for the arm of that colour"
    words = (
        "Curves are of the whole virtual population, each patient simulated under every arm"
        f"{circles if result.study.published.probabilities else ''}.",
    )
    return Section(
        name="outcome",
        title="Remission and survival",
        words=words,
        blocks=(*pictures, _incidence(result), _comparison(result)),
    )


def _survival(result: StudyResult, endpoint: Endpoint) -> Picture:
    horizon = result.study.follow_up.horizon_months
    printed = result.study.published.probabilities
    arms = tuple(
        SurvivalOfArm(
            label=arm.name,
            colour=colour,
            curve=arm.survival[endpoint],
            published=tuple(
                (each.months, each.value)
                for each in printed
                if each.arm == arm.name and each.endpoint is endpoint and each.months <= horizon
            ),
        )
        for arm, colour in arms_in_order(result)
    )
    month = min(36.0, horizon)
    shares = ", ".join(f"{arm.label} {percent(value_at(arm.curve, month, before=1.0))}" for arm in arms)
    name = endpoint.label.lower()
    words = Words(
        name=f"survival-{endpoint.value}",
        title=endpoint.label,
        description=f"Predicted {name} at {counted(month, 'month')}: {shares}. Numbers at risk stand under the axis.",
        caption=f"Predicted {name} (Kaplan-Meier) with pointwise 95 % intervals of the virtual population, and the "
        f"number of virtual patients at risk.{_circles(arms)}",
    )
    return survival_figure(words, arms, horizon, f"{name}, per cent of patients")


def _circles(arms: tuple[SurvivalOfArm, ...]) -> str:
    return " Open circles: published." if any(arm.published for arm in arms) else ""


def _incidence(result: StudyResult) -> Picture:
    horizon = result.study.follow_up.horizon_months
    arms = tuple(
        IncidenceOfArm(label=arm.name, colour=colour, curves=arm.incidence) for arm, colour in arms_in_order(result)
    )
    month = min(36.0, horizon)
    shares = "; ".join(
        f"{arm.label}: relapse {percent(arm.value_at(Cause.RELAPSE, month))}, death in remission "
        f"{percent(arm.value_at(Cause.DEATH_IN_REMISSION, month))}"
        for arm in arms
    )
    words = Words(
        name="incidence",
        title="Relapse and death in remission",
        description=f"Predicted cumulative incidence at {counted(month, 'month')}. {shares}.",
        caption="Predicted cumulative incidence, per cent of patients, each cause with the other one competing; bands "
        "are pointwise 95 % intervals of the virtual population.",
    )
    return incidence_figure(words, arms, horizon)


def _comparison(result: StudyResult) -> Table:
    read = [
        (found.endpoint, milestone, published_beside(result, found.endpoint, milestone))
        for found in result.endpoints
        for milestone in result.milestones(found.endpoint)
    ]
    if not any(printed for _, _, printed in read):
        return Table(
            caption=f"Patients free of the event. {PREDICTED}",
            head=PREDICTED_HEAD,
            rows=tuple(_predicted(endpoint.value.upper(), milestone) for endpoint, milestone, _ in read),
            numeric=(False, True, True),
        )
    return Table(
        caption=f"Predicted beside published: patients free of the event. {PREDICTED}. Fitted: the virtual patients "
        "were calibrated to this published number, so agreement proves nothing",
        head=(*PREDICTED_HEAD, "published", "predicted less published, points", "standing", "source"),
        rows=tuple(_row(*each) for each in read),
        numeric=(False, True, True, True, True, False, False),
    )


def _row(endpoint: Endpoint, milestone: Milestone, printed: PublishedProbability | None) -> tuple[str, ...]:
    name = endpoint.value.upper() if printed is None or printed.printed_as is None else printed.printed_as
    predicted = _predicted(name, milestone)
    if printed is None:
        return (*predicted, "–", "–", "not published", "–")
    return (
        *predicted,
        percent(printed.value),
        signed(100.0 * (milestone.population.value - printed.value), 0),
        "fitted" if printed.fitted else "predicted",
        printed.source,
    )


def _predicted(name: str, milestone: Milestone) -> tuple[str, ...]:
    place = f"{name}, {milestone.arm}, {milestone.months:g}"
    trial = percents(milestone.trial.lower, milestone.trial.upper)
    return (place, percent_with_error(milestone.population), trial)
