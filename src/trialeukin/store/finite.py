"""Numbers that JSON has."""

import math


def finite(value: float) -> float | None:
    """Return a number; None, which JSON writes as null, for what is not finite."""
    return value if math.isfinite(value) else None


def estimate_document(value: float, lower: float, upper: float) -> dict[str, float | None]:
    """Return an estimate with its limits in the one form that every document gives them."""
    return {"value": finite(value), "lower": finite(lower), "upper": finite(upper)}
