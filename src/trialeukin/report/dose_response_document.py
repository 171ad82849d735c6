"""Hazard ratios against exposure as a document that programs read."""

from typing import Any

from trialeukin.evidence.dose_response import FEWEST, DoseResponse
from trialeukin.store.finite import estimate_document


def dose_response_document(found: DoseResponse) -> dict[str, Any]:
    """Return what one measure of exposure explains, with the tests of its slope by Hartung and Knapp."""
    regression, slope = found.regression, found.slope
    return {
        "measure": found.measure.value,
        "words": found.measure.label,
        "k": regression.k,
        "fewest_trials": FEWEST,
        "answer": found.verdict.value,
        "slope_per_sd": estimate_document(slope.value, slope.lower, slope.upper),
        "better_with_more": found.better_with_more,
        "test_of_slope": {
            "f": regression.f,
            "degrees_of_freedom": [regression.qm_degrees_of_freedom, regression.qe_degrees_of_freedom],
            "p_value": regression.qm_p_value,
        },
        "residual_heterogeneity": {
            "q": regression.qe,
            "degrees_of_freedom": regression.qe_degrees_of_freedom,
            "p_value": regression.qe_p_value,
            "tau_squared": regression.tau_squared,
            "tau_squared_without": regression.tau_squared_without,
            "explained": regression.explained,
        },
        "trials": [
            {"study": name, "exposure": typical, "interval": [low, high]}
            for name, (typical, low, high) in zip(found.trials, found.exposure.tolist(), strict=True)
        ],
        "left_out": [{"study": study, "why": why} for study, why in found.left_out],
    }
