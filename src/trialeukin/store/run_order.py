"""Checks what a run is asked to do before it is kept: the study's text, and how much is to be computed."""

from trialeukin.core.errors import InputError
from trialeukin.store.run_record import RunOptions, RunOrder
from trialeukin.trial.run import Effort
from trialeukin.trial.study_file import parse_study

LARGEST_SEED = 2**63 - 1


def order_of(study_text: str, options: RunOptions) -> RunOrder:
    """Return the order for a run of a study's text.

    Raises
    ------
    StudyError
        When the text does not describe a study that can be run; with every fault's place.
    InputError
        When the options have no meaning.
    """
    Effort(patients=options.patients, replicates=options.replicates)
    if not 0 <= options.seed <= LARGEST_SEED:
        raise InputError(f"seed {options.seed}: give a whole number from 0 to {LARGEST_SEED}")
    study = parse_study(study_text, name="study").study
    return RunOrder(study=study.name, title=study.title, study_text=study_text, options=options)
