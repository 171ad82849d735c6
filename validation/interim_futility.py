"""Writes the picture of docs/interim-futility.md: what a board sees at an early look and at a later one."""

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialeukin.survival.design.average_hazard_ratio import average_effect
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.expected_events import ArmPlan
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.hazard import PiecewiseHazard, mixture_cure
from trialeukin.survival.design.looks import Rules, Schedule, Trial, schedule_with_power
from trialeukin.survival.design.spending import (
    HwangShihDeCani,
    OBrienFlemingSpending,
    PocockSpending,
    SpendingFunction,
)
from trialeukin.trial.planned_design import yearly_loss

ROOT = Path(__file__).parents[1]
FIGURE = ROOT / "docs" / "interim-futility.svg"
CURED, MEDIAN, RATIO, DELAY, LOSS = 0.35, 9.0, 0.7, 3.0, 0.02
ACCRUAL, FOLLOW_UP = 36.0, 24.0
PLANS = ((0.3, PocockSpending(), "#b9770e"), (0.6, HwangShihDeCani(-2.0), "#1f618d"))
"""First look, futility and colour of the two plans of the page."""
GREY = "#5d6470"


def plan(look: float, futility: SpendingFunction) -> Schedule:
    """Return the design that the page's command with this look prints."""
    control, loss = mixture_cure(CURED, MEDIAN), yearly_loss(LOSS)
    effect = PiecewiseHazard(starts=np.array([0.0, DELAY]), rates=np.array([1.0, RATIO]))
    arms = [ArmPlan(share=0.5, hazard=hazard, drop_out=loss) for hazard in (control, control.times(effect))]
    trial = Trial(control=arms[0], treated=arms[1], enrolment=even(1.0, ACCRUAL), follow_up=FOLLOW_UP)
    rules = Rules(
        fractions=np.array([look, 1.0]),
        efficacy=AlphaSpending(OBrienFlemingSpending()),
        futility=FutilityRule(function=futility),
    )
    return schedule_with_power(trial, rules)


def seen(found: Schedule, ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the density of the estimated log hazard ratio at the first look without and with the effect, (m,) each."""
    effect, logs = found.effects[0], np.log(ratios)
    without = _normal(logs, 0.0, effect.null_information**-0.5)
    return without, _normal(logs, effect.log_ratio, effect.information**-0.5)


def _normal(values: np.ndarray, mean: float, deviation: float) -> np.ndarray:
    return np.asarray(np.exp(-0.5 * ((values - mean) / deviation) ** 2) / (deviation * np.sqrt(2.0 * np.pi)))


def draw() -> None:
    with mpl.rc_context({"svg.hashsalt": "trialeukin", "svg.fonttype": "none", "font.family": "sans-serif"}):
        _figure().savefig(FIGURE, metadata={"Date": None})


def _figure() -> Figure:
    figure = Figure(figsize=(7.6, 5.4), layout="constrained")
    panels = figure.subplot_mosaic([["course", "course"], ["early", "late"]], height_ratios=[1.0, 0.9])
    plans = [(plan(look, futility), colour) for look, futility, colour in PLANS]
    _course(panels["course"], plans)
    panels["early"].sharey(panels["late"])
    for name, (found, colour) in zip(("early", "late"), plans, strict=True):
        _look(panels[name], found, colour)
    panels["early"].set_ylabel("density")
    for axes in panels.values():
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    return figure


def _course(axes: Axes, plans: list[tuple[Schedule, str]]) -> None:
    """Draw the average hazard ratio by the month of the analysis, with both plans' futility limits."""
    trial = plans[0][0].trial
    months = np.linspace(8.0, trial.end, 105)
    effects = [average_effect(trial.control, trial.treated, trial.enrolment, month) for month in months]
    axes.plot(months, [effect.hazard_ratio for effect in effects], color=GREY)
    axes.annotate("average of the effect so far", (20.0, 0.80), ha="right", va="top", fontsize=8, color=GREY)
    axes.axhline(1.0, color=GREY, linewidth=0.8, linestyle=(0, (3, 3)))
    for found, colour in plans:
        month, limit = found.effects[0].calendar, float(found.hazard_ratios(found.boundaries.lower)[0])
        axes.plot([month], [limit], "v", color=colour)
        axes.annotate(f"stop above {limit:.2f}", (month, limit), xytext=(8, 0), textcoords="offset points",
                      va="center", fontsize=8, color=colour)  # fmt: skip
    axes.set(xlabel="month of the analysis", ylabel="hazard ratio", xlim=(6, 60), ylim=(0.7, 1.1))


def _look(axes: Axes, found: Schedule, colour: str) -> None:
    """Draw where the estimate at the first look lies without and with the effect, and where the trial stops."""
    ratios = np.exp(np.linspace(np.log(0.5), np.log(1.5), 401))
    limit = float(found.hazard_ratios(found.boundaries.lower)[0])
    for density, line, name in zip(seen(found, ratios), ("--", "-"), ("no effect", "effect"), strict=True):
        axes.plot(ratios, density, line, color=colour, label=name)
        axes.fill_between(ratios, density, where=ratios >= limit, color=colour, alpha=0.18, linewidth=0)
    axes.axvline(limit, color=GREY, linewidth=0.8)
    axes.annotate("stops", (limit, 5.8), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, color=GREY)
    shown = (0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5)
    axes.set_xscale("log")
    axes.set_xticks(shown, [f"{ratio:g}" for ratio in shown])
    axes.set_xticks([], minor=True)
    axes.set(xlim=(0.5, 1.5), ylim=(0.0, 6.2), xlabel="estimated hazard ratio")
    share = found.rules.fractions[0]
    axes.set_title(f"look at {100 * share:.0f} % of the events, month {found.effects[0].calendar:.0f}", fontsize=9)
    axes.legend(frameon=False, fontsize=8, loc="upper left")


def main() -> None:
    draw()
    print(f"wrote {FIGURE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
