"""A digest of models and of the files that predictions depend on, so that a test sees when a page is stale."""

import hashlib
from collections.abc import Iterable
from importlib import resources

import sympy

from trialeukin.model.system import System

COHORTS = resources.files("trialeukin.population.cohorts")


def digest_of(systems: Iterable[System], texts: Iterable[str]) -> str:
    """Return a digest of equations, events and parameters of systems, and of texts."""
    parts: list[str] = []
    for system in systems:
        parts += [sympy.srepr(rate) for rate in system.rates()]
        parts += [f"{found.name} {sympy.srepr(found.expression)}" for found in system.definitions]
        parts += [f"{event.name} {sympy.srepr(event.trigger)}" for event in system.events]
        parts += [f"{name} {parameter}" for name, parameter in system.parameters.items()]
    return hashlib.sha256("\n".join([*parts, *texts]).encode()).hexdigest()


def cohort_text(name: str) -> str:
    """Return a cohort's file."""
    return COHORTS.joinpath(f"{name}.toml").read_text(encoding="utf-8")
