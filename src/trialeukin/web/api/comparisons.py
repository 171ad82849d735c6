"""Comparisons: what up to four regimens do in the same virtual patients, against the first of them."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from trialeukin.core.errors import Fault, InputError
from trialeukin.regimen.course import Regimen
from trialeukin.store.contrast_document import contrast_document
from trialeukin.trial.background import BACKGROUNDS, place_of
from trialeukin.trial.changed_background import changed
from trialeukin.trial.contrast import DRAWS, FEWEST_DRAWS, PATIENTS_OF_DRAW
from trialeukin.trial.response import PATIENTS, SEED
from trialeukin.web.asked import regimen_read
from trialeukin.web.contrasted import contrasted
from trialeukin.web.problems import ANSWERS
from trialeukin.web.settings import Settings

Changed = Annotated[
    list[str],
    Field(
        max_length=20,
        description="Parameters of the model at other values: a name, '=', and a value with its unit or a multiple.",
        examples=[["il2_linear_clearance=x2", "receptor_access=0.3"]],
    ),
]
PATIENTS_A_DRAW_STANDS_FOR = 10  # what a server lets be followed is shared between patients and draws
router = APIRouter(tags=["comparisons"], responses=ANSWERS)


class AskedComparison(BaseModel):
    """Regimens, in whom they are followed, and how many of them."""

    model_config = ConfigDict(extra="forbid")

    regimens: list[str] = Field(
        min_length=1,
        max_length=4,
        description="Regimens, library:NAME or none; the first is what the others are set against.",
        examples=[["none", "aldesleukin 1 MIU/m2/day sc days 1-14"]],
    )
    background: str | None = Field(
        default=None,
        description="The population; if left out, the first one whose model has the drugs of all regimens.",
        examples=[BACKGROUNDS[0].name],
    )
    changed: Changed = Field(default_factory=list)
    patients: int = Field(default=PATIENTS, ge=PATIENTS_OF_DRAW, description="Virtual patients.", examples=[30])
    draws: int = Field(
        default=DRAWS,
        ge=0,
        description=f"Draws of what is not known: none, or {FEWEST_DRAWS} or more.",
        examples=[4],
    )
    seed: int = Field(default=SEED, ge=0, le=2**31, description="Of all random numbers.")


class LevelFound(BaseModel):
    """A measure under one regimen; null where it has no meaning."""

    mean: float | None = Field(description="Over the patients; of a share, per cent of them.")
    low: float | None = Field(description="5th percentile of the patients; null of a share.")
    high: float | None = Field(description="95th percentile of the patients; null of a share.")


class DifferenceFound(BaseModel):
    """A measure under one regimen less that under the first, in the same patients."""

    mean: float | None = Field(description="Over the patients; of a share, percentage points.")
    low: float | None = Field(
        description="5th percentile of the patients' own differences; of a share, per cent of patients who have it "
        "under the first alone."
    )
    high: float | None = Field(description="95th percentile; of a share, per cent who have it under this one alone.")
    lower: float | None = Field(description="Lower limit of the 95 % interval from what is not known.")
    upper: float | None = Field(description="Upper limit of the same.")
    resolved: bool = Field(
        description="Whether the draws could be told from the chance of their few patients; else it is in the interval."
    )


class ContrastFound(BaseModel):
    """One measure under every regimen."""

    topic: str = Field(examples=["exposure"])
    name: str
    unit: str = Field(examples=["pmol/L"])
    is_share: bool = Field(description="Whether it is the per cent of patients to whom something happened.")
    levels: list[LevelFound] = Field(description="One a regimen, in their order.")
    differences: list[DifferenceFound] = Field(description="One a regimen from the second on.")


class SurvivalFound(BaseModel):
    """How many patients are free of an event."""

    name: str = Field(examples=["alive without relapse"])
    days: list[float] = Field(description="Since the start of treatment.")
    shares: list[list[float]] = Field(description="One curve a regimen, as fractions.")


class ChangedFound(BaseModel):
    """A parameter that was changed, in the model's unit."""

    name: str
    value: float
    usual: float
    unit: str


class ComparisonFound(BaseModel):
    """What some regimens do in the same patients."""

    regimens: list[str] = Field(description="Their canonical texts.")
    background: str
    model: str
    changed: list[ChangedFound] = Field(description="Parameters at other values than the model's.")
    patients: int
    failed: int = Field(description="Patients left out, since they could not be followed under every regimen.")
    draws: int
    patients_of_draw: int
    treated_days: float = Field(description="Until when exposure, cells and toxicity are looked at.")
    followed_days: float = Field(description="Until when events are.")
    measures: list[ContrastFound]
    survivals: list[SurvivalFound]


@router.post("/comparisons", summary="What differs between regimens")
def comparison(request: Request, asked: AskedComparison) -> ComparisonFound:
    """Return every measure under each regimen and its difference from the first, with both intervals."""
    _check_size(request, asked)
    regimens = tuple(_regimen(request, text, place) for place, text in enumerate(asked.regimens))
    where = changed(place_of(asked.background, regimens), asked.changed)
    found = contrasted(request.app.state, regimens, where, patients=asked.patients, draws=asked.draws, seed=asked.seed)
    return ComparisonFound.model_validate(contrast_document(found, regimens))


def _check_size(request: Request, asked: AskedComparison) -> None:
    settings: Settings = request.app.state.settings
    most = settings.limits.preview_patients
    draws = max(FEWEST_DRAWS, most // PATIENTS_A_DRAW_STANDS_FOR)
    if asked.patients > most:
        raise InputError(f"patients {asked.patients}: give at most {most} here, or a run")
    if asked.draws > draws:
        raise InputError(f"draws {asked.draws}: give at most {draws} here")


def _regimen(request: Request, text: str, place: int) -> Regimen:
    """Return one regimen; its faults say which one it is."""
    try:
        return regimen_read(request, text)
    except InputError as fault:
        faults = (
            Fault(message=f"regimens.{place}: {each.message}", line=each.line, column=each.column, width=each.width)
            for each in fault.faults
        )
        raise InputError(f"regimens.{place}: {fault}", faults) from fault
