"""Models: their equations, every parameter with its source, and what a parameter does."""

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from trialeukin.core.parameter import Scale
from trialeukin.model.component import Component
from trialeukin.model.fitted import Verdict
from trialeukin.model.named import all_names, components_of, system_of
from trialeukin.model.published.library import PUBLISHED
from trialeukin.model.system import System
from trialeukin.report.theory.equations import equations_of
from trialeukin.report.theory.known import KnownParameter, Origin, known_parameters
from trialeukin.report.theory.prose import title_of
from trialeukin.trial.parameter_effect import ParameterEffect, effect_of, named_parameter
from trialeukin.trial.response import LONGEST
from trialeukin.web.api.parameters import NameOfModel, Words
from trialeukin.web.asked import regimen_read
from trialeukin.web.charts.chart import numbers_or_none
from trialeukin.web.problems import ANSWERS
from trialeukin.web.shown_model import finds, named_system, usual_quantity, usual_regimen

router = APIRouter(prefix="/models", tags=["models"], responses=ANSWERS)


class ModelListed(BaseModel):
    """A model."""

    name: str = Field(examples=["il2-immune"])
    paper: str | None = Field(description="Of a model of others; null for those of this project.")
    states: int
    readings: int
    parameters: int
    drugs: list[str]
    events: list[str]


class QuantityFound(BaseModel):
    """A state or a reading."""

    name: str
    unit: str
    meaning: str


class InputFound(BaseModel):
    """Where doses of a drug enter."""

    drug: str
    routes: list[str]
    state: str


class ComponentFound(BaseModel):
    """A piece of biology."""

    title: str
    equations: list[str] = Field(description="In LaTeX, one display a kind.")


class ModelFound(ModelListed):
    """A model with everything but its parameters."""

    quantities: list[QuantityFound] = Field(description="States first, then readings.")
    inputs: list[InputFound]
    components: list[ComponentFound]


class FitFound(BaseModel):
    """How a fit moved a parameter."""

    prior: float
    prior_sd: float
    shrinkage: float = Field(description="Share of the prior variance that the observations took away.")
    verdict: Verdict


class ParameterFound(BaseModel):
    """A number of biology."""

    name: str
    value: float
    unit: str
    between_patients: float = Field(description="Standard deviation between patients, on the scale.")
    uncertainty: float = Field(description="Standard deviation of what is not known of the value, on the scale.")
    scale: Scale
    meaning: str
    origin: Origin
    known: str = Field(description="How well it is known, in words.")
    source: str = Field(description="The work and the place in it, or the reason of an assumption.")
    fit: FitFound | None


class AskedCourses(BaseModel):
    """A parameter that is tried at another value, and what is followed of the typical patient."""

    model_config = ConfigDict(extra="forbid")

    parameter: str = Field(max_length=80, description="Its name.", examples=["nk_activation_half_signal"])
    value: float = Field(description="What it is changed to, in its unit.", examples=[350.0], allow_inf_nan=False)
    quantity: str | None = Field(default=None, max_length=80, description="What is followed; the usual if left out.")
    text: str | None = Field(default=None, description="A regimen, or library:NAME; the usual if left out.")
    days: float | None = Field(default=None, ge=1.0, le=LONGEST, description="How long; to 60 days past the last dose.")


class ExtremesFound(BaseModel):
    """The lowest and highest a quantity gets at either value; null where the course ended before."""

    quantity: str
    unit: str
    lowest: list[float | None] = Field(description="At the usual value, then as tried.")
    highest: list[float | None]


class CoursesFound(BaseModel):
    """Two courses of the typical patient."""

    model: str
    parameter: str
    usual: float
    tried: float
    quantity: str
    unit: str
    days: list[float]
    usual_course: list[float | None] = Field(description="Null after death.")
    tried_course: list[float | None]
    extremes: list[ExtremesFound]


@router.get("", summary="List the models")
def listed() -> list[ModelListed]:
    """Return the models of this project, then those of others."""
    return [_head(name, system_of(name)) for name in all_names()]


@router.get("/{name}", summary="One model")
def one(name: NameOfModel) -> ModelFound:
    """Return a model's quantities, the doses it takes and its equations."""
    system = named_system(name)
    return ModelFound(
        **_head(name, system).model_dump(),
        quantities=[
            QuantityFound(name=each.name, unit=each.unit, meaning=each.meaning)
            for group in (system.states, system.definitions)
            for each in group
        ],
        inputs=[
            InputFound(drug=each.drug, routes=[route.value for route in each.routes], state=each.state)
            for each in system.inputs
        ],
        components=[_component(each) for each in components_of(name)],
    )


@router.get("/{name}/parameters", summary="The parameters of a model")
def parameters(name: NameOfModel, q: Words = "") -> list[ParameterFound]:
    """Return every parameter with its spreads, its source and how well it is known."""
    return [_parameter(each) for each in known_parameters(named_system(name)) if finds(each, q)]


@router.post("/{name}/courses", summary="What a parameter does")
def courses(request: Request, name: NameOfModel, asked: AskedCourses) -> CoursesFound:
    """Return the typical patient's courses at a parameter's value and at another."""
    system = named_system(name)
    named_parameter(system, asked.parameter)
    found = effect_of(
        system,
        regimen_read(request, usual_regimen(name) if asked.text is None else asked.text),
        parameter=asked.parameter,
        value=asked.value,
        quantity=asked.quantity or usual_quantity(system),
        days=asked.days,
    )
    return _courses(name, found)


def _head(name: str, system: System) -> ModelListed:
    return ModelListed(
        name=name,
        paper=PUBLISHED[name].paper if name in PUBLISHED else None,
        states=len(system.states),
        readings=len(system.definitions),
        parameters=len(system.parameters),
        drugs=list(dict.fromkeys(entry.drug for entry in system.inputs)),
        events=[event.name for event in system.events],
    )


def _component(component: Component) -> ComponentFound:
    return ComponentFound(title=title_of(component), equations=list(equations_of(component.piece())))


def _parameter(each: KnownParameter) -> ParameterFound:
    parameter, fit = each.parameter, each.fit
    return ParameterFound(
        name=each.name,
        value=parameter.value,
        unit=parameter.unit,
        between_patients=parameter.between_patients,
        uncertainty=parameter.uncertainty,
        scale=parameter.scale,
        meaning=parameter.meaning,
        origin=each.origin,
        known=each.known,
        source=each.cited,
        fit=None
        if fit is None
        else FitFound(prior=fit.prior, prior_sd=fit.prior_sd, shrinkage=fit.shrinkage, verdict=fit.verdict),
    )


def _courses(name: str, found: ParameterEffect) -> CoursesFound:
    return CoursesFound(
        model=name,
        parameter=found.parameter,
        usual=found.usual,
        tried=found.other,
        quantity=found.quantity,
        unit=found.unit,
        days=[float(day) for day in found.times],
        usual_course=numbers_or_none(found.courses[0]),
        tried_course=numbers_or_none(found.courses[1]),
        extremes=[
            ExtremesFound(
                quantity=each.quantity,
                unit=each.unit,
                lowest=numbers_or_none(np.array(each.lowest)),
                highest=numbers_or_none(np.array(each.highest)),
            )
            for each in found.extremes
        ],
    )
