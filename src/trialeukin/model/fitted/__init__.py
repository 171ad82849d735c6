"""Parameters that the project fitted itself, kept as data beside the name of the script that fitted them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources
from typing import Any

from trialeukin.core.errors import ParameterError
from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source
from trialeukin.model.joint import JointUncertainty

TABLES = resources.files("trialeukin.model.fitted")
JOINT = "_joint"  # ends the names of tables of correlations
IDENTIFIED, WEAK = 0.5, 0.1
"""Shares of the prior variance that observations must take away to identify a parameter, well or weakly."""


class Verdict(Enum):
    """What the observations say of a fitted parameter."""

    IDENTIFIED = "identified"
    WEAK = "weakly identified"
    NOT = "not identified"


def verdict(shrinkage: float) -> Verdict:
    """Return what a share of the prior variance, taken away by the observations, amounts to."""
    if shrinkage >= IDENTIFIED:
        return Verdict.IDENTIFIED
    return Verdict.WEAK if shrinkage >= WEAK else Verdict.NOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a fit moved one parameter.

    Attributes
    ----------
    prior, prior_sd : float
        What was believed before: the middle in the parameter's unit, the deviation on its scale.
    shrinkage : float, 1
        Share of the prior variance that the observations took away.
    """

    prior: float
    prior_sd: float
    shrinkage: float

    @property
    def verdict(self) -> Verdict:
        """What the observations say of the parameter."""
        return verdict(self.shrinkage)


def fit_of(table: str, name: str) -> Fit | None:
    """Return how a table's fit moved a parameter; nothing where the table does not hold it or has words alone."""
    said = _table(table).get(name, {}).get("fit")
    return (
        None
        if said is None or isinstance(said, str)
        else Fit(prior=said["prior"], prior_sd=said["prior_sd"], shrinkage=said["shrinkage"])
    )


def remark_on(table: str, name: str) -> str:
    """Return what a table says of a parameter's fit in words alone, such as its prior; empty where it does not."""
    said = _table(table).get(name, {}).get("fit", "")
    return said if isinstance(said, str) else ""


def fit_of_parameter(tables: Iterable[str], name: str, parameter: Parameter) -> Fit | None:
    """Return how the first of some fits that says so moved a parameter of a model.

    A model that holds the parameter as known has it from elsewhere: nothing is returned.
    """
    found = (fit_of(table, name) for table in tables)
    return next((fit for fit in found if fit is not None), None) if parameter.uncertainty > 0.0 else None


def fitted(table: str, name: str) -> Parameter:
    """Return one fitted parameter.

    Parameters
    ----------
    table : str
        The file's name without its ending, such as ``control_arms``. What an entry says of its ``fit``
        (prior, targets) is for readers.
    name : str
        The parameter's name.

    Raises
    ------
    ParameterError
        When the table holds no such parameter.
    """
    entries = _table(table)
    if name not in entries:
        known = ", ".join(sorted(entries))
        raise ParameterError(f"no fitted parameter {name!r} in {table}.toml: there are {known}")
    entry = {key: value for key, value in entries[name].items() if key != "fit"}
    return Parameter(
        source=Source(entry.pop("key"), entry.pop("place")), scale=Scale(entry.pop("scale", "log")), **entry
    )


def names_in(table: str) -> frozenset[str]:
    """Return the names of the parameters of one fit."""
    return frozenset(_table(table))


@cache
def fitted_names() -> frozenset[str]:
    """Return the names of every parameter that the project fitted itself."""
    files = (file.name.removesuffix(".toml") for file in TABLES.iterdir() if file.name.endswith(".toml"))
    return frozenset(name for table in files if not table.endswith(JOINT) for name in _table(table))


@cache
def fitted_joint(table: str) -> JointUncertainty:
    """Return what a fit left unknown of all its parameters together, from ``<table>_joint.toml``."""
    entries = _table(table + JOINT)
    rows = [entries[name] for name in entries]
    lower = [tuple(float(each) for each in row["correlation"]) for row in rows]
    count = len(rows)
    return JointUncertainty(
        names=tuple(entries),
        spreads=tuple(float(row["spread"]) for row in rows),
        correlation=tuple(
            tuple(lower[max(row, column)][min(row, column)] for column in range(count)) for row in range(count)
        ),
    )


@cache
def _table(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(TABLES.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
