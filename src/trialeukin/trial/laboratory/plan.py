"""The laboratory plan of a study, checked against its model."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import StudyError
from trialeukin.engine.quantities import names
from trialeukin.model.system import System
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.laboratory.assay import Assay
from trialeukin.trial.laboratory.catalogue import assay
from trialeukin.trial.section import KeyPathError
from trialeukin.trial.study import Laboratory, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryPlan:
    """Which tests are done when.

    Attributes
    ----------
    tests : tuple of Assay
        What is measured in every sample.
    days : (v,), day from randomisation
        Planned days.
    window : float, day
        How much earlier or later a sample may be drawn.
    missing : float, 1
        Fraction of samples that are missing.
    """

    tests: tuple[Assay, ...]
    days: Floats
    window: float
    missing: float

    @property
    def quantities(self) -> tuple[str, ...]:
        """What of the model is measured, each once."""
        return tuple(dict.fromkeys(test.quantity for test in self.tests))


def laboratory_plan(study: Study, system: System) -> LaboratoryPlan | None:
    """Return the laboratory plan of a study; None where it names no tests.

    Raises
    ------
    KeyPathError
        When there is no such test, the model does not have what it measures, or a day lies outside the study.
    """
    asked = study.laboratory
    if asked is None:
        return None
    return LaboratoryPlan(
        tests=_tests(asked, system), days=_days(asked, study), window=asked.window_days, missing=asked.missing
    )


def _tests(asked: Laboratory, system: System) -> tuple[Assay, ...]:
    return tuple(_test(name, system, ("laboratory", "tests", place)) for place, name in enumerate(asked.tests))


def _test(name: str, system: System, path: tuple[str | int, ...]) -> Assay:
    try:
        test = assay(name)
    except StudyError as fault:
        raise KeyPathError(path, str(fault)) from None
    if test.quantity not in names(system):
        raise KeyPathError(path, f"{name!r} measures {test.quantity}, which {system.name} has not: leave it out")
    return test


def _days(asked: Laboratory, study: Study) -> Floats:
    days = np.array(asked.days) - 1.0 + study.population.start_after_days
    horizon = study.follow_up.horizon_months * DAYS_A_MONTH
    if days[0] < 0.0:
        first = 1.0 - study.population.start_after_days
        raise KeyPathError(
            ("laboratory", "days", 0),
            f"day {asked.days[0]:g} lies before randomisation, which is day {first:g} of the regimen",
        )
    if days[-1] + asked.window_days > horizon:
        raise KeyPathError(
            ("laboratory", "days", days.size - 1),
            f"day {asked.days[-1]:g} with a window of {asked.window_days:g} days ends beyond the horizon, {horizon:g} "
            "days from randomisation",
        )
    return days
