"""The body surface of the typical adult of the models."""

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed

BODY_SURFACE = Parameter(
    value=1.8,
    unit="m^2",
    between_patients=0.0,
    uncertainty=0.0,
    scale=Scale.LINEAR,
    source=assumed("a covariate: the cohort sets it for every patient"),
    meaning="body surface",
)
