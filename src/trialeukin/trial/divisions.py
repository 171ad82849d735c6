"""By what a study's patients are told apart: covariates of zeros and ones, and numbers that are split somewhere."""

import re
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.population.cohort import Cohort
from trialeukin.population.covariates import flags_of, numbers_of
from trialeukin.population.description import Description
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.section import KeyPathError
from trialeukin.trial.study import Study

SAID_BY_OTHERS = frozenset({"height", "body_weight"})  # by body surface
FEWEST = 20  # patients on either side
SUBGROUPS = ("analysis", "subgroups")
WRITTEN = re.compile(r"\s*(\w+)\s*(?:(>=|≥)\s*(\d+(?:\.\d+)?)\s*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """What patients are split by.

    Attributes
    ----------
    name : str
        Of the covariate.
    cut : float or None, the covariate's unit
        Who has as much or more is on the other side; None: those who have it, or the median of all.
    """

    name: str
    cut: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Patients on two sides of a split.

    Attributes
    ----------
    name : str
        Of the covariate.
    cut : float or None, the covariate's unit
        Where it is split; None where it is one or zero.
    having : (n,), 1
        Who has the covariate, or as much of it or more.
    """

    name: str
    cut: float | None
    having: Booleans

    @property
    def smaller(self) -> int:
        """Patients on the side with fewer."""
        return int(min(self.having.sum(), (~self.having).sum()))


def subgroups_of(study: Study, description: Description) -> tuple[Subgroup, ...]:
    """Return what the study asks for, in its order; nothing where it leaves that open.

    Raises
    ------
    KeyPathError
        When one is not understood, no covariate of the cohort, or a number of one that has none.
    """
    flags, numbers = flags_of(description), numbers_of(description)
    return tuple(_subgroup(text, index, flags, numbers) for index, text in enumerate(study.analysis.subgroups))


def _subgroup(text: str, index: int, flags: tuple[str, ...], numbers: tuple[str, ...]) -> Subgroup:
    path, found = (*SUBGROUPS, index), WRITTEN.fullmatch(text)
    if found is None:
        raise KeyPathError(path, f"{text!r} is not understood: write a covariate, or a number of one as 'age >= 50'")
    name, at_least = found[1], found[3]
    known = (*flags, *numbers)
    if name not in known:
        raise KeyPathError(
            path, f"{name!r} is no covariate of the cohort: choose {', '.join(known)}{did_you_mean(name, known)}"
        )
    if name in flags and at_least:
        raise KeyPathError(path, f"{text!r}: {name} is one or zero: write it without a number")
    return Subgroup(name=name, cut=float(at_least) if at_least else None)


def divisions(asked: tuple[Subgroup, ...], cohort: Cohort) -> tuple[Division, ...]:
    """Return how patients divide: as asked, or by every covariate that tells enough of them apart.

    Raises
    ------
    KeyPathError
        When fewer than `FEWEST` patients are on one side of what is asked.
    """
    if not asked:
        names = (name for name in cohort.covariates if name not in SAID_BY_OTHERS)
        every = (_division(Subgroup(name=name), cohort.covariates[name]) for name in names)
        return tuple(each for each in every if each.smaller >= FEWEST)
    found = tuple(_division(each, cohort.covariates[each.name]) for each in asked)
    for index, each in enumerate(found):
        if each.smaller < FEWEST:
            said = each.name if each.cut is None else f"{each.name} >= {each.cut:g}"
            raise KeyPathError(
                (*SUBGROUPS, index),
                f"{said!r}: {each.smaller} of {each.having.size:,} virtual patients are on one side: {FEWEST} are "
                "needed; split elsewhere, follow more patients, or leave it out",
            )
    return found


def _division(asked: Subgroup, values: Floats) -> Division:
    if asked.cut is None and np.isin(values, (0.0, 1.0)).all():
        return Division(name=asked.name, cut=None, having=values == 1.0)
    cut = float(np.median(values)) if asked.cut is None else asked.cut
    return Division(name=asked.name, cut=cut, having=values >= cut)
