"""Operating characteristics of a design by simulation, with their Monte Carlo error and a rule for when to stop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Integers
from trialeukin.core.errors import StudyError
from trialeukin.core.random import Stream
from trialeukin.trial.estimate import Estimate, Interval, interval, probability, sampled
from trialeukin.trial.simulation.conduct import Ended, Ending, conducted, draw_courses, joined
from trialeukin.trial.simulation.plan import SequentialPlan
from trialeukin.trial.simulation.source import Source

TRIALS_AT_ONCE = 250
LEAST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LookShares:
    """How often trials stop at one look.

    Attributes
    ----------
    efficacy, futility : Estimate
        Fractions of all trials.
    """

    efficacy: Estimate
    futility: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """What a design does under one truth.

    Attributes
    ----------
    trials : int
        How many were run.
    precise : bool
        Whether the error of ``rejected`` is as small as was asked for.
    rejected : Estimate
        Fraction that ends with a benefit found: power, or the error of the first kind.
    looks : tuple of LookShares
        By look.
    events, patients, months : Estimate
        Means at the end.
    hazard_ratio : Interval
        Of the estimates at the end; early stops exaggerate.
    restricted : Estimate or None, month
        Mean difference of restricted means; None where none was asked for.
    not_estimable : int
        Trials without a finite hazard ratio.
    """

    trials: int
    precise: bool
    rejected: Estimate
    looks: tuple[LookShares, ...]
    events: Estimate
    patients: Estimate
    months: Estimate
    hazard_ratio: Interval
    restricted: Estimate | None
    not_estimable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """When to stop simulating.

    Attributes
    ----------
    error : float, 1
        Standard error of the fraction rejected that is small enough.
    most : int
        Trials after which to stop in any case.
    """

    error: float = 0.003
    most: int = 50_000

    def __post_init__(self) -> None:
        if not (0.0 < self.error < 0.5 and self.most >= LEAST):
            raise StudyError(
                f"error {self.error!r}, at most {self.most} trials: give an error from 0 to 0.5, and {LEAST} or more"
            )


def simulated(
    plan: SequentialPlan,
    source: Source,
    *,
    seed: int,
    precision: Precision | None = None,
    threads: int = 1,
) -> Operating:
    """Simulate a design until its fraction of rejections is known well enough.

    The number of trials depends on what they show, not on the threads: batches are looked at in order.

    Parameters
    ----------
    plan : SequentialPlan
        How the trials are run.
    source : Source
        The truth.
    seed : int
        Of all random numbers.
    precision : Precision
        When to stop.
    threads : int
        How many batches run at a time.
    """
    enough = Precision() if precision is None else precision
    parts = run_trials(
        plan, source, seed=seed, enough=lambda ended: _precise(ended, enough), most=enough.most, threads=threads
    )
    return summarised(plan, parts, precise=_precise(parts, enough))


def run_trials(  # noqa: PLR0913
    plan: SequentialPlan,
    source: Source,
    *,
    seed: int,
    most: int,
    enough: Callable[[Ended], bool] = lambda _: False,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Ended:
    """Run trials in batches until there are enough, and return how each ended."""
    stream = Stream(seed, "simulated trials")

    def batch(start: int) -> Ended:
        numbers: Integers = np.arange(start, min(start + TRIALS_AT_ONCE, most))
        return conducted(plan, draw_courses(plan, source, trials=numbers, stream=stream))

    done: list[Ended] = []
    starts = list(range(0, most, TRIALS_AT_ONCE))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for first in range(0, len(starts), threads):
            for part in pool.map(batch, starts[first : first + threads]):
                done.append(part)
                together = joined(done)
                if progress is not None:
                    progress(together.look.size)
                if enough(together):
                    return together
    return joined(done)


def summarised(plan: SequentialPlan, ended: Ended, *, precise: bool) -> Operating:
    """Return the operating characteristics of trials that ended."""
    trials = ended.look.size
    estimable = np.isfinite(ended.log_hazard_ratio)
    return Operating(
        trials=trials,
        precise=precise,
        rejected=probability(int((ended.ending == Ending.EFFICACY).sum()), trials),
        looks=tuple(
            LookShares(efficacy=_share(ended, look, Ending.EFFICACY), futility=_share(ended, look, Ending.FUTILITY))
            for look in range(len(plan.wanted))
        ),
        events=sampled(ended.events.astype(np.float64)),
        patients=sampled(ended.patients.astype(np.float64)),
        months=sampled(ended.months),
        hazard_ratio=interval(np.exp(ended.log_hazard_ratio)),
        restricted=None if plan.horizon is None else sampled(ended.restricted[np.isfinite(ended.restricted)]),
        not_estimable=int((~estimable).sum()),
    )


def _precise(ended: Ended, precision: Precision) -> bool:
    trials = ended.look.size
    rejected = int((ended.ending == Ending.EFFICACY).sum())
    return trials >= LEAST and 0 < rejected < trials and probability(rejected, trials).error <= precision.error


def _share(ended: Ended, look: int, ending: Ending) -> Estimate:
    return probability(int(((ended.look == look) & (ended.ending == ending)).sum()), ended.look.size)
