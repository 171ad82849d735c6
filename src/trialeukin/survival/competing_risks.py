r"""Cumulative incidence of competing events, after Aalen and Johansen.

.. math:: F_j(t) = \sum_{u \le t} S(u-) \frac{d_j(u)}{n(u)}

with S the Kaplan-Meier estimate of being free of any event. Aalen and Johansen, Scand J Stat 1978;5:141.
Two variances are offered, since packages differ: see `IncidenceVariance`.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.observations import numbers, observations, two_sided
from trialeukin.survival.risk_table import numbers_at_risk
from trialeukin.survival.transforms import Transform


class IncidenceVariance(Enum):
    r"""How the variance of a cumulative incidence is estimated.

    AALEN (as in R cmprsk), with hypergeometric ties, over times u up to t and with other causes o:

    .. math:: \sum_u \frac{S(u-)^2}{n^2} \left[ d_j \frac{n - d_j}{n - 1}
       \left(1 - \frac{F_j(t) - F_j(u)}{S(u)}\right)^2
       + d_o \frac{n - d_o}{n - 1} \left(\frac{F_j(t) - F_j(u)}{S(u)}\right)^2 \right]

    INFINITESIMAL_JACKKNIFE (as in R survfit): the sum of squares, over patients, of the derivative of
    :math:`F_j(t)` in the patient's weight.
    """

    AALEN = "Aalen"
    INFINITESIMAL_JACKKNIFE = "infinitesimal jackknife"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CumulativeIncidence:
    """Probability of each of J causes having come first, as step functions from zero.

    Attributes
    ----------
    times : (k,), unit of the follow-up
        Distinct times of events and censorings, increasing.
    at_risk : (k,), 1
        Patients at risk.
    causes : (J,), 1
        Codes of the causes, sorted.
    events : (J, k), 1
        Patients who have each cause then.
    incidence : (J, k), 1
        Probability of each cause up to and including each time.
    event_free : (k,), 1
        Probability of none; sums to one with the incidences.
    """

    times: Floats
    at_risk: Integers
    causes: Integers
    events: Integers
    incidence: Floats
    event_free: Floats

    def at(self, cause: int, times: ArrayLike) -> Floats:
        """Return the incidence of a cause at given times, (m,); NaN after the last follow-up, as for survival."""
        when = numbers(times, "times")
        values = np.concatenate(([0.0], self.incidence[self._row(cause)]))[self._places(when)]
        return np.where(self._is_unknown(when), np.nan, values)

    def standard_error_at(
        self, cause: int, times: ArrayLike, *, variance: IncidenceVariance = IncidenceVariance.AALEN
    ) -> Floats:
        """Return the standard error of `at`, (m,)."""
        when = numbers(times, "times")
        row, places = self._row(cause), self._places(when)
        match variance:
            case IncidenceVariance.AALEN:
                squares = np.array([self._aalen(row, place) for place in places])
            case IncidenceVariance.INFINITESIMAL_JACKKNIFE:
                squares = np.array([self._jackknife(row, place) for place in places])
        return np.where(self._is_unknown(when), np.nan, np.sqrt(squares))

    def interval_at(
        self,
        cause: int,
        times: ArrayLike,
        *,
        level: float = 0.95,
        variance: IncidenceVariance = IncidenceVariance.AALEN,
        transform: Transform = Transform.LOG_LOG,
    ) -> tuple[Floats, Floats]:
        """Return pointwise lower and upper limits, (m,) each."""
        width = two_sided(level)
        error = self.standard_error_at(cause, times, variance=variance)
        return transform.limits(self.at(cause, times), error, width)

    def _row(self, cause: int) -> int:
        refuse_unseen(cause, self.causes)
        return int(np.flatnonzero(self.causes == cause)[0])

    def _places(self, when: Floats) -> Integers:
        return np.searchsorted(self.times, when, side="right").astype(np.int64)

    def _is_unknown(self, when: Floats) -> Booleans:
        return np.asarray((when > self.times[-1]) & (self.event_free[-1] > 0.0))

    def _still_to_come(self, row: int, place: int) -> Floats:
        """(place,) Probability of the cause in (u, t], given that one is free of events at u."""
        later = self.incidence[row, place - 1] - self.incidence[row, :place]
        free = self.event_free[:place]
        return np.asarray(np.divide(later, free, out=np.zeros(place), where=free > 0.0), dtype=np.float64)

    def _before(self, place: int) -> Floats:
        return np.concatenate(([1.0], self.event_free))[:place]

    def _aalen(self, row: int, place: int) -> float:
        if place == 0:
            return 0.0
        patients = self.at_risk[:place].astype(np.float64)
        own = self.events[row, :place]
        other = self.events[:, :place].sum(axis=0) - own
        later = self._still_to_come(row, place)
        several = np.maximum(patients - 1.0, 1.0)
        # for the last patient alone the factor of ties is 0 / 0: it is that of a single event, one
        spread = [deaths * np.where(deaths > 1, (patients - deaths) / several, 1.0) for deaths in (own, other)]
        return float((self._before(place) / patients) ** 2 @ (spread[0] * (1.0 - later) ** 2 + spread[1] * later**2))

    def _jackknife(self, row: int, place: int) -> float:
        """Sum squared influences; patients who leave at one time by one cause share theirs."""
        if place == 0:
            return 0.0
        patients = self.at_risk[:place].astype(np.float64)
        later = self._still_to_come(row, place)
        step = self._before(place) / patients
        hazards = self.events[:, :place] / patients
        drift = np.cumsum(step * (hazards.sum(axis=0) * later - hazards[row]))
        leaving = self.at_risk - np.append(self.at_risk[1:], 0)
        censored = leaving[:place] - self.events[:, :place].sum(axis=0)
        squares = censored @ drift**2
        for other in range(self.causes.size):
            jump = step * ((1.0 if other == row else 0.0) - later)
            squares += self.events[other, :place] @ (drift + jump) ** 2
        return float(squares + (self.at_risk[0] - leaving[:place].sum()) * drift[-1] ** 2)


def cumulative_incidence(times: ArrayLike, causes: ArrayLike) -> CumulativeIncidence:
    """Estimate the cumulative incidence of competing events.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the first event or of censoring, zero or more.
    causes : (n,), 1
        0 where the patient was censored, else the code of what happened first: 1, 2, ...
    """
    codes = checked_causes(causes)
    observed = observations(times, codes > 0)
    when, places = np.unique(observed.times, return_inverse=True)
    seen = np.unique(codes[codes > 0]).astype(np.int64)
    events = np.zeros((seen.size, when.size), dtype=np.int64)
    np.add.at(events, (np.searchsorted(seen, codes[observed.events]), places[observed.events]), 1)
    at_risk = numbers_at_risk(observed.times, when)
    event_free = np.asarray(np.cumprod(1.0 - events.sum(axis=0) / at_risk), dtype=np.float64)
    before = np.concatenate(([1.0], event_free[:-1]))
    return CumulativeIncidence(
        times=when,
        at_risk=at_risk,
        causes=seen,
        events=events,
        incidence=np.asarray(np.cumsum(before * events / at_risk, axis=1), dtype=np.float64),
        event_free=event_free,
    )


def checked_causes(causes: ArrayLike) -> Integers:
    """Return codes of causes, (n,), or refuse what is not one."""
    codes = np.asarray(causes)
    wrong = (
        ~np.isin(codes, np.arange(np.iinfo(np.int8).max)) if codes.dtype.kind in "biuf" else np.ones(codes.shape, bool)
    )
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        raise AnalysisError(
            f"causes[{', '.join(map(str, place))}] is {codes[place]}: give 0 (censored) or the whole number of a "
            "cause, 1, 2, ..."
        )
    return codes.astype(np.int64)


def refuse_unseen(cause: int, codes: Integers) -> None:
    """Refuse a cause that none of the codes is; zeros among them are of the censored."""
    if not (codes == cause).any():
        known = ", ".join(str(code) for code in np.unique(codes[codes > 0])) or "none"
        raise AnalysisError(f"cause {cause}: nobody has it; the causes seen are {known}")
