"""Hazard ratios of a pool against the exposure that the model computes, for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import State

from trialeukin.evidence.arm_exposure import ExposureMeasure
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.synthesis import Method
from trialeukin.report.dose_response_document import dose_response_document
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.api.evidence import Estimated, LeftOut, Outcome, of_criteria, of_pool
from trialeukin.web.pooled import pooled, responses
from trialeukin.web.problems import ANSWERS

router = APIRouter(prefix="/evidence", tags=["evidence"], responses=ANSWERS)
Measure = Annotated[ExposureMeasure, Query(description="Of exposure to IL-2.")]


class ExposureOfTrial(BaseModel):
    """What the model computes of a trial's arm with IL-2."""

    study: str
    exposure: float
    interval: tuple[float, float] = Field(description="95 % over what is not known of the model.")


class SlopeTested(BaseModel):
    """Whether the slope is zero, by Hartung and Knapp."""

    f: float
    degrees_of_freedom: tuple[int, int]
    p_value: float


class HeterogeneityLeft(BaseModel):
    """How much trials differ beyond their sampling errors and the slope."""

    q: float
    degrees_of_freedom: int
    p_value: float
    tau_squared: float
    tau_squared_without: float = Field(description="Of the same trials without the slope.")
    explained: float | None = Field(description="Share of the latter; null where it is zero.")


class ExposureFound(BaseModel):
    """Hazard ratios against exposure, with the plain answer."""

    measure: ExposureMeasure
    words: str = Field(description="What it is, with its unit.")
    k: int
    fewest_trials: int
    answer: str
    slope_per_sd: Estimated = Field(description="Of the log hazard ratio, with its 95 % limits.")
    better_with_more: float
    test_of_slope: SlopeTested
    residual_heterogeneity: HeterogeneityLeft
    trials: list[ExposureOfTrial]
    left_out: list[LeftOut]


@router.get("/pools/{name}/exposure", summary="A pool against exposure")
def exposure(
    request: Request,
    choice: Annotated[Choice, Depends(of_pool)],
    outcome: Outcome = Endpoint.LFS,
    measure: Measure = ExposureMeasure.AREA,
) -> ExposureFound:
    """Return hazard ratios against the exposure that the model computes; the first answer may take half a minute."""
    return _against_exposure(request.app.state, choice, outcome, measure)


@router.get("/pooled/exposure", summary="All studies that meet criteria, against exposure")
def exposure_by_criteria(
    request: Request,
    choice: Annotated[Choice, Depends(of_criteria)],
    outcome: Outcome = Endpoint.LFS,
    measure: Measure = ExposureMeasure.AREA,
) -> ExposureFound:
    """Return the same of all studies that meet criteria, a user's own among them."""
    return _against_exposure(request.app.state, choice, outcome, measure)


def _against_exposure(state: State, choice: Choice, outcome: Endpoint, measure: ExposureMeasure) -> ExposureFound:
    found = pooled(state, choice, outcome, Method())
    (response,), _ = responses(state, found, (measure,))
    return ExposureFound.model_validate(dose_response_document(response))
