"""Names for the arrays that layers hand to each other."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]
Words: TypeAlias = NDArray[np.uint32]


def listed(values: Iterable[float]) -> str:
    """Return numbers as a sentence has them, such as ``0.5, 1``."""
    return ", ".join(f"{value:g}" for value in values)
