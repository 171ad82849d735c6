r"""Spending functions: how much of an error may be used up by a fraction of the information.

.. math:: \text{O'Brien-Fleming-like: } 2 - 2\Phi(z_{1 - a/2} / \sqrt{t}), \quad
   \text{Pocock-like: } a \log(1 + (e - 1) t), \quad
   \text{Hwang-Shih-DeCani: } a \frac{1 - e^{-\gamma t}}{1 - e^{-\gamma}}, \quad
   \text{power: } a t^\rho

Lan and DeMets, Biometrika 1983;70:659; Hwang, Shih and DeCani, Stat Med 1990;9:1439; Kim and DeMets, Biometrika
1987;74:149. Here a is the whole error of one side.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError


class SpendingFunction(Protocol):
    """Cumulative error at fractions of the information."""

    @property
    def name(self) -> str:
        """What a protocol calls it."""

    def spent(self, total: float, fractions: Floats) -> Floats:
        """Return the error spent up to each fraction; all of it from fraction one on."""


@dataclass(frozen=True, slots=True)
class OBrienFlemingSpending:
    """Lan and DeMets' function that is close to O'Brien and Fleming's boundary."""

    @property
    def name(self) -> str:
        """What a protocol calls it."""
        return "Lan-DeMets O'Brien-Fleming-like spending"

    def spent(self, total: float, fractions: Floats) -> Floats:
        """Return the error spent up to each fraction."""
        with np.errstate(divide="ignore"):
            reach = -ndtri(0.5 * total) / np.sqrt(_capped(fractions))
        return np.asarray(2.0 * ndtr(-reach))


@dataclass(frozen=True, slots=True)
class PocockSpending:
    """Lan and DeMets' function that is close to Pocock's boundary."""

    @property
    def name(self) -> str:
        """What a protocol calls it."""
        return "Lan-DeMets Pocock-like spending"

    def spent(self, total: float, fractions: Floats) -> Floats:
        """Return the error spent up to each fraction."""
        return np.asarray(total * np.log1p(np.expm1(1.0) * _capped(fractions)))


@dataclass(frozen=True, slots=True)
class HwangShihDeCani:
    """Exponential family; -4 is close to O'Brien-Fleming, 1 to Pocock, 0 is even.

    Attributes
    ----------
    gamma : float, 1
        From -40 to 40.
    """

    gamma: float

    def __post_init__(self) -> None:
        if not -40.0 <= self.gamma <= 40.0:
            raise AnalysisError(f"Hwang-Shih-DeCani gamma {self.gamma:g}: give -40 to 40; -4 is usual")

    @property
    def name(self) -> str:
        """What a protocol calls it."""
        return f"Hwang-Shih-DeCani spending with gamma {self.gamma:g}"

    def spent(self, total: float, fractions: Floats) -> Floats:
        """Return the error spent up to each fraction."""
        if self.gamma == 0.0:
            return total * _capped(fractions)
        return np.asarray(total * np.expm1(-self.gamma * _capped(fractions)) / np.expm1(-self.gamma))


@dataclass(frozen=True, slots=True)
class PowerSpending:
    """Kim and DeMets' family; 3 is close to O'Brien-Fleming, 1 to Pocock.

    Attributes
    ----------
    rho : float, 1
        Above 0 and up to 15.
    """

    rho: float

    def __post_init__(self) -> None:
        if not 0.0 < self.rho <= 15.0:
            raise AnalysisError(f"power spending exponent {self.rho:g}: give above 0 and up to 15; 3 is usual")

    @property
    def name(self) -> str:
        """What a protocol calls it."""
        return f"power spending with exponent {self.rho:g}"

    def spent(self, total: float, fractions: Floats) -> Floats:
        """Return the error spent up to each fraction."""
        return np.asarray(total * _capped(fractions) ** self.rho)


def _capped(fractions: Floats) -> Floats:
    return np.clip(fractions, 0.0, 1.0)
