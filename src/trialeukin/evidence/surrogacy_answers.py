"""The recorded answer to why biologic and clinical effects need not go together, for whoever cannot wait for the runs.

``surrogacy_answers.json`` holds what `surrogacy_in` found in virtual patients of published trials, in sentences;
``validation/surrogacy_runs.py`` writes it together with every number behind it, and a test fails when model, cohorts or
trials have changed since.
"""

from functools import cache
from importlib import resources

from pydantic import Field

from trialeukin.trial.section import Section, Text

FILE = "surrogacy_answers.json"


class SurrogacyAnswer(Section):
    """What was found in the virtual patients of one published trial; spans are over structures data leave open."""

    study: Text = Field(description="the name of its study file", examples=["calgb-19808"])
    title: Text = Field(description="the trial")
    answer: tuple[Text, ...] = Field(min_length=1, description="the plain answer, a sentence after the other")
    refutation: tuple[Text, ...] = Field(
        min_length=1, description="what trials could refute it, and by how many events"
    )


class SurrogacyAnswers(Section):
    """The answers of all trials that were followed."""

    patients: int = Field(gt=0, description="virtual patients of each, under every arm")
    studies: tuple[SurrogacyAnswer, ...] = Field(min_length=1, description="the trials, the first one first shown")


@cache
def surrogacy_answers() -> SurrogacyAnswers:
    """Return what was recorded."""
    text = resources.files("trialeukin.evidence").joinpath(FILE).read_text(encoding="utf-8")
    return SurrogacyAnswers.model_validate_json(text)
