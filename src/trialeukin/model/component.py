"""What a piece of biology is: a frozen dataclass of parameters that contributes equations."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

from trialeukin.core.parameter import Parameter
from trialeukin.model.system import Definition, Event, Input, State, Switch, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one component contributes to a system; see `trialeukin.model.system` for each part."""

    states: tuple[State, ...] = ()
    terms: tuple[Term, ...] = ()
    definitions: tuple[Definition, ...] = ()
    switches: tuple[Switch, ...] = ()
    inputs: tuple[Input, ...] = ()
    events: tuple[Event, ...] = ()


class Component(Protocol):
    """A frozen dataclass whose `Parameter` fields are the parameters it brings.

    The name of a field is the name of the parameter in every equation, so it is a full and
    unambiguous name such as ``il2_linear_clearance``. Of a component that a model may hold more than
    once, a field ``prefix`` leads the names of its parameters.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def piece(self) -> Piece:
        """Return the equations."""
        ...


def parameters_of(component: Component) -> dict[str, Parameter]:
    """Return the parameters a component brings, by name, in the order of its fields."""
    prefix = getattr(component, "prefix", "")
    values = {f"{prefix}{field.name}": getattr(component, field.name) for field in fields(component)}
    return {name: value for name, value in values.items() if isinstance(value, Parameter)}
