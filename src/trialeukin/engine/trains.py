"""An endless train of equal doses, cut at one instant: what each interval gets, and what is still to come.

The last dose of the train is that of the instant itself; it is not given here.
"""

import math
from dataclasses import dataclass

from trialeukin.core.errors import InputError

ENDLESS = 1.0  # day, the interval at which a constant infusion that runs for ever repeats itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An amount that enters, in full and without a lag.

    Attributes
    ----------
    start, duration : float, day
        From the instant, or from the start of an interval; a duration of zero is a bolus.
    amount : float, unit of the state that it enters
        All of it.
    """

    start: float
    duration: float
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """Doses of one amount, every interval from an endless past on, as they enter.

    Attributes
    ----------
    interval : float, day
        From one dose to the next.
    amount : float, unit of the state that it enters
        Of one dose, after bioavailability.
    duration, lag : float, day
        Of one dose.
    """

    interval: float
    amount: float
    duration: float
    lag: float

    def __post_init__(self) -> None:
        numbers = {"amount": self.amount, "duration": self.duration, "lag": self.lag, "interval": self.interval}
        for name, value in numbers.items():
            if not (math.isfinite(value) and value >= 0.0):
                raise InputError(f"a dose with SS has {name} {value:g}: its input must yield zero or more")

    @property
    def waiting_doses(self) -> int:
        """How many doses before the last wait for their lag at the instant."""
        return math.floor(self.lag / self.interval)

    def in_each_interval(self) -> tuple[Piece, ...]:
        """Return what enters between two instants an interval apart, in times from the first of them."""
        entry = max(0.0, self.lag - self.waiting_doses * self.interval)
        if self.duration == 0.0:
            return (Piece(start=entry, duration=0.0, amount=self.amount),)
        rate, whole = self.amount / self.duration, math.floor(self.duration / self.interval)
        rest = max(0.0, self.duration - whole * self.interval)
        before = min(rest, self.interval - entry)
        spans = ((0.0, self.interval, rate * whole), (entry, before, rate), (0.0, rest - before, rate))
        return tuple(
            Piece(start=start, duration=length, amount=height * length)
            for start, length, height in spans
            if height * length > 0.0
        )

    def afterwards(self) -> tuple[Piece, ...]:
        """Return what of the train, without its last dose, still enters after the instant."""
        lagged = range(1, self.waiting_doses + 1)
        waiting = [
            Piece(start=max(0.0, self.lag - place * self.interval), duration=self.duration, amount=self.amount)
            for place in lagged
        ]
        since = (self.waiting_doses + 1) * self.interval - self.lag
        running = []
        while since < self.duration:
            left = self.duration - since
            running.append(Piece(start=0.0, duration=left, amount=self.amount / self.duration * left))
            since += self.interval
        return (*running, *waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndlessInfusion:
    """A constant infusion that has run for ever and ends at the instant.

    Attributes
    ----------
    rate : float, unit of the state that it enters a day
        How fast; zero is nothing, where only the model itself makes a steady state.
    """

    rate: float

    @property
    def interval(self) -> float:
        """After which it repeats itself: any time does."""
        return ENDLESS

    def in_each_interval(self) -> tuple[Piece, ...]:
        """Return what enters in each interval."""
        return (Piece(start=0.0, duration=ENDLESS, amount=self.rate * ENDLESS),) if self.rate else ()

    def afterwards(self) -> tuple[Piece, ...]:
        """Return nothing: it has ended."""
        return ()
