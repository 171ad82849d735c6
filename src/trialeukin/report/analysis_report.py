"""The page of an analysis: the curves with their numbers at risk, effects, tests, and what they rest on."""

import numpy as np

from trialeukin.core.counting import counted
from trialeukin.report.analysis_wording import (
    CURE_HEAD,
    EFFECT_HEAD,
    PAIR_HAZARD_HEAD,
    PAIR_MEAN_HEAD,
    arm_head,
    arm_rows,
    cautions,
    cure_rows,
    effect_rows,
    number,
    pair_hazard_rows,
    pair_mean_rows,
    proportionality_rows,
)
from trialeukin.report.page import Headline, Page, Section, html
from trialeukin.report.palette import arm_colour
from trialeukin.report.picture import Picture, Screen, Words
from trialeukin.report.survival_figure import SurvivalOfArm, TimeAxis, survival_figure
from trialeukin.report.table import Table
from trialeukin.survival.analysis import Analysis, ArmAnalysis
from trialeukin.survival.risk_table import numbers_at_risk
from trialeukin.trial.arm_result import Curve

WORDS = (
    "Hazard ratios are of Cox's model with Efron ties. Differences and ratios of restricted means and the "
    "difference in survival do not assume proportional hazards. MaxCombo takes the largest of four "
    "Fleming-Harrington statistics."
)
WEIGHTED_WORDS = (
    "Hazard ratios are of Cox's model of weighted patients with Efron ties and robust errors; the log-rank test is the "
    "weighted one. The difference in survival does not assume proportional hazards."
)
CAUTION = "Research software, not a medical device: nothing here is advice on treating a patient."


def analysis_report(found: Analysis, *, title: str, version: str) -> str:
    """Return the analysis of a table as one HTML document."""
    roles = found.data.roles
    ended = f"event in {roles.event!r}" if roles.censored is None else f"censoring in {roles.censored!r}"
    asked = f"Time in column {roles.time!r}, {ended}" + (f", arms in {roles.arm!r}." if roles.arm else ".")
    effects = effect_rows(found)
    patients, events = found.data.times.size, sum(arm.events for arm in found.arms)
    return html(
        Page(
            title=title,
            question=asked,
            answer=_answer(found, effects),
            comparison=f"{counted(patients, 'patient')}, {counted(events, 'event')}.",
            caution=CAUTION,
            headlines=tuple(Headline(value=row[1], detail=row[2], label=row[0]) for row in _first(found, effects)),
            sections=(
                _curves(found),
                *_effects(effects, weighted=found.data.weights is not None),
                *_pairs(found),
                *_checks(found),
            ),
            footer=f"Made by trialeukin {version}.",
        )
    )


def _answer(found: Analysis, effects: tuple[tuple[str, ...], ...]) -> str:
    if not effects:
        if not np.isfinite(found.arms[0].curve.median):
            return "The median is not reached."
        return f"Median {arm_rows(found)[0][3]}, in the unit of column {found.data.roles.time!r}."
    first = _first(found, effects)[0]
    return (
        f"{first[0][0].upper()}{first[0][1:]}: {first[1]}"
        + (f" ({first[2]})" if first[2] else "")
        + ("." if first[3] == "-" else f", p {first[3]}.")
    )


def _first(found: Analysis, effects: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Return the row that answers the question: of two arms the effect, of more the test of all of them."""
    if not found.pairs:
        return effects[:1]
    named, *rest = next(row for row in effects if row[0] == "log-rank")
    return ((f"{named} test of {len(found.arms)} arms", *rest),)


def _curves(found: Analysis) -> Section:
    table = Table(caption="Arms, with 95 % intervals", head=arm_head(found), rows=arm_rows(found))
    return Section(name="curves", title="Survival", notes=cautions(found), blocks=(_figure(found), table))


def _figure(found: Analysis) -> Picture:
    horizon = max(float(arm.times.max()) for arm in found.arms)
    roles = found.data.roles
    axis = TimeAxis(
        label=str(roles.time),
        unit="",
        ticks=round_ticks,
        shown=tuple(tick for tick in round_ticks(horizon, Screen.PHONE) if tick > 0.0),
        caption="{measure} with pointwise 95 % limits (log-log)",
    )
    curves = tuple(
        SurvivalOfArm(
            label=arm.label, colour=arm_colour(place), curve=_curve(arm, horizon), followed=float(arm.times.max())
        )
        for place, arm in enumerate(found.arms)
    )
    words = Words(
        name="kaplan-meier",
        title="Kaplan-Meier curves",
        description="Survival by arm with numbers at risk under the axis.",
        caption="Kaplan-Meier estimates with pointwise 95 % limits (log-log), and patients at risk. A line ends with "
        "the arm's last follow-up.",
    )
    return survival_figure(words, curves, horizon, "Per cent free of the event", axis=axis)


def _curve(arm: ArmAnalysis, horizon: float) -> Curve:
    inside = arm.curve.times <= horizon
    lower, upper = arm.curve.interval()
    level = arm.curve.survival == 1.0
    ticks = np.unique(np.concatenate([round_ticks(horizon, screen) for screen in Screen]))
    return Curve(
        times=arm.curve.times[inside],
        values=arm.curve.survival[inside],
        lower=np.where(level, 1.0, np.nan_to_num(lower))[inside],
        upper=np.where(level, 1.0, np.nan_to_num(upper))[inside],
        risk_times=ticks,
        at_risk=numbers_at_risk(arm.times, ticks, entry=arm.entry),
    )


def round_ticks(horizon: float, screen: Screen) -> list[float]:
    """Return round times from zero to a horizon, about eight on a desk and five on a phone."""
    least = horizon / (8 if screen is Screen.DESK else 5)
    power = 10.0 ** np.floor(np.log10(least))
    step = next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= least * (1.0 - 1e-12))
    return [float(step * place) for place in range(int(horizon / step + 1e-9) + 1)]


def _effects(effects: tuple[tuple[str, ...], ...], *, weighted: bool) -> tuple[Section, ...]:
    if not effects:
        return ()
    words = (WEIGHTED_WORDS if weighted else WORDS,)
    table = Table(caption="Effects and tests (two-sided)", head=EFFECT_HEAD, rows=effects)
    return (Section(name="effects", title="Effects", words=words, blocks=(table,)),)


def _pairs(found: Analysis) -> tuple[Section, ...]:
    if not found.pairs:
        return ()
    words = (
        "Each pair is analysed from its own two arms. Holm's procedure adjusts the p-values for the number of pairs, "
        "of the log-rank tests and of the restricted means each on their own; the intervals are of one pair each.",
    )
    hazards = Table(
        caption="Hazard ratios, two arms at a time (two-sided)", head=PAIR_HAZARD_HEAD, rows=pair_hazard_rows(found)
    )
    caption = f"Restricted means to {number(found.horizon)}, two arms at a time (two-sided)"
    means = pair_mean_rows(found)
    tables = (hazards, *((Table(caption=caption, head=PAIR_MEAN_HEAD, rows=means),) if means else ()))
    return (Section(name="pairs", title="Pairs of arms", words=words, blocks=tables),)


def _checks(found: Analysis) -> tuple[Section, ...]:
    blocks = []
    if rows := proportionality_rows(found):
        head = ("hazard ratio", "chi-square", "df", "p")
        blocks.append(Table(caption="Proportional hazards: score test on the Kaplan-Meier scale", head=head, rows=rows))
    if rows := cure_rows(found):
        blocks.append(Table(caption="The end of the curves", head=CURE_HEAD, rows=rows))
    words = (
        f"Times are in the unit of column {found.data.roles.time!r}; restricted means end at {number(found.horizon)}.",
    )
    return (Section(name="checks", title="Checks", words=words, blocks=tuple(blocks)),) if blocks else ()
