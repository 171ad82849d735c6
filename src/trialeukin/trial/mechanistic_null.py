"""The null hypothesis of the whole chain: the drug is given, and does nothing to the leukaemia."""

from dataclasses import replace

from trialeukin.core.errors import StudyError
from trialeukin.model.system import System
from trialeukin.population.cohort import Cohort

KILL = "baseline_immune_kill"
"""What every kill of leukaemic cells by the immune system is a multiple of. What a patient has of it without drug is
part of the growth of the clone, so that the courses of control patients do not change when it is zero."""


def without_effect(cohort: Cohort, system: System) -> Cohort:
    """Return patients whose immune cells do as the drug tells them, and kill no leukaemia beyond what they did before.

    Exposure, cells, toxicity, dose rules and deaths by toxicity stay.

    Raises
    ------
    StudyError
        When the model has no immune kill to take away.
    """
    if KILL not in system.parameters:
        raise StudyError(f"model {system.name} has no {KILL}: there is no effect on leukaemia to take away")
    parameters = cohort.parameters.copy()
    parameters[:, list(system.parameters).index(KILL)] = 0.0
    return replace(cohort, parameters=parameters)
