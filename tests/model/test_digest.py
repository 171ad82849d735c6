"""A model's digest follows what decides its numbers, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sympy

from trialeukin.core.parameter import Scale
from trialeukin.core.sources import assumed
from trialeukin.model.digest import model_digest
from trialeukin.model.joint import JointUncertainty
from trialeukin.model.system import System, Watch
from trialeukin.model.whole import model
from trialeukin.regimen.administration import Route

SYSTEM = model("aml-maintenance")
ONE = "nk_baseline"


def _with_first(system: System, field: str, **changes: Any) -> System:
    first, *others = getattr(system, field)
    return replace(system, **{field: (replace(first, **changes), *others)})


def _with_parameter(system: System, **changes: Any) -> System:
    return replace(system, parameters={**system.parameters, ONE: replace(system.parameters[ONE], **changes)})


@pytest.mark.parametrize(
    "changed",
    [
        lambda: _with_first(SYSTEM, "states", initial=sympy.Float(3.25)),
        lambda: _with_first(SYSTEM, "states", size=SYSTEM.states[0].size * 2.0),
        lambda: _with_first(SYSTEM, "states", positive=not SYSTEM.states[0].positive),
        lambda: _with_first(SYSTEM, "terms", rate=2 * SYSTEM.terms[0].rate),
        lambda: _with_first(SYSTEM, "definitions", expression=2 * SYSTEM.definitions[0].expression),
        lambda: _with_first(SYSTEM, "switches", initial=SYSTEM.switches[0].initial + 1.0),
        lambda: _with_first(SYSTEM, "inputs", drug="another"),
        lambda: _with_first(SYSTEM, "inputs", routes=(Route.IP,)),
        lambda: _with_first(SYSTEM, "inputs", lag=sympy.Float(0.5)),
        lambda: _with_first(SYSTEM, "events", trigger=2 * SYSTEM.events[0].trigger),
        lambda: _with_first(SYSTEM, "events", sets={SYSTEM.switches[0].name: sympy.Float(7.0)}),
        lambda: _with_first(SYSTEM, "events", ends=not SYSTEM.events[0].ends),
        lambda: _with_first(SYSTEM, "events", stops_dosing=not SYSTEM.events[0].stops_dosing),
        lambda: _with_first(SYSTEM, "events", watch=next(each for each in Watch if each is not SYSTEM.events[0].watch)),
        lambda: _with_parameter(SYSTEM, value=SYSTEM.parameters[ONE].value * (1.0 + 2.0**-52)),
        lambda: _with_parameter(SYSTEM, between_patients=0.1),
        lambda: _with_parameter(SYSTEM, uncertainty=0.1),
        lambda: _with_parameter(SYSTEM, scale=Scale.LINEAR),
        lambda: replace(SYSTEM, joint=JointUncertainty()),
    ],
)
def test_another_equation_or_number_is_another_digest(changed: Callable[[], System]) -> None:
    assert model_digest(changed()) != model_digest(SYSTEM)


@pytest.mark.parametrize(
    "changed",
    [
        lambda: _with_first(SYSTEM, "states", meaning="said better"),
        lambda: _with_first(SYSTEM, "definitions", meaning="said better"),
        lambda: _with_parameter(SYSTEM, meaning="said better"),
        lambda: _with_parameter(SYSTEM, source=assumed("a better reason")),
    ],
)
def test_better_words_are_the_same_digest(changed: Callable[[], System]) -> None:
    assert model_digest(changed()) == model_digest(SYSTEM)
