r"""Where patients' times come from: hazards that are constant in pieces, or a virtual population.

A patient whose hazard changes from a to b at a time x, with an exponential number e, has the event at

.. math:: t = \Lambda_a^{-1}(e) \text{ if } e \le \Lambda_a(x), \quad
          \text{else } t = \Lambda_b^{-1}(e - \Lambda_a(x) + \Lambda_b(x)).
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import StudyError
from trialeukin.core.random import Stream
from trialeukin.survival.design.hazard import PiecewiseHazard, constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times of n patients of r trials since randomisation, (r, n), month; see `Courses`."""

    event: Floats
    undisturbed: Floats
    intercurrent: Floats


class Source(Protocol):
    """Gives the patients of trials their times."""

    def times(self, trials: Integers, treated: Booleans, stream: Stream) -> Times:
        """Return the times of patients by what they were randomised to.

        Parameters
        ----------
        trials : (r,), 1
            Numbers of the trials; what a trial's patients get depends on its number and the stream alone.
        treated : (r, n), 1
            Whether each gets the treatment.
        stream : Stream
            Chance.
        """
        ...

    def strata(self, trials: Integers, patients: int, stream: Stream) -> Integers | None:
        """Return the stratum of each patient of trials of so many, (r, n), 1; None: all are of one."""
        ...


NEVER = constant(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromHazards:
    """Patients of two arms by their hazards.

    Attributes
    ----------
    control, treated : PiecewiseHazard, 1/month
        Of the event, on the treatment that was assigned.
    stopping : PiecewiseHazard, 1/month
        Of giving the treatment up; from then on the hazard is the control's.
    switching : PiecewiseHazard, 1/month
        Of starting the treatment in the control arm; from then on the hazard is the treatment's.
    """

    control: PiecewiseHazard
    treated: PiecewiseHazard
    stopping: PiecewiseHazard = field(default=NEVER)
    switching: PiecewiseHazard = field(default=NEVER)

    def times(self, trials: Integers, treated: Booleans, stream: Stream) -> Times:
        """Return the times; see `Source`."""
        n = treated.shape[1]
        chance = stream.child("event").exponential(trials, n)
        undisturbed, event, intercurrent = (np.empty(treated.shape) for _ in range(3))
        for chosen, own, other, change in (
            (treated, self.treated, self.control, self.stopping),
            (~treated, self.control, self.treated, self.switching),
        ):
            alone = inverse(own, chance[chosen])
            event[chosen], undisturbed[chosen], intercurrent[chosen] = alone, alone, np.inf
            if not change.rates.any():
                continue
            change_at = inverse(change, stream.child("intercurrent event").exponential(trials, n)[chosen])
            moved = np.where(np.isfinite(change_at), change_at, 0.0)
            rest = chance[chosen] - own.cumulative(moved) + other.cumulative(moved)
            changed = change_at < alone
            event[chosen] = np.where(changed, inverse(other, np.maximum(rest, 0.0)), alone)
            intercurrent[chosen] = np.where(changed, change_at, np.inf)
        return Times(event=event, undisturbed=undisturbed, intercurrent=intercurrent)

    def strata(self, trials: Integers, patients: int, stream: Stream) -> None:
        """Return None: patients differ in nothing but chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromPopulation:
    """Patients drawn with replacement from a virtual population that was followed under both arms.

    Attributes
    ----------
    control, treated : (p,), month
        When each patient of the population has the event under either arm; infinity for never.
    strata_of : (p,) or None, 1
        Stratum of each; None: all are of one.
    """

    control: Floats
    treated: Floats
    strata_of: Integers | None = None

    def __post_init__(self) -> None:
        if self.control.ndim != 1 or self.control.shape != self.treated.shape or self.control.size == 0:
            raise StudyError(
                f"a population of {self.control.size} under control and {self.treated.size} under treatment: give "
                "everybody's time under both"
            )

    def times(self, trials: Integers, treated: Booleans, stream: Stream) -> Times:
        """Return the times; see `Source`. Discontinuation is part of the simulation that the times come from."""
        place = self._places(trials, treated.shape[1], stream)
        event = np.where(treated, self.treated[place], self.control[place])
        return Times(event=event, undisturbed=event, intercurrent=np.full(event.shape, np.inf))

    def strata(self, trials: Integers, patients: int, stream: Stream) -> Integers | None:
        """Return the strata; see `Source`."""
        return None if self.strata_of is None else self.strata_of[self._places(trials, patients, stream)]

    def _places(self, trials: Integers, patients: int, stream: Stream) -> Integers:
        return np.floor(stream.child("patients").uniform(trials, patients) * self.control.size).astype(np.int64)


def inverse(hazard: PiecewiseHazard, cumulative: Floats) -> Floats:
    """Return when a cumulative hazard is reached, month; infinity where it never is."""
    reached = hazard.cumulative(hazard.starts)
    piece = np.searchsorted(reached, cumulative, side="right") - 1
    rate = hazard.rates[piece]
    with np.errstate(divide="ignore", invalid="ignore"):
        later = np.where(rate > 0.0, (cumulative - reached[piece]) / rate, np.inf)
    return np.asarray(hazard.starts[piece] + later)
