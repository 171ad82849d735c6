"""What a pool of trials decides, what it leaves open, and what one more trial would add."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from trialeukin.evidence.decision import Decision, View
from trialeukin.evidence.next_trial import NextTrial
from trialeukin.evidence.verdict import CERTAINTY, RELEVANT, Standard, Verdict
from trialeukin.report.decision_words import answer, statements
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.api.evidence import Outcome, refuse_unknown
from trialeukin.web.api.parameters import NameOfPool
from trialeukin.web.pooled import decided
from trialeukin.web.problems import ANSWERS

router = APIRouter(prefix="/evidence", tags=["evidence"], responses=ANSWERS)
Relevant = Annotated[float, Query(gt=0.0, lt=1.0, description="The hazard ratio that is just worth having.")]
Certainty = Annotated[float, Query(gt=0.5, lt=1.0, description="The probability that is enough.")]


class SeenAs(BaseModel):
    """One way to see the trials."""

    seen_as: str
    hazard_ratio: tuple[float, float, float] = Field(description="Median and 95 % limits.")
    probability_below_1: float
    probability_below_relevant: float
    verdict: Verdict


class JudgedBy(BaseModel):
    """The average by another hazard ratio just worth having."""

    relevant: float
    probability_below: float
    verdict: Verdict


class OneMoreTrial(BaseModel):
    """The chance of each verdict after one more trial, on its own regimen."""

    events: int
    patients: int | None = Field(description="Null where no control arm's survival is published.")
    shown: float
    excluded: float
    harm: float
    open: float
    significant: float = Field(description="Chance of a significant benefit, two-sided 0.05.")


class DecisionFound(BaseModel):
    """A verdict by a reader's standard, and everything that stands beside it."""

    pool: str
    outcome: Endpoint
    relevant: float
    certainty_asked: float
    verdict: Verdict
    firm: bool = Field(description="Whether it stays without any one trial, for a sceptic and for an enthusiast.")
    answer: str
    reasons: list[str] = Field(description="Why it is refused, or left open for another reason than the average.")
    statements: list[str]
    views: list[SeenAs]
    by_relevant: list[JudgedBy]
    events_for_90_percent_power: float
    one_more_trial: list[OneMoreTrial]


@router.get("/pools/{name}/decision", summary="What a pool decides")
def decision(
    request: Request,
    name: NameOfPool,
    outcome: Outcome = Endpoint.LFS,
    relevant: Relevant = RELEVANT,
    certainty: Certainty = CERTAINTY,
) -> DecisionFound:
    """Return whether a benefit worth having is shown, excluded or open; refused where the trials cannot answer."""
    refuse_unknown(name)
    return _found(name, decided(request.app.state, name, outcome, Standard(relevant=relevant, certainty=certainty)))


def _found(name: str, found: Decision) -> DecisionFound:
    return DecisionFound(
        pool=name,
        outcome=found.found.selection.endpoint,
        relevant=found.standard.relevant,
        certainty_asked=found.standard.certainty,
        verdict=found.verdict,
        firm=found.firm,
        answer=answer(found),
        reasons=list(found.reasons),
        statements=list(statements(found)),
        views=[_seen(each) for each in found.views],
        by_relevant=[JudgedBy(relevant=r, probability_below=p, verdict=v) for r, p, v in found.by_relevant],
        events_for_90_percent_power=found.needed,
        one_more_trial=[_trial(each) for each in found.further],
    )


def _seen(view: View) -> SeenAs:
    return SeenAs(
        seen_as=view.words,
        hazard_ratio=(view.median, view.lower, view.upper),
        probability_below_1=view.benefit,
        probability_below_relevant=view.worth,
        verdict=view.verdict,
    )


def _trial(each: NextTrial) -> OneMoreTrial:
    return OneMoreTrial(
        events=each.events,
        patients=each.patients,
        shown=each.shown,
        excluded=each.excluded,
        harm=each.harm,
        open=each.open,
        significant=each.significant,
    )
