"""What looks do to a study's virtual trials: limits, chances of stopping, and the trial's size when it stops."""

import numpy as np

from trialeukin.core.counting import counted
from trialeukin.report.boundary_figure import RatioLimits, boundary_figure
from trialeukin.report.picture import Picture, Words
from trialeukin.report.study_wording import percent_with_error, ratio_with_interval
from trialeukin.report.table import Table
from trialeukin.report.wording import percent, with_digits, with_error
from trialeukin.trial.estimate import Estimate
from trialeukin.trial.monitoring import Monitored
from trialeukin.trial.result import StudyResult

LIMITS_HEAD = ("look", "events", "efficacy: Z", "efficacy: HR", "futility: Z", "futility: HR")


def monitoring_blocks(result: StudyResult) -> tuple[Picture | Table, ...]:
    """Return the tables and the picture of a study's looks; nothing where it has none."""
    found = result.monitored
    if found is None:
        return ()
    return (_looks(found), _operating(result, found), *_picture(found))


def found_benefit(found: Monitored) -> str:
    """Return how often trials with looks find a benefit, and how often they would where there is none."""
    by_chance = percent_with_error(found.null.rejected)
    return f"{percent_with_error(found.effect.rejected)}; if all fare as controls {by_chance}"


def _looks(found: Monitored) -> Table:
    limits = found.boundaries
    rows = [
        (
            f"{place + 1} ({percent(limits.fractions[place])})",
            str(events),
            with_digits(limits.upper[place], 3),
            with_digits(found.efficacy_ratios[place], 2),
            with_digits(limits.lower[place], 3),
            with_digits(found.futility_ratios[place], 2),
        )
        for place, events in enumerate(found.events)
    ]
    whose = "the study's number" if found.planned else "what these trials see by their end"
    return Table(
        caption=f"Looks at {found.endpoint.label.lower()}, the last at {counted(found.events[-1], 'event')} ({whose}) "
        "or at the date of the last analysis: limits of Z, positive for a benefit, and about the hazard ratios they "
        "stand for",
        head=LIMITS_HEAD,
        rows=tuple(rows),
    )


def _operating(result: StudyResult, found: Monitored) -> Table:
    both = (found.effect, found.null)
    two = "" if result.family is None else f", of {result.study.treatment.name} and {result.study.control.name} alone"
    simulated = "predicted" if result.provenance.effect else "simulated: toxicity without benefit"
    rows = (
        ("A benefit is found", *(percent_with_error(truth.rejected) for truth in both)),
        *_stops(found),
        ("Events at the end", *(_mean(truth.events) for truth in both)),
        ("Patients who entered", *(_mean(truth.patients) for truth in both)),
        ("Months from the first entry to the decision", *(_mean(truth.months) for truth in both)),
        ("Hazard ratio at the end (95 % of trials)", *(ratio_with_interval(truth.hazard_ratio) for truth in both)),
        ("Trials without a finite hazard ratio", *(str(truth.not_estimable) for truth in both)),
    )
    return Table(
        caption=f"{found.effect.trials:,} trials with looks{two}, ± one standard Monte Carlo error; an early "
        "stop for benefit exaggerates the effect",
        head=("what", f"with {result.study.treatment.name} as {simulated}", "all fare as controls"),
        rows=rows,
    )


def _stops(found: Monitored) -> list[tuple[str, ...]]:
    """Return the chances of stopping at each look before the last."""
    rows = []
    for place, lower in enumerate(found.boundaries.lower[:-1]):
        looks = (found.effect.looks[place], found.null.looks[place])
        named = f"at look {place + 1}"
        rows.append((f"Stopped for benefit {named}", *(percent_with_error(look.efficacy) for look in looks)))
        if np.isfinite(lower):
            rows.append((f"Stopped for futility {named}", *(percent_with_error(look.futility) for look in looks)))
    return rows


def _picture(found: Monitored) -> tuple[Picture, ...]:
    limits = RatioLimits(
        events=np.array(found.events, dtype=np.float64),
        efficacy=np.array(found.efficacy_ratios),
        futility=np.array(found.futility_ratios),
    )
    described = "; ".join(
        f"{counted(events, 'event')}: {with_digits(ratio, 2)}"
        for events, ratio in zip(found.events, found.efficacy_ratios, strict=True)
    )
    words = Words(
        name="looks",
        title="Where trials with looks stop",
        description=f"Estimated hazard ratio at or below which a look stops for efficacy, by events: {described}.",
        caption="About the estimated hazard ratio at which a trial stops, by the events at each look.",
    )
    return boundary_figure(words, limits)


def _mean(estimate: Estimate) -> str:
    return with_error(f"{estimate.value:.1f}", estimate.error, 1)
