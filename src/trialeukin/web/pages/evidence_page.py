"""The base of published studies: found by what they are, and each with everything that is held of it."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from trialeukin.core.errors import InputError, StudyError
from trialeukin.evidence.catalogue import published
from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.published_study import Identity, PublishedArm, PublishedStudy
from trialeukin.evidence.vocabulary import Design, Setting
from trialeukin.regimen.administration import Route
from trialeukin.regimen.library import LIBRARY, regimen_of
from trialeukin.regimen.render import render
from trialeukin.regimen.schedule import ScheduleKind
from trialeukin.report.published_tables import arm_label, place_of, study_tables
from trialeukin.web.evidence_base import base_of
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.study_filter import StudyFilter, computed_arms, filter_of, routes_of, schedules_of

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStudy:
    """A study as the list shows it, with what is derived from its arms."""

    study: PublishedStudy
    routes: str
    schedules: str
    outcomes: str
    computed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownArm:
    """An arm with what people call it and its regimen in our language; ``text`` is empty where none is written."""

    arm: PublishedArm
    label: str
    text: str
    library: str
    address: str
    place: str


def asked(
    q: str = "", disease: str = "", setting: str = "", route: str = "", schedule: str = "", design: str = ""
) -> StudyFilter:
    """Return what a request's form asks for."""
    return filter_of(q=q, disease=disease, setting=setting, route=route, schedule=schedule, design=design)


Form = Annotated[StudyFilter, Depends(asked)]


@router.get("/evidence")
def whole(request: Request, form: Form) -> Response:
    """Return the page."""
    choices = {
        "disease": NamedDisease,
        "setting": Setting,
        "route": Route,
        "schedule": ScheduleKind,
        "design": Design,
    }
    return page(request, "evidence.html.j2", _found(request, form) | {"form": form, "choices": choices})


@router.get("/evidence/list")
def listed(request: Request, form: Form) -> Response:
    """Return the studies that are asked for, as the page's form changes."""
    return fragment(
        request, "parts/studies.html.j2", _found(request, form), headers={"HX-Replace-Url": form.address("/evidence")}
    )


@router.get("/evidence/studies/{name}")
def one(request: Request, name: str) -> Response:
    """Return everything that the base holds of one study."""
    try:
        study = published(name, base_of(request).studies)
    except StudyError as fault:
        raise HTTPException(404, str(fault)) from fault
    values = {
        "study": study,
        "arms": [_arm(arm, study) for arm in study.arms],
        "tables": study_tables(study),
        "place": place_of(study.study),
        "works": _works(study.study),
    }
    return page(request, "study.html.j2", values)


def _works(about: Identity) -> list[tuple[str, str]]:
    """Return where a study is kept elsewhere, as (address, words); what follows a number is a remark on it."""
    places = (("https://doi.org/", "doi", about.doi), ("https://pubmed.ncbi.nlm.nih.gov/", "PubMed", about.pmid))
    return [
        (f"{address}{each.split()[0]}", f"{name} {each.strip()}")
        for address, name, numbers in places
        for each in (numbers or "").split(";")
        if each.strip()
    ]


def _found(request: Request, form: StudyFilter) -> dict[str, object]:
    studies = base_of(request).studies
    return {"studies": [_listed(study) for study in form.chosen(studies.values())], "total": len(studies)}


def _listed(study: PublishedStudy) -> ListedStudy:
    computed, arms = computed_arms(study)
    return ListedStudy(
        study=study,
        routes=", ".join(route.value for route in routes_of(study)),
        schedules=", ".join(kind.value for kind in schedules_of(study)),
        outcomes=", ".join(dict.fromkeys(effect.endpoint.value.upper() for effect in study.effects)),
        computed=f"{len(computed)} of {len(arms)}" if arms else "no IL-2",
    )


def _arm(arm: PublishedArm, study: PublishedStudy) -> ShownArm:
    try:
        text = "" if arm.regimen is None else render(regimen_of(arm.regimen))
    except InputError as fault:  # a user's own base may name what this version does not read
        raise HTTPException(422, str(fault)) from fault
    return ShownArm(
        arm=arm,
        label=arm_label(arm, study),
        text=text,
        library=(arm.regimen or "").removeprefix(LIBRARY) if (arm.regimen or "").startswith(LIBRARY) else "",
        address=f"/regimen?text={quote(text)}" if text else "",
        place=place_of(arm),
    )
