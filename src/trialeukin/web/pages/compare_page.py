"""Up to four regimens side by side, in the same patients: what each does, and how much less or more than the first."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from trialeukin.core.errors import Fault, InputError
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.describe import sentence
from trialeukin.regimen.library import LIBRARY
from trialeukin.regimen.render import render
from trialeukin.report.palette import ARMS, Colour
from trialeukin.trial.background import BACKGROUNDS, Background, check_takes, place_of
from trialeukin.trial.response import RegimenResponse, days_followed, response_of
from trialeukin.web.asked import FormError, regimen_read
from trialeukin.web.charts.contrast_charts import Named, contrast_charts, contrast_table
from trialeukin.web.charts.response_charts import Shown, response_charts
from trialeukin.web.contrasted import contrasted
from trialeukin.web.pages.render import Values, asks_for_fragment, fragment, page
from trialeukin.web.search import regimens_found

router = APIRouter()
COLOURS = dict(zip(("blue", "orange", "green", "purple"), ARMS, strict=True))
PLACES = len(COLOURS)
LONGEST_LABEL = 40
EXAMPLE = ("none", "library:calgb-19808", "library:mp-ma-0201")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One regimen's part of the form, as it was typed."""

    text: str = ""
    label: str = ""
    colour: str = ""

    @property
    def filled(self) -> bool:
        """Whether there is a regimen in it."""
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page's form holds.

    Attributes
    ----------
    slots : tuple of Slot
        As many as there are places.
    place : str
        The population; empty for the first background that takes all regimens.
    """

    slots: tuple[Slot, ...]
    place: str = ""

    def address(self, path: str = "/compare") -> str:
        """Return the address at which a page shows the same."""
        given = [
            (name, getattr(slot, name)) for slot in self.slots if slot.filled for name in ("text", "label", "colour")
        ]
        query = urlencode([*given, *([("place", self.place)] if self.place else [])])
        return f"{path}?{query}" if query else path

    def adding(self, text: str) -> str:
        """Return the address of the page with one more regimen; none where every place is taken."""
        filled = tuple(slot for slot in self.slots if slot.filled)
        if len(filled) >= PLACES:
            return ""
        taken = {slot.colour for slot in filled}
        colour = next(name for name in COLOURS if name not in taken)
        return Asked(slots=(*filled, Slot(text=text, colour=colour)), place=self.place).address()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A regimen of the form, understood."""

    label: str
    colour: Colour
    regimen: Regimen

    @property
    def canonical(self) -> str:
        """Its text as it is written here."""
        return render(self.regimen)

    @property
    def sentence(self) -> str:
        """What it means, in words."""
        return sentence(self.regimen)

    @property
    def named(self) -> Named:
        """What charts call it."""
        return Named(label=self.label, colour=self.colour)


def asked(request: Request) -> Asked:
    """Return what a request's form holds.

    Raises
    ------
    InputError
        When it has more regimens than there are places.
    """
    query = request.query_params
    texts, labels, colours = (query.getlist(name) for name in ("text", "label", "colour"))
    if sum(bool(text.strip()) for text in texts[PLACES:]):
        filled = sum(bool(text.strip()) for text in texts)
        raise InputError(f"{filled} regimens, some in places after the fourth: give at most {PLACES}, in the first")
    usual = list(COLOURS)
    slots = (
        Slot(text=_at(texts, place), label=_at(labels, place).strip(), colour=_at(colours, place) or usual[place])
        for place in range(PLACES)
    )
    return Asked(slots=tuple(slots), place=query.get("place", ""))


Form = Annotated[Asked, Depends(asked)]


@router.get("/compare")
def whole(request: Request, form: Form) -> Response:
    """Return the page."""
    values: dict[str, object] = {
        "form": form,
        "colours": COLOURS,
        "places": BACKGROUNDS,
        "longest_label": LONGEST_LABEL,
        "library": regimens_found(""),
        "faults": {},
        "reading": None,
        "example": _example(),
    }
    if any(slot.filled for slot in form.slots):
        try:
            values["reading"] = _reading(request, form)
        except FormError as wrong:
            values["faults"] = wrong.at
    return page(request, "compare.html.j2", values)


@router.get("/compare/reading")
def reading(request: Request, form: Form) -> Response:
    """Return what the texts mean; where one means nothing its faults, and the earlier reading stays."""
    values: dict[str, object] = {"form": form, "faults": {}, "reading": None, "example": _example()}
    values["places"] = PLACES
    try:
        if any(slot.filled for slot in form.slots):
            values["reading"] = _reading(request, form)
    except FormError as wrong:
        values["faults"] = wrong.at
        return fragment(request, "parts/compare_faults.html.j2", values, headers={"HX-Reswap": "none"})
    values["library"] = regimens_found("")
    headers = {"HX-Replace-Url": form.address()}
    return fragment(request, "parts/compare_answer.html.j2", values, headers=headers)


@router.get("/compare/response")
def response(request: Request, form: Form) -> Response:
    """Return exposure and cells under every regimen, on common axes."""
    read, place = _read(request, form)
    days = days_followed(each.regimen for each in read)
    shown = []
    for each in read:
        found = _response(request, each.regimen, place, days)
        shown.append(Shown(label=each.label, colour=each.colour, response=found))
    values = {
        "place": place,
        "patients": shown[0].response.patients,
        "charts": response_charts(tuple(shown)),
        "differences": form.address("/compare/differences") if len(read) > 1 else "",
    }
    return _part(request, "parts/compare_response.html.j2", values)


@router.get("/compare/differences")
def differences(request: Request, form: Form) -> Response:
    """Return toxicity, survival and every difference from the first regimen, with its intervals."""
    read, place = _read(request, form)
    regimens = tuple(each.regimen for each in read)
    found = contrasted(request.app.state, regimens, place)
    named = tuple(each.named for each in read)
    values = {
        "found": found,
        "first": named[0].label,
        "charts": contrast_charts(found, named),
        "table": contrast_table(found, named),
    }
    return _part(request, "parts/compare_differences.html.j2", values)


@router.get("/compare/library")
def library(request: Request, form: Form, q: str = "") -> Response:
    """Return the regimens of the library that some words find, each with the address that adds it."""
    return fragment(request, "parts/compare_library.html.j2", {"form": form, "library": regimens_found(q)})


def _part(request: Request, template: str, values: Values) -> Response:
    """Return a part to the page's script, and to a reader without one the part as a page."""
    if asks_for_fragment(request):
        return fragment(request, template, values)
    return page(request, "compare_part.html.j2", {**values, "part": template})


def _response(request: Request, regimen: Regimen, place: Background, days: float) -> RegimenResponse:
    key = ("response", render(regimen), place.name, days)
    found: RegimenResponse = request.app.state.previews.of(key, lambda: response_of(regimen, place, days=days))
    return found


def _reading(request: Request, form: Asked) -> dict[str, object]:
    read, place = _read(request, form)
    return {"regimens": read, "place": place, "response": form.address("/compare/response")}


def _read(request: Request, form: Asked) -> tuple[tuple[Read, ...], Background]:
    """Return the form's regimens and in whom they are followed.

    Raises
    ------
    FormError
        When a regimen, a label, a colour or the background is wrong.
    """
    wrong: dict[int, tuple[Fault, ...]] = {}
    read: dict[int, Read] = {}
    for number, slot in enumerate(form.slots, start=1):
        if slot.filled:
            try:
                read[number] = _one(request, slot, number, tuple(read.values()))
            except InputError as fault:
                wrong[number] = fault.faults
    if wrong or not read:
        raise FormError(wrong or {0: (Fault(message="no regimen: type one, or 'none' for observation"),)})
    return tuple(read.values()), _place(form, read)


def _one(request: Request, slot: Slot, number: int, others: tuple[Read, ...]) -> Read:
    regimen = regimen_read(request, slot.text)
    label = slot.label or _usual_label(slot.text, number)
    if len(label) > LONGEST_LABEL:
        raise InputError(f"the label has {len(label)} characters: give at most {LONGEST_LABEL}")
    if slot.colour not in COLOURS:
        raise InputError(f"colour {slot.colour[:40]!r}: there are {', '.join(COLOURS)}")
    colour = COLOURS[slot.colour]
    for other in others:
        if other.label == label:
            raise InputError(f"label {label!r} is that of an earlier regimen: give another")
        if other.colour is colour:
            free = [name for name, each in COLOURS.items() if each not in {one.colour for one in others}]
            raise InputError(f"{slot.colour} is the colour of {other.label!r}: free are {', '.join(free)}")
    return Read(label=label, colour=colour, regimen=regimen)


def _usual_label(text: str, number: int) -> str:
    plain = text.strip()
    if plain.startswith(LIBRARY):
        return plain.removeprefix(LIBRARY).partition(";")[0].strip()
    return "observation" if plain == "none" else f"regimen {number}"


def _place(form: Asked, read: dict[int, Read]) -> Background:
    try:
        place = place_of(form.place, [each.regimen for each in read.values()])
    except InputError as fault:
        raise FormError({0: fault.faults}) from fault
    wrong = {}
    for number, each in read.items():
        try:
            check_takes(place, each.regimen)
        except InputError as fault:
            wrong[number] = fault.faults
    if wrong:
        raise FormError(wrong)
    return place


def _example() -> str:
    slots = (Slot(text=text, colour=colour) for text, colour in zip(EXAMPLE, COLOURS, strict=False))
    return Asked(slots=tuple(slots)).address()


def _at(values: list[str], place: int) -> str:
    return values[place] if place < len(values) else ""
