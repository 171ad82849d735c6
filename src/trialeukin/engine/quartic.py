"""The polynomial of degree four through five values on a piece that runs from zero to one, compiled.

The five points are both ends, the middle and the outer points of Gauss's rule of three points, so that the
three inner ones integrate, exactly to degree five.
"""

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.engine.compiled import compiled

GAUSS = float(0.5 - np.sqrt(0.15))
NODES = (0.0, GAUSS, 0.5, 1.0 - GAUSS, 1.0)
OUTER, MIDDLE = 5.0 / 18.0, 8.0 / 18.0  # weights of Gauss's rule
HALVINGS = 48
TO_COEFFICIENTS = tuple(
    tuple(float(entry) for entry in row) for row in np.linalg.inv(np.vander(NODES, increasing=True))[1:, 1:]
)
Coefficients = tuple[float, float, float, float, float]


@compiled
def leeway(start: float, middle: float, end: float) -> float:
    """Return how far from three values of a piece its course may go: as its ends are apart and it bulges, twice."""
    return abs(end - start) + 2.0 * abs(middle - 0.5 * (start + end))


@compiled
def mean(values: Floats, first: int, lane: int) -> float:
    """Return the mean over the piece of what has its five values in rows from the first on."""
    outer = float(values[first + 1, lane]) + float(values[first + 3, lane])
    return OUTER * outer + MIDDLE * float(values[first + 2, lane])


@compiled
def interpolant(values: Floats, first: int, lane: int) -> Coefficients:
    """Return the coefficients of the polynomial through five values in rows from the first on."""
    start = values[first, lane]
    one, two = values[first + 1, lane] - start, values[first + 2, lane] - start
    three, four = values[first + 3, lane] - start, values[first + 4, lane] - start
    rows = TO_COEFFICIENTS
    return (
        start,
        rows[0][0] * one + rows[0][1] * two + rows[0][2] * three + rows[0][3] * four,
        rows[1][0] * one + rows[1][1] * two + rows[1][2] * three + rows[1][3] * four,
        rows[2][0] * one + rows[2][1] * two + rows[2][2] * three + rows[2][3] * four,
        rows[3][0] * one + rows[3][1] * two + rows[3][2] * three + rows[3][3] * four,
    )


@compiled
def height(polynomial: Coefficients, at: float) -> float:
    """Return the value of a polynomial."""
    zero, one, two, three, four = polynomial
    return zero + at * (one + at * (two + at * (three + at * four)))


@compiled
def slope(polynomial: Coefficients, at: float) -> float:
    """Return the slope of a polynomial."""
    _, one, two, three, four = polynomial
    return one + at * (2.0 * two + at * (3.0 * three + at * 4.0 * four))


@compiled
def turning(polynomial: Coefficients, low: float, high: float) -> float:
    """Return where the slope of a polynomial changes its sign, given that it does."""
    before = slope(polynomial, low)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if slope(polynomial, middle) * before > 0.0:
            low = middle
        else:
            high = middle
    return high


@compiled
def crossing(polynomial: Coefficients, threshold: float, low: float, high: float) -> float:
    """Return where a polynomial crosses a threshold, given that it does."""
    before = height(polynomial, low) > threshold
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if (height(polynomial, middle) > threshold) == before:
            low = middle
        else:
            high = middle
    return high
