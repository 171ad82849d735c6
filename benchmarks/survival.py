"""How fast the survival statistics are beside lifelines: writes validation/survival_speed.json, then docs/survival.md.

Ours and lifelines take turns in one process on the same data, so that a busy machine slows both; a ratio is the median
of the ratios of the turns.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import lifelines
import numpy as np
import pandas as pd

from trialeukin.survival.cox import cox
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.expected_events import ArmPlan
from trialeukin.survival.design.hazard import constant, mixture_cure
from trialeukin.survival.design.looks import Rules, Trial, schedule
from trialeukin.survival.design.spending import OBrienFlemingSpending
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.trial.simulation.of_design import plan_of, truths_of
from trialeukin.trial.simulation.operating import run_trials

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "validation" / "survival_speed.json"
HORIZON = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured.

    Attributes
    ----------
    rounds : int
        Turns of ours and lifelines.
    cox_patients, covariates : int
        Of the Cox model.
    curve_patients : int
        Of the Kaplan-Meier curve.
    trials, trial_patients : int
        Simulated, and patients of each.
    """

    rounds: int = 5
    cox_patients: int = 100_000
    covariates: int = 10
    curve_patients: int = 1_000_000
    trials: int = 10_000
    trial_patients: int = 500


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def turns(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> dict[str, float]:
    pairs = np.array([(seconds(ours), seconds(theirs)) for _ in range(rounds)])
    ratios = pairs[:, 1] / pairs[:, 0]
    return {
        "ours": float(np.median(pairs[:, 0])),
        "lifelines": float(np.median(pairs[:, 1])),
        "ratio": float(np.median(ratios)),
        "least_ratio": float(ratios.min()),
    }


def of_cox(effort: Effort) -> dict[str, float]:
    rng = np.random.default_rng(1)
    columns = rng.standard_normal((effort.cox_patients, effort.covariates))
    risk = np.exp(columns @ np.linspace(-0.3, 0.3, effort.covariates))
    times, ends = rng.exponential(1.0, effort.cox_patients) / risk, rng.exponential(2.0, effort.cox_patients)
    frame = pd.DataFrame(columns).assign(time=np.minimum(times, ends), event=times <= ends)
    follow_up, events = frame["time"].to_numpy(), frame["event"].to_numpy()
    cox(follow_up[:100], events[:100], columns[:100])
    found = turns(
        lambda: cox(follow_up, events, columns),
        lambda: lifelines.CoxPHFitter().fit(frame, "time", "event"),
        effort.rounds,
    )
    fitted = lifelines.CoxPHFitter().fit(frame, "time", "event")
    return found | {"gap": float(np.abs(cox(follow_up, events, columns).coefficients - fitted.params_).max())}


def of_curve(effort: Effort) -> dict[str, float]:
    rng = np.random.default_rng(2)
    times, events = rng.exponential(1.0, effort.curve_patients), rng.random(effort.curve_patients) < 0.7
    kaplan_meier(times[:100], events[:100])
    return turns(
        lambda: kaplan_meier(times, events),
        lambda: lifelines.KaplanMeierFitter().fit(times, events),
        effort.rounds,
    )


def of_trials(effort: Effort) -> dict[str, float]:
    control = mixture_cure(0.35, 9.0)
    loss = constant(0.002)
    trial = Trial(
        control=ArmPlan(share=0.5, hazard=control, drop_out=loss),
        treated=ArmPlan(share=0.5, hazard=control.times(constant(0.75)), drop_out=loss),
        enrolment=even(float(effort.trial_patients), 36.0),
        follow_up=24.0,
    )
    rules = Rules(fractions=np.ones(1), efficacy=AlphaSpending(OBrienFlemingSpending()))
    designed = schedule(trial, rules)
    plan, (_, truth) = replace(plan_of(designed), horizon=HORIZON), truths_of(designed)
    threads = os.cpu_count() or 1
    run_trials(plan, truth, seed=1, most=10, threads=1)
    used = time.process_time()
    wall = [seconds(lambda: run_trials(plan, truth, seed=2, most=effort.trials, threads=threads)) for _ in range(3)]
    used = (time.process_time() - used) / len(wall)
    return {"seconds": float(np.median(wall)), "processor_seconds": used, "threads": threads}


def measure(effort: Effort) -> dict[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "lifelines": lifelines.__version__,
            "effort": {name: getattr(effort, name) for name in Effort.__slots__},
            "load": round(os.getloadavg()[0], 1),
            "cox": of_cox(effort),
            "kaplan_meier": of_curve(effort),
            "trials": of_trials(effort),
        }


def main() -> None:
    found = measure(Effort())
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    sys.exit(main())
