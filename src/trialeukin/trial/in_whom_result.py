"""Whose course a treatment changes: frozen values that the report and the store read.

The same patient is followed under both arms, so that everybody's own gain is known; a trial sees one of the two.
"""

from dataclasses import dataclass
from enum import Enum

from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate, Interval


class PrincipalStratum(Enum):
    """How a patient fares under both arms up to the time that is looked at."""

    ALWAYS_FREE = "free of the event either way"
    SAME_TIME = "the event at the same time either way, to a month"
    LATER = "the event later with the treatment, or not at all"
    SOONER = "the event sooner with the treatment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """The patients of one principal stratum.

    Attributes
    ----------
    kind : PrincipalStratum
        Which.
    share : Estimate, 1
        Of all patients, with the error of their number.
    gained : float, month
        What their own gains add to the mean gain of all patients.
    """

    kind: PrincipalStratum
    share: Estimate
    gained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The patients on one side of a split.

    Attributes
    ----------
    share : float, 1
        Of all patients.
    free : (control, treatment), 1
        Event-free at the time that is looked at.
    gained : Estimate, month
        Mean of the patients' own gains, with the error of their number.
    gained_by_draw : Interval or None, month
        The same over what is not known of the parameters; None where nothing was drawn, or where too few of the
        patients of the draws are of the group.
    hazard_ratio : float, 1
        Of large trials of this group, at the typical parameters; NaN without one.
    power : Estimate, 1
        How often the study's own trial finds a significant benefit in this group.
    needed : float or None, 1
        Patients that a trial of this group alone randomises for `POWER`; None where its benefit does not stand out from
        the chance of the virtual population.
    """

    share: float
    free: tuple[float, float]
    gained: Estimate
    gained_by_draw: Interval | None
    hazard_ratio: float
    power: Estimate
    needed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The patients by one thing that is known of them at randomisation.

    Attributes
    ----------
    name : str
        Of the covariate.
    cut : float or None, the covariate's unit
        Where numbers are split; None where the covariate is one or zero.
    without, having : Group
        Those below the cut, or who do not have it; and the others.
    difference : Estimate, month
        Between their mean gains, the second less the first.
    difference_by_draw : Interval or None, month
        The same over what is not known of the parameters; None as in `Group`.
    likely : float or None, 1
        Of the draws of the parameters, in how many the second gain more.
    ratio : float, 1
        Of their hazard ratios, the second over the first.
    doubt : float, 1
        Standard error of its logarithm, of the size of the virtual population.
    power, misleading : Estimate, 1
        How often the study's own trial finds that hazard ratios differ, the way they do and the other way.
    needed : float or None, 1
        Patients that a trial randomises to find it with `POWER`; None where ``ratio`` does not stand out.
    """

    name: str
    cut: float | None
    without: Group
    having: Group
    difference: Estimate
    difference_by_draw: Interval | None
    likely: float | None
    ratio: float
    doubt: float
    power: Estimate
    misleading: Estimate
    needed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A patient's own parameter, which nobody measures at randomisation, that goes with the gain.

    Attributes
    ----------
    name : str
        Of the parameter.
    lowest, highest : float, month
        Mean gain of the fifth of patients with the lowest and of that with the highest values.
    error : float, month
        Standard error of their difference.
    """

    name: str
    lowest: float
    highest: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InWhom:
    """Whose course the treatment changes in the primary endpoint, and whether a trial could tell.

    Attributes
    ----------
    endpoint : Endpoint
        What is counted.
    months : float
        Up to when, from randomisation.
    gained : Estimate, month
        Mean of all patients' own gains, with the error of their number.
    gained_by_draw : Interval or None, month
        The same over what is not known of the parameters; None where nothing was drawn.
    needed : float or None, 1
        Patients that a trial of all comers randomises for `POWER`; None as in `Group`.
    strata : tuple of Stratum
        All patients, by how they fare under both arms.
    splits : tuple of Split
        By what is known at randomisation.
    hidden : tuple of Hidden
        What goes with the gain beyond chance, most clearly first.
    searched : int
        How many parameters were looked through for it.
    """

    endpoint: Endpoint
    months: float
    gained: Estimate
    gained_by_draw: Interval | None
    needed: float | None
    strata: tuple[Stratum, ...]
    splits: tuple[Split, ...]
    hidden: tuple[Hidden, ...]
    searched: int
