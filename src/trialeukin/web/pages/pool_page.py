"""Pools of published hazard ratios, what exposure says of them, and biologic beside clinical effects."""

import re
from dataclasses import asdict, dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from trialeukin.core.errors import AnalysisError, InputError
from trialeukin.evidence.arm_exposure import ExposureMeasure
from trialeukin.evidence.catalogue import added_to
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.dose_response import FEWEST
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.pooling import IntervalMethod
from trialeukin.evidence.published_markers import both_effects, trials_of, went_together
from trialeukin.evidence.selection import Criteria, named_pool, named_pools
from trialeukin.evidence.simulated import simulated_beside
from trialeukin.evidence.surrogacy_answers import surrogacy_answers
from trialeukin.evidence.synthesis import Method, Synthesis
from trialeukin.evidence.vocabulary import Design, Lineage, Role, Setting
from trialeukin.report.evidence_figures import certainty_of, described, forest_of, said_of_small_studies
from trialeukin.report.published_tables import biologic_effects
from trialeukin.report.surrogacy_words import over_trials, published_statements
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.asked import word_of
from trialeukin.web.charts.baujat_chart import baujat_chart
from trialeukin.web.charts.chart import Chart
from trialeukin.web.charts.drapery_chart import drapery_chart
from trialeukin.web.charts.exposure_chart import exposure_chart
from trialeukin.web.charts.forest_chart import forest_chart
from trialeukin.web.charts.funnel_chart import funnel_chart
from trialeukin.web.evidence_base import base_of
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.pooled import pooled, responses

router = APIRouter()
POOL, WIDEST_POOL = "aml-cr1", "aml-cr1-all"
BY_CRITERIA = "by criteria"
BESIDE = (funnel_chart, baujat_chart, drapery_chart)
KINDS_OF_CRITERIA = {
    "role": ("Treated arm", Role),
    "comparator": ("Against", Role),
    "lineage": ("Lineage", Lineage),
    "setting": ("Setting", Setting),
    "disease": ("Disease", NamedDisease),
    "design": ("Design", Design),
}
RISES = (ExposureMeasure.TREG_RISE, ExposureMeasure.NK_RISE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolAsked:
    """What a form asks for: a pool with a name, or all studies that meet criteria, some of them left out."""

    choice: Choice
    outcome: Endpoint
    method: Method
    measure: ExposureMeasure
    real_only: bool

    def chosen(self, usual: str) -> Choice:
        """Return what is pooled; the usual pool where the form names none."""
        return replace(self.choice, pool=self.choice.pool or usual)

    def address(self, path: str) -> str:
        """Return the address at which a page or a part of one shows it."""
        given = {
            "pool": self.choice.pool,
            "outcome": self.outcome.value,
            "method": self.method.between.value,
            "interval": self.method.interval.value,
            "measure": self.measure.value,
        } | ({"real_only": "1"} if self.real_only else {})
        if self.choice.criteria is not None:
            given |= _given(self.choice.criteria)
        if self.choice.exclude:
            given["exclude"] = " ".join(self.choice.exclude)
        return f"{path}?{urlencode(given)}"


def method_asked(method: str = "", interval: str = "") -> Method:
    """Return how a request's form asks to pool; the usual where a field is empty."""
    usual = Method()
    return Method(
        between=word_of(BetweenMethod, "method", method) or usual.between,
        interval=word_of(IntervalMethod, "interval", interval) or usual.interval,
    )


def criteria_asked(
    role: str = "", lineage: str = "", setting: str = "", disease: str = "", comparator: str = "", design: str = ""
) -> Criteria | None:
    """Return the criteria of a request's form, the usual where a field is empty; None where all are."""
    if not any((role, lineage, setting, disease, comparator, design)):
        return None
    usual = Criteria()
    return Criteria(
        role=word_of(Role, "role", role) or usual.role,
        lineage=word_of(Lineage, "lineage", lineage),
        setting=word_of(Setting, "setting", setting),
        disease=word_of(NamedDisease, "disease", disease),
        comparator=word_of(Role, "comparator", comparator) or usual.comparator,
        design=word_of(Design, "design", design) or usual.design,
    )


def choice_asked(
    criteria: Annotated[Criteria | None, Depends(criteria_asked)],
    pool: str = "",
    exclude: Annotated[list[str] | None, Query()] = None,
) -> Choice:
    """Return what a request's form asks to be pooled; an empty name where it names no pool and gives no criteria.

    Raises
    ------
    InputError
        When criteria stand beside a pool with a name, which has members of its own.
    """
    if criteria is not None and pool not in {"", BY_CRITERIA}:
        raise InputError(
            f"pool {pool[:40]!r} has members of its own: clear the criteria ({criteria.words}), or choose all studies "
            "that meet them"
        )
    by_criteria = pool == BY_CRITERIA or criteria is not None
    return Choice(
        pool=BY_CRITERIA if by_criteria else named_pool(pool).name if pool else "",
        criteria=criteria or Criteria() if by_criteria else None,
        exclude=tuple(re.findall(r"[^\s,;]+", " ".join(exclude or ()).upper())),
    )


def asked(
    choice: Annotated[Choice, Depends(choice_asked)],
    method: Annotated[Method, Depends(method_asked)],
    outcome: str = "",
    measure: str = "",
    real_only: str = "",
) -> PoolAsked:
    """Return what a request's form asks for; the usual where a field is empty."""
    return PoolAsked(
        choice=choice,
        outcome=word_of(Endpoint, "outcome", outcome) or Endpoint.LFS,
        method=method,
        measure=word_of(ExposureMeasure, "measure", measure) or ExposureMeasure.AREA,
        real_only=bool(real_only),
    )


Form = Annotated[PoolAsked, Depends(asked)]


@router.get("/evidence/pools")
def pools(request: Request, form: Form) -> Response:
    """Return the page of pools."""
    return page(request, "pools.html.j2", choices(form, POOL) | {"part": form.address("/evidence/pools/forest")})


@router.get("/evidence/pools/forest")
def forest(request: Request, form: Form) -> Response:
    """Return a pool's forest plot with everything that stands beside it."""
    headers, choice = {"HX-Replace-Url": form.address("/evidence/pools")}, form.chosen(POOL)
    try:
        found = pooled(request.app.state, choice, form.outcome, form.method)
    except AnalysisError as fault:
        return not_pooled(request, fault, headers)
    beside = simulated_beside(found.selection, found.pooled, frozen_predictions(), pool=choice.whole)
    values = {
        "found": found,
        "described": described(found.pooled),
        "certainty": certainty_of(found),
        "chart": forest_chart(forest_of(found, simulated=None if form.real_only else beside), "forest"),
        "beside": None if form.real_only else beside,
        "charts": _charts_beside(found),
        "small": said_of_small_studies(found.small_studies),
        "outside": _outside(request, form),
    }
    return fragment(request, "parts/forest.html.j2", values, headers=headers)


def not_pooled(request: Request, fault: AnalysisError, headers: dict[str, str]) -> Response:
    """Return why nothing can be pooled: an answer, since the form offers every pool with every outcome."""
    return fragment(request, "parts/not_pooled.html.j2", {"why": str(fault).splitlines()}, headers=headers)


def _charts_beside(found: Synthesis) -> list[Chart]:
    """Return what stands beside a forest: nothing of a single study."""
    if found.pooled.k < 2:
        return []
    return [make(found.selection.endpoint.label.lower(), found.pooled) for make in BESIDE]


@router.get("/evidence/exposure")
def exposure(request: Request, form: Form) -> Response:
    """Return the page of hazard ratios against exposure."""
    values = choices(form, WIDEST_POOL) | {"part": form.address("/evidence/exposure/chart"), "fewest": FEWEST}
    return page(request, "exposure.html.j2", values)


@router.get("/evidence/exposure/chart")
def exposure_part(request: Request, form: Form) -> Response:
    """Return one measure of exposure against the hazard ratios of a pool, with the plain answer."""
    headers = {"HX-Replace-Url": form.address("/evidence/exposure")}
    try:
        values = _responses(request, form.chosen(WIDEST_POOL), form.outcome, (form.measure,))
    except AnalysisError as fault:
        return not_pooled(request, fault, headers)
    return fragment(request, "parts/exposure.html.j2", values, headers=headers)


@router.get("/evidence/effects")
def effects(request: Request) -> Response:
    """Return biologic beside clinical effects, why they need not go together, and what cannot be concluded."""
    studies = base_of(request).studies
    trials = trials_of(studies, Endpoint.LFS)
    values = {
        "found": biologic_effects(studies),
        "total": len(studies),
        "recorded": surrogacy_answers(),
        "over_trials": over_trials(both_effects(trials)),
        "statements": published_statements(went_together(studies.values())),
    }
    return page(request, "effects.html.j2", values)


@router.get("/evidence/effects/charts")
def effects_part(request: Request) -> Response:
    """Return hazard ratios against the rises of cells that the model computes of the same arms."""
    return fragment(
        request, "parts/exposure.html.j2", _responses(request, Choice(pool=WIDEST_POOL), Endpoint.LFS, RISES)
    )


def _responses(
    request: Request, choice: Choice, outcome: Endpoint, measures: tuple[ExposureMeasure, ...]
) -> dict[str, object]:
    found = pooled(request.app.state, choice, outcome, Method())
    responded, exposures = responses(request.app.state, found, measures)
    return {
        "found": found,
        "described": described(found.pooled),
        "answers": list(dict.fromkeys(each.verdict.value for each in responded)),
        "responses": responded,
        "fewest": FEWEST,
        "charts": [
            exposure_chart(each, found.pooled, exposures, f"exposure-{place}") for place, each in enumerate(responded)
        ],
    }


def choices(form: PoolAsked, usual: str) -> dict[str, object]:
    """Return what the fields of a pool's form choose from."""
    return {
        "form": form,
        "pool": form.choice.pool or usual,
        "pools": named_pools().values(),
        "by_criteria": BY_CRITERIA,
        "kinds_of_criteria": KINDS_OF_CRITERIA,
        "usual_criteria": Criteria(),
        "outcomes": Endpoint,
        "methods": BetweenMethod,
        "intervals": IntervalMethod,
        "measures": ExposureMeasure,
    }


def _given(criteria: Criteria) -> dict[str, str]:
    """Return criteria as the form's fields have them, empty where they are the usual."""
    chosen, usual = asdict(criteria), asdict(Criteria())
    return {name: each.value for name, each in chosen.items() if each is not usual[name]}


def _outside(request: Request, form: PoolAsked) -> dict[str, str]:
    """Return the user's own studies, which a pool with a name has not, with the address that pools each with its like.

    Criteria that a study meets are its lineage and its first setting, beside the role that the pool is of.
    """
    studies = base_of(request).studies
    if form.choice.criteria is not None:
        return {}
    role = named_pool(form.choice.pool or POOL).role
    found = {}
    for name in added_to(studies):
        about = studies[name].study
        criteria = Criteria(role=role, lineage=about.lineage, setting=about.settings[0])
        found[name] = replace(form, choice=Choice(pool=BY_CRITERIA, criteria=criteria)).address("/evidence/pools")
    return found
