"""Reads a study file; what is wrong with it is said with its place, its value and the way out."""

import hashlib
from pathlib import Path

from trialeukin.core.errors import Fault, StudyError
from trialeukin.trial.arm_plan import plan_arms
from trialeukin.trial.section import KeyPathError
from trialeukin.trial.study import Study
from trialeukin.trial.toml_model import model_from_text, pointed, text_of
from trialeukin.trial.toml_shape import check_shape

LONGEST = 100_000


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


def parse_study(text: str, *, name: str = "study") -> Study:
    """Return the study that a text of anybody describes, marked with the text's digest.

    Regimens, cohorts and models are names of those that come with the package, and are looked up among them:
    no text makes this open another file, run code, or take longer than a text of its length should.

    Parameters
    ----------
    text : str
        What a study file holds.
    name : str
        What errors call the text.

    Raises
    ------
    StudyError
        When the text is too long, is no text, or does not describe a study that can be run.
    """
    if len(text) > LONGEST:
        raise StudyError(f"{name}: {len(text):,} characters: give at most {LONGEST:,}; a study's file has some 4,000")
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as fault:
        line = text.count("\n", 0, fault.start) + 1
        message = f"U+{ord(text[fault.start]):04X} is half a character: save the text as UTF-8"
        raise StudyError(f"{name}, line {line}: {message}", [Fault(message=message, line=line)]) from None
    check_shape(text, name=name)
    return study_from_text(text, name=name).with_digest(hashlib.sha256(data).hexdigest())
