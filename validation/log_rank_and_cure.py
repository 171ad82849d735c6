"""Writes docs/log-rank-and-cure.md's table and picture: power of each test when the treatment cures more patients."""

import json
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from trialeukin.survival.design.hazard import constant, mixture_cure
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.log_rank_weights import FlemingHarrington
from trialeukin.survival.max_combo import max_combo
from trialeukin.survival.milestone import milestone
from trialeukin.survival.restricted_mean import restricted_mean_contrast

ROOT = Path(__file__).parents[1]
PAGE, RESULTS = ROOT / "docs" / "log-rank-and-cure.md", ROOT / "validation" / "log_rank_and_cure.json"
FIGURE = ROOT / "docs" / "log-rank-and-cure.svg"
PATIENTS, TRIALS, MEDIAN = 500, 600, 9.0
CONTROL, TREATED = 0.35, 0.47
PROPORTIONAL = np.log(TREATED) / np.log(CONTROL)  # the hazard ratio with the same curves' ends
HORIZON, LANDMARK = 48.0, 36.0
TESTS = ("log-rank", "Fleming-Harrington (0, 1)", "MaxCombo", "restricted means to 48", "survival at 36")


def p_values(times: np.ndarray, events: np.ndarray, arms: np.ndarray) -> list[float]:
    """Return the p-value of each of TESTS."""
    return [
        log_rank(times, events, arms).p_value,
        log_rank(times, events, arms, weight=FlemingHarrington(gamma=1.0)).p_value,
        max_combo(times, events, arms).p_value,
        restricted_mean_contrast(times, events, arms, horizon=HORIZON).difference_p_value,
        milestone(times, events, arms, time=LANDMARK).p_log_log,
    ]


def powers(rng: np.random.Generator, trials: int, *, cures: bool) -> np.ndarray:
    """Return how often each test rejects: the effect on the cured fraction, or on the hazard at all times."""
    control = mixture_cure(CONTROL, MEDIAN)
    treated = mixture_cure(TREATED, MEDIAN) if cures else control.times(constant(PROPORTIONAL))
    arms, grid = np.arange(PATIENTS) % 2, np.linspace(0.0, 240.0, 24_001)
    curves = [control.survival(grid), treated.survival(grid)]
    found = np.empty((trials, len(TESTS)))
    for trial in range(trials):
        chance, ends = rng.random(PATIENTS), rng.uniform(50.0, 86.0, PATIENTS)
        places = [np.searchsorted(-curve, -chance, side="left") for curve in curves]
        times = np.where(arms == 1, *(np.append(grid, np.inf)[place] for place in reversed(places)))
        found[trial] = p_values(np.minimum(times, ends), times <= ends, arms)
    return np.asarray((found < 0.05).mean(axis=0))


def draw() -> None:
    mpl.rcParams.update({"svg.hashsalt": "trialeukin", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure = Figure(figsize=(7.6, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    months = np.linspace(0.0, 60.0, 601)
    control = mixture_cure(CONTROL, MEDIAN)
    arms = (
        (control, "#5d6470", "control"),
        (control.times(constant(PROPORTIONAL)), "#b9770e", "less hazard"),
        (mixture_cure(TREATED, MEDIAN), "#1f618d", "more cured"),
    )
    for hazard, colour, name in arms:
        left.plot(months, 100.0 * hazard.survival(months), color=colour, label=name)
        if name != "control":
            right.plot(months, hazard.at(months) / control.at(months), color=colour, label=name)
    left.set(xlabel="months", ylabel="free of leukaemia, %", ylim=(0, 102), xlim=(0, 60))
    right.set(xlabel="months", ylabel="hazard ratio", ylim=(0.4, 1.0), xlim=(0, 60))
    left.legend(frameon=False, fontsize=8)
    for axes in (left, right):
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    figure.savefig(FIGURE, metadata={"Date": None})


def table(found: dict[str, list[float]]) -> str:
    lines = ["| test | effect on the hazard, % | effect on the cured, % |\n|---|---:|---:|\n"]
    lines += [
        f"| {name} | {100 * hazard:.0f} | {100 * cure:.0f} |\n"
        for name, hazard, cure in zip(TESTS, found["hazard"], found["cure"], strict=True)
    ]
    return "".join(lines)


def main() -> None:
    found = {
        name: powers(np.random.default_rng(7), TRIALS, cures=name == "cure").tolist() for name in ("hazard", "cure")
    }
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    draw()
    before, _, after = PAGE.read_text(encoding="utf-8").partition("| test |")
    PAGE.write_text(before + table(found) + after.partition("\n\n")[1] + after.partition("\n\n")[2], encoding="utf-8")
    print(table(found))


if __name__ == "__main__":
    sys.exit(main())
