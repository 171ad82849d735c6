"""What one regimen means and does: doses, calendar, exposure and cells, as its text is typed."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from trialeukin.core.errors import Fault, InputError
from trialeukin.regimen.body import BSA_LIMITS, WEIGHT_LIMITS
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.describe import blocks, sentence, totals
from trialeukin.regimen.library import Entry, entry
from trialeukin.regimen.plausible import warnings
from trialeukin.regimen.render import render
from trialeukin.report.influence_words import REASONS, overview_table
from trialeukin.report.palette import Colour
from trialeukin.trial.background import BACKGROUNDS, Background, place_of
from trialeukin.trial.response import Body, RegimenResponse, response_of
from trialeukin.web.asked import FormError, number_of, regimen_read
from trialeukin.web.charts.calendar_picture import calendar_strips
from trialeukin.web.charts.dose_chart import dose_chart
from trialeukin.web.charts.response_charts import Shown, response_charts
from trialeukin.web.influenced import influences_shown
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.search import regimens_found

router = APIRouter()
EXAMPLE = "calgb-19808"
TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page's form holds, as it was typed."""

    text: str = ""
    bsa: str = ""
    weight: str = ""
    place: str = ""

    def address(self, path: str = "/regimen") -> str:
        """Return the address at which a page shows the same."""
        given = {name: value for name in ("text", "bsa", "weight", "place") if (value := getattr(self, name))}
        return f"{path}?{urlencode(given)}" if given else path


def asked(text: str = "", bsa: str = "", weight: str = "", place: str = "") -> Asked:
    """Return what a request's form holds."""
    return Asked(text=text, bsa=bsa, weight=weight, place=place)


Form = Annotated[Asked, Depends(asked)]


@router.get("/")
def first() -> Response:
    """Go to the first page."""
    return RedirectResponse("/regimen")


@router.get("/regimen")
def whole(request: Request, form: Form, name: str = "") -> Response:
    """Return the page; with a regimen of the library where one is named."""
    known = entry(name) if name else None
    if known is not None:
        form = Asked(text=_own_text(known), bsa=form.bsa, weight=form.weight, place=form.place)
    values: dict[str, object] = {
        "form": form,
        "at": {},
        "known": known,
        "library": regimens_found(""),
        "places": BACKGROUNDS,
    }
    if not form.text.strip():
        return page(request, "regimen.html.j2", values | {"faults": (), "reading": None, "example": entry(EXAMPLE)})
    try:
        reading = _reading(request, form)
    except FormError as wrong:
        values |= {"faults": wrong.at.get(TEXT, ()), "at": wrong.at}
        return page(request, "regimen.html.j2", values | {"reading": None, "example": None})
    return page(request, "regimen.html.j2", values | {"faults": (), "reading": reading, "example": None})


@router.get("/regimen/reading")
def reading(request: Request, form: Form) -> Response:
    """Return what the text means; where it means nothing, its faults, and the earlier reading stays."""
    try:
        found = _reading(request, form)
    except FormError as wrong:
        return _faults(request, wrong)
    headers = {"HX-Replace-Url": form.address()}
    return fragment(request, "parts/reading.html.j2", {"reading": found}, headers=headers)


@router.get("/regimen/response")
def response(request: Request, form: Form) -> Response:
    """Return what the regimen does in one typical patient and in virtual ones."""
    regimen = regimen_read(request, form.text)
    body = _body(form)
    where = _place(form, regimen)
    key = ("response", render(regimen), where.name, body)
    found: RegimenResponse = request.app.state.previews.of(key, lambda: response_of(regimen, where, body=body))
    charts = response_charts((Shown(label="", colour=Colour.ARM_2, response=found),))
    values = {"response": found, "charts": charts, "decides": form.address("/regimen/decides")}
    return fragment(request, "parts/response.html.j2", values)


@router.get("/regimen/decides")
def decides(request: Request, form: Form) -> Response:
    """Return which parameters decide what the regimen does."""
    regimen, body = regimen_read(request, form.text), _body(form)
    found = influences_shown(request.app.state, regimen, _place(form, regimen), body=body)
    return fragment(
        request,
        "parts/decides.html.j2",
        {"found": found, "tables": [overview_table(found, reason) for reason in REASONS]},
    )


@router.get("/regimen/library")
def library(request: Request, q: str = "") -> Response:
    """Return the regimens of the library that some words find, whatever their spelling."""
    return fragment(request, "parts/library.html.j2", {"library": regimens_found(q)})


def _faults(request: Request, wrong: FormError[str]) -> Response:
    headers = {"HX-Retarget": "#faults", "HX-Reswap": "innerHTML"}
    return fragment(
        request, "parts/faults.html.j2", {"faults": wrong.at.get(TEXT, ()), "at": wrong.at}, headers=headers
    )


def _reading(request: Request, form: Asked) -> dict[str, object]:
    """Return what the parts of the page show of a regimen."""
    regimen, body = _regimen_and_body(request, form)
    return {
        "canonical": render(regimen),
        "sentence": sentence(regimen),
        "warnings": warnings(regimen),
        "blocks": blocks(regimen),
        "totals": totals(regimen, body.bsa, body.weight),
        "body": body,
        "strips": calendar_strips(regimen),
        "doses": dose_chart(regimen, bsa=body.bsa, weight=body.weight),
        "unknown": unknown_doses(regimen),
        "response": form.address("/regimen/response"),
    }


def unknown_doses(regimen: Regimen) -> tuple[str, ...]:
    """Return the drugs of which a dose is not known, for which nothing can be computed."""
    given = (item for course in regimen.courses for item in course.prescriptions)
    return tuple(dict.fromkeys(item.drug for item in given if item.dose.amount is None))


def _regimen_and_body(request: Request, form: Asked) -> tuple[Regimen, Body]:
    """Return what the fields mean, or what is wrong with all of them at once."""
    regimen, body = Regimen(), Body()
    wrong: dict[str, tuple[Fault, ...]] = {}
    try:
        regimen = regimen_read(request, form.text)
    except InputError as fault:
        wrong[TEXT] = fault.faults
    for field, read in (("bsa", _bsa), ("weight", _weight)):
        try:
            body = replace(body, **{field: read(form)})
        except InputError as fault:
            wrong[field] = fault.faults
    if wrong:
        raise FormError(wrong)
    return regimen, body


def _bsa(form: Asked) -> float:
    return number_of(form.bsa, "body surface", Body().bsa, BSA_LIMITS, "m2")


def _weight(form: Asked) -> float:
    return number_of(form.weight, "body weight", Body().weight, WEIGHT_LIMITS, "kg")


def _body(form: Asked) -> Body:
    return Body(bsa=_bsa(form), weight=_weight(form))


def _place(form: Asked, regimen: Regimen) -> Background:
    return place_of(form.place, [regimen])


def _own_text(known: Entry) -> str:
    """Return a library entry's regimen without the comments that head its file."""
    return "\n".join(line for line in known.text.splitlines() if not line.lstrip().startswith("#")).strip()
