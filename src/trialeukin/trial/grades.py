"""Grades of low platelets, which a count has and not a state of the model."""

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed

LOW_PLATELETS = "low platelets"
PLATELET_LIMITS = tuple(
    Parameter(
        value=limit,
        unit="G/L",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("limit of the grade in CTCAE since version 3; the trials counted by earlier versions too"),
        meaning=f"platelets below which thrombocytopenia is of grade {grade}",
    )
    for grade, limit in ((1, 150.0), (2, 75.0), (3, 50.0), (4, 25.0))
)


def platelet_grades(counts: Floats) -> Floats:
    """Return the grade, 0 to 4, of platelet counts in G/L, of any shape; NaN stays NaN."""
    grades = sum((counts < limit.value).astype(np.float64) for limit in PLATELET_LIMITS)
    return np.where(np.isnan(counts), np.nan, grades)
