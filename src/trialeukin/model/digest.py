"""Digests of what a model says, so that a prediction can name the model it was made with.

They are of what decides its numbers: equations, doses, events, values and spreads. Meanings and sources are left out;
they can be put better without a prediction becoming one of another model.
"""

import hashlib

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.model.system import System


def equations_of(system: System) -> list[str]:
    """Return states, rates, definitions, entries of doses and events as texts that change when one of them does."""
    parts = [f"state {each.name} {each.size:.17g} {each.positive} {_form(each.initial)}" for each in system.states]
    parts += [f"switch {each.name} {each.initial:.17g}" for each in system.switches]
    parts += [f"term {each.state} {_form(each.rate)}" for each in system.terms]
    parts += [f"definition {each.name} {_form(each.expression)}" for each in system.definitions]
    for entry in system.inputs:
        routes = " ".join(route.name for route in entry.routes)
        decided = " ".join(_form(expression) for expression, _ in entry.decided().values())
        parts.append(f"input {entry.drug} {routes} {entry.state} {decided}")
    for event in system.events:
        parts.append(f"event {event.name} {event.watch.value} {event.stops_dosing} {event.ends} {_form(event.trigger)}")
        parts += [f"set {name} {_form(value)}" for name, value in event.sets.items()]
    return parts


def numbers_of(parameter: Parameter) -> str:
    """Return a parameter's value and spreads as a text that changes when one of them does."""
    numbers = (parameter.value, parameter.between_patients, parameter.uncertainty)
    return f"{' '.join(f'{number:.17g}' for number in numbers)} {parameter.unit} {parameter.scale.value}"


def model_digest(system: System) -> str:
    """Return the SHA-256 of a system's equations, parameters and what is not known of these together."""
    return hashlib.sha256("\n".join(statements_of(system)).encode()).hexdigest()


def statements_of(system: System) -> list[str]:
    """Return everything that decides a system's numbers as texts."""
    parameters = [f"parameter {name} {numbers_of(parameter)}" for name, parameter in system.parameters.items()]
    return [*equations_of(system), *parameters, f"joint {system.joint}"]


def _form(expression: sympy.Expr) -> str:
    return str(sympy.srepr(sympy.sympify(expression)))
