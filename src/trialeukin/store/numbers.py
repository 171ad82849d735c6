"""Numbers with their error or their interval, as JSON; what is not defined is null."""

from trialeukin.store.finite import finite
from trialeukin.trial.estimate import Estimate, Interval


def estimate_document(value: Estimate) -> dict[str, float | None]:
    """Return a number with its Monte Carlo error."""
    return {"value": finite(value.value), "monte_carlo_error": finite(value.error)}


def interval_document(value: Interval) -> dict[str, float | None]:
    """Return a median with its limits."""
    return {"median": finite(value.median), "lower": finite(value.lower), "upper": finite(value.upper)}
