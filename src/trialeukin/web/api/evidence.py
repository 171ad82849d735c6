"""Evidence: studies of the base, what is held of each, and pools of their hazard ratios."""

import datetime
import math
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field

from trialeukin.core.errors import AnalysisError, StudyError
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.assessments import NOT_ASSESSED, Certainty
from trialeukin.evidence.baujat import contributions
from trialeukin.evidence.catalogue import published
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.pooling import IntervalMethod, Pooled
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria, Taken, named_pool, named_pools
from trialeukin.evidence.synthesis import Method, Synthesis
from trialeukin.evidence.vocabulary import Design, Lineage, Role, Setting, Sign
from trialeukin.regimen.administration import Route
from trialeukin.regimen.schedule import ScheduleKind
from trialeukin.report.evidence_figures import bias_of
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


class TrialPooled(BaseModel):
    """A trial of a pool."""

    study: str
    population: str
    hazard_ratio: Estimated | None = Field(description="Null where its sign is not known.")
    origin: str = Field(description="Which printed numbers it is solved from.")
    quality: str
    weight: float | None = Field(description="Share of the pool; null where it is in none.")
    risk_of_bias: str = Field(examples=["not assessed"])


class OtherChoice(BaseModel):
    """The pool under another choice."""

    what: str
    pooled: RatioPooled


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

    name: str = Field(description="Empty for a pool by criteria.")
    title: str
    outcome: Endpoint
    pooled: RatioPooled
    trials: list[TrialPooled]
    sensitivity: list[OtherChoice]
    leave_one_out: list[OtherChoice]
    left_out: list[LeftOut]
    contributions: list[Contributed] = Field(description="Baujat's; empty for one trial.")
    certainty: CertaintyJudged


def asked(
    *,
    q: Words = "",
    disease: Annotated[str, Query(max_length=80, description="Words that the disease holds, such as AML.")] = "",
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
    found = pooled(request.app.state, choice, outcome, Method(between=method, interval=interval))
    return _pool(choice.pool, found)


def of_criteria(
    *,
    role: Annotated[Role, Query(description="Of the treated arm.")] = Role.IL2,
    lineage: Annotated[Lineage | None, Query(description="Of the patients' disease.")] = None,
    setting: Annotated[Setting | None, Query(description="A setting of treatment.")] = None,
    disease: Annotated[str | None, Query(max_length=80, description="A word that the disease holds.")] = None,
    exclude: Excluded = None,
) -> Choice:
    """Return what a pool by criteria takes."""
    criteria = Criteria(role=role, lineage=lineage, setting=setting, disease=disease or None)
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
    how = Method(between=method, interval=interval)
    return _pool("", pooled(request.app.state, choice, outcome, how))


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


def _pool(name: str, found: Synthesis) -> PoolFound:
    weights = dict(zip(found.pooled.effects.labels, found.pooled.weights, strict=True))
    everyone = (*found.selection.taken, *found.selection.unsigned)
    return PoolFound(
        name=name,
        title=found.title,
        outcome=found.selection.endpoint,
        pooled=_ratio(found.pooled),
        trials=[_trial(each, weights.get(each.name)) for each in everyone],
        sensitivity=[OtherChoice(what=each.words, pooled=_ratio(each.pooled)) for each in found.sensitivity],
        leave_one_out=[OtherChoice(what=f"without {e.label}", pooled=_ratio(e.without)) for e in found.without],
        left_out=[LeftOut(study=study, why=why) for study, why in found.selection.left_out],
        contributions=_contributions(found.pooled),
        certainty=_certainty(found.certainty),
    )


def _contributions(pooled: Pooled) -> list[Contributed]:
    if pooled.k < 2:
        return []
    return [
        Contributed(study=each.label, part_of_q=each.heterogeneity, squared_shift=each.shift)
        for each in contributions(pooled.effects)
    ]


def _certainty(judged: Certainty | None) -> CertaintyJudged:
    if judged is None:
        return CertaintyJudged(level=NOT_ASSESSED, judge=None, date=None, reasons=None)
    return CertaintyJudged(level=judged.level.value, judge=judged.judge, date=judged.date, reasons=judged.reasons)


def _trial(taken: Taken, weight: float | None) -> TrialPooled:
    effect, error = taken.effect, taken.effect.se or 0.0
    signed = effect.sign is Sign.KNOWN
    low, value, high = (math.exp(effect.log_hazard_ratio + at * NORMAL_975 * error) for at in (-1.0, 0.0, 1.0))
    return TrialPooled(
        study=taken.name,
        population=effect.population,
        hazard_ratio=Estimated(value=value, lower=low, upper=high) if signed else None,
        origin=effect.origin.value,
        quality=effect.quality.value,
        weight=None if weight is None else float(weight),
        risk_of_bias=bias_of(taken.study),
    )


def _ratio(pooled: Pooled) -> RatioPooled:
    found, limits = pooled.heterogeneity, pooled.prediction()
    return RatioPooled(
        k=pooled.k,
        method=pooled.method.label,
        interval_method=pooled.interval_method.value,
        hazard_ratio=Estimated(
            value=math.exp(pooled.estimate), lower=math.exp(pooled.lower), upper=math.exp(pooled.upper)
        ),
        p_value=pooled.p_value,
        prediction=None if limits is None else (math.exp(limits[0]), math.exp(limits[1])),
        heterogeneity=None
        if found is None
        else HeterogeneityFound(
            q=found.q,
            degrees_of_freedom=found.degrees_of_freedom,
            p_value=found.q_p_value,
            tau_squared=found.tau_squared,
            tau_squared_interval=found.tau_squared_interval,
            i_squared_percent=found.i_squared,
            i_squared_interval=found.i_squared_interval,
        ),
    )
