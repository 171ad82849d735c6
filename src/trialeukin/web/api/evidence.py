"""Evidence: studies of the base, what is held of each, and pools of their hazard ratios."""

import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import State

from trialeukin.core.errors import AnalysisError, StudyError
from trialeukin.evidence.catalogue import published
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.pooling import IntervalMethod
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria, named_pool, named_pools
from trialeukin.evidence.synthesis import Method
from trialeukin.evidence.vocabulary import Design, Lineage, Role, Setting
from trialeukin.regimen.administration import Route
from trialeukin.regimen.schedule import ScheduleKind
from trialeukin.report.evidence_figures import bias_of
from trialeukin.report.pool_document import pool_document
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.api.parameters import NameOfPool, NameOfStudy, Words
from trialeukin.web.evidence_base import base_of
from trialeukin.web.pooled import pooled
from trialeukin.web.problems import ANSWERS
from trialeukin.web.study_filter import StudyFilter, computed_arms, routes_of, schedules_of

router = APIRouter(prefix="/evidence", tags=["evidence"], responses=ANSWERS)
Outcome = Annotated[Endpoint, Query(description="Whose hazard ratios are pooled.")]
Between = Annotated[BetweenMethod, Query(description="Estimates the variance between studies.")]
Interval = Annotated[IntervalMethod, Query(description="Of the pooled effect.")]
Excluded = Annotated[list[str] | None, Query(description="A study to leave out; repeatable.", examples=["PETIT2018"])]


class StudyListed(BaseModel):
    """A study of the base."""

    name: str = Field(examples=["KOLITZ2014"])
    year: int | None
    design: Design
    disease: str
    lineage: str
    settings: list[Setting]
    patients: int | None
    routes: list[Route] = Field(description="Of IL-2.")
    schedules: list[ScheduleKind] = Field(description="Of IL-2, by the regimens as they are written.")
    outcomes: list[Endpoint] = Field(description="With a hazard ratio.")
    arms_with_il2: int
    arms_computed: int = Field(description="Those whose regimen can be computed.")
    risk_of_bias: str


class PoolListed(BaseModel):
    """A pool with a name."""

    name: str = Field(examples=["aml-cr1"])
    title: str
    members: list[str]


class Estimated(BaseModel):
    """An estimate with its 95 % limits."""

    value: float
    lower: float
    upper: float


class HeterogeneityFound(BaseModel):
    """How much studies differ beyond their sampling errors."""

    q: float
    degrees_of_freedom: int
    p_value: float
    tau_squared: float
    tau_squared_interval: tuple[float, float]
    i_squared_percent: float
    i_squared_interval: tuple[float, float]


class RatioPooled(BaseModel):
    """A pooled hazard ratio, never without k, method and heterogeneity."""

    k: int
    method: str
    interval_method: str
    hazard_ratio: Estimated
    p_value: float
    prediction: tuple[float, float] | None = Field(
        description="95 % prediction interval, t with k - 1; null for one trial."
    )
    heterogeneity: HeterogeneityFound | None = Field(description="Null for one trial, of which nothing can be said.")


class EffectPublished(BaseModel):
    """A hazard ratio as it is solved from printed numbers."""

    log_hazard_ratio: float | None = Field(description="Null where its sign is not known.")
    standard_error: float | None
    hazard_ratio: Estimated | None = Field(description="Null where its sign is not known.")
    origin: str = Field(description="Which printed numbers it is solved from.")
    quality: str


class TrialPooled(EffectPublished):
    """A trial of a pool."""

    study: str
    population: str
    weight: float | None = Field(description="Share of the pool; null where it is in none.")
    risk_of_bias: str = Field(examples=["not assessed"])


class OtherChoice(BaseModel):
    """The pool under another choice."""

    what: str
    pooled: RatioPooled


class LeftOneOut(BaseModel):
    """The pool without one trial."""

    without: str
    pooled: RatioPooled


class AsymmetryTested(BaseModel):
    """A test whether small studies differ from large ones."""

    statistic: float
    degrees_of_freedom: int | None
    p_value: float


class PoolFilled(BaseModel):
    """The pool with mirror images of its outlying studies, by trim and fill."""

    added: int
    side: str
    pooled: RatioPooled


class SmallStudiesTested(BaseModel):
    """Whether small studies say something else than large ones; null where a test has nothing to compare."""

    egger: AsymmetryTested | None
    begg: AsymmetryTested | None
    trim_and_fill: PoolFilled | None


class LeftOut(BaseModel):
    """A study that is not pooled, and why."""

    study: str
    why: str


class Contributed(BaseModel):
    """What one trial does to the pool, by fixed effects."""

    study: str
    part_of_q: float = Field(description="Parts add up to Q.")
    squared_shift: float = Field(description="Of the pool without it, in its variances.")


class CertaintyJudged(BaseModel):
    """What a judge made of a pool by GRADE; without a judge, a date and reasons it is not assessed."""

    level: str = Field(examples=["not assessed"])
    judge: str | None
    date: datetime.date | None
    reasons: str | None


class PoolFound(BaseModel):
    """A pool with everything that stands beside it; real trials only."""

    pool: str | None = Field(description="Its name; null where studies are chosen by criteria.")
    title: str
    outcome: Endpoint
    pooled: RatioPooled
    trials: list[TrialPooled]
    sensitivity: list[OtherChoice]
    leave_one_out: list[LeftOneOut]
    published: EffectPublished | None = Field(description="The pool that a paper printed of the same trials.")
    contributions: list[Contributed] = Field(description="Baujat's; empty for one trial.")
    small_studies: SmallStudiesTested
    left_out: list[LeftOut]
    certainty: CertaintyJudged


def asked(
    *,
    q: Words = "",
    disease: Annotated[NamedDisease | None, Query(description="A disease.")] = None,
    setting: Annotated[Setting | None, Query(description="A setting of treatment.")] = None,
    route: Annotated[Route | None, Query(description="A route of IL-2.")] = None,
    schedule: Annotated[ScheduleKind | None, Query(description="A schedule of IL-2.")] = None,
    design: Annotated[Design | None, Query(description="A design.")] = None,
) -> StudyFilter:
    """Return what a request asks for."""
    return StudyFilter(q=q, disease=disease, setting=setting, route=route, schedule=schedule, design=design)


@router.get("/studies", summary="List the studies")
def studies(request: Request, form: Annotated[StudyFilter, Depends(asked)]) -> list[StudyListed]:
    """Return the studies that are asked for."""
    return [_listed(study) for study in form.chosen(base_of(request).studies.values())]


@router.get("/studies/{name}", summary="One study")
def study(request: Request, name: NameOfStudy) -> PublishedStudy:
    """Return everything the base holds of a study, each number with its source, place and quality."""
    try:
        return published(name, base_of(request).studies)
    except StudyError as fault:
        raise HTTPException(404, str(fault)) from fault


@router.get("/pools", summary="List the pools")
def pools() -> list[PoolListed]:
    """Return the pools with a name."""
    return [PoolListed(name=each.name, title=each.title, members=list(each.members)) for each in named_pools().values()]


def of_pool(name: NameOfPool, exclude: Excluded = None) -> Choice:
    """Return a pool with a name, without what a request leaves out; answer that there is none, where there is none."""
    try:
        named_pool(name)
    except AnalysisError as fault:
        raise HTTPException(404, str(fault)) from fault
    return Choice(pool=name, exclude=_names(exclude))


@router.get("/pools/{name}", summary="One pool")
def one_pool(
    request: Request,
    choice: Annotated[Choice, Depends(of_pool)],
    outcome: Outcome = Endpoint.LFS,
    method: Between = BetweenMethod.RESTRICTED_LIKELIHOOD,
    interval: Interval = IntervalMethod.NORMAL,
) -> PoolFound:
    """Return a pool of hazard ratios; refused, with the reason of each, where no trial is left."""
    return _pool(request.app.state, choice, outcome, Method(between=method, interval=interval))


def asked_criteria(
    *,
    role: Annotated[Role, Query(description="Of the treated arm.")] = Role.IL2,
    comparator: Annotated[Role, Query(description="Of the arm it is compared with.")] = Role.CONTROL,
    design: Annotated[Design, Query(description="Of the study.")] = Design.RANDOMISED,
    lineage: Annotated[Lineage | None, Query(description="Of the patients' disease.")] = None,
    setting: Annotated[Setting | None, Query(description="A setting of treatment.")] = None,
    disease: Annotated[NamedDisease | None, Query(description="The patients' disease.")] = None,
) -> Criteria:
    """Return what studies are to meet."""
    return Criteria(role=role, comparator=comparator, design=design, lineage=lineage, setting=setting, disease=disease)


def of_criteria(criteria: Annotated[Criteria, Depends(asked_criteria)], exclude: Excluded = None) -> Choice:
    """Return what a pool by criteria takes."""
    return Choice(pool="", criteria=criteria, exclude=_names(exclude))


def _names(exclude: list[str] | None) -> tuple[str, ...]:
    return tuple(name.upper() for name in exclude or ())


@router.get("/pooled", summary="All studies that meet criteria, pooled")
def by_criteria(
    request: Request,
    choice: Annotated[Choice, Depends(of_criteria)],
    outcome: Outcome = Endpoint.LFS,
    method: Between = BetweenMethod.RESTRICTED_LIKELIHOOD,
    interval: Interval = IntervalMethod.NORMAL,
) -> PoolFound:
    """Return the pool of all studies that meet criteria, a user's own among them; pools with a name leave those out."""
    return _pool(request.app.state, choice, outcome, Method(between=method, interval=interval))


def _pool(state: State, choice: Choice, outcome: Endpoint, method: Method) -> PoolFound:
    return PoolFound.model_validate(pool_document(choice.named, pooled(state, choice, outcome, method)))


def _listed(study: PublishedStudy) -> StudyListed:
    about, (computed, arms) = study.study, computed_arms(study)
    return StudyListed(
        name=about.id,
        year=about.year,
        design=about.design,
        disease=about.disease,
        lineage=about.lineage.value,
        settings=list(about.settings),
        patients=about.n,
        routes=list(routes_of(study)),
        schedules=list(schedules_of(study)),
        outcomes=list(dict.fromkeys(effect.endpoint for effect in study.effects)),
        arms_with_il2=len(arms),
        arms_computed=len(computed),
        risk_of_bias=bias_of(study),
    )
