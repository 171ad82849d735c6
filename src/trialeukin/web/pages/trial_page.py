"""A virtual randomised trial: its study file with faults in place, what it plans, and the order to run it."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from trialeukin.core.errors import InputError, StudyError
from trialeukin.report.palette import arm_colour
from trialeukin.store.run_record import RunOptions
from trialeukin.trial.arm_plan import plan_arms
from trialeukin.trial.run import PATIENTS, REPLICATES, SEED
from trialeukin.trial.study_file import parse_study
from trialeukin.web.asked import whole_number_of
from trialeukin.web.charts.plan_charts import plan_charts
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.published_studies import published_studies, published_study
from trialeukin.web.workshop import Workshop, workshop_of

router = APIRouter()
NAME = "study.toml"


class Effort:
    """How much a form asks to compute, as it was typed."""

    def __init__(
        self,
        patients: Annotated[str, Form()] = "",
        replicates: Annotated[str, Form()] = "",
        seed: Annotated[str, Form()] = "",
        null: Annotated[str, Form()] = "",
    ) -> None:
        self.patients, self.replicates, self.seed, self.null = patients, replicates, seed, null

    def options(self, workshop: Workshop) -> RunOptions:
        """Return it as numbers.

        Raises
        ------
        InputError
            When one is no number, or beyond what this server computes.
        """
        limits = workshop.limits
        return RunOptions(
            patients=whole_number_of(self.patients, "patients", PATIENTS, (100, limits.run_patients)),
            replicates=whole_number_of(self.replicates, "replicates", REPLICATES, (10, limits.run_replicates)),
            seed=whole_number_of(self.seed, "seed", SEED, (0, 2**63 - 1)),
            effect=not self.null,
        )


Text = Annotated[str, Form()]
Asked = Annotated[Effort, Depends(Effort)]


@router.get("/trial")
def whole(request: Request, study: str = "calgb-19808") -> Response:
    """Return the page with a published study, to run or to change."""
    return _page(request, published_study(study), Effort(), chosen=study)


@router.post("/trial/upload")
async def upload(request: Request, file: Annotated[UploadFile, File()]) -> Response:
    """Return the page with a study file of the reader's own."""
    data = await file.read()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise StudyError(f"byte {fault.start + 1} of the file is not UTF-8: save it as UTF-8") from None
    return _page(request, text, Effort())


@router.post("/trial/reading")
def reading(request: Request, text: Text) -> Response:
    """Return what the study plans; where it is at fault, its faults, and the earlier plan stays."""
    try:
        plan = _plan(text)
    except InputError as fault:
        headers = {"HX-Retarget": "#faults", "HX-Reswap": "innerHTML"}
        return fragment(request, "parts/faults.html.j2", {"faults": fault.faults}, headers=headers)
    return fragment(request, "parts/plan.html.j2", {"plan": plan})


@router.post("/trial/study.toml")
def download(text: Text) -> Response:
    """Return the study file as it stands in the page."""
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    return Response(text.replace("\r\n", "\n"), media_type="application/toml", headers=headers)


@router.post("/trial/run")
def run(request: Request, text: Text, effort: Asked) -> Response:
    """Put the study in the queue, and go to its run."""
    workshop = workshop_of(request)
    try:
        record = workshop.submit(text.replace("\r\n", "\n"), effort.options(workshop))
    except InputError as fault:
        return _page(request, text, effort, wrong=fault)
    return RedirectResponse(f"/runs/{record.id}", status_code=303)


def _page(
    request: Request, text: str, effort: Effort, *, chosen: str = "", wrong: InputError | None = None
) -> Response:
    plan, faults = None, () if wrong is None else wrong.faults
    try:
        plan = _plan(text)
    except InputError as fault:
        faults = fault.faults
    values = {
        "text": text,
        "effort": effort,
        "chosen": chosen,
        "studies": published_studies(),
        "usual": {"patients": PATIENTS, "replicates": REPLICATES, "seed": SEED},
        "plan": plan,
        "faults": faults,
    }
    return page(request, "trial.html.j2", values, status=200 if wrong is None else 422)


def _plan(text: str) -> dict[str, object]:
    """Return what the page shows of a study."""
    study = parse_study(text.replace("\r\n", "\n"))
    return {
        "study": study,
        "arms": [
            {"arm": planned.arm, "text": planned.text, "sentence": planned.sentence, "colour": arm_colour(place).label}
            for place, planned in enumerate(sorted(plan_arms(study), key=lambda each: not each.arm.control))
        ],
        "patients": sum(arm.n for arm in study.arms),
        "charts": plan_charts(study),
        "assumed": study.assumptions(""),
    }
