"""Where a drug's amount goes in a model, and the concentrations that it makes there."""

from collections.abc import Iterator

from trialeukin.core.units import same_dimension
from trialeukin.model.system import Input, System


def concentrations_of(system: System, entry: Input) -> tuple[str, ...]:
    """Return the definitions that are what enters by an input, over a volume, in the model's order.

    An amount goes from one state to another by two terms that differ in their sign alone, as from the place of an
    injection to plasma.
    """
    reached = _reached(system, entry.state)
    unit = next(state.unit for state in system.states if state.name == entry.state)
    states = {state.name for state in system.states}
    return tuple(
        each.name
        for each in system.definitions
        if same_dimension(each.unit, f"({unit}) / L")
        and (behind := {str(free) for free in each.expression.free_symbols} & states)
        and behind <= reached
    )


def _reached(system: System, start: str) -> set[str]:
    """Return the states that an amount in one of them comes to, itself among them."""
    reached, new = {start}, {start}
    while new:
        new = {state for name in new for state in _next(system, name)} - reached
        reached |= new
    return reached


def _next(system: System, name: str) -> Iterator[str]:
    leaving = {-term.rate for term in system.terms if term.state == name}
    for term in system.terms:
        if term.state != name and term.rate in leaving:
            yield term.state
