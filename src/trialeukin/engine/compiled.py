"""Functions of the solver loop: compiled by Numba for other compiled functions only."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])
ALONE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Function) -> Function:
    """Compile a function that other compiled functions call, without what Python would need to call it."""
    found: Any = njit(nogil=True, error_model="numpy", **ALONE)(function)
    return cast(Function, found)


def inlined(function: Function) -> Function:
    """Write a function out where it is called, before Numba looks at types.

    Numba optimises every function together with all that it calls, so that one more level around the whole loop
    costs an eighth of the time that compiling takes. For functions further down it was measured to gain nothing.
    """
    found: Any = njit(nogil=True, error_model="numpy", inline="always", **ALONE)(function)
    return cast(Function, found)
