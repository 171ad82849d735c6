"""From one arm's trajectories to what a report shows of it."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.model.system import System
from trialeukin.regimen.course import HOURS
from trialeukin.regimen.products import amount_in
from trialeukin.trial.arm_plan import PlannedArm
from trialeukin.trial.arm_result import ArmResult, Toxicity
from trialeukin.trial.curves import incidence_curve, survival_curve
from trialeukin.trial.endpoint import Cause, Endpoint
from trialeukin.trial.fans import courses_of, fans_of, meaning_of
from trialeukin.trial.fates import adherence_of, dose_reasons, intensities
from trialeukin.trial.grade_course import dose_periods_of, grade_courses_of
from trialeukin.trial.grades import LOW_PLATELETS, platelet_grades
from trialeukin.trial.outcomes import Outcomes
from trialeukin.trial.shown import PLATELETS
from trialeukin.trial.simulate import Setting, Simulated
from trialeukin.trial.tables import DoseTable

PATIENT_UNITS = {"age": "year", "height": "cm", "body_weight": "kg", "body_surface_area": "m**2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedArm:
    """One arm of the large population.

    Attributes
    ----------
    planned : PlannedArm
        The arm.
    main : Simulated
        All patients to the horizon.
    exposure : Simulated or None
        Some of them in fine steps over the first weeks; None for observation.
    grades : Simulated or None
        Some of them day by day until after the last dose; None for observation.
    outcomes : Outcomes
        What became of them.
    """

    planned: PlannedArm
    main: Simulated
    exposure: Simulated | None
    grades: Simulated | None
    outcomes: Outcomes

    @property
    def intensity(self) -> Floats:
        """(n,) Given over planned amount of the regimen's first drug; NaN for observation."""
        return intensities(self.main.doses, self.main.trajectories, self.studied)

    @property
    def studied(self) -> Booleans:
        """(d,) Which planned doses are of the regimen's first drug."""
        drugs = [each.drug for each in self.planned.administrations]
        return np.array([drug == drugs[0] for drug in drugs], dtype=np.bool_)


def arm_result(setting: Setting, arm: SimulatedArm, chosen: tuple[tuple[int, str], ...]) -> ArmResult:
    """Return what a report shows of an arm; ``chosen`` are patients by place, with words."""
    planned, trajectories, system = arm.planned, arm.main.trajectories, setting.system
    return ArmResult(
        name=planned.arm.name,
        regimen=planned.text,
        sentence=planned.sentence,
        control=planned.arm.control,
        n=planned.arm.n,
        patients=int(arm.outcomes.valid.sum()),
        planned=planned.administrations,
        adherence=adherence_of(arm.main.doses, trajectories, planned.regimen.rules, arm.studied),
        fans=fans_of(trajectories, system),
        exposure_fans=() if arm.exposure is None else fans_of(arm.exposure.trajectories, system),
        courses=courses_of(trajectories, system, chosen),
        survival={endpoint: survival_curve(arm.outcomes, endpoint) for endpoint in Endpoint},
        incidence={cause: incidence_curve(arm.outcomes, cause) for cause in Cause},
        toxicities=_toxicities(arm, system),
        grade_courses=() if arm.grades is None else grade_courses_of(arm.grades.trajectories, system),
        dose_periods=dose_periods_of(arm.main.doses, trajectories, planned.regimen.rules, arm.studied),
    )


def dose_table(setting: Setting, arm: SimulatedArm) -> DoseTable:
    """Return every planned dose of an arm, in the units of its protocol."""
    doses, administrations = arm.main.doses, arm.planned.administrations
    states = {state.name: state.unit for state in setting.system.states}
    units = [states[setting.system.inputs[int(entry)].state] for entry in doses.inputs]
    factors = np.array(
        [amount_in(each.drug, 1.0, each.unit, unit) for each, unit in zip(administrations, units, strict=True)],
        dtype=np.float64,
    )
    start = setting.study.population.start_after_days
    return DoseTable(
        arm=arm.planned.arm.name,
        days=np.array([start + each.start / HOURS for each in administrations]),
        durations=doses.durations,
        drugs=tuple(each.drug for each in administrations),
        routes=tuple(each.route.value for each in administrations),
        units=tuple(each.unit for each in administrations),
        planned=doses.amounts / factors,
        given=arm.main.trajectories.given / factors,
        put_off=arm.main.trajectories.put_off,
        fates=arm.main.trajectories.fates,
        reasons=dose_reasons(arm.main.trajectories.events, arm.planned.regimen.rules),
    )


def _toxicities(arm: SimulatedArm, system: System) -> tuple[Toxicity, ...]:
    """Return graded toxicities by their highest grade, and low platelets by their lowest count."""
    trajectories = arm.main.trajectories
    valid = ~trajectories.failed
    found = []
    for place, exposure in enumerate(trajectories.exposures):
        name = exposure.quantity
        if name == PLATELETS:
            worst, words = platelet_grades(trajectories.lowest[valid, 0, place]), LOW_PLATELETS
        else:
            worst, words = trajectories.highest[valid, 0, place], meaning_of(system, name)
        one, two, three, four = (float((worst >= grade).mean()) for grade in (1.0, 2.0, 3.0, 4.0))
        found.append(Toxicity(item=name, meaning=words, fractions=(one, two, three, four)))
    return tuple(found)
