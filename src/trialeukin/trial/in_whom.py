"""Whose course a treatment changes, by what is known of patients and by what is not, and whether a trial could tell.

Every patient is followed under both arms with the same chance (`trialeukin.trial.pair`), so that each one's own gain is
known: the months free of the event up to a time, with the treatment less without. That is more than any trial sees, and
it rests on what two courses of one person share: the person's parameters and the chance of dying of other causes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.random import Stream
from trialeukin.trial.chance import BLOCKS, jackknife_error, over_draws
from trialeukin.trial.comparison import TRIALS_OF_TYPICAL, Question
from trialeukin.trial.divisions import Division
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate, Interval, fraction, interval, probability, sampled
from trialeukin.trial.in_whom_result import Group, Hidden, InWhom, PrincipalStratum, Split, Stratum
from trialeukin.trial.pair import Pair
from trialeukin.trial.replicate import Replicates, analyse_trials, joined

POWER = 0.9
SAME_TIME = 1.0  # month
RESOLVED = 1e-6  # month; seconds, far below what the tolerance of the solver tells apart
STANDS_OUT = 3.0  # standard errors that an effect is from none, at least, before a size of trial is computed from it
FEWEST_IN_A_BLOCK = 5  # patients of a group in a quarter of those of the draws
FIFTHS = 5
LEVEL_OF_SEARCH = 0.05  # two-sided, of all parameters that are looked through together


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effect:
    """A log hazard ratio, or a difference of two: in large trials, and in s sets of patients randomised m times.

    Attributes
    ----------
    value, doubt : float
        In large trials, with its standard error, of the size of the virtual population.
    z, error : (s, m)
        The statistic of the study's own trial, and its estimate's standard error; NaN without one.
    """

    value: float
    doubt: float
    z: Floats
    error: Floats

    def found(self, sign: float, alpha: float) -> Estimate:
        """Return the fraction of trials whose statistic is significantly of a sign, at a two-sided level."""
        return fraction((sign * self.z > -ndtri(0.5 * alpha)).mean(axis=1))

    def needed(self, patients: int, alpha: float) -> float | None:
        """Return how many patients find it with `POWER`, if trials have so many now; None where it is none."""
        if not abs(self.value) > STANDS_OUT * self.doubt or not np.isfinite(self.error).any():
            return None
        wanted = ndtri(1.0 - 0.5 * alpha) + ndtri(POWER)
        return float(patients * np.nanmean(np.square(self.error)) * (wanted / self.value) ** 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """The patients of a group and what the treatment does in them."""

    members: Booleans
    log_ratio: float
    without_parts: Floats
    trials: Replicates

    @property
    def effect(self) -> _Effect:
        return _Effect(
            value=self.log_ratio,
            doubt=jackknife_error(self.without_parts),
            z=self.trials.z,
            error=self.trials.error,
        )

    def against(self, other: "_Side") -> _Effect:
        """Return by how much the effect is another than in the other side's patients."""
        error = np.hypot(self.trials.error, other.trials.error)
        return _Effect(
            value=self.log_ratio - other.log_ratio,
            doubt=jackknife_error(self.without_parts - other.without_parts),
            z=(self.trials.log_ratio - other.trials.log_ratio) / error,
            error=error,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """The primary endpoint and everybody's gain in it.

    Attributes
    ----------
    gains : (n,), month
        At the typical parameters.
    drawn : (k, d), month
        Of the first patients again at each draw of the parameters.
    """

    question: Question
    population: Pair
    months: float
    gains: Floats
    drawn: Floats
    seed: int

    @property
    def endpoint(self) -> Endpoint:
        return self.question.endpoints[0]

    def sides(self, groups: Sequence[Booleans]) -> list[_Side]:
        """Return what large trials and the study's replicate trials find in the patients of each group alone."""
        pair, times = self.population, self.population.times(self.endpoint)
        large = self.question.large_trial(self.endpoint, self.seed)
        inside = [members[pair.patients] for members in groups]
        seen = [np.where(each, np.inf, 0.0) for each in inside]
        parts: list[list[Replicates]] = [[] for _ in groups]
        batches = self.question.batches(
            np.arange(self.question.sets),
            Stream(self.seed, TRIALS_OF_TYPICAL),
            population=pair.patients.size,
            strata=pair.strata_of_patients,
        )
        for trials in batches:
            for found, until in zip(parts, seen, strict=True):
                found.append(
                    analyse_trials(trials, *times, np.empty(0), treatment=self.question.place, until=(until, until))
                )
        return [
            _Side(
                members=members,
                log_ratio=large.log_ratio(pair, each),
                without_parts=large.without_parts(pair, each),
                trials=joined(found),
            )
            for members, each, found in zip(groups, inside, parts, strict=True)
        ]

    def by_draw(self, signs: Floats, value: float) -> Floats | None:
        """Return a mean gain, or a difference of two, at each draw; None where nothing was drawn or too few patients.

        Parameters
        ----------
        signs : (n,)
            One in patients whose mean gain counts, minus one in those whose mean gain is taken off.
        value : float
            At the typical parameters.
        """
        if not self.drawn.size:
            return None
        drawn = signs[: self.drawn.shape[1]]
        groups = [(sign, drawn == sign) for sign in (1.0, -1.0) if (signs == sign).any()]
        block = np.arange(drawn.size) % BLOCKS
        if any(
            (members & (block == each)).sum() < FEWEST_IN_A_BLOCK for _, members in groups for each in range(BLOCKS)
        ):
            return None

        def summed(rows: Floats, among: Booleans) -> Floats:
            return np.asarray(sum(sign * np.nanmean(rows[:, members & among], axis=1) for sign, members in groups))

        everyone = np.ones(drawn.size, dtype=np.bool_)
        same = summed(self.gains[None, : drawn.size], everyone)[0]
        blocks = np.stack([summed(self.drawn, block == each) for each in range(BLOCKS)], axis=1)
        return over_draws(value, float(same), summed(self.drawn, everyone), blocks)[0]


def _interval(drawn: Floats | None) -> Interval | None:
    return None if drawn is None else interval(drawn)


def in_whom(
    question: Question,
    population: Pair,
    draws: tuple[Pair, ...],
    *,
    divided: tuple[Division, ...],
    own: Mapping[str, Floats],
    seed: int,
) -> InWhom:
    """Return whose course the treatment changes in the primary endpoint, up to the latest milestone.

    Parameters
    ----------
    question : Question
        What is compared.
    population : Pair
        The large population at the typical parameters.
    draws : tuple of Pair
        The first patients of it again, at each draw of the parameters; may be empty.
    divided : tuple of Division
        How the population's patients divide.
    own : mapping of str to (n,)
        The parameters by which they differ beside their covariates.
    seed : int
        The run's seed.
    """
    endpoint, months = question.endpoints[0], max(question.milestones)
    view = _View(
        question=question,
        population=population,
        months=months,
        gains=_gains(population, endpoint, months),
        drawn=np.array([_gains(draw, endpoint, months) for draw in draws]),
        seed=seed,
    )
    halves = [members for each in divided for members in (~each.having, each.having)]
    whole, *sides = view.sides([np.ones(view.gains.size, dtype=np.bool_), *halves])
    everybody = _group(view, whole)
    return InWhom(
        endpoint=endpoint,
        months=months,
        gained=everybody.gained,
        gained_by_draw=everybody.gained_by_draw,
        needed=everybody.needed,
        strata=_strata(view),
        splits=tuple(
            _split(view, each, without, having)
            for each, without, having in zip(divided, sides[::2], sides[1::2], strict=True)
        ),
        hidden=_hidden(view.gains, own),
        searched=len(own),
    )


def _gains(pair: Pair, endpoint: Endpoint, months: float) -> Floats:
    """Return the months free of the event up to a time, treatment less control, (n,); NaN of patients who failed.

    What the solver does not tell from nothing is nothing: steps that end elsewhere move an event by rounding.
    """
    control, treated = (np.minimum(arm.times(endpoint), months) for arm in (pair.control, pair.treated))
    gains = treated - control
    return np.where(pair.valid, np.where(np.abs(gains) < RESOLVED, 0.0, gains), np.nan)


def _strata(view: _View) -> tuple[Stratum, ...]:
    control, treated = (np.minimum(times, view.months) for times in view.population.times(view.endpoint))
    gains = treated - control
    free = (control == view.months) & (treated == view.months)
    members = {
        PrincipalStratum.ALWAYS_FREE: free,
        PrincipalStratum.SAME_TIME: ~free & (np.abs(gains) < SAME_TIME),
        PrincipalStratum.LATER: gains >= SAME_TIME,
        PrincipalStratum.SOONER: gains <= -SAME_TIME,
    }
    return tuple(
        Stratum(kind=kind, share=probability(int(each.sum()), each.size), gained=float(gains[each].sum() / each.size))
        for kind, each in members.items()
    )


def _split(view: _View, divided: Division, without: _Side, having: _Side) -> Split:
    """Return what differs between the patients on both sides."""
    groups = tuple(_group(view, side) for side in (without, having))
    apart, alpha = having.against(without), view.question.alpha
    less, more = (group.gained for group in groups)
    difference = Estimate(value=more.value - less.value, error=float(np.hypot(more.error, less.error)))
    direction = float(np.sign(apart.value))
    drawn = view.by_draw(np.where(divided.having, 1.0, -1.0), difference.value)
    return Split(
        name=divided.name,
        cut=divided.cut,
        without=groups[0],
        having=groups[1],
        difference=difference,
        difference_by_draw=_interval(drawn),
        likely=None if drawn is None else float(0.5 * ((drawn > 0.0).mean() + (drawn >= 0.0).mean())),
        ratio=float(np.exp(apart.value)),
        doubt=apart.doubt,
        power=apart.found(direction, alpha),
        misleading=apart.found(-direction, alpha),
        needed=apart.needed(view.question.patients, alpha),
    )


def _group(view: _View, side: _Side) -> Group:
    inside = side.members[view.population.patients]
    control, treated = (float((times[inside] > view.months).mean()) for times in view.population.times(view.endpoint))
    share, effect, alpha = float(inside.mean()), side.effect, view.question.alpha
    gained = sampled(view.gains[side.members & view.population.valid])
    of_all = effect.needed(view.question.patients, alpha) if effect.value < 0.0 else None
    return Group(
        share=share,
        free=(control, treated),
        gained=gained,
        gained_by_draw=_interval(view.by_draw(side.members.astype(np.float64), gained.value)),
        hazard_ratio=float(np.exp(effect.value)),
        power=effect.found(-1.0, alpha),
        needed=None if of_all is None else share * of_all,
    )


def _hidden(gains: Floats, own: Mapping[str, Floats]) -> tuple[Hidden, ...]:
    """Return the parameters whose lowest and highest fifths of patients gain differently, beyond chance."""
    known = np.isfinite(gains)
    fifth = int(known.sum()) // FIFTHS
    found: list[tuple[float, Hidden]] = []
    for name, values in own.items():
        ordered = gains[known][np.argsort(values[known], kind="stable")]
        lowest, highest = sampled(ordered[:fifth]), sampled(ordered[-fifth:])
        error = float(np.hypot(lowest.error, highest.error))
        apart = abs(highest.value - lowest.value)
        if apart > -ndtri(0.5 * LEVEL_OF_SEARCH / len(own)) * error:
            one = Hidden(name=name, lowest=lowest.value, highest=highest.value, error=error)
            found.append((error / apart, one))
    return tuple(one for _, one in sorted(found, key=lambda each: each[0]))
