"""Computed numbers with their error, and intervals, as JSON."""

from trialeukin.store.finite import estimate_document, finite
from trialeukin.trial.estimate import Estimate, Interval


def computed_document(value: Estimate) -> dict[str, float | None]:
    """Return a number with its Monte Carlo error."""
    return {"value": finite(value.value), "monte_carlo_error": finite(value.error)}


def interval_document(value: Interval) -> dict[str, float | None]:
    """Return a median with the limits of its central 95 %."""
    return estimate_document(value.median, value.lower, value.upper)
