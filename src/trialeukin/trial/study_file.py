"""Reads a study file; what is wrong with it is said with its place, its value and the way out."""

import hashlib
from pathlib import Path

from trialeukin.core.errors import StudyError
from trialeukin.trial.arm_plan import plan_arms
from trialeukin.trial.section import KeyPathError
from trialeukin.trial.study import Study
from trialeukin.trial.toml_model import model_from_text, pointed, text_of


def load_study(path: Path | str) -> Study:
    """Return the study that a file describes, with every arm's regimen and the cohort looked at.

    Raises
    ------
    StudyError
        When the file cannot be read or does not describe a study that can be run.
    """
    text, data = text_of(Path(path))
    study = study_from_text(text, name=str(path))
    return study.with_digest(hashlib.sha256(data).hexdigest())


def study_from_text(text: str, *, name: str = "study") -> Study:
    """Return the study that a TOML text describes; ``name`` is what errors call the text."""
    if not text.strip():
        raise StudyError(f"{name}: the file is empty: it needs the tables [study], [population], [[arms]] ...")
    study = model_from_text(Study, text, name=name)
    try:
        plan_arms(study)
    except KeyPathError as fault:
        raise pointed(text, name, fault.path, str(fault)) from None
    return study
