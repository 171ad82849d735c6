"""What judges made of studies and pools: risk of bias and certainty, 'not assessed' until somebody says so.

An assessment without a judge, a date and reasons is refused. One of a study stands in its own file or, like those of
pools, in ``assessments.toml`` of the base or of a user's directory::

    [[studies]]
    study = "KOLITZ2014"
    risk_of_bias = { judge = "A. Reader", date = 2026-01-31, judgement = "low", reasons = "central randomisation; ..." }

    [[pools]]
    pool = "aml-cr1"
    endpoint = "lfs"
    certainty = { judge = "A. Reader", date = 2026-01-31, level = "moderate", reasons = "imprecision: ..." }
"""

import datetime
from collections.abc import Iterable, Mapping
from enum import Enum
from importlib import resources
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field

from trialeukin.core.errors import StudyError
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.section import Section, Text
from trialeukin.trial.toml_model import model_from_text, text_of

FILE = "assessments.toml"
NOT_ASSESSED = "not assessed"
DAY = "a day without quotes, such as 2026-01-31"
Day = Annotated[datetime.date, Field(strict=True)]


class Judgement(Enum):
    """How a judge saw a study's risk of bias."""

    LOW = "low"
    SOME = "some concerns"
    HIGH = "high"


class Level(Enum):
    """How certain a judge was of a pooled result, in the words of GRADE."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very low"


class RiskOfBias(Section):
    """What a judge made of a study; without it the study is 'not assessed'."""

    judge: Text = Field(description="who judged")
    date: Day = Field(description=DAY)
    judgement: Judgement = Field(description="'low', 'some concerns' or 'high'")
    reasons: Text = Field(description="the reasons")


class Certainty(Section):
    """What a judge made of a pooled result; without it the pool is 'not assessed'."""

    judge: Text = Field(description="who judged")
    date: Day = Field(description=DAY)
    level: Level = Field(description="'high', 'moderate', 'low' or 'very low'")
    reasons: Text = Field(description="the reasons")


class OfStudy(Section):
    """A risk of bias and the study that it is of."""

    study: Text = Field(description="a study of the base")
    risk_of_bias: RiskOfBias = Field(description="a table with judge, date, judgement and reasons")


class OfPool(Section):
    """A certainty and the pool that it is of."""

    pool: Text = Field(description="a pool with a name")
    endpoint: Endpoint = Field(description="'lfs' or 'os'")
    certainty: Certainty = Field(description="a table with judge, date, level and reasons")


class Assessments(Section):
    """Everything that was judged."""

    studies: tuple[OfStudy, ...] = Field(default=(), description="a list of assessments of studies")
    pools: tuple[OfPool, ...] = Field(default=(), description="a list of assessments of pools")

    def certainty(self, pool: str, endpoint: Endpoint) -> Certainty | None:
        """Return the certainty of a pool's result; None where nobody judged it."""
        return next((each.certainty for each in self.pools if each.pool == pool and each.endpoint is endpoint), None)


class Assessed(Protocol):
    """A study that may carry a risk of bias of its own."""

    @property
    def risk_of_bias(self) -> RiskOfBias | None:
        """What a judge made of it."""


def assessments_with(directory: Path | None) -> Assessments:
    """Return the assessments of the package and those of a user's directory, if it has any.

    Raises
    ------
    StudyError
        When a record is not complete, or one study or pool is judged twice.
    """
    own = resources.files("trialeukin.evidence").joinpath(FILE).read_text(encoding="utf-8")
    found = [model_from_text(Assessments, own, name=FILE)]
    if directory is not None and (path := directory / FILE).is_file():
        found.append(model_from_text(Assessments, text_of(path)[0], name=str(path)))
    studies = tuple(each for part in found for each in part.studies)
    pools = tuple(each for part in found for each in part.pools)
    _refuse_twice([each.study for each in studies])
    _refuse_twice([f"{each.pool}, {each.endpoint.value.upper()}" for each in pools])
    return Assessments(studies=studies, pools=pools)


def _refuse_twice(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise StudyError(f"{FILE}: {name} is judged twice: keep one record of it")
        seen.add(name)


def refuse_unknown(found: Assessments, studies: Mapping[str, Assessed], pools: Iterable[str]) -> None:
    """Refuse assessments of what is not there, or of a study that carries one in its own file.

    Raises
    ------
    StudyError
        Naming it and the way out.
    """
    for each in found.studies:
        if each.study not in studies:
            raise StudyError(f"{FILE}: no study {each.study!r} in the base; 'trialeukin evidence list' has them")
        if studies[each.study].risk_of_bias is not None:
            raise StudyError(f"{FILE}: {each.study} has a risk of bias in its own file: keep one of both")
    for of_pool in found.pools:
        if of_pool.pool not in pools:
            raise StudyError(f"{FILE}: no pool {of_pool.pool!r}: there are {', '.join(pools)}")
