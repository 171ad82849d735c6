r"""Patients' times and events from a published curve: points read off it and the numbers at risk under it.

After Guyot, Ades, Ouwens, Welton, BMC Med Res Methodol 2012;12:9, with three differences. Points are made to
fall by isotonic regression, not by cutting, so that reading errors do not pull the curve down. A point moves
the estimate by whole deaths, counted from the reconstructed curve, so that roundings do not add up. And what
is level within the error of reading at the end stays level: the patients there are censored late, as under a
plateau of remissions, and no death is made of a wobble.

In an interval of the risk table that n patients start and m finish, with c censorings spread evenly, the
deaths before a point of height S follow from the reconstructed :math:`\hat S` and the patients still there,
:math:`d = \operatorname{round}(n_t (1 - S / \hat S))`; c is the number that leaves m.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.observations import numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Digitised:
    """A published curve of one arm.

    Attributes
    ----------
    times : (k,), any unit of time
        Of the points read off, rising from zero or more.
    survival : (k,), 1
        Heights there, between 0 and 1; they may wobble by the error of reading.
    risk_times, at_risk : (r,), unit of ``times`` and 1
        The table of numbers at risk, from time zero on; its first entry alone is the size of the arm.
    events : int, or None
        Deaths in total, if the paper prints them.
    """

    times: Floats
    survival: Floats
    risk_times: Floats
    at_risk: Integers
    events: int | None = None

    def __post_init__(self) -> None:
        for name in ("times", "risk_times"):
            column = getattr(self, name)
            if column.size == 0 or not np.isfinite(column).all() or (np.diff(column) <= 0.0).any() or column[0] < 0.0:
                raise AnalysisError(f"{name} {_brief(column)}: give times that rise from zero or more")
        wrong = np.flatnonzero(~((self.survival >= 0.0) & (self.survival <= 1.0)))
        if self.survival.shape != self.times.shape or wrong.size:
            shown = (
                f"survival[{wrong[0]}] is {self.survival[wrong[0]]:g}" if wrong.size else "survival has another length"
            )
            raise AnalysisError(f"{shown}: give a fraction between 0 and 1 a point (0.62, not 62)")
        if self.risk_times[0] != 0.0:
            raise AnalysisError(
                f"the risk table starts at {self.risk_times[0]:g}: it starts at time zero, with the arm's size"
            )
        if self.at_risk.shape != self.risk_times.shape or (np.diff(self.at_risk) > 0).any() or self.at_risk[-1] < 0:
            raise AnalysisError(f"numbers at risk {_brief(self.at_risk)}: give one a time, falling, zero or more")
        if self.at_risk[0] == 0:
            raise AnalysisError("0 patients at risk at time zero: give the size of the arm there, one patient or more")
        if self.events is not None and not 0 <= self.events <= self.at_risk[0]:
            raise AnalysisError(
                f"events {self.events} of {self.at_risk[0]} patients: give between none and all of them"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reconstruction:
    """Times and events of n patients whose curve is the published one, and how far it is off.

    Attributes
    ----------
    times : (n,), unit of the digitised curve
        Event or censoring; the patients left at the end of the curve are censored there.
    events : (n,), 1
        Whether the patient had the event.
    root_mean_square_error, largest_error : float, 1
        Of survival, at the points given.
    excess_at_risk : (r,), 1
        Reconstructed minus printed numbers at risk.
    excess_events : int, or None
        Reconstructed minus printed deaths.
    reading_error : float, 1
        Half of the largest rise between neighbouring points, which a true curve does not have.
    """

    times: Floats
    events: Booleans
    root_mean_square_error: float
    largest_error: float
    excess_at_risk: Integers
    excess_events: int | None
    reading_error: float


def digitised(
    times: ArrayLike, survival: ArrayLike, risk_table: dict[float, int], *, events: int | None = None
) -> Digitised:
    """Return a published curve from points and a risk table {time: patients}; see `Digitised`."""
    pairs = sorted(risk_table.items())
    return Digitised(
        times=numbers(times, "times"),
        survival=numbers(survival, "survival"),
        risk_times=np.array([time for time, _ in pairs], dtype=np.float64),
        at_risk=np.array([_patients(count, f"at risk at time {time:g}") for time, count in pairs], dtype=np.int64),
        events=None if events is None else _patients(events, "with the event"),
    )


def _patients(count: float, which: str) -> int:
    if not float(count).is_integer():
        raise AnalysisError(f"{count:g} patients {which}: give a whole number, as the paper prints it")
    return int(count)


def reconstruct(curve: Digitised) -> Reconstruction:
    """Reconstruct one arm's patients from its published curve."""
    reading_error = 0.5 * float(max(0.0, np.diff(curve.survival).max(initial=0.0)))
    heights = _smoothed(curve.survival, reading_error)
    edges = np.append(curve.risk_times[curve.risk_times <= curve.times[-1]], np.inf)
    middle = 0.5 * (curve.times + np.concatenate(([0.0], curve.times[:-1])))
    walk = _Walk()
    for place in range(edges.size - 1):
        inside = (middle >= edges[place]) & (middle < edges[place + 1])
        points = _Points(times=middle[inside], heights=heights[inside])
        start = int(curve.at_risk[place])
        if place + 2 < edges.size:
            leaving = start - int(curve.at_risk[place + 1])
            walk.cross(points, start=start, leaving=leaving, span=(edges[place], edges[place + 1]))
            continue
        last = float(curve.times[-1])
        walk.finish(points, start=start, span=(edges[place], last), wanted=curve.events)
    return _judged(curve, walk, reading_error)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """Points of an interval: when a death before each is placed, and the height after it."""

    times: Floats
    heights: Floats


@dataclass(slots=True, kw_only=True, eq=False)
class _Walk:
    """Deaths and censorings found so far, and the height of the reconstructed curve."""

    deaths: list[float] = field(default_factory=list)
    censorings: list[float] = field(default_factory=list)
    height: float = 1.0

    def cross(self, points: _Points, *, start: int, leaving: int, span: tuple[float, float]) -> None:
        """Go through an interval that a known number of patients leaves."""
        tried = {c: self._try(points, start, (c, leaving), span) for c in range(leaving + 1)}
        best = min(tried, key=lambda c: (abs(c + sum(tried[c][0]) - leaving), c))
        self._take(points, tried[best], leaving - sum(tried[best][0]), span)

    def finish(self, points: _Points, *, start: int, span: tuple[float, float], wanted: int | None) -> None:
        """Go through the last interval: who is left at its end is censored there.

        How many were censored on the way is chosen to meet the printed deaths; where none are printed, it is
        what the rate of censoring before makes of the patients who start.
        """
        if wanted is None:
            followed = start * span[0] + sum(self.deaths) + sum(self.censorings)
            rate = len(self.censorings) / followed if followed > 0.0 else 0.0
            best = round(start * -np.expm1(-rate * (span[1] - span[0])))
        else:
            tried = {c: len(self.deaths) + sum(self._try(points, start, (c, start), span)[0]) for c in range(start + 1)}
            best = min(tried, key=lambda c: (abs(tried[c] - wanted), c))
        found = self._try(points, start, (best, start), span)
        on_the_way = min(best, start - sum(found[0]))
        self._take(points, found, on_the_way, span)
        self.censorings += [span[1]] * (start - sum(found[0]) - on_the_way)

    def _try(
        self, points: _Points, start: int, losses: tuple[int, int], span: tuple[float, float]
    ) -> tuple[list[int], float]:
        """Deaths before each point if so many are censored, evenly, and the height they leave."""
        censored, leaving = losses
        height, deaths, seen = self.height, [0] * points.times.size, 0
        share = (points.times - span[0]) / max(span[1] - span[0], 1e-300)
        lost = np.floor(censored * share + 0.5).astype(int)
        for place in range(points.times.size):
            patients = start - seen - int(lost[place])
            if patients <= 0 or height <= 0.0:
                break
            number = round(patients * (1.0 - points.heights[place] / height))
            deaths[place] = max(0, min(number, patients, leaving - seen))
            height *= 1.0 - deaths[place] / patients
            seen += deaths[place]
        return deaths, height

    def _take(self, points: _Points, found: tuple[list[int], float], censored: int, span: tuple[float, float]) -> None:
        deaths, self.height = found
        for time, number in zip(points.times, deaths, strict=True):
            self.deaths += [float(time)] * number
        self.censorings += list(span[0] + (np.arange(censored) + 0.5) / max(censored, 1) * (span[1] - span[0]))


def _smoothed(survival: Floats, reading_error: float) -> Floats:
    """Heights that fall, and are level at the end where the curve is level within the error of reading."""
    falling = np.asarray(isotonic_regression(survival, increasing=False).x, dtype=np.float64)
    level = falling - falling[-1] <= 2.0 * reading_error
    falling[level] = np.median(survival[level])
    return np.minimum.accumulate(falling)


def _judged(curve: Digitised, walk: _Walk, reading_error: float) -> Reconstruction:
    times = np.array(walk.deaths + walk.censorings)
    events = np.arange(times.size) < len(walk.deaths)
    order = np.lexsort((~events, times))
    times, events = times[order], events[order]
    found = kaplan_meier(times, events)
    places = np.searchsorted(found.times, curve.times, side="right")
    off = np.concatenate(([1.0], found.survival))[places] - curve.survival
    at_risk = times.size - np.searchsorted(times, curve.risk_times, side="left")
    return Reconstruction(
        times=times,
        events=events,
        root_mean_square_error=float(np.sqrt(np.mean(off**2))),
        largest_error=float(np.abs(off).max()),
        excess_at_risk=(at_risk - curve.at_risk).astype(np.int64),
        excess_events=None if curve.events is None else len(walk.deaths) - curve.events,
        reading_error=reading_error,
    )


def _brief(column: Floats | Integers) -> str:
    return np.array2string(np.asarray(column), threshold=6, edgeitems=3)
