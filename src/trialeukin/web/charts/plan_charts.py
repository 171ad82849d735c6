"""What a study's design can find: power by the true hazard ratio, patients needed, and limits of looks."""

from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import listed, percent
from trialeukin.survival.design.expected_events import ArmPlan
from trialeukin.survival.design.hazard import constant
from trialeukin.survival.design.looks import Rules, Schedule, Trial, schedule
from trialeukin.survival.design.required_events import Contrast
from trialeukin.survival.design.sample_size import SampleSizeFormula, Setting, sample_size
from trialeukin.trial.monitoring_section import Monitoring
from trialeukin.trial.planned_design import PlannedDesign, planned_design
from trialeukin.trial.study import Study
from trialeukin.web.charts.chart import Chart, Trace, numbers, token

RATIOS = np.round(np.arange(0.4, 1.0001, 0.05), 2)
SHOWN_RATIO = 0.7
USUAL = Monitoring(looks=(0.5, 0.75, 1.0))
ONCE = Monitoring(looks=(1.0,))
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


def _looks(planned: PlannedDesign) -> Monitoring:
    """Return the looks of the study; where it has none, the usual ones, for comparison."""
    return planned.monitoring or USUAL


def _schedule(planned: PlannedDesign, looks: Monitoring) -> Schedule:
    control = planned.control or constant(0.0)
    share = planned.allocation / (1.0 + planned.allocation)
    trial = Trial(
        control=ArmPlan(share=1.0 - share, hazard=control, drop_out=planned.drop_out),
        treated=ArmPlan(share=share, hazard=control.times(constant(SHOWN_RATIO)), drop_out=planned.drop_out),
        enrolment=planned.enrolment,
        follow_up=planned.follow_up,
    )
    rules = Rules(fractions=looks.fractions(), efficacy=looks.efficacy(), alpha=planned.level / 2.0)
    return replace(schedule(trial, rules), boundaries=looks.boundaries(planned.level))


def _power(planned: PlannedDesign) -> Chart:
    looks = _looks(planned)
    lines = (("one analysis", ONCE, Colour.ARM_2), (f"looks at {_shares(looks)} of events", looks, Colour.ARM_1))
    schedules = {name: _schedule(planned, at) for name, at, _ in lines}
    power = {
        name: np.array([found.power_at(float(ratio)).reject for ratio in RATIOS]) for name, found in schedules.items()
    }
    at_shown = power["one analysis"][int(np.argmin(np.abs(RATIOS - SHOWN_RATIO)))]
    return Chart(
        words=Words(
            name="power",
            title=f"Power with {planned.enrolment.patients:,.0f} patients",
            description=f"Power by the true hazard ratio; at {SHOWN_RATIO:g} it is {percent(float(at_shown))}.",
            caption=f"Chance of a significant log-rank test, two-sided level {planned.level:g}, hazards in proportion, "
            f"{planned.endpoint.value.upper()}; looks by {looks.efficacy().name}. Accrual, follow-up and loss as the "
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """A reason to stop: where in Z it begins, (k,), infinite at looks that do not stop for it."""

    name: str
    where: str
    colour: Colour
    z: Floats


def _limits(planned: PlannedDesign) -> Chart:
    looks = _looks(planned)
    found = _schedule(planned, looks)
    upper, lower = found.boundaries.upper, found.boundaries.lower
    sides = [_Side(name="efficacy", where="at or below", colour=Colour.ARM_2, z=upper)]
    if np.isfinite(lower).any():
        sides.append(_Side(name="futility", where="at or above", colour=Colour.ARM_1, z=lower))
    events = np.array([effect.events for effect in found.effects])
    stops = [f"{limit:.2f} at {count:.0f}" for limit, count in zip(found.hazard_ratios(upper), events, strict=True)]
    what = "The study's looks" if planned.monitoring else "As an example, since the study has no looks, the limits"
    return Chart(
        words=Words(
            name="boundaries",
            title="Where a trial with looks would stop",
            description="Estimated hazard ratio at or below which the trial stops for efficacy, by events: "
            f"{'; '.join(stops)}.",
            caption=f"{what}: {looks.efficacy().name} of the level at {_shares(looks)} of the events expected with a "
            f"hazard ratio of {SHOWN_RATIO:g}.",
        ),
        traces=tuple(
            {
                "x": numbers(events),
                "y": numbers(found.hazard_ratios(side.z)),
                "mode": "lines+markers",
                "name": f"stop for {side.name}",
                "line": {"color": token(side.colour)},
            }
            for side in sides
        ),
        layout={
            "xaxis": {"title": {"text": "events in both arms"}},
            "yaxis": {"title": {"text": "estimated hazard ratio"}, "rangemode": "tozero"},
            "showlegend": len(sides) > 1,
        },
        table=_limits_table(looks, found, sides),
    )


def _limits_table(looks: Monitoring, found: Schedule, sides: list[_Side]) -> Table:
    columns = [column for side in sides for column in (side.z, found.hazard_ratios(side.z))]
    return Table(
        caption="Limits: Z, positive for a benefit, and about the estimated hazard ratio",
        head=(
            "share of events",
            "events",
            "month",
            *(f"{side.name}: {what}" for side in sides for what in ("Z", f"hazard ratio {side.where}")),
        ),
        rows=tuple(
            (
                percent(share),
                f"{effect.events:.0f}",
                f"{effect.calendar:.0f}",
                *(f"{float(column[place]):.3f}" for column in columns),
            )
            for place, (share, effect) in enumerate(zip(looks.looks, found.effects, strict=True))
        ),
    )


def _shares(looks: Monitoring) -> str:
    return f"{listed([f'{100.0 * share:g}' for share in looks.looks])} %"


def _line(name: str, values: Floats, colour: Colour, ratios: Floats = RATIOS) -> Trace:
    return {"x": numbers(ratios), "y": numbers(values), "mode": "lines", "name": name, "line": {"color": token(colour)}}


def _rows(columns: list[Floats], form: str, ratios: Floats = RATIOS) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (f"{ratio:.2f}", *(format(float(column[place]), form) for column in columns))
        for place, ratio in enumerate(ratios)
    )
