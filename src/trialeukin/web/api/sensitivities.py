"""Sensitivities: which parameters decide what a regimen does."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from trialeukin.core.errors import InputError
from trialeukin.store.influence_document import influence_document
from trialeukin.trial.background import BACKGROUNDS, place_of
from trialeukin.trial.changed_background import changed
from trialeukin.trial.influence import DRAWS, FEWEST_DRAWS
from trialeukin.trial.response import SEED, Body
from trialeukin.web.api.comparisons import Changed, ChangedFound
from trialeukin.web.api.regimens import AskedRegimen
from trialeukin.web.asked import regimen_read
from trialeukin.web.influenced import influences_shown
from trialeukin.web.problems import ANSWERS
from trialeukin.web.settings import Settings

router = APIRouter(tags=["sensitivities"], responses=ANSWERS)


class AskedSensitivity(AskedRegimen):
    """A regimen, the body of the typical patient, and in whom it is followed."""

    background: str | None = Field(
        default=None,
        description="The population; if left out, the first one whose model has the regimen's drugs.",
        examples=[BACKGROUNDS[0].name],
    )
    changed: Changed = Field(default_factory=list)
    draws: int = Field(
        default=DRAWS, ge=FEWEST_DRAWS, description="Draws of all parameters, and virtual patients.", examples=[40]
    )
    seed: int = Field(default=SEED, ge=0, le=2**31, description="Of all random numbers.")


class InfluenceFound(BaseModel):
    """What one parameter does to a measure of the typical patient."""

    name: str
    lower: float | None = Field(description="The measure with the parameter one standard deviation lower.")
    higher: float | None = Field(description="The measure with the parameter one standard deviation higher.")
    share: float = Field(description="Of the variance that all parameters make, each by itself.")
    learned: float | None = Field(
        description="Share of the variance of all at once that knowing the parameter exactly would take away, as far "
        "as the measure follows a straight line in it; null of how patients differ."
    )


class SpreadFound(BaseModel):
    """How far a measure spreads for one of the two reasons."""

    low: float | None = Field(description="2.5th percentile where all parameters move at once.")
    high: float | None = Field(description="97.5th percentile of the same.")
    one_at_a_time: float | None = Field(
        description="Standard deviation that the moves one at a time add up to, correlated as the parameters are, over "
        "that of all at once; far from one, the shares tell little."
    )
    parameters: list[InfluenceFound] = Field(description="By share, the largest first.")


class MeasureInfluenced(BaseModel):
    """One measure and what decides it."""

    topic: str = Field(examples=["exposure"])
    name: str
    unit: str = Field(examples=["pmol/L"])
    typical: float = Field(description="Of the typical patient.")
    unknown: SpreadFound = Field(description="What is not known of the parameters.")
    between_patients: SpreadFound = Field(description="How patients differ; the range has their covariates too.")


class SensitivityFound(BaseModel):
    """Which parameters decide what a regimen does."""

    regimen: str
    background: str
    model: str
    changed: list[ChangedFound] = Field(description="Parameters at other values than the model's.")
    followed_days: float
    draws: int
    events: dict[str, float] = Field(description="What happens to the typical patient, and on which day.")
    measures: list[MeasureInfluenced]


@router.post("/sensitivities", summary="Which parameters decide what a regimen does")
def sensitivity(request: Request, asked: AskedSensitivity) -> SensitivityFound:
    """Return every measure of the typical patient with each parameter one standard deviation lower and higher."""
    settings: Settings = request.app.state.settings
    if asked.draws > settings.limits.preview_patients:
        raise InputError(f"draws {asked.draws}: give at most {settings.limits.preview_patients} here")
    regimen = regimen_read(request, asked.text)
    place = changed(place_of(asked.background, [regimen]), asked.changed)
    body = Body(bsa=asked.bsa, weight=asked.weight)
    found = influences_shown(request.app.state, regimen, place, body=body, draws=asked.draws, seed=asked.seed)
    return SensitivityFound.model_validate(influence_document(found, regimen))
