"""A digest of models and of the files that predictions depend on, so that a test sees when a page is stale."""

import hashlib
import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib import resources
from types import ModuleType
from typing import Any

from trialeukin.model.digest import statements_of
from trialeukin.model.system import System
from trialeukin.trial.study import Study

COHORTS = resources.files("trialeukin.population.cohorts")


def digest_of(systems: Iterable[System], texts: Iterable[str]) -> str:
    """Return a digest of everything that decides the numbers of systems, and of texts."""
    parts = [part for system in systems for part in statements_of(system)]
    return hashlib.sha256("\n".join([*parts, *texts]).encode()).hexdigest()


def cohort_text(name: str) -> str:
    """Return a cohort's file."""
    return COHORTS.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def cohort_texts(pattern: str) -> list[str]:
    """Return the files of all cohorts whose names match a pattern such as ``aml-cr1-*``."""
    names = sorted(file.name.removesuffix(".toml") for file in COHORTS.iterdir() if file.name.endswith(".toml"))
    return [cohort_text(name) for name in names if fnmatchcase(name, pattern)]


def plan_text(study: Study) -> str:
    """Return what a study file says but for what was published, on which no prediction depends."""
    return study.model_dump_json(exclude={"published"}, exclude_unset=True)


def results_of(module: ModuleType) -> tuple[dict[str, Any], bool]:
    """Return the results that a script keeps, and whether they are of what stands."""
    found: dict[str, Any] = json.loads(module.RESULTS.read_text(encoding="utf-8"))
    return found, found["digest"] == module.digest()
