r"""How many events a trial has by a date: exact for hazards, losses and accrual that are constant in pieces.

With A(c) the patients who came by date c, the events of a period of patients' time seen by date T are

.. math:: E = \int \lambda(t) \, e^{-\Lambda(t) - H(t)} A(T - t) \, dt

over the period, H being the cumulative hazard of drop-out. Between the dates at which anything changes, all of it is
an exponential times a straight line and has a closed form (the integral of Lachin and Foulkes, Biometrics 1986;42:507,
in pieces).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.survival.design.hazard import PiecewiseHazard

SMALL = 1e-3
LATEST = 1e5  # months; a search for a date ends there
DATE_ERROR = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPlan:
    """What is expected of one arm.

    Attributes
    ----------
    share : float, 1
        Its share of the patients.
    hazard, drop_out : PiecewiseHazard, 1/month
        Of the event, and of being lost before it.
    """

    share: float
    hazard: PiecewiseHazard
    drop_out: PiecewiseHazard

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise AnalysisError(f"share {self.share!r} of the patients: give each arm some, between 0 and 1")


def expected_events(arm: ArmPlan, enrolment: Enrolment, calendar: float, *, edges: Floats) -> Floats:
    """Return an arm's expected events by a date, for periods of the time since randomisation.

    Parameters
    ----------
    arm : ArmPlan
        Its hazards.
    enrolment : Enrolment
        Of both arms.
    calendar : (), month
        From the first possible entry.
    edges : (m,), month
        Where the periods start; the first at zero, the last goes on for ever.

    Returns
    -------
    (m,), 1
        Expected events; their sum is the arm's.
    """
    if not 0.0 <= calendar < np.inf:
        raise AnalysisError(f"date {calendar!r}: give months since the first entry, 0 or more")
    turns = calendar - enrolment.edges
    marks = np.concatenate([edges, arm.hazard.starts, arm.drop_out.starts, turns[turns > 0.0], [calendar]])
    marks = np.unique(marks[(marks >= 0.0) & (marks <= calendar)])
    starts, lengths = marks[:-1], np.diff(marks)
    rate, loss = arm.hazard.at(starts), arm.drop_out.at(starts)
    still = np.exp(-arm.hazard.cumulative(starts) - arm.drop_out.cumulative(starts))
    here, there = enrolment.entered(calendar - starts), enrolment.entered(calendar - marks[1:])
    flat, slope = _moments((rate + loss) * lengths)
    counts = rate * still * lengths * (here * flat + (there - here) * slope)
    period = np.searchsorted(edges, starts, side="right") - 1
    return np.asarray(arm.share * np.bincount(period, weights=counts, minlength=edges.size))


def total_events(arms: tuple[ArmPlan, ...], enrolment: Enrolment, calendar: float) -> Floats:
    """Return the expected events of each arm by a date."""
    whole = np.zeros(1)
    return np.array([expected_events(arm, enrolment, calendar, edges=whole)[0] for arm in arms])


def date_of_events(arms: tuple[ArmPlan, ...], enrolment: Enrolment, events: float) -> float:
    """Return the month by which so many events are expected in all arms together."""
    most = float(total_events(arms, enrolment, LATEST).sum())
    if not 0.0 < events < most:
        raise AnalysisError(
            f"{events:.6g} events of {enrolment.patients:.6g} patients: at most {most:.6g} ever come with these "
            "hazards and drop-out; give more patients or ask for fewer events"
        )
    return float(brentq(lambda date: total_events(arms, enrolment, date).sum() - events, 0.0, LATEST, xtol=DATE_ERROR))


def _moments(exponents: Floats) -> tuple[Floats, Floats]:
    """Integrals over 0..1 of exp(-x s) and of s exp(-x s); by their series where x is small."""
    small = exponents < SMALL
    x = np.where(small, 1.0, exponents)
    decayed = -np.expm1(-x)
    flat = np.where(small, 1.0 - exponents / 2.0 + exponents**2 / 6.0 - exponents**3 / 24.0, decayed / x)
    slope = np.where(
        small,
        0.5 - exponents / 3.0 + exponents**2 / 8.0 - exponents**3 / 30.0,
        (decayed - x * np.exp(-x)) / x**2,
    )
    return flat, slope
