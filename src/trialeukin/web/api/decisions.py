"""What a pool of trials decides, what it leaves open, and what one more trial would add."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import State

from trialeukin.evidence.choice import Choice
from trialeukin.evidence.decision import Kind
from trialeukin.evidence.verdict import CERTAINTY, RELEVANT, Standard, Verdict
from trialeukin.report.decision_document import decision_document
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.api.evidence import Estimated, Outcome, of_criteria, of_pool
from trialeukin.web.pooled import decided
from trialeukin.web.problems import ANSWERS

router = APIRouter(prefix="/evidence", tags=["evidence"], responses=ANSWERS)
Relevant = Annotated[float, Query(gt=0.0, lt=1.0, description="The hazard ratio that is just worth having.")]
Certainty = Annotated[float, Query(gt=0.5, lt=1.0, description="The probability that is enough.")]


class SeenAs(BaseModel):
    """One way to see the trials."""

    kind: Kind
    seen_as: str
    hazard_ratio: Estimated = Field(description="Median and 95 % limits of what is believed.")
    probability_below_1: float
    probability_below_relevant: float
    verdict: Verdict


class JudgedBy(BaseModel):
    """What would be decided by another hazard ratio just worth having."""

    relevant: float
    probabilities_below: list[float] = Field(description="With either sign of trials whose sign is not known.")
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


class ControlArm(BaseModel):
    """Published survival without the treatment."""

    study: str
    months: float
    survival: float


class DecisionFound(BaseModel):
    """A verdict by a reader's standard, and everything that stands beside it."""

    pool: str | None = Field(description="Name of the pool; null where studies are chosen by criteria.")
    title: str
    outcome: Endpoint
    relevant: float
    certainty_asked: float
    verdict: Verdict
    firm: bool = Field(
        description="Whether it stays without any one trial, under other priors, and for the unconvinced."
    )
    answer: str
    reasons: list[str] = Field(description="Why it is refused, or open because readings differ.")
    statements: list[str]
    views: list[SeenAs]
    by_relevant: list[JudgedBy]
    events_for_90_percent_power: float
    one_more_trial: list[OneMoreTrial]
    control: ControlArm | None
    certainty: str = Field(examples=["not assessed"])


@router.get("/pools/{name}/decision", summary="What a pool decides")
def decision(
    request: Request,
    choice: Annotated[Choice, Depends(of_pool)],
    outcome: Outcome = Endpoint.LFS,
    relevant: Relevant = RELEVANT,
    certainty: Certainty = CERTAINTY,
) -> DecisionFound:
    """Return whether a benefit worth having is shown, excluded or open; refused where the trials cannot answer."""
    return _decided(request.app.state, choice, outcome, Standard(relevant=relevant, certainty=certainty))


@router.get("/pooled/decision", summary="What all studies that meet criteria decide")
def decision_by_criteria(
    request: Request,
    choice: Annotated[Choice, Depends(of_criteria)],
    outcome: Outcome = Endpoint.LFS,
    relevant: Relevant = RELEVANT,
    certainty: Certainty = CERTAINTY,
) -> DecisionFound:
    """Return the same of all studies that meet criteria, a user's own among them."""
    return _decided(request.app.state, choice, outcome, Standard(relevant=relevant, certainty=certainty))


def _decided(state: State, choice: Choice, outcome: Endpoint, standard: Standard) -> DecisionFound:
    return DecisionFound.model_validate(decision_document(choice.named, decided(state, choice, outcome, standard)))
