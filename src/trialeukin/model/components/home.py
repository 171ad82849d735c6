"""Where a kind of cell starts and what it tends to without drug."""

from dataclasses import dataclass

import sympy

from trialeukin.model.system import symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where cells go without drug.

    Attributes
    ----------
    set_point : sympy.Expr
        Number of cells that they tend to: their baseline in a patient at rest.
    start : sympy.Expr
        Number of cells at time zero, in parameters only.
    response : sympy.Expr, 1
        Share of a healthy response to IL-2 that they have.
    """

    set_point: sympy.Expr
    start: sympy.Expr
    response: sympy.Expr = sympy.S.One


def at_rest(cell: str) -> Home:
    """Return the home of cells that are at their baseline from the start."""
    return Home(set_point=symbol(f"{cell}_baseline"), start=symbol(f"{cell}_baseline"))
