"""What one regimen means and does: doses, calendar, exposure and cells, as its text is typed."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from trialeukin.core.errors import Fault, InputError
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.describe import blocks, sentence, totals
from trialeukin.regimen.library import Entry, entry, names
from trialeukin.regimen.render import render
from trialeukin.report.palette import Colour
from trialeukin.trial.background import BACKGROUNDS, Background, background, background_for
from trialeukin.trial.response import Body, RegimenResponse, response_of
from trialeukin.web.asked import number_of, regimen_read
from trialeukin.web.charts.calendar_picture import calendar_strips
from trialeukin.web.charts.dose_chart import dose_chart
from trialeukin.web.charts.response_charts import Shown, response_charts
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.search import matches

router = APIRouter()
EXAMPLE = "calgb-19808"


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
    values: dict[str, object] = {"form": form, "known": known, "library": _found(""), "places": BACKGROUNDS}
    if not form.text.strip():
        return page(request, "regimen.html.j2", values | {"faults": (), "reading": None, "example": entry(EXAMPLE)})
    try:
        reading = _reading(request, form)
    except InputError as fault:
        return page(request, "regimen.html.j2", values | {"faults": fault.faults, "reading": None, "example": None})
    return page(request, "regimen.html.j2", values | {"faults": (), "reading": reading, "example": None})


@router.get("/regimen/reading")
def reading(request: Request, form: Form) -> Response:
    """Return what the text means; where it means nothing, its faults, and the earlier reading stays."""
    try:
        found = _reading(request, form)
    except InputError as fault:
        return _faults(request, fault.faults)
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
    return fragment(request, "parts/response.html.j2", {"response": found, "charts": charts})


@router.get("/regimen/library")
def library(request: Request, q: str = "") -> Response:
    """Return the regimens of the library that some words find, whatever their spelling."""
    return fragment(request, "parts/library.html.j2", {"library": _found(q)})


def _faults(request: Request, faults: tuple[Fault, ...]) -> Response:
    headers = {"HX-Retarget": "#faults", "HX-Reswap": "innerHTML"}
    return fragment(request, "parts/faults.html.j2", {"faults": faults}, headers=headers)


def _reading(request: Request, form: Asked) -> dict[str, object]:
    """Return what the parts of the page show of a regimen."""
    regimen = regimen_read(request, form.text)
    body = _body(form)
    return {
        "canonical": render(regimen),
        "sentence": sentence(regimen),
        "blocks": blocks(regimen),
        "totals": totals(regimen, body.bsa, body.weight),
        "body": body,
        "strips": calendar_strips(regimen),
        "doses": dose_chart(regimen, bsa=body.bsa, weight=body.weight),
        "response": form.address("/regimen/response"),
    }


def _body(form: Asked) -> Body:
    usual = Body()
    return Body(
        bsa=number_of(form.bsa, "body surface", usual.bsa, (0.1, 4.0), "m2"),
        weight=number_of(form.weight, "body weight", usual.weight, (1.0, 400.0), "kg"),
    )


def _place(form: Asked, regimen: Regimen) -> Background:
    return background(form.place) if form.place else background_for([regimen])


def _found(query: str) -> tuple[Entry, ...]:
    entries = (entry(name) for name in names())
    return tuple(each for each in entries if matches(query, f"{each.name} {each.title} {each.text}"))


def _own_text(known: Entry) -> str:
    """Return a library entry's regimen without the comments that head its file."""
    return "\n".join(line for line in known.text.splitlines() if not line.lstrip().startswith("#")).strip()
