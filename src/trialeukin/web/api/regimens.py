"""Regimens: those of the library, what a text means, and what it does."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.regimen.body import BSA_LIMITS, WEIGHT_LIMITS
from trialeukin.regimen.describe import as_json
from trialeukin.regimen.library import Entry, entry, names
from trialeukin.regimen.render import render
from trialeukin.trial.arm_result import Fan
from trialeukin.trial.background import BACKGROUNDS, place_of
from trialeukin.trial.response import PATIENTS, SEED, Body, response_of
from trialeukin.web.api.parameters import NameOfRegimen, Words
from trialeukin.web.asked import regimen_read
from trialeukin.web.charts.chart import numbers_or_none
from trialeukin.web.problems import ANSWERS
from trialeukin.web.search import matches
from trialeukin.web.settings import Settings

EXAMPLE = "aldesleukin 9 MIU/m2/day civ days 1-4; aldesleukin 1.6 MIU/m2/day civ days 9-18"
router = APIRouter(tags=["regimens"], responses=ANSWERS)


class Known(BaseModel):
    """A regimen of the library."""

    name: str = Field(examples=["calgb-19808"])
    title: str
    text: str = Field(description="The regimen's file, with its sources in comments.")
    sources: list[str]
    assumed: list[str] = Field(description="What the source does not say and is assumed.")
    missing: list[str] = Field(description="What the source does not say and is left open.")


class AskedRegimen(BaseModel):
    """A regimen for one patient."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="A regimen, or library:NAME.", examples=[EXAMPLE])
    bsa: float = Field(default=Body().bsa, ge=BSA_LIMITS[0], le=BSA_LIMITS[1], description="Body surface, m2.")
    weight: float = Field(
        default=Body().weight, ge=WEIGHT_LIMITS[0], le=WEIGHT_LIMITS[1], description="Body weight, kg."
    )


class AskedResponse(AskedRegimen):
    """A regimen, in whom it is followed, and how many of them."""

    background: str | None = Field(
        default=None,
        description="The population; if left out, the first one whose model has the regimen's drugs.",
        examples=[BACKGROUNDS[0].name],
    )
    patients: int = Field(default=PATIENTS, ge=20, description="Virtual patients.")
    seed: int = Field(default=SEED, ge=0, le=2**31, description="Of all random numbers.")


class Patient(BaseModel):
    """The body that doses were scaled to."""

    bsa_m2: float
    weight_kg: float


class DoseBlock(BaseModel):
    """A run of days on which a drug is given alike."""

    drug: str
    route: str
    start_day: int
    end_day: int
    amount: float | None = Field(description="One administration, in the unit; null where its source does not give it.")
    unit: str
    per: str
    times_per_day: int
    duration_h: float
    cap: float | None


class DoseEvent(BaseModel):
    """One administration, scaled to the patient."""

    time_h: float
    duration_h: float
    drug: str
    amount: float | None
    unit: str
    route: str


class DoseTotal(BaseModel):
    """All that is planned of one drug."""

    amount: float | None
    unit: str


class Reading(BaseModel):
    """What a regimen means."""

    canonical: str
    sentence: str
    warnings: list[str] = Field(description="Doses far beyond any of the library; they are read all the same.")
    patient: Patient
    blocks: list[DoseBlock]
    events: list[DoseEvent]
    total: dict[str, DoseTotal]


class MeasureFound(BaseModel):
    """One number of the whole course."""

    name: str
    unit: str
    typical: float = Field(description="Of the typical patient.")
    low: float = Field(description="5th percentile of the virtual patients.")
    median: float
    high: float = Field(description="95th percentile of the virtual patients.")


class Quantiles(BaseModel):
    """One quantity over time in the patients who are alive."""

    quantity: str
    unit: str
    meaning: str
    days: list[float] = Field(description="Since the start of treatment.")
    typical: list[float | None]
    quantiles: list[list[float | None]] = Field(description="At 5, 25, 50, 75 and 95 %; null where nobody is alive.")


class ResponseFound(BaseModel):
    """What a regimen does."""

    regimen: str
    background: str
    model: str
    patients: int
    failed: int
    measures: list[MeasureFound]
    quantities: list[Quantiles]


@router.get("/regimens", summary="List the library")
def library(q: Words = "") -> list[Known]:
    """Return the regimens of the library that some words find."""
    entries = [entry(name) for name in names()]
    return [_known(each) for each in entries if matches(q, f"{each.name} {each.title} {each.text}")]


@router.get("/regimens/{name}", summary="One regimen of the library")
def one(name: NameOfRegimen) -> Known:
    """Return one regimen of the library."""
    return _known(entry(name))


@router.post("/readings", summary="What a regimen means")
def reading(request: Request, asked: AskedRegimen) -> Reading:
    """Return a regimen's canonical text, sentence, dose table, every dose and the totals."""
    return Reading.model_validate(as_json(regimen_read(request, asked.text), asked.bsa, asked.weight))


@router.post("/responses", summary="What a regimen does")
def response(request: Request, asked: AskedResponse) -> ResponseFound:
    """Return exposure and cells in a typical patient and in virtual ones."""
    settings: Settings = request.app.state.settings
    if asked.patients > settings.limits.preview_patients:
        raise InputError(f"patients {asked.patients}: give at most {settings.limits.preview_patients} here, or a run")
    regimen = regimen_read(request, asked.text)
    place = place_of(asked.background, [regimen])
    body = Body(bsa=asked.bsa, weight=asked.weight)
    key = ("response", render(regimen), place.name, body, asked.patients, asked.seed)
    found = request.app.state.previews.of(
        key, lambda: response_of(regimen, place, body=body, patients=asked.patients, seed=asked.seed)
    )
    return ResponseFound(
        regimen=render(regimen),
        background=place.name,
        model=place.model,
        patients=found.patients,
        failed=found.failed,
        measures=[
            MeasureFound(
                name=each.name,
                unit=each.unit,
                typical=each.typical,
                low=each.low,
                median=each.median,
                high=each.high,
            )
            for each in found.measures
        ],
        quantities=[_quantiles(fan, found.course(fan.quantity).values) for fan in (*found.exposure, *found.cells)],
    )


def _known(found: Entry) -> Known:
    return Known(
        name=found.name,
        title=found.title,
        text=found.text,
        sources=[str(source) for source in found.sources],
        assumed=list(found.assumed),
        missing=list(found.missing),
    )


def _quantiles(fan: Fan, typical: Floats) -> Quantiles:
    return Quantiles(
        quantity=fan.quantity,
        unit=fan.unit,
        meaning=fan.meaning,
        days=[float(day) for day in fan.times],
        typical=numbers_or_none(typical),
        quantiles=[numbers_or_none(level) for level in fan.quantiles],
    )
