"""How fast patients come: so many a month, in stretches of calendar time."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats, listed
from trialeukin.core.errors import AnalysisError


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Patients a month, constant in stretches.

    Attributes
    ----------
    durations : (m,), month
        Length of each stretch, above zero; nobody comes after the last.
    rates : (m,), 1/month
        Patients of both arms a month; zero or more, not all zero.
    """

    durations: Floats
    rates: Floats

    def __post_init__(self) -> None:
        if self.durations.ndim != 1 or self.durations.size == 0 or self.durations.shape != self.rates.shape:
            raise AnalysisError(
                f"{self.durations.size} stretches and {self.rates.size} rates of accrual: give one of each"
            )
        if not (np.all(self.durations > 0.0) and np.all(np.isfinite(self.durations))):
            raise AnalysisError(f"accrual lasting {listed(self.durations)} months: give times above zero")
        if not (np.all(self.rates >= 0.0) and np.all(np.isfinite(self.rates)) and self.rates.sum() > 0.0):
            raise AnalysisError(f"accrual of {listed(self.rates)} patients a month: give zero or more, some above zero")

    @property
    def duration(self) -> float:
        """From the first possible entry to the last, month."""
        return float(self.durations.sum())

    @property
    def patients(self) -> float:
        """All who come."""
        return float(self.durations @ self.rates)

    @property
    def edges(self) -> Floats:
        """Where the rate changes, (m + 1,), month; from zero to the end."""
        return np.append(0.0, np.cumsum(self.durations))

    def entered(self, calendar: Floats) -> Floats:
        """Return the patients who came up to times of the calendar in months."""
        return np.asarray(np.interp(calendar, self.edges, np.append(0.0, np.cumsum(self.durations * self.rates))))

    def entry(self, shares: Floats) -> Floats:
        """Return when shares of all who come have come, month; of uniform numbers, when single patients come."""
        came = np.append(0.0, np.cumsum(self.durations * self.rates))
        return np.asarray(np.interp(shares, came / came[-1], self.edges))

    def scaled(self, factor: float) -> "Enrolment":
        """Return an accrual of the same shape that is faster by a factor."""
        return Enrolment(durations=self.durations, rates=self.rates * factor)


def even(patients: float, months: float) -> Enrolment:
    """Return an even accrual of some patients within some months."""
    if not 0.0 < months < np.inf:
        raise AnalysisError(f"accrual of {months!r} months: give a time above zero")
    return Enrolment(durations=np.array([months], dtype=np.float64), rates=np.array([patients / months]))
