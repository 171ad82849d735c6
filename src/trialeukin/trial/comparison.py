"""Treatment against control: replicate trials, their power, and the interval of the hazard ratio."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import RunError
from trialeukin.core.random import Stream
from trialeukin.trial.accrual import Conduct
from trialeukin.trial.chance import patient_part, shrunk, trial_part
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate, Interval, interval, median_error, probability
from trialeukin.trial.expectation import Expectations, LargeTrial, expectations
from trialeukin.trial.pair import Pair
from trialeukin.trial.power import LogRankTests
from trialeukin.trial.replicate import (
    RANDOMISATIONS,
    TRIALS_AT_ONCE,
    Replicates,
    Trials,
    analyse_trials,
    draw_trials,
    joined,
)
from trialeukin.trial.replicate_rows import TYPICAL, ReplicateRows, joined_rows, replicate_rows
from trialeukin.trial.result import Chance, Component, EndpointResult, Milestone

TRIALS_OF_TYPICAL = "trial"  # the stream that trials at the typical parameters are drawn from


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is compared.

    Attributes
    ----------
    control, treatment : str
        Names of the arms.
    conduct : Conduct
        How the trial runs, other treatments' arms included.
    place : int
        Which of the conduct's treatments is compared, counted from one.
    endpoints : tuple of Endpoint
        What is counted.
    milestones : tuple of float, month
        When survival is read.
    alpha : float
        Two-sided level.
    replicates : int
        Trials at the typical parameters, and as many with drawn ones.
    """

    control: str
    treatment: str
    conduct: Conduct
    endpoints: tuple[Endpoint, ...]
    milestones: tuple[float, ...]
    alpha: float
    replicates: int
    place: int = 1

    @property
    def patients(self) -> int:
        """Patients of a trial in both arms."""
        return self.conduct.control + self.conduct.treatments[self.place - 1]

    @property
    def sets(self) -> int:
        """Sets of patients, each randomised `RANDOMISATIONS` times."""
        return max(2, -(-self.replicates // RANDOMISATIONS))

    def large_trial(self, endpoint: Endpoint, seed: int) -> LargeTrial:
        """Return the trial whose hazard ratio large trials tend to."""
        return LargeTrial(endpoint=endpoint, conduct=self.conduct, stream=Stream(seed, "large trial"))

    def batches(self, sets: Integers, stream: Stream, *, population: int, strata: Integers | None) -> Iterator[Trials]:
        """Yield the trials of sets of patients, so many at once that memory holds them; see `draw_trials`."""
        for start in range(0, sets.size, TRIALS_AT_ONCE):
            yield draw_trials(
                sets[start : start + TRIALS_AT_ONCE],
                self.conduct,
                population=population,
                stream=stream,
                strata=strata,
            )


def compare(question: Question, population: Pair, draws: tuple[Pair, ...], *, seed: int) -> tuple[EndpointResult, ...]:
    """Return the comparison in every endpoint.

    Parameters
    ----------
    question : Question
        What is compared.
    population : Pair
        The large population at the typical parameters.
    draws : tuple of Pair
        The first patients of it again, at each draw of the parameters; may be empty.
    seed : int
        The run's seed.

    Raises
    ------
    RunError
        When no replicate trial has a hazard ratio.
    """
    at_typical = _replicates(question, population, np.arange(question.sets), Stream(seed, TRIALS_OF_TYPICAL))
    owners = np.arange(question.sets) % _draws_in_trials(len(draws), question.sets)
    by_draw = [
        _replicates(question, draws[index], np.flatnonzero(owners == index), Stream(seed, "trial of a draw"))
        for index in np.unique(owners)[: len(draws)]
    ]
    results = []
    for endpoint in question.endpoints:
        expected = expectations(population, draws, question.large_trial(endpoint, seed))
        drawn = _Drawn(
            replicates=joined([found[endpoint] for found in by_draw]) if draws else at_typical[endpoint],
            sets=np.argsort(owners, kind="stable"),
            owners=np.sort(owners, kind="stable"),
            expected=expected,
        )
        milestones = _milestones(question, endpoint, population, at_typical[endpoint])
        results.append(_endpoint_result(question, endpoint, at_typical[endpoint], drawn, milestones))
    return tuple(results)


def _draws_in_trials(draws: int, sets: int) -> int:
    """Return how many draws have replicates: all, or as many as two sets each tell from the patients."""
    return max(1, min(draws, sets // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """Replicates with drawn parameters; ``owners`` says which draw each set belongs to, ``sets`` has their numbers."""

    replicates: Replicates
    sets: Integers
    owners: Integers
    expected: Expectations

    @property
    def are_of_draws(self) -> bool:
        """Whether there were draws; if not, they are the trials at the typical parameters."""
        return self.expected.variance is not None

    @property
    def clusters(self) -> Integers:
        """(s,) Which sets are not independent: those of one draw; without draws each is by itself."""
        return self.owners if self.are_of_draws else np.arange(self.owners.size)

    @property
    def moves(self) -> Floats:
        """(s,) From the noisy expectation of each set's draw to the settled one."""
        if not self.are_of_draws:
            return np.zeros(self.owners.size)
        return (self.expected.settled - self.expected.raw)[self.owners]

    @property
    def log_ratios(self) -> Floats:
        """(s, m) Moved so that the finite population of a draw adds no noise."""
        return np.asarray(self.replicates.log_ratio + self.moves[:, None])


def _replicates(question: Question, pair: Pair, sets: Integers, stream: Stream) -> dict[Endpoint, Replicates]:
    at = np.array(question.milestones)
    times = {endpoint: pair.times(endpoint) for endpoint in question.endpoints}
    parts: Mapping[Endpoint, list[Replicates]] = {endpoint: [] for endpoint in question.endpoints}
    for trials in question.batches(sets, stream, population=pair.patients.size, strata=pair.strata_of_patients):
        for endpoint, (control, treated) in times.items():
            parts[endpoint].append(analyse_trials(trials, control, treated, at, treatment=question.place))
    return {endpoint: joined(found) for endpoint, found in parts.items()}


def _endpoint_result(
    question: Question,
    endpoint: Endpoint,
    at_typical: Replicates,
    drawn: _Drawn,
    milestones: tuple[Milestone, ...],
) -> EndpointResult:
    ratios = np.exp(drawn.log_ratios).ravel()
    if not np.isfinite(ratios).any():
        raise RunError(
            f"none of {ratios.size} replicate trials has a hazard ratio for {endpoint.label.lower()}: they see "
            "no event in one arm; give the study more patients or a longer follow-up"
        )
    doubt, sets = drawn.expected.typical_error, np.arange(question.sets)
    at_drawn = LogRankTests(
        trials=drawn.replicates, moves=drawn.moves, owners=drawn.owners, alpha=question.alpha, doubt=doubt
    )
    typical = replace(at_drawn, trials=at_typical, moves=np.zeros(sets.size), owners=sets)
    return EndpointResult(
        endpoint=endpoint,
        milestones=milestones,
        population_ratio=float(np.exp(drawn.expected.typical)),
        at_typical=typical,
        at_drawn=None if drawn.expected.variance is None else at_drawn,
        hazard_ratio=interval(ratios),
        ratio_error=median_error(np.exp(drawn.log_ratios), drawn.clusters),
        components=_components(drawn),
        ratios=ratios,
        ratios_at_typical=np.exp(at_typical.log_ratio).ravel(),
        power=typical.power(),
        significant=typical.significant(),
        assurance=None if drawn.expected.variance is None else at_drawn.power(),
        events=interval(at_typical.events.sum(axis=2).ravel().astype(np.float64)),
        not_estimable=int(np.isnan(ratios).sum()),
        trials=_rows(at_typical, drawn),
        restricted_to=max(question.milestones),
    )


def _rows(at_typical: Replicates, drawn: _Drawn) -> ReplicateRows:
    sets = np.arange(at_typical.log_ratio.shape[0])
    typical = replicate_rows(at_typical, draws=np.full(sets.size, TYPICAL), patients=sets, moves=np.zeros(sets.size))
    if not drawn.are_of_draws:
        return typical
    return joined_rows(
        (typical, replicate_rows(drawn.replicates, draws=drawn.owners, patients=drawn.sets, moves=drawn.moves))
    )


def _components(drawn: _Drawn) -> tuple[Component, ...]:
    log_ratios, expected = drawn.replicates.log_ratio, drawn.expected
    patients, trial = patient_part(log_ratios, drawn.owners), trial_part(log_ratios)
    pairs = log_ratios[np.isfinite(log_ratios).all(axis=1)]
    owners = drawn.owners[np.isfinite(log_ratios).all(axis=1)]
    means = pairs.mean(axis=1)
    of_draw = np.array([means[owners == owner].mean() for owner in np.unique(owners)])
    centred = means - of_draw[np.unique(owners, return_inverse=True)[1]]
    halves = (pairs[:, 0] - pairs[:, 1]) / np.sqrt(2.0)
    parts = [
        (Chance.PATIENTS, patients, interval(np.exp(expected.typical + shrunk(centred, patients.value)))),
        (Chance.TRIAL, trial, interval(np.exp(expected.typical + np.concatenate((halves, -halves))))),
    ]
    if expected.variance is not None:
        parts.insert(0, (Chance.PARAMETERS, expected.variance, interval(np.exp(expected.settled))))
    return _shared(parts)


def _shared(parts: Sequence[tuple[Chance, Estimate, Interval]]) -> tuple[Component, ...]:
    total = sum(variance.value for _, variance, _ in parts) or np.nan
    return tuple(
        Component(chance=chance, variance=variance, share=variance.value / total, interval=alone)
        for chance, variance, alone in parts
    )


def _milestones(
    question: Question, endpoint: Endpoint, population: Pair, at_typical: Replicates
) -> tuple[Milestone, ...]:
    both = population.times(endpoint)
    return tuple(
        Milestone(
            arm=name,
            months=month,
            population=probability(int((times > month).sum()), times.size),
            trial=interval(at_typical.survival[:, :, arm, place].ravel()),
        )
        for arm, (name, times) in enumerate(zip((question.control, question.treatment), both, strict=True))
        for place, month in enumerate(question.milestones)
    )
