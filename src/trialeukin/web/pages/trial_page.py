"""A virtual randomised trial: its study by fields and as text, faults in place, what it plans, the order to run it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from trialeukin.core.errors import Fault, InputError, StudyError
from trialeukin.population.description import load_description
from trialeukin.report.palette import arm_colour
from trialeukin.trial.arm_plan import plan_arms
from trialeukin.trial.run import PATIENTS, REPLICATES, SEED
from trialeukin.trial.study import MOST_ARMS
from trialeukin.trial.study_file import parse_study
from trialeukin.web.charts.plan_charts import plan_charts
from trialeukin.web.forms.given import Given, Sent
from trialeukin.web.forms.study_fields import library, study_fields
from trialeukin.web.forms.study_form import PLACES, content_of, digest, fields_digest, only_in_text, placed
from trialeukin.web.pages.render import asks_for_fragment, fragment, page
from trialeukin.web.published_studies import published_studies, published_study
from trialeukin.web.workshop import workshop_of

router = APIRouter()
NAME = "study.toml"


@router.get("/trial")
def whole(request: Request, study: str = "calgb-19808") -> Response:
    """Return the page with a published study, to run or to change."""
    return _page(request, Given(text=published_study(study)), chosen=study)


@router.post("/trial/upload")
async def upload(request: Request, file: Annotated[UploadFile, File()]) -> Response:
    """Return the page with a study file of the reader's own."""
    data = await file.read()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise StudyError(f"byte {fault.start + 1} of the file is not UTF-8: save it as UTF-8") from None
    return _page(request, Given(text=text.replace("\r\n", "\n")))


@router.post("/trial/reading")
def reading(request: Request, form: Sent) -> Response:
    """Return what the text plans, and the fields that show it; where it is at fault, its faults."""
    return _answer(request, _shown(form.text) | {"refill": content_of(form.text) is not None})


@router.post("/trial/form")
def by_fields(request: Request, form: Sent) -> Response:
    """Return the text that the fields write, what it plans, and each fault beside its field."""
    text = form.written()
    if not asks_for_fragment(request):
        return _page(request, replace(form, text=text))
    shown = _shown(text)
    as_sent = shown["fields"].items().items() <= form.sent.items()
    changed = form.fills or content_of(form.text) is None or not as_sent
    return _answer(request, shown | {"refill": changed, "written": text, "beside": not changed})


@router.post("/trial/fields")
def by_text(request: Request, form: Sent) -> Response:
    """Return the page with the fields as the text has them."""
    return _page(request, form)


@router.post("/trial/study.toml")
def download(form: Sent) -> Response:
    """Return the study file as it stands in the page."""
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    return Response(form.settled(), media_type="application/toml", headers=headers)


@router.post("/trial/run")
def run(request: Request, form: Sent) -> Response:
    """Put the study in the queue, and go to its run."""
    workshop = workshop_of(request)
    try:
        text = form.settled()
    except InputError as fault:
        return _page(request, form, wrong=fault)
    try:
        record = workshop.submit(text, form.options(workshop.limits))
    except InputError as fault:
        return _page(request, replace(form, text=text), wrong=fault)
    return RedirectResponse(f"/runs/{record.id}", status_code=303)


def _answer(request: Request, shown: dict[str, Any]) -> Response:
    """Return the parts of the page that follow a change; an earlier plan stays where there is no new one."""
    values = {"written": None, "beside": False} | shown
    headers = {} if shown["plan"] else {"HX-Retarget": "#faults", "HX-Reswap": "innerHTML"}
    return fragment(request, "parts/trial_answer.html.j2", values, headers=headers)


def _page(request: Request, form: Given, *, chosen: str = "", wrong: InputError | None = None) -> Response:
    shown = _shown(form.text)
    if wrong is not None and shown["plan"]:
        shown["faults"] = wrong.faults
    values = shown | {
        "text": form.text,
        "effort": {name: form.typed(name) for name in ("patients", "replicates", "seed", "null")},
        "chosen": chosen,
        "studies": published_studies(),
        "usual": {"patients": PATIENTS, "replicates": REPLICATES, "seed": SEED},
    }
    return page(request, "trial.html.j2", values, status=200 if wrong is None else 422)


def _shown(text: str) -> dict[str, Any]:
    """Return what the page shows of a text: its plan or its faults, and its fields with their faults."""
    content = content_of(text)
    fields = study_fields(content or {})
    plan: dict[str, Any] | None = None
    faults: tuple[Fault, ...] = ()
    try:
        plan = _plan(text)
    except InputError as fault:
        faults = fault.faults
    return {
        "plan": plan,
        "faults": faults,
        "fields": fields,
        "at": placed(faults, fields),
        "places": (*(field.id for field in fields.every), *(each.id for each in fields.lists), *PLACES),
        "is_toml": content is not None,
        "only": only_in_text(text, content or {}),
        "library": library(),
        "most_arms": MOST_ARMS,
        "was": {"was_text": digest(text), "was_fields": fields_digest(fields.items())},
    }


def _plan(text: str) -> dict[str, Any]:
    """Return what the page shows of a study."""
    study = parse_study(text)
    return {
        "study": study,
        "cohort": load_description(study.population.cohort),
        "arms": [
            {"arm": planned.arm, "text": planned.text, "sentence": planned.sentence, "colour": arm_colour(place).label}
            for place, planned in enumerate(sorted(plan_arms(study), key=lambda each: not each.arm.control))
        ],
        "patients": sum(arm.n for arm in study.arms),
        "charts": plan_charts(study),
        "assumed": study.assumptions(""),
    }
