"""What if? Parameters of a model at other values than its own, for one run."""

from collections.abc import Iterable
from dataclasses import replace

from trialeukin.core.errors import InputError, StudyError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import ASSUMED, assumed
from trialeukin.core.units import convert
from trialeukin.model.system import System
from trialeukin.population.covariates import flags_of, numbers_of
from trialeukin.population.description import ChangedParameter, Description, Origin, Override
from trialeukin.regimen.suggest import did_you_mean


def with_changes(description: Description, system: System, changes: Iterable[ChangedParameter]) -> Description:
    """Return a description that overrides parameters of a model as changes say, over what it overrides itself.

    Raises
    ------
    InputError
        When the model has no such parameter, it is a covariate, the unit measures something else, or the value or a
        spread makes no sense; the message names the parameter.
    """
    for change in changes:
        override = _override(description, system, change)
        description = description.model_copy(update={"parameters": description.parameters | {change.name: override}})
    return description


def with_changed_parameters(system: System, changes: Iterable[ChangedParameter]) -> System:
    """Return a model with parameters at other values for everybody, where there is no description of patients.

    Raises
    ------
    InputError
        When the model has no such parameter, the unit measures something else, or the value makes no sense; the
        message names the parameter.
    """
    parameters = dict(system.parameters)
    for change in changes:
        own = _own(system, change.name)
        value = _new_value(change, own, own.value)
        parameters[change.name] = replace(own, value=value, source=assumed(change.reason))
    return replace(system, parameters=parameters)


def _override(description: Description, system: System, change: ChangedParameter) -> Override:
    name = change.name
    own = _own(system, name)
    if name in (*flags_of(description), *numbers_of(description)):
        raise StudyError(f"{name!r} is a covariate, drawn for every patient of {description.cohort.name}: leave it out")
    before = description.parameters.get(name)
    value = _new_value(change, own, own.value if before is None else before.value)
    spreads = {
        spread: given if given is not None or before is None else getattr(before, spread)
        for spread, given in (
            ("between_patients", change.between_patients),
            ("uncertainty", change.uncertainty),
        )
    }
    return Override(value=value, source=Origin(key=ASSUMED, place=change.reason), **spreads)


def _own(system: System, name: str) -> Parameter:
    if name not in system.parameters:
        raise StudyError(
            f"model {system.name} has no parameter {name!r}: `trialeukin parameters {system.name}` lists them"
            f"{did_you_mean(name, system.parameters)}"
        )
    return system.parameters[name]


def _new_value(change: ChangedParameter, own: Parameter, usual: float) -> float:
    try:
        value = change.times * usual if change.value is None else convert(change.value, change.unit, own.unit)
        own.with_value(value)
    except InputError as fault:
        raise StudyError(f"{change.name}: {fault}; it is {f'{usual:.4g} {own.unit}'.removesuffix(' 1')}") from None
    return value
