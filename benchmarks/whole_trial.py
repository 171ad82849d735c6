"""A whole trial as a run of a study asks for it, with events and dose rules."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cases import SEED

from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.population.fates import draw_fates
from trialeukin.trial.arm_plan import PlannedArm
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.shown import course_times, courses_shown, grades_shown
from trialeukin.trial.simulate import cohort_of, setting_of
from trialeukin.trial.study_file import load_study

STUDY = Path(__file__).parents[1] / "studies" / "calgb-19808.toml"
FIVE_YEARS = 60 * DAYS_A_MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One arm of a study as the engine gets it."""

    arm: str
    problem: Problem


def whole_trial(patients: int) -> tuple[Trial, ...]:
    """Return both arms of CALGB 19808 over five years, with events, dose rules and what a run keeps."""
    setting = setting_of(load_study(STUDY), seed=SEED)
    cohort = cohort_of(setting, patients)

    def problem(arm: PlannedArm) -> Problem:
        fates = draw_fates(arm.regimen.adherence, len(arm.administrations), seed=SEED, patients=cohort.patients)
        return Problem(
            system=setting.system,
            parameters=cohort.parameters,
            doses=planned_doses(
                setting.system,
                arm.administrations,
                bsa=cohort.bsa,
                weight=cohort.weight,
                start_day=setting.study.population.start_after_days,
                fates=fates,
            ),
            rules=arm.regimen.rules,
            horizon=FIVE_YEARS,
            save_times=course_times(last_dose=setting.last_dose, horizon=FIVE_YEARS),
            save=courses_shown(setting.system),
            exposures=grades_shown(setting.system),
            examinations=np.array([day for day in setting.study.follow_up.examination_days() if day <= FIVE_YEARS]),
        )

    return tuple(Trial(arm=arm.arm.name, problem=problem(arm)) for arm in setting.arms)
