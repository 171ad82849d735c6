"""A composed model: equations as SymPy expressions, ready to be lowered to code.

The unit of time is the day. A symbol's name is the name of the state, parameter, switch or
definition it stands for; all names share one space.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import sympy

from trialeukin.core.errors import ModelError
from trialeukin.core.members import check_member
from trialeukin.core.parameter import Parameter
from trialeukin.model.joint import JointUncertainty
from trialeukin.regimen.administration import Route


def symbol(name: str) -> sympy.Symbol:
    """Return the one symbol that stands for a name in every equation."""
    return sympy.Symbol(name, real=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A quantity that the equations change in time.

    Attributes
    ----------
    name, unit, meaning : str
        What it is; ``unit`` is one that pint reads.
    initial : sympy.Expr
        Value at time zero, in parameters only.
    size : float, unit
        A typical magnitude, above zero; the absolute tolerance is a small fraction of it.
    positive : bool
        Whether a negative value is a failure of the solution.
    """

    name: str
    unit: str
    initial: sympy.Expr
    size: float
    meaning: str
    positive: bool = True

    def __post_init__(self) -> None:
        if not (math.isfinite(self.size) and self.size > 0.0):
            raise ModelError(f"state {self.name}: size {self.size:g} {self.unit}: give a typical magnitude above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One named process: a signed contribution to the rate of change of one state.

    Attributes
    ----------
    state : str
        The state it changes.
    name : str
        What it is, such as ``clearance by receptors``.
    rate : sympy.Expr
        The contribution, in the state's unit a day; negative for a loss.
    """

    state: str
    name: str
    rate: sympy.Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An algebraic quantity other equations, dose rules and reports may name (an observable)."""

    name: str
    unit: str
    expression: sympy.Expr
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A number that only events change, constant in between, such as ``relapsed``."""

    name: str
    initial: float
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Where doses of a drug by some routes enter.

    Attributes
    ----------
    drug : str
        Name of the product.
    routes : tuple of Route
        The routes that enter here.
    state : str
        The state that the dose is added to, in that state's unit.
    bioavailability : sympy.Expr
        Fraction of the dose that enters, in parameters only.
    lag : sympy.Expr, day
        Delay of the entry, in parameters only.
    duration : sympy.Expr, day
        How long an infusion runs whose duration the schedule leaves to the model, in parameters only.
    """

    drug: str
    routes: tuple[Route, ...]
    state: str
    bioavailability: sympy.Expr = sympy.S.One
    lag: sympy.Expr = sympy.S.Zero
    duration: sympy.Expr = sympy.S.Zero

    def __post_init__(self) -> None:
        for route in self.routes:
            check_member(route, Route, f"route of {self.drug}")

    def decided(self) -> dict[str, tuple[sympy.Expr, str]]:
        """Return what parameters decide of an entry, with the unit of each."""
        return {
            "bioavailability": (self.bioavailability, "1"),
            "lag": (self.lag, "day"),
            "duration": (self.duration, "day"),
        }


class Watch(Enum):
    """When an event's trigger is looked at."""

    ALWAYS = "always"
    AT_EXAMINATIONS = "at scheduled examinations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens once in a trajectory when its trigger reaches zero from below.

    Attributes
    ----------
    name : str
        Such as ``relapse``; its time is kept for each patient.
    trigger : sympy.Expr
        Negative before, zero or more when it happens. Watched always (the time is the root found on
        the dense output) or at the examinations the study schedules (the time is the examination's).
    sets : mapping of name to sympy.Expr
        New values of states and switches, computed from the values just before.
    watch : Watch
        When the trigger is looked at.
    stops_dosing : bool
        Whether every later dose is dropped, with the event's name as the reason.
    ends : bool
        Whether the trajectory ends here (death).
    """

    name: str
    trigger: sympy.Expr
    sets: Mapping[str, sympy.Expr]
    watch: Watch = Watch.ALWAYS
    stops_dosing: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything the engine needs to know of a model.

    Attributes
    ----------
    name : str
        Name of the model.
    states, switches, inputs, events : tuples
        In a fixed order, which is that of every array made from them.
    terms : tuple of Term
        The rate of a state is the sum of its terms.
    definitions : tuple of Definition
        Ordered so that each uses only states, parameters, switches and earlier definitions.
    parameters : mapping of name to Parameter
        In a fixed order.
    joint : JointUncertainty
        Which parameters are not known apart from each other.
    """

    name: str
    states: tuple[State, ...]
    terms: tuple[Term, ...]
    definitions: tuple[Definition, ...]
    parameters: Mapping[str, Parameter]
    switches: tuple[Switch, ...] = ()
    inputs: tuple[Input, ...] = ()
    events: tuple[Event, ...] = ()
    joint: JointUncertainty = JointUncertainty()

    def rates(self) -> tuple[sympy.Expr, ...]:
        """Return the right-hand side, one expression a state, still in terms of definitions."""
        return tuple(
            sympy.Add(*(term.rate for term in self.terms if term.state == state.name)) for state in self.states
        )
