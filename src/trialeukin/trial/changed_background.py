"""Parameters of a background's model at other values, for one call, from texts such as ``il2_linear_clearance=x2``."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from trialeukin.core.errors import InputError
from trialeukin.core.parameter import Parameter
from trialeukin.core.units import DIMENSIONLESS
from trialeukin.model.system import System
from trialeukin.population.description import ChangedParameter
from trialeukin.trial.background import Background

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
SETTING = re.compile(
    rf"\s*(?P<name>\w+)\s*=\s*(?:[x×]\s*(?P<times>{NUMBER})|(?P<value>{NUMBER})\s*(?P<unit>[^\s\d.].*?)?)\s*"
)
REASON = "changed for one call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A changed parameter as it is told: its value and the usual one, in the model's unit."""

    name: str
    value: float
    usual: float
    unit: str

    def __str__(self) -> str:
        now = f"{self.value:.4g} {self.unit}".removesuffix(" 1")
        return f"{self.name}: {now} instead of {self.usual:.4g}"


def changed(place: Background, texts: Sequence[str]) -> Background:
    """Return a background with parameters changed as texts say: a name, '=', and a value with its unit or a multiple.

    Raises
    ------
    InputError
        When a text is not understood or has no unit where one is needed, or the model of the background has no such
        parameter, or it is changed twice.
    """
    whole = replace(place, changes=changes_of(texts, place.system().parameters))
    whole.system()
    return whole


def changes_of(texts: Sequence[str], usual: Mapping[str, Parameter]) -> tuple[ChangedParameter, ...]:
    """Return what texts change of parameters; whether there are such parameters is not looked at.

    Raises
    ------
    InputError
        When a text is not understood or has no unit where one is needed, or a parameter is changed twice.
    """
    changes: dict[str, ChangedParameter] = {}
    for text in texts:
        found = SETTING.fullmatch(text)
        if found is None:
            raise InputError(
                f"changed parameter {text!r}: give a parameter, '=', and a value with its unit or a multiple such as x2"
            )
        name, times, value, unit = found.group("name", "times", "value", "unit")
        if name in changes:
            raise InputError(f"changed parameter {text!r}: {name} is changed twice: change it once")
        if value and not unit and name in usual and usual[name].unit not in DIMENSIONLESS:
            such_as = f"such as {usual[name].unit}, or a multiple such as x2"
            raise InputError(f"changed parameter {text!r}: give the value's unit too, {such_as}")
        changes[name] = ChangedParameter(
            name=name,
            reason=REASON,
            value=float(value) if value else None,
            unit=unit or "1",
            times=float(times or 1.0),
        )
    return tuple(changes.values())


def changes_shown(place: Background) -> list[Shown]:
    """Return what is changed at a background."""
    return shown([each.name for each in place.changes], replace(place, changes=()).system(), place.system())


def shown(names: Iterable[str], usual: System, now: System) -> list[Shown]:
    """Return parameters that are changed from one system to another."""
    return [
        Shown(
            name=name,
            value=now.parameters[name].value,
            usual=usual.parameters[name].value,
            unit=now.parameters[name].unit,
        )
        for name in names
    ]
