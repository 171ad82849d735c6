"""The same regimen at a multiple of its doses."""

import math
from dataclasses import replace

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.course import Prescription, Regimen

DIGITS = 12  # significant; what is left of a product of decimals beyond them is rounding


def scaled(regimen: Regimen, factor: float, *, drug: str | None = None) -> Regimen:
    """Return a regimen with all doses of a drug, and their caps, times a factor; days, routes and rules as they are.

    Parameters
    ----------
    regimen : Regimen
        What is scaled.
    factor : float, 1
        Above zero.
    drug : str or None
        Name of the drug; None where the regimen gives one only.

    Raises
    ------
    RegimenError
        When the factor is none, the regimen does not give the drug, gives several and none is named, or does not say
        the dose.
    """
    if not (math.isfinite(factor) and factor > 0.0):
        raise RegimenError(f"{factor:g} times a dose: give a factor above 0")
    name = _drug(regimen, drug)
    courses = (
        replace(course, prescriptions=tuple(_scaled(each, factor, name) for each in course.prescriptions))
        for course in regimen.courses
    )
    return replace(regimen, courses=tuple(courses))


def _drug(regimen: Regimen, drug: str | None) -> str:
    given = regimen.drugs
    if drug is None and len(given) != 1:
        said = f"{', '.join(given)}: name the one whose doses change" if given else "no drug: take one that does"
        raise RegimenError(f"the regimen gives {said}")
    if drug is not None and drug not in given:
        raise RegimenError(f"the regimen does not give {drug!r}: it gives {', '.join(given) or 'no drug'}")
    return drug or given[0]


def _scaled(given: Prescription, factor: float, drug: str) -> Prescription:
    if given.drug != drug:
        return given
    if given.dose.amount is None:
        raise RegimenError(f"the dose of {drug} is not known, so that there is nothing to multiply: write one")
    cap = given.cap and replace(given.cap, amount=_times(given.cap.amount, factor))
    return replace(given, dose=replace(given.dose, amount=_times(given.dose.amount, factor)), cap=cap)


def _times(amount: float, factor: float) -> float:
    return float(f"{amount * factor:.{DIGITS}g}")
