"""Names for the arrays that layers hand to each other."""

import reprlib
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from trialeukin.core.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]
Words: TypeAlias = NDArray[np.uint32]


def listed(values: Iterable[float]) -> str:
    """Return numbers as a sentence has them, such as ``0.5, 1``."""
    return ", ".join(f"{value:g}" for value in values)


def check_arrays(parts: Mapping[str, object]) -> None:
    """Raise where a number or a list stands for an array.

    Raises
    ------
    InputError
        With the name of the first such part and what it is.
    """
    for name, value in parts.items():
        if not isinstance(value, np.ndarray):
            raise InputError(f"{name}: {type(value).__name__} {reprlib.repr(value)}: give a NumPy array")
