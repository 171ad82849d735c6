"""What a study's design can find: power by the true hazard ratio, patients needed, and limits of looks."""

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import percent
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.expected_events import ArmPlan
from trialeukin.survival.design.hazard import constant
from trialeukin.survival.design.looks import Rules, Schedule, Trial, schedule
from trialeukin.survival.design.required_events import Contrast
from trialeukin.survival.design.sample_size import SampleSizeFormula, Setting, sample_size
from trialeukin.survival.design.spending import OBrienFlemingSpending
from trialeukin.trial.planned_design import PlannedDesign, planned_design
from trialeukin.trial.study import Study
from trialeukin.web.charts.chart import Chart, Trace, numbers, token

RATIOS = np.round(np.arange(0.4, 1.0001, 0.05), 2)
SHOWN_RATIO = 0.7
LOOKS = np.array([0.5, 0.75, 1.0])
ONCE = np.array([1.0])
CHANCES = ((0.8, Colour.ARM_1), (0.9, Colour.ARM_2))
TRUE_RATIO = {"title": {"text": "true hazard ratio, treated over control"}}


def plan_charts(study: Study) -> tuple[Chart, ...]:
    """Return the charts of a study's plan; none where its control curve is not known or nobody enters over time."""
    try:
        planned = planned_design(study)
    except InputError:
        return ()
    if planned.control is None:
        return ()
    return (_power(planned), _patients(planned), _limits(planned))


def _schedule(planned: PlannedDesign, fractions: Floats) -> Schedule:
    control = planned.control or constant(0.0)
    share = planned.allocation / (1.0 + planned.allocation)
    trial = Trial(
        control=ArmPlan(share=1.0 - share, hazard=control, drop_out=planned.drop_out),
        treated=ArmPlan(share=share, hazard=control.times(constant(SHOWN_RATIO)), drop_out=planned.drop_out),
        enrolment=planned.enrolment,
        follow_up=planned.follow_up,
    )
    efficacy = AlphaSpending(function=OBrienFlemingSpending())
    return schedule(trial, Rules(fractions=fractions, efficacy=efficacy, alpha=planned.level / 2.0))


def _power(planned: PlannedDesign) -> Chart:
    lines = (("one analysis", ONCE, Colour.ARM_2), ("looks at 50, 75 and 100 % of events", LOOKS, Colour.ARM_1))
    power = {
        name: np.array([_schedule(planned, looks).power_at(float(ratio)).reject for ratio in RATIOS])
        for name, looks, _ in lines
    }
    at_shown = power["one analysis"][int(np.argmin(np.abs(RATIOS - SHOWN_RATIO)))]
    return Chart(
        words=Words(
            name="power",
            title=f"Power with {planned.enrolment.patients:,.0f} patients",
            description=f"Power by the true hazard ratio; at {SHOWN_RATIO:g} it is {percent(float(at_shown))}.",
            caption=f"Chance of a significant log-rank test, two-sided level {planned.level:g}, hazards in proportion, "
            f"{planned.endpoint.value.upper()}; looks by O'Brien-Fleming spending. Accrual, follow-up and loss as the "
            "study file has them. The run below replaces proportion by what the model predicts.",
        ),
        traces=tuple(_line(name, power[name] * 100.0, colour) for name, _, colour in lines),
        layout={"xaxis": TRUE_RATIO, "yaxis": {"title": {"text": "power, %"}, "range": [0, 101]}, "showlegend": True},
        table=Table(
            caption="Power, %",
            head=("hazard ratio", *power),
            rows=_rows([100.0 * values for values in power.values()], ".1f"),
        ),
    )


def _patients(planned: PlannedDesign) -> Chart:
    ratios = RATIOS[RATIOS <= 0.85]
    needed = {chance: np.array([_size(planned, float(ratio), chance) for ratio in ratios]) for chance, _ in CHANCES}
    return Chart(
        words=Words(
            name="sample-size",
            title="Patients needed",
            description="Patients in both arms for a power of 80 and 90 %, by the true hazard ratio.",
            caption="Schoenfeld's formula, one analysis; the accrual of the study file, faster or slower, and its "
            "follow-up.",
        ),
        traces=tuple(_line(f"power {percent(chance)}", needed[chance], colour, ratios) for chance, colour in CHANCES),
        layout={
            "xaxis": TRUE_RATIO,
            "yaxis": {"title": {"text": "patients"}, "rangemode": "tozero"},
            "showlegend": True,
        },
        table=Table(
            caption="Patients in both arms",
            head=("hazard ratio", *(f"power {percent(chance)}" for chance in needed)),
            rows=_rows(list(needed.values()), ",.0f", ratios),
        ),
    )


def _size(planned: PlannedDesign, ratio: float, power: float) -> float:
    setting = Setting(
        contrast=Contrast(hazard_ratio=ratio, allocation=planned.allocation),
        control=planned.control or constant(0.0),
        drop_out=planned.drop_out,
        enrolment=planned.enrolment,
        calendar=planned.enrolment.duration + planned.follow_up,
    )
    return sample_size(setting, SampleSizeFormula.SCHOENFELD, power=power, alpha=planned.level / 2.0).patients


def _limits(planned: PlannedDesign) -> Chart:
    found = _schedule(planned, LOOKS)
    events = np.array([effect.events for effect in found.effects])
    limits, z = found.hazard_ratios(found.boundaries.upper), found.boundaries.upper
    rows = zip(LOOKS, events, [effect.calendar for effect in found.effects], z, limits, strict=True)
    return Chart(
        words=Words(
            name="boundaries",
            title="Where a trial with looks would stop",
            description="Estimated hazard ratio at or below which the trial stops for efficacy, by events: "
            + "; ".join(f"{limit:.2f} at {count:.0f}" for limit, count in zip(limits, events, strict=True))
            + ".",
            caption="O'Brien-Fleming spending of the level at 50, 75 and 100 % of the events expected with a hazard "
            f"ratio of {SHOWN_RATIO:g}.",
        ),
        traces=(
            {
                "x": numbers(events),
                "y": numbers(limits),
                "mode": "lines+markers",
                "name": "stop for efficacy",
                "line": {"color": token(Colour.ARM_2)},
            },
        ),
        layout={
            "xaxis": {"title": {"text": "events in both arms"}},
            "yaxis": {"title": {"text": "estimated hazard ratio"}, "range": [0, 1]},
            "showlegend": False,
        },
        table=Table(
            caption="Limits of efficacy",
            head=("share of events", "events", "month", "Z", "hazard ratio"),
            rows=tuple(
                (percent(float(share)), f"{count:.0f}", f"{month:.0f}", f"{limit:.3f}", f"{ratio:.3f}")
                for share, count, month, limit, ratio in rows
            ),
        ),
    )


def _line(name: str, values: Floats, colour: Colour, ratios: Floats = RATIOS) -> Trace:
    return {"x": numbers(ratios), "y": numbers(values), "mode": "lines", "name": name, "line": {"color": token(colour)}}


def _rows(columns: list[Floats], form: str, ratios: Floats = RATIOS) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (f"{ratio:.2f}", *(format(float(column[place]), form) for column in columns))
        for place, ratio in enumerate(ratios)
    )
