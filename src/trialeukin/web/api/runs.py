"""Studies and runs: what a study file may say, what one plans, and runs asked for, found, followed and deleted."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from trialeukin.store.catalogue import LARGEST_PAGE
from trialeukin.store.run_order import LARGEST_SEED
from trialeukin.store.run_record import RunOptions, RunRecord, State
from trialeukin.trial.run import PATIENTS, REPLICATES, SEED
from trialeukin.trial.study import study_schema
from trialeukin.trial.study_file import parse_study
from trialeukin.web.api.parameters import NameOfFile, NameOfRun
from trialeukin.web.problems import ANSWERS, BUSY, CONFLICT, FaultFound, found
from trialeukin.web.workshop import workshop_of

router = APIRouter(tags=["studies and runs"], responses=ANSWERS)
WordsOfRun = Annotated[str, Query(max_length=200, description="Words of the study, the title or the id.")]
Most = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most.")]
PassedOver = Annotated[int, Query(ge=0, le=10**9, description="How many of the newest to pass over.")]


class AskedStudy(BaseModel):
    """A study file."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="The study file's text, TOML; its schema is at /api/schemas/study.")


class AskedRun(AskedStudy):
    """A study file, and how much is computed."""

    patients: int = Field(default=PATIENTS, ge=100, description="Virtual patients, each under every arm.")
    replicates: int = Field(default=REPLICATES, ge=10, description="Virtual trials drawn from them.")
    seed: int = Field(default=SEED, ge=0, le=LARGEST_SEED, description="Of all random numbers.")
    effect: bool = Field(default=True, description="False for the null hypothesis: the drug does nothing to leukaemia.")


class StudyFound(BaseModel):
    """What a study file says."""

    name: str
    title: str
    arms: list[str]
    patients: int
    assumed: dict[str, str] = Field(description="What no source states, and why it is as it is.")


class ProblemOfRun(BaseModel):
    """Why a run failed."""

    kind: str
    message: str
    faults: list[FaultFound]


class RunFound(BaseModel):
    """A run."""

    id: str
    study: str
    title: str
    state: State
    stage: str
    fraction: float
    patients: int
    replicates: int
    seed: int
    effect: bool
    created: datetime
    started: datetime | None
    ended: datetime | None
    problem: ProblemOfRun | None
    code_version: str | None
    files: list[str] = Field(description="At /api/runs/ID/files/NAME, once the run is done.")


class RunsFound(BaseModel):
    """Runs, the newest first."""

    total: int
    runs: list[RunFound]


@router.get("/schemas/study", summary="JSON Schema of study files")
def schema() -> dict[str, Any]:
    """Return what a study file may say."""
    return study_schema()


@router.post("/studies", summary="Read a study file")
def study(asked: AskedStudy) -> StudyFound:
    """Return what a study file says, or every fault with its line; nothing is kept."""
    read = parse_study(asked.text)
    return StudyFound(
        name=read.study.name,
        title=read.study.title,
        arms=[arm.name for arm in read.arms],
        patients=sum(arm.n for arm in read.arms),
        assumed={place.strip("."): reason for place, reason in read.assumptions("")},
    )


@router.post("/runs", status_code=202, summary="Ask for a run", responses=BUSY)
def ask(request: Request, asked: AskedRun) -> RunFound:
    """Put a run in the queue."""
    options = RunOptions(patients=asked.patients, replicates=asked.replicates, seed=asked.seed, effect=asked.effect)
    return _found(request, workshop_of(request).submit(asked.text, options))


@router.get("/runs", summary="Find runs")
def runs(request: Request, q: WordsOfRun = "", limit: Most = 50, offset: PassedOver = 0) -> RunsFound:
    """Return runs, the newest first."""
    page = workshop_of(request).catalogue.search(q, limit=limit, offset=offset)
    return RunsFound(total=page.total, runs=[_found(request, each) for each in page.runs])


@router.get("/runs/{name}", summary="One run")
def one(request: Request, name: NameOfRun) -> RunFound:
    """Return a run: how far it is, or why it failed."""
    return _found(request, workshop_of(request).catalogue.run(name))


@router.delete("/runs/{name}", status_code=204, summary="Delete a run", responses=CONFLICT)
def delete(request: Request, name: NameOfRun) -> Response:
    """Delete a run that does not run, with its files."""
    workshop_of(request).catalogue.delete(name)
    return Response(status_code=204)


@router.post("/runs/{name}/cancellation", summary="Cancel a run", responses=CONFLICT)
def cancel(request: Request, name: NameOfRun) -> RunFound:
    """Cancel a run that waits or runs."""
    return _found(request, workshop_of(request).queue.cancel(name))


@router.get(
    "/runs/{name}/files/{file}",
    summary="A file of a run",
    response_class=FileResponse,
    responses={200: {"description": "The file.", "content": {"application/octet-stream": {}}}, **CONFLICT},
)
def file(request: Request, name: NameOfRun, file: NameOfFile) -> FileResponse:
    """Return a file of a run that is done."""
    return FileResponse(
        workshop_of(request).catalogue.file(name, file),
        media_type="application/octet-stream",
        filename=f"{name}-{file}",
    )


def _found(request: Request, run: RunRecord) -> RunFound:
    problem = run.problem
    return RunFound(
        id=run.id,
        study=run.study,
        title=run.title,
        state=run.state,
        stage=run.stage,
        fraction=run.fraction,
        patients=run.options.patients,
        replicates=run.options.replicates,
        seed=run.options.seed,
        effect=run.options.effect,
        created=run.created,
        started=run.started,
        ended=run.ended,
        problem=None
        if problem is None
        else ProblemOfRun(
            kind=problem.kind.value, message=problem.message, faults=[found(fault) for fault in problem.faults]
        ),
        code_version=run.code_version,
        files=list(workshop_of(request).catalogue.files(run)),
    )
