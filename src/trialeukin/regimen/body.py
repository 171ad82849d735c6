"""The patient's size: body surface from weight and height, and doses scaled by either."""

from dataclasses import replace

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.regimen.administration import Administration, Per

DU_BOIS = Source("dubois1916", "formula 3: surface = weight^0.425 * height^0.725 * 71.84 cm2")
SURFACE_FACTOR = Parameter(
    value=0.007184, unit="m**2/kg**0.425/cm**0.725", between_patients=0.0, uncertainty=0.0, source=DU_BOIS
)
WEIGHT_POWER = Parameter(
    value=0.425, unit="1", between_patients=0.0, uncertainty=0.0, source=DU_BOIS, scale=Scale.LINEAR
)
HEIGHT_POWER = replace(WEIGHT_POWER, value=0.725)
EVIDENCE_BODY = assumed("the evidence tables convert published doses with 70 kg and 1.84 m2")
REFERENCE_BSA = Parameter(value=1.84, unit="m**2", between_patients=0.0, uncertainty=0.0, source=EVIDENCE_BODY)
REFERENCE_WEIGHT = Parameter(value=70.0, unit="kg", between_patients=0.0, uncertainty=0.0, source=EVIDENCE_BODY)

BSA_LIMITS = (0.1, 4.0)  # m2; beyond them no patient is, but a slip of the pen
WEIGHT_LIMITS = (1.0, 400.0)  # kg


def body_surface(weight: Floats | float, height: Floats | float) -> Floats:
    """Return body surface by Du Bois and Du Bois.

    Equation: surface = 0.007184 * weight^0.425 * height^0.725.

    Parameters
    ----------
    weight : (n,) or (), kg
        Body weight.
    height : (n,) or (), cm
        Body height.

    Returns
    -------
    (n,) or (), m2
        Body surface.
    """
    kilograms, centimetres = np.asarray(weight, dtype=np.float64), np.asarray(height, dtype=np.float64)
    if np.any(kilograms <= 0.0) or np.any(centimetres <= 0.0):
        raise InputError("weight and height have to be above zero")
    surface = SURFACE_FACTOR.value * kilograms**WEIGHT_POWER.value * centimetres**HEIGHT_POWER.value
    return np.asarray(surface, dtype=np.float64)


def amounts(administration: Administration, bsa: Floats, weight: Floats) -> Floats:
    """Return what each patient is to get of one administration, capped where it has a cap.

    Parameters
    ----------
    administration : Administration
        One planned dose.
    bsa : (n,), m2
        Body surface at baseline.
    weight : (n,), kg
        Body weight at baseline.

    Returns
    -------
    (n,), the administration's unit
        Amounts.

    Raises
    ------
    InputError
        When the dose is not known.
    """
    if administration.amount is None:
        raise InputError(
            f"dose of {administration.drug} at {administration.start:g} h is unknown: "
            "its source does not give it, so it cannot be given to a patient; write the dose that is meant"
        )
    size = {Per.PATIENT: np.ones_like(bsa), Per.SQUARE_METRE: bsa, Per.KILOGRAM: weight}[administration.per]
    scaled = administration.amount * np.asarray(size, dtype=np.float64)
    return scaled if administration.cap is None else np.minimum(scaled, administration.cap)


def scale(administration: Administration, bsa: float, weight: float) -> Administration:
    """Return an administration scaled to one patient; an unknown dose stays unknown.

    Parameters
    ----------
    administration : Administration
        One planned dose, per m2, per kg or flat.
    bsa : float, m2
        Body surface at baseline.
    weight : float, kg
        Body weight at baseline.
    """
    for name, value, unit in (("bsa", bsa, "m2"), ("weight", weight, "kg")):
        if not 0.0 < value < np.inf:
            raise InputError(f"{name} {value:g} {unit}: give a number above zero")
    if administration.amount is None:
        return replace(administration, per=Per.PATIENT, cap=None)
    amount = float(amounts(administration, np.array([bsa]), np.array([weight]))[0])
    return replace(administration, amount=amount, per=Per.PATIENT, cap=None)
