"""From the arms of a study file to planned doses: regimens read, expanded and looked at against the study."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.errors import InputError, RegimenError
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.rule_table import rule_table
from trialeukin.model.published.library import PUBLISHED
from trialeukin.model.system import System
from trialeukin.model.whole import MODELS, model
from trialeukin.population.changed_parameters import with_changes
from trialeukin.population.cohort import adapted
from trialeukin.population.covariates import flags_of
from trialeukin.population.description import Description, load_description
from trialeukin.regimen.administration import Administration
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.describe import sentence
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import regimen_of
from trialeukin.regimen.render import render
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.divisions import subgroups_of
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.laboratory.plan import laboratory_plan
from trialeukin.trial.outcomes import CROSSING, DETECTION
from trialeukin.trial.section import KeyPathError
from trialeukin.trial.study import MODEL, Arm, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedArm:
    """An arm with its regimen read.

    Attributes
    ----------
    arm : Arm
        As the study file has it.
    regimen : Regimen
        What is prescribed; without courses for observation.
    administrations : tuple of Administration
        Every planned dose.
    """

    arm: Arm
    regimen: Regimen
    administrations: tuple[Administration, ...]

    @property
    def text(self) -> str:
        """The regimen's canonical text; empty for observation."""
        return render(self.regimen) if self.administrations else ""

    @property
    def sentence(self) -> str:
        """The regimen in words; empty for observation."""
        return sentence(self.regimen) if self.administrations else ""


def plan_arms(study: Study) -> tuple[PlannedArm, ...]:
    """Return every arm with its regimen; all of the study is looked at against its cohort, model and horizon.

    Raises
    ------
    KeyPathError
        When a stratum is no covariate of zeros and ones, or a subgroup none at all; when a regimen is not understood,
        has an unknown dose, outlasts the horizon, or gives or asks for what the model does not have; there is no such
        cohort, or no such model with a relapse of its disease, or a parameter is changed that it does not have; or the
        laboratory tests what there is not or never comes.
    """
    try:
        description = load_description(study.population.cohort)
    except InputError as fault:
        raise KeyPathError(("population", "cohort"), str(fault)) from fault
    _check_strata(study, description)
    subgroups_of(study, description)
    arms = tuple(_planned(arm, ("arms", index, "regimen")) for index, arm in enumerate(study.arms))
    _check_horizon(study, arms)
    system = _model(study, description)
    described(study)
    for index, planned in enumerate(arms):
        _check_model(system, planned, ("arms", index, "regimen"))
    laboratory_plan(study, system)
    return arms


def described(study: Study) -> Description:
    """Return whom the study takes, with the parameters that its cohort and its own file override.

    Raises
    ------
    KeyPathError
        When the file changes a parameter that the model does not have, or to what makes no sense.
    """
    description, system = load_description(study.population.cohort), model(study.population.model)
    for index, each in enumerate(study.parameters):
        try:
            description = with_changes(description, system, (each.change(),))
        except InputError as fault:
            raise KeyPathError(("parameters", index), str(fault)) from None
    return description


def _planned(arm: Arm, path: tuple[str | int, ...]) -> PlannedArm:
    if arm.regimen is None:
        return PlannedArm(arm=arm, regimen=Regimen(), administrations=())
    try:
        regimen = regimen_of(arm.regimen, name=f"regimen of {arm.name}")
        doses = expand(regimen)
    except RegimenError as fault:
        raise KeyPathError(path, str(fault)) from fault
    unknown = next((dose for dose in doses if dose.amount is None), None)
    if unknown is not None:
        raise KeyPathError(
            path,
            f"the dose of {unknown.drug} on day {1 + unknown.start / HOURS:g} is not known, so it cannot be "
            "simulated: write the regimen with the dose you mean and mark it as assumed",
        )
    return PlannedArm(arm=arm, regimen=regimen, administrations=doses)


def _check_strata(study: Study, description: Description) -> None:
    flags = flags_of(description)
    for index, name in enumerate(study.analysis.stratify_by):
        if name not in flags:
            raise KeyPathError(
                ("analysis", "stratify_by", index),
                f"{name!r} is no covariate of zeros and ones: choose {', '.join(flags)}{did_you_mean(name, flags)}",
            )


def _model(study: Study, description: Description) -> System:
    name, place = study.population.model, ("population", "model")
    if name in PUBLISHED:
        raise KeyPathError(
            place,
            f"model {name!r} is that of a paper ({PUBLISHED[name].paper}), which has no patients that differ and no "
            f"relapse: choose {MODEL!r}",
        )
    if name not in MODELS:
        raise KeyPathError(place, f"no model {name!r}: there are {', '.join(MODELS)}")
    system = model(name)
    if not {CROSSING, DETECTION} <= {event.name for event in system.events}:
        raise KeyPathError(place, f"model {name!r} has no relapse, which a trial counts: choose {MODEL!r}")
    try:
        return adapted(system, description)
    except InputError as fault:
        raise KeyPathError(("population", "cohort"), str(fault)) from None


def _check_model(system: System, planned: PlannedArm, path: tuple[str | int, ...]) -> None:
    """Refuse drugs and routes that enter nowhere in the model, and rules on what it does not have."""
    bsa, weight = np.array([REFERENCE_BSA.value]), np.array([REFERENCE_WEIGHT.value])
    try:
        rule_table(system, planned.regimen.rules)
        planned_doses(system, planned.administrations, bsa=bsa, weight=weight)
    except InputError as fault:
        raise KeyPathError(path, str(fault)) from fault


def _check_horizon(study: Study, arms: tuple[PlannedArm, ...]) -> None:
    horizon = study.follow_up.horizon_months * DAYS_A_MONTH
    for planned in arms:
        ends = [(dose.start + dose.duration) / HOURS for dose in planned.administrations]
        last = study.population.start_after_days + max(ends, default=0.0)
        if last > horizon:
            raise KeyPathError(
                ("follow_up", "horizon_months"),
                f"{study.follow_up.horizon_months:g} months are shorter than the treatment of {planned.arm.name!r}, "
                f"which ends {last:.0f} days after randomisation: give at least {last / DAYS_A_MONTH:.1f} months",
            )
