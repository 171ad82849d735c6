"""In whom a regimen is followed outside a trial: a disease and setting, the model of it and its patients."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from trialeukin.core.errors import InputError, ModelError
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.rule_table import rule_table
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.changed_parameters import with_changes
from trialeukin.population.cohort import adapted
from trialeukin.population.description import ChangedParameter, Description, load_description
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.render import condition_words

MOST_KEPT = 64  # systems; whoever changes parameters asks for ever new ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """A disease in its setting.

    Attributes
    ----------
    name : str
        A short name of a-z, digits and hyphens.
    title : str
        The same in words.
    model, cohort : str
        Names of the model that follows it and of the description of its patients.
    changes : tuple of ChangedParameter
        Parameters of the model at other values than its own.
    """

    name: str
    title: str
    model: str
    cohort: str
    changes: tuple[ChangedParameter, ...] = ()

    def description(self) -> Description:
        """Return the description of its patients, with what is changed."""
        return with_changes(load_description(self.cohort), model(self.model), self.changes)

    def system(self) -> System:
        """Return its model, with the parameters that its patients override and what is changed."""
        return _adapted(self)


BACKGROUNDS = (
    Background(
        name="first-remission",
        title="AML in first remission, adults",
        model="aml-maintenance",
        cohort="aml-cr1-adults",
    ),
    Background(
        name="first-remission-60-and-over",
        title="AML in first remission, 60 and over",
        model="aml-maintenance",
        cohort="aml-cr1-60-and-over",
    ),
    Background(
        name="first-remission-children",
        title="AML in first remission, children",
        model="aml-maintenance",
        cohort="aml-cr1-children",
    ),
    Background(
        name="il2-drugs",
        title="IL-2 drugs after aldesleukin: cells of blood, no leukaemia",
        model="il2-products",
        cohort="aml-cr1-adults",
    ),
    Background(
        name="new-aml",
        title="AML at diagnosis, adults: chemotherapy",
        model="aml-induction",
        cohort="aml-new-adults",
    ),
    Background(
        name="refractory",
        title="AML refractory or in relapse, 20 to 90 % blasts",
        model="aml-refractory",
        cohort="aml-refractory-20-to-90",
    ),
    Background(
        name="refractory-nk",
        title="AML refractory, donor NK cells after lymphodepletion",
        model="aml-nk-infusion",
        cohort="aml-refractory-nk",
    ),
    Background(
        name="after-autologous-transplant",
        title="AML after autologous transplant",
        model="autologous-transplant",
        cohort="autologous-blood-aml",
    ),
    Background(
        name="after-allogeneic-transplant",
        title="After allogeneic transplant",
        model="allogeneic-transplant",
        cohort="allogeneic-blood",
    ),
    Background(
        name="cml-relapse",
        title="CML in relapse after allogeneic transplant",
        model="donor-lymphocytes",
        cohort="cml-relapse",
    ),
    Background(
        name="aml-relapse",
        title="AML in relapse after allogeneic transplant",
        model="donor-lymphocytes",
        cohort="aml-relapse",
    ),
)


def background(name: str) -> Background:
    """Return a background by its name.

    Raises
    ------
    InputError
        When there is none of that name.
    """
    for each in BACKGROUNDS:
        if each.name == name:
            return each
    raise InputError(f"no background {name!r}: there are {', '.join(each.name for each in BACKGROUNDS)}")


def check_takes(place: Background, regimen: Regimen) -> None:
    """Refuse a regimen that the background's model cannot follow.

    Raises
    ------
    InputError
        When a dose is not known, or a drug, a route or a rule has no meaning there.
    """
    unknown = next((dose for dose in expand(regimen) if dose.amount is None), None)
    if unknown is not None:
        raise ModelError(
            f"the dose of {unknown.drug} on day {1 + unknown.start / HOURS:g} is not known, so it cannot be followed: "
            "write the regimen with the dose you mean"
        )
    bsa, weight = np.array([REFERENCE_BSA.value]), np.array([REFERENCE_WEIGHT.value])
    system = model(place.model)
    rule_table(system, regimen.rules)
    planned_doses(system, expand(regimen), bsa=bsa, weight=weight)


def check_rules(regimen: Regimen) -> None:
    """Refuse dose rules that no background's model can look up: no such marker, or another unit.

    Models that take all of the regimen's drugs are asked; every model, where none takes them.

    Raises
    ------
    InputError
        With what the first of them has against a rule.
    """
    rules = tuple(replace(rule, drug=None) for rule in regimen.rules)
    systems = [model(name) for name in dict.fromkeys(place.model for place in BACKGROUNDS)]
    taking = [system for system in systems if set(regimen.drugs) <= {entry.drug for entry in system.inputs}]
    refusals = []
    for system in taking or systems:
        try:
            rule_table(system, rules)
        except InputError as fault:
            refusals.append(fault)
        else:
            return
    raise refusals[0]


def background_for(regimens: Iterable[Regimen]) -> Background:
    """Return the first background whose model takes every drug and route of some regimens.

    Rules have no say in it, so that none changes the disease.

    Raises
    ------
    InputError
        When no model takes the drugs, with what the first one has against them; or when a rule means nothing to the
        model found, with those where it does.
    """
    given = tuple(regimens)
    refusals = []
    for each in BACKGROUNDS:
        fault = _against(each, [replace(regimen, rules=()) for regimen in given])
        if fault is None:
            _check_rules_at(each, given)
            return each
        refusals.append(fault)
    raise refusals[0]


def place_of(name: str | None, regimens: Iterable[Regimen]) -> Background:
    """Return the background of a name; without one, that which `background_for` finds for the regimens."""
    return background(name) if name else background_for(regimens)


def _against(place: Background, regimens: Iterable[Regimen]) -> InputError | None:
    """Return what a background's model has against one of some regimens, if it has."""
    try:
        for regimen in regimens:
            check_takes(place, regimen)
    except InputError as fault:
        return fault
    return None


def _check_rules_at(place: Background, regimens: tuple[Regimen, ...]) -> None:
    fault = _against(place, regimens)
    if fault is None:
        return
    others = [each for each in BACKGROUNDS if _against(each, regimens) is None]
    if not others:
        raise fault
    alone = [(rule, replace(regimen, rules=(rule,))) for regimen in regimens for rule in regimen.rules]
    strange = [repr(condition_words(rule.condition)) for rule, only in alone if _against(place, [only]) is not None]
    raise ModelError(
        f"{place.title} ({place.name}), where the drugs are followed, has no marker for {', '.join(strange)}: "
        "choose a place that has it, as the population of a page, by --in of 'trialeukin compare' or as background of "
        f"the interface, or leave the rule out; such are {'; '.join(f'{each.title} ({each.name})' for each in others)}"
    )


@lru_cache(maxsize=MOST_KEPT)
def _adapted(place: Background) -> System:
    return adapted(model(place.model), place.description())
