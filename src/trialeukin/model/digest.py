"""A digest of what a model says, so that a prediction can name the model it was made with."""

import hashlib

import sympy

from trialeukin.model.system import System


def equations_of(system: System) -> list[str]:
    """Return equations, events and parameters of a system as texts that change when it does."""
    parts = [sympy.srepr(rate) for rate in system.rates()]
    parts += [f"{found.name} {sympy.srepr(found.expression)}" for found in system.definitions]
    parts += [f"{event.name} {sympy.srepr(event.trigger)}" for event in system.events]
    return parts + [f"{name} {parameter}" for name, parameter in system.parameters.items()]


def model_digest(system: System) -> str:
    """Return the SHA-256 of a system's equations, events and parameters."""
    return hashlib.sha256("\n".join(equations_of(system)).encode()).hexdigest()
