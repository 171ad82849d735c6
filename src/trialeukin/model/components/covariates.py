"""What patients differ by from the start, as parameters that the cohort fills in."""

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed


def covariate(meaning: str, *, value: float = 0.0, unit: str = "1") -> Parameter:
    """Return a parameter that the cohort fills in for each patient."""
    return Parameter(
        value=value,
        unit=unit,
        between_patients=0.0,
        uncertainty=0.0,
        scale=Scale.LINEAR,
        source=assumed("a covariate: the cohort sets it for every patient"),
        meaning=meaning,
    )


BODY_SURFACE = covariate("body surface", value=1.8, unit="m^2")
FAVOURABLE_RISK = covariate("one in favourable risk, else zero")
ADVERSE_RISK = covariate("one in adverse risk, else zero")
FROM_60 = covariate("one from 60 years, else zero")
CHILD = covariate("one below 21 years in a paediatric trial, else zero")
MONOCYTIC = covariate("one in monocytic leukaemia (FAB M4 or M5), else zero")
