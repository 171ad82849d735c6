"""Hazard ratios of a pool against the exposure that the model computes, for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import State

from trialeukin.evidence.arm_exposure import ExposureMeasure
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.dose_response import FEWEST, DoseResponse
from trialeukin.evidence.synthesis import Method
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


class ExposureFound(BaseModel):
    """Hazard ratios against exposure, with the plain answer."""

    measure: ExposureMeasure
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
    (response,), exposures = responses(state, found, (measure,))
    trials = [
        ExposureOfTrial(
            study=name, exposure=exposures[name].typical(measure), interval=exposures[name].interval(measure)
        )
        for name in response.trials
    ]
    return _exposure(response, trials)


def _exposure(response: DoseResponse, trials: list[ExposureOfTrial]) -> ExposureFound:
    regression = response.regression
    slope = regression.slopes[1]
    return ExposureFound(
        measure=response.measure,
        k=response.regression.k,
        fewest_trials=FEWEST,
        answer=response.verdict.value,
        slope_per_sd=Estimated(value=slope.value, lower=slope.lower, upper=slope.upper),
        better_with_more=response.better_with_more,
        test_of_slope=SlopeTested(
            f=regression.f,
            degrees_of_freedom=(regression.qm_degrees_of_freedom, regression.qe_degrees_of_freedom),
            p_value=regression.qm_p_value,
        ),
        residual_heterogeneity=HeterogeneityLeft(
            q=regression.qe,
            degrees_of_freedom=regression.qe_degrees_of_freedom,
            p_value=regression.qe_p_value,
            tau_squared=regression.tau_squared,
            tau_squared_without=regression.tau_squared_without,
        ),
        trials=trials,
        left_out=[LeftOut(study=study, why=why) for study, why in response.left_out],
    )
