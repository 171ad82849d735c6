"""A model as it is: its equations, what acts on what, every number with its source, and what each number does."""

from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.engine.quantities import names, unit_of
from trialeukin.inference.case import Case
from trialeukin.inference.cases import all_cases
from trialeukin.inference.prediction import Prediction, predict, scenarios_of
from trialeukin.model.component import Component
from trialeukin.model.named import all_names, components_of, system_of
from trialeukin.model.published.library import PUBLISHED
from trialeukin.model.system import System
from trialeukin.report.theory.equation_table import EquationGroup, equation_groups
from trialeukin.report.theory.inline_diagram import acting, inline_diagram
from trialeukin.report.theory.known import known_parameters
from trialeukin.report.theory.page import sizes_of
from trialeukin.report.theory.prose import title_of
from trialeukin.report.theory.prose_html import prose_html
from trialeukin.report.wording import words
from trialeukin.trial.fans import meaning_of
from trialeukin.trial.parameter_effect import ParameterEffect, effect_of, named_parameter, range_of
from trialeukin.trial.response import LONGEST
from trialeukin.web.asked import number_of, regimen_read
from trialeukin.web.charts.effect_chart import effect_chart, extremes_table
from trialeukin.web.charts.observed_chart import observed_charts
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.previews import Previews
from trialeukin.web.shown_model import finds, named_system, usual_quantity, usual_regimen

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectAsked:
    """What the form on a parameter holds, as it was typed, and the words in which parameters are looked for."""

    parameter: str
    value: str
    quantity: str
    text: str
    days: str
    q: str

    def address(self, path: str) -> str:
        """Return the address at which a page or a part of one shows the same."""
        given = {name: value for name, value in asdict(self).items() if value}
        return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownComponent:
    """A component as the page shows it."""

    title: str
    anchor: str
    prose: Markup
    groups: tuple[EquationGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """A parameter with the range it is tried over, and where it is tried now."""

    name: str
    parameter: Parameter
    low: float
    high: float
    value: str

    @property
    def scale(self) -> str:
        """On which scale the slider moves."""
        return "log" if self.parameter.scale is Scale.EXPONENTIAL else self.parameter.scale.value


def asked(
    parameter: str = "", value: str = "", quantity: str = "", text: str = "", days: str = "", q: str = ""
) -> EffectAsked:
    """Return what a request's form holds."""
    return EffectAsked(parameter=parameter, value=value, quantity=quantity, text=text, days=days, q=q[:200])


Form = Annotated[EffectAsked, Depends(asked)]


@router.get("/models")
def listed(request: Request) -> Response:
    """Return the list of models."""
    systems = [(name, system_of(name)) for name in all_names()]
    own = [pair for pair in systems if pair[0] not in PUBLISHED]
    others = [(*pair, PUBLISHED[pair[0]]) for pair in systems if pair[0] in PUBLISHED]
    return page(request, "models.html.j2", {"own": own, "others": others, "drugs": _drugs, "words": words})


@router.get("/models/{name}")
def whole(request: Request, name: str, form: Form) -> Response:
    """Return the page of one model."""
    system = named_system(name)
    values = _of_model(name, system) | _of_slider(name, system, form) | _of_parameters(system, form)
    return page(request, "model.html.j2", values)


@router.get("/models/{name}/slider")
def slider(request: Request, name: str, form: Form) -> Response:
    """Return the slider of another parameter, which then asks for its effect; the earlier one's value is dropped."""
    system, form = named_system(name), replace(form, value="")
    return fragment(request, "parts/slider.html.j2", {"name": name} | _of_slider(name, system, form))


@router.get("/models/{name}/effect")
def effect(request: Request, name: str, form: Form) -> Response:
    """Return two courses of the typical patient, and how their extremes differ."""
    system = named_system(name)
    found = effect_asked(request, name, system, form)
    parameter = system.parameters[found.parameter]
    values = {"chart": effect_chart(found, parameter.unit), "table": extremes_table(found)}
    headers = {"HX-Replace-Url": form.address(f"/models/{name}")}
    return fragment(request, "parts/effect.html.j2", values, headers=headers)


@router.get("/models/{name}/parameters")
def parameters(request: Request, name: str, form: Form) -> Response:
    """Return the parameters that some words find."""
    values = {"name": name} | _of_parameters(named_system(name), form)
    headers = {"HX-Replace-Url": form.address(f"/models/{name}")}
    return fragment(request, "parts/parameters.html.j2", values, headers=headers)


@router.get("/models/{name}/observed")
def observed(request: Request, name: str) -> Response:
    """Return what was observed in people beside what the model predicts of it."""
    named_system(name)
    charts = observed_charts(predictions_of(request.app.state.previews, name))
    return fragment(request, "parts/observed.html.j2", {"charts": charts})


def effect_asked(request: Request, name: str, system: System, form: EffectAsked) -> ParameterEffect:
    """Return what a parameter does, as a form asks for it."""
    parameter = form.parameter or _usual_parameter(system)
    usual = named_parameter(system, parameter)
    value = number_of(form.value or _tried(usual), words(parameter), usual.value, (-1e300, 1e300), usual.unit)
    days = number_of(form.days, "days", 0.0, (1.0, LONGEST), "day") if form.days.strip() else None
    return effect_of(
        system,
        regimen_read(request, form.text or usual_regimen(name)),
        parameter=parameter,
        value=value,
        quantity=form.quantity or usual_quantity(system),
        days=days,
    )


def predictions_of(previews: Previews, name: str) -> tuple[Prediction, ...]:
    """Return predictions of a model's cases, scenario by scenario, so that others need not wait for all."""
    return tuple(
        made
        for scenario, cases in scenarios_of(cases_of(name)).items()
        for made in _predicted(previews, ("predicted", scenario), cases)
    )


@cache
def cases_of(name: str) -> tuple[Case, ...]:
    """Return the observations in people that a model is read for."""
    return tuple(each for each in all_cases() if isinstance(each, Case) and each.scenario.model == name)


def _predicted(previews: Previews, key: tuple[object, ...], cases: tuple[Case, ...]) -> tuple[Prediction, ...]:
    found: tuple[Prediction, ...] = previews.of(key, lambda: predict(cases))
    return found


def _of_model(name: str, system: System) -> dict[str, object]:
    components = components_of(name)
    return {
        "name": name,
        "system": system,
        "sizes": sizes_of(system),
        "publication": PUBLISHED.get(name),
        "diagram": _diagram(name),
        "acting": acting(components),
        "components": _shown(name),
        "drugs": _drugs(system),
        "cases": len(cases_of(name)),
        "words": words,
    }


def _of_slider(name: str, system: System, form: EffectAsked) -> dict[str, object]:
    parameter = form.parameter or _usual_parameter(system)
    chosen = named_parameter(system, parameter)
    low, high = range_of(chosen)
    return {
        "form": form,
        "slider": Slider(name=parameter, parameter=chosen, low=low, high=high, value=form.value or _tried(chosen)),
        "choices": system.parameters,
        "quantities": [(each, unit_of(system, each), meaning_of(system, each)) for each in names(system)],
        "quantity": form.quantity or usual_quantity(system),
        "regimen": form.text or usual_regimen(name),
        "words": words,
        "part": form.address(f"/models/{name}/effect"),
    }


def _of_parameters(system: System, form: EffectAsked) -> dict[str, object]:
    every = known_parameters(system)
    return {"form": form, "parameters": [each for each in every if finds(each, form.q)], "total": len(every)}


def _usual_parameter(system: System) -> str:
    """Return the parameter that is first shown: one that was fitted, else one that is not exact, else the first."""
    every = known_parameters(system)
    fitted = (each.name for each in every if each.fit is not None)
    spread = (each.name for each in every if each.parameter.between_patients > 0.0)
    return next(fitted, None) or next(spread, None) or every[0].name


def _tried(parameter: Parameter) -> str:
    """Return the value at which a parameter is first tried."""
    return f"{range_of(parameter, deviations=1.0)[1]:.4g}"


def _drugs(system: System) -> str:
    return ", ".join(dict.fromkeys(entry.drug for entry in system.inputs)) or "none"


@cache
def _diagram(name: str) -> Markup:
    return Markup(inline_diagram(components_of(name), name))


@cache
def _shown(name: str) -> tuple[ShownComponent, ...]:
    return tuple(_component(each, place) for place, each in enumerate(components_of(name)))


def _component(component: Component, place: int) -> ShownComponent:
    return ShownComponent(
        title=title_of(component),
        anchor=f"component-{place}",
        prose=Markup(prose_html(component)),
        groups=equation_groups(component.piece()),
    )
