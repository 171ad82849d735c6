"""Frozen predictions: what the model said of a study or a pool, when, and whether the result was known then.

One TOML file a study under ``predictions/``; predictions are added at its end and never changed. Each carries the
SHA-256 of its own content, so that a change is refused, and that of the model it was made with, so that the
scoreboard can say whether today's model is still the same.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from pydantic import Field, model_validator
from scipy.stats import binom

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import StudyError
from trialeukin.evidence.split_normal import SplitNormal
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.section import Count, KeyPathError, Number, Probability, Section, Text
from trialeukin.trial.toml_model import model_from_text

FOLDER = "predictions"
HASH = r"^[0-9a-f]{64}$"
SUM_OF_CHANCES = 0.01  # what rounding to five digits may leave of their sum


class Measure(Enum):
    """What is predicted."""

    HAZARD_RATIO = "hazard ratio"
    REMISSIONS = "share in remission"


class Known(Enum):
    """What was known of the result when a prediction was made."""

    NUMBER = "yes"
    IN_PART = "in part"
    NOTHING = "no"


class FrozenPrediction(Section):
    """One prediction of one study or pool.

    Attributes
    ----------
    of : str
        A study of the base, or a pool with a name.
    value, lower, upper : float, ratio or 1
        Median and 95 % of what a study of n patients would find, with what is not known of the parameters and the
        study's own chance.
    expected : (lower, upper) or None
        95 % over what is not known of the parameters alone.
    chances : tuple of float or None, 1
        Of 0 to n remissions.
    """

    of: Text = Field(description="a study of the base, or a pool with a name")
    measure: Measure = Field(description=f"one of {', '.join(repr(each.value) for each in Measure)}")
    endpoint: Endpoint | None = Field(default=None, description="'lfs' or 'os', of a hazard ratio")
    treatment: Text = Field(description="the treated arm in words")
    population: Text = Field(description="which patients")
    n: Count = Field(description="a whole number of patients, 1 or more")
    made: date = Field(description="when it was made, a date such as 2026-01-31")
    result_known: Known = Field(description="'yes', 'in part' (a p value, a direction) or 'no', when it was made")
    model: Text = Field(description="the model's name")
    structure: Text = Field(description="its laws of kill and oxygen")
    model_sha256: Text = Field(pattern=HASH, description="the SHA-256 of its equations and parameters")
    inputs: Text = Field(description="the study file or cohort it was made from")
    effort: Text = Field(description="patients, draws and replicates in words")
    value: Number = Field(description="the median, a number")
    lower: Number = Field(description="the lower 95 % limit")
    upper: Number = Field(description="the upper 95 % limit")
    expected: tuple[Number, Number] | None = Field(default=None, description="95 % over parameters alone")
    chances: tuple[Probability, ...] | None = Field(default=None, description="chances of 0 to n remissions")
    sha256: Text = Field(pattern=HASH, description="the SHA-256 of all else")

    @model_validator(mode="after")
    def _is_whole_and_unchanged(self) -> "FrozenPrediction":
        if not self.lower <= self.value <= self.upper:
            raise KeyPathError(("value",), f"{self.value:g} lies outside {self.lower:g} to {self.upper:g}")
        if self.measure is Measure.HAZARD_RATIO and (self.endpoint is None or self.lower <= 0.0):
            raise KeyPathError(("endpoint",), "a hazard ratio needs an endpoint, and limits above 0")
        if self.measure is Measure.REMISSIONS:
            self._check_chances()
        found = content_hash(self.model_dump(mode="json", exclude={"sha256"}))
        if found != self.sha256:
            raise KeyPathError(
                ("sha256",), f"the prediction was changed after it was frozen (its content gives {found[:16]}...): "
                "take the change back, or add a new prediction below it"
            )  # fmt: skip
        return self

    def _check_chances(self) -> None:
        if self.chances is None or len(self.chances) != self.n + 1 or abs(sum(self.chances) - 1.0) > SUM_OF_CHANCES:
            raise KeyPathError(("chances",), f"give the chance of each count from 0 to {self.n}, which add up to one")

    @property
    def law(self) -> SplitNormal:
        """The law of the log hazard ratio that one trial would find."""
        return SplitNormal(median=math.log(self.value), lower=math.log(self.lower), upper=math.log(self.upper))

    @property
    def expected_law(self) -> SplitNormal | None:
        """The law of the log hazard ratio over what is not known of the parameters alone; None without its limits."""
        if self.expected is None:
            return None
        lower, upper = map(math.log, self.expected)
        return SplitNormal(median=math.log(self.value), lower=lower, upper=upper)

    @property
    def key(self) -> tuple[Any, ...]:
        """What is predicted, by which model: newer predictions of the same take the place of older ones."""
        return self.of, self.measure, self.endpoint, self.treatment, self.population, self.model, self.structure


class FrozenFile(Section):
    """All predictions of one study, the oldest first."""

    predictions: tuple[FrozenPrediction, ...] = Field(min_length=1, description="a list of predictions")

    @model_validator(mode="after")
    def _is_of_one_study_in_order(self) -> "FrozenFile":
        for index, (before, after) in enumerate(zip(self.predictions, self.predictions[1:], strict=False), start=1):
            if after.of != before.of:
                raise KeyPathError(("predictions", index, "of"), f"{after.of!r} has a file of its own: move it there")
            if after.made < before.made:
                raise KeyPathError(("predictions", index, "made"), "older than the one above: add new ones at the end")
        return self


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a prediction's content, its own hash left out, in one canonical form."""
    stated = {key: value for key, value in content.items() if value is not None and value != {}}
    return hashlib.sha256(json.dumps(stated, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def frozen(content: Mapping[str, Any]) -> FrozenPrediction:
    """Return a prediction with the hash of its content."""
    probe = FrozenPrediction.model_construct(**content)
    dumped = {**probe.model_dump(mode="json", exclude={"sha256"}), "assumed": {}}
    return FrozenPrediction(**content, sha256=content_hash(dumped))


def in_toml(prediction: FrozenPrediction) -> str:
    """Return a prediction as a table of its file."""
    lines = ["[[predictions]]"]
    for key, value in prediction.model_dump(mode="json").items():
        if key == "made":
            lines.append(f"{key} = {value}")
        elif value is not None and value != {}:
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def file_name(of: str) -> str:
    """Return the name of the file of a study's or pool's predictions."""
    return f"{of.lower().replace('_', '-')}.toml"


def predictions_from_text(text: str, *, name: str) -> tuple[FrozenPrediction, ...]:
    """Return the predictions that a file holds.

    Raises
    ------
    StudyError
        When one was changed, or is not whole.
    """
    return model_from_text(FrozenFile, text, name=name).predictions


@cache
def frozen_predictions() -> tuple[FrozenPrediction, ...]:
    """Return every prediction that comes with this package, by file and in order."""
    folder = resources.files("trialeukin.evidence").joinpath(FOLDER)
    found: list[FrozenPrediction] = []
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            of_file = predictions_from_text(file.read_text(encoding="utf-8"), name=file.name)
            if file.name != file_name(of_file[0].of):
                raise StudyError(f"{file.name}: it holds predictions of {of_file[0].of}: call it by that name")
            found += of_file
    return tuple(found)


def latest(predictions: Iterable[FrozenPrediction]) -> tuple[FrozenPrediction, ...]:
    """Return the newest prediction of every question, in the order of the first."""
    newest = {each.key: each for each in predictions}
    return tuple(newest.values())


def chances_of(shares: Floats, n: int) -> Floats:
    """Return the chance of 0 to n remissions among n patients, over draws of the share, (n + 1,)."""
    counts = np.arange(n + 1)
    of_draws: Floats = np.asarray(binom.pmf(counts[:, None], n, np.clip(shares, 0.0, 1.0)[None, :]))
    return np.asarray(of_draws.mean(axis=1))
