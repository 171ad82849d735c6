"""Weights of the log-rank family: what a difference at each event time counts.

All are predictable: they look at the pooled sample just before the event, never at the arms.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError


class Weight(Protocol):
    """A weight for each distinct event time of one stratum."""

    def __call__(self, times: Floats, at_risk: Floats, survival_before: Floats) -> Floats:
        """Return the weights.

        Parameters
        ----------
        times : (k,), unit of the follow-up
            Distinct event times, increasing.
        at_risk : (k,), 1
            Patients at risk in all groups together.
        survival_before : (k,), 1
            Pooled Kaplan-Meier estimate just before each time, S(t-).

        Returns
        -------
        (k,), 1
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FlemingHarrington:
    """w = S(t-)^rho (1 - S(t-))^gamma; (0, 0) is the log-rank test, (1, 0) that of Peto and Peto.

    Fleming and Harrington, Counting Processes and Survival Analysis, 1991, chapter 7.
    """

    rho: float = 0.0
    gamma: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rho", "gamma"):
            if not 0.0 <= getattr(self, name) < np.inf:
                raise AnalysisError(f"{name} {getattr(self, name)!r}: give zero or more")

    def __call__(self, times: Floats, at_risk: Floats, survival_before: Floats) -> Floats:  # noqa: ARG002
        """Return the weights, (k,); see `Weight`."""
        return np.asarray(survival_before**self.rho * (1.0 - survival_before) ** self.gamma)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAtRisk:
    """w = n(t)^power; power 1 is the test of Gehan and Breslow, 1/2 that of Tarone and Ware."""

    power: float = 1.0

    def __call__(self, times: Floats, at_risk: Floats, survival_before: Floats) -> Floats:  # noqa: ARG002
        """Return the weights, (k,); see `Weight`."""
        return np.asarray(at_risk**self.power)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModestlyWeighted:
    """w = min(1/S(t-), cap): rising until a delay, level after it.

    The cap is the largest 1/S(t-) among event times up to ``delay``, and at most ``largest``.
    Magirr and Burman, Stat Med 2019;38:3782.
    """

    delay: float
    largest: float = np.inf

    def __post_init__(self) -> None:
        if not 0.0 <= self.delay < np.inf:
            raise AnalysisError(f"delay {self.delay!r}: give zero or more, in the unit of the follow-up")
        if not self.largest >= 1.0:
            raise AnalysisError(f"largest weight {self.largest!r}: give 1 or more (1 is the log-rank test)")

    def __call__(self, times: Floats, at_risk: Floats, survival_before: Floats) -> Floats:  # noqa: ARG002
        """Return the weights, (k,); see `Weight`."""
        rising = 1.0 / survival_before
        early = rising[times <= self.delay]
        cap = min(self.largest, float(early.max(initial=1.0)))
        return np.minimum(rising, cap)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroBefore:
    """w = 0 before a time and 1 from it on: a difference before ``start`` counts nothing."""

    start: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.start < np.inf:
            raise AnalysisError(f"start {self.start!r}: give zero or more, in the unit of the follow-up")

    def __call__(self, times: Floats, at_risk: Floats, survival_before: Floats) -> Floats:  # noqa: ARG002
        """Return the weights, (k,); see `Weight`."""
        return np.where(times < self.start, 0.0, 1.0)


EVEN = FlemingHarrington()
