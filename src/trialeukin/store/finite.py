"""Numbers that JSON has."""

import math


def finite(value: float) -> float | None:
    """Return a number; None, which JSON writes as null, for what is not finite."""
    return value if math.isfinite(value) else None
