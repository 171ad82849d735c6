"""A digest of models and of the files that predictions depend on, so that a test sees when a page is stale."""

import hashlib
from collections.abc import Iterable
from importlib import resources

from trialeukin.model.digest import equations_of
from trialeukin.model.system import System

COHORTS = resources.files("trialeukin.population.cohorts")


def digest_of(systems: Iterable[System], texts: Iterable[str]) -> str:
    """Return a digest of equations, events and parameters of systems, and of texts."""
    parts = [part for system in systems for part in equations_of(system)]
    return hashlib.sha256("\n".join([*parts, *texts]).encode()).hexdigest()


def cohort_text(name: str) -> str:
    """Return a cohort's file."""
    return COHORTS.joinpath(f"{name}.toml").read_text(encoding="utf-8")
