"""The runs: their list, one with its progress or its results and files, and two beside each other."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import duckdb
import pyarrow as pa
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse, StreamingResponse
from pyarrow import csv, parquet

from trialeukin.core.errors import InputError
from trialeukin.store.code_identity import code_identity
from trialeukin.store.read_summary import read_summary
from trialeukin.store.run_comparison import compare_runs
from trialeukin.store.run_directory import REPLICATES
from trialeukin.store.run_record import RunRecord, State
from trialeukin.survival.many_to_one import Procedure
from trialeukin.web.charts.chart import Chart
from trialeukin.web.charts.outcome_charts import outcome_charts
from trialeukin.web.charts.ratio_charts import ratio_charts
from trialeukin.web.charts.who_table import who_table
from trialeukin.web.guard.headers import REPORT_POLICY
from trialeukin.web.jobs.changes import changes
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.workshop import workshop_of

router = APIRouter()
A_PAGE = 30
ROWS = 50_000
RETRY = 1_000  # ms after which a page asks again where the server went away
CSV, PARQUET = ".csv", ".parquet"


@router.get("/runs")
def whole(request: Request, q: str = "", start: int = 0) -> Response:
    """Return the list of runs that some words find, the newest first."""
    found = workshop_of(request).catalogue.search(q[:200], limit=A_PAGE, offset=max(0, start))
    values = {"found": found, "q": q, "start": max(0, start), "step": A_PAGE}
    return page(request, "runs.html.j2", values)


@router.get("/runs/comparison")
def comparison(request: Request, first: str = "", second: str = "") -> Response:
    """Return two runs beside each other."""
    if not (first and second) or first == second:
        raise InputError("mark two different runs of the list, then compare them")
    found = compare_runs(workshop_of(request).catalogue, first, second)
    return page(request, "run_comparison.html.j2", {"found": found})


@router.get("/runs/{name}")
def one(request: Request, name: str) -> Response:
    """Return a run: how far it is, or what it found."""
    return page(request, "run.html.j2", _values(request, name))


@router.get("/runs/{name}/now")
def now(request: Request, name: str) -> Response:
    """Return the part of a run's page that changes while it goes on."""
    return fragment(request, "parts/run.html.j2", _values(request, name))


@router.get("/runs/{name}/events")
def events(request: Request, name: str) -> Response:
    """Return a run's progress as it happens, as server-sent events."""
    catalogue = workshop_of(request).catalogue
    after = request.headers.get("last-event-id", "0")
    run, ending = catalogue.run(name), request.app.state.ending

    async def stream() -> AsyncIterator[str]:
        yield f"retry: {RETRY}\n\n"
        async for each in changes(catalogue, run.id, after=int(after) if after.isdecimal() else 0, ending=ending):
            said = {"state": each.state.value, "stage": each.stage, "fraction": round(each.fraction, 4)}
            yield f"id: {each.revision}\nevent: run\ndata: {json.dumps(said)}\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get("/runs/{name}/files/{file}")
def download(request: Request, name: str, file: str) -> Response:
    """Return a file of a run; a table is also there as CSV."""
    catalogue = workshop_of(request).catalogue
    if file.endswith(CSV):
        table = catalogue.file(name, file.removesuffix(CSV) + PARQUET)
        return _csv(str(table), file)
    path = catalogue.file(name, file)
    shown = file == "report.html"
    headers = {"Content-Security-Policy": REPORT_POLICY} if shown else {}
    return FileResponse(
        path, filename=None if shown else f"{name}-{file}", headers=headers, content_disposition_type="attachment"
    )


@router.get("/runs/{name}/study.toml")
def study(request: Request, name: str) -> Response:
    """Return the study file that a run was asked with."""
    recipe = workshop_of(request).catalogue.recipe(name)
    headers = {"Content-Disposition": f'attachment; filename="{recipe.order.study}.toml"'}
    return Response(recipe.order.study_text, media_type="application/toml", headers=headers)


@router.post("/runs/{name}/cancel")
def cancel(request: Request, name: str) -> Response:
    """Cancel a run."""
    workshop_of(request).queue.cancel(name)
    return RedirectResponse(f"/runs/{name}", status_code=303)


@router.post("/runs/{name}/again")
def again(request: Request, name: str) -> Response:
    """Ask for the same run again: the same study, options and seed."""
    workshop = workshop_of(request)
    record = workshop.queue.submit(workshop.catalogue.recipe(name).order)
    return RedirectResponse(f"/runs/{record.id}", status_code=303)


@router.post("/runs/{name}/delete")
def delete(request: Request, name: str) -> Response:
    """Delete a run with its files."""
    workshop_of(request).catalogue.delete(name)
    return RedirectResponse("/runs", status_code=303)


def _values(request: Request, name: str) -> dict[str, object]:
    catalogue = workshop_of(request).catalogue
    run = catalogue.run(name)
    recipe = catalogue.recipe(name)
    values: dict[str, object] = {
        "run": run,
        "recipe": recipe,
        "same_code": recipe.code is not None and recipe.code == code_identity(),
        "waiting": catalogue.waiting_before(run) if run.state is State.QUEUED else 0,
        "summary": None,
        "charts": (),
        "ratios": (),
        "downloads": (),
    }
    return values | _results_unless_deleted(request, run) if run.state is State.DONE else values


def _results_unless_deleted(request: Request, run: RunRecord) -> dict[str, object]:
    """Return what a run found; a run that somebody deletes meanwhile is an unknown one."""
    try:
        return _results(request, run)
    except (OSError, duckdb.IOException):
        workshop_of(request).catalogue.run(run.id)
        raise


def _results(request: Request, run: RunRecord) -> dict[str, object]:
    directory = workshop_of(request).catalogue.directory(run.id)
    summary = read_summary(directory)
    arms = [arm["name"] for arm in sorted(summary["arms"], key=lambda arm: not arm["control"])]
    charts = request.app.state.previews.of(("outcomes", run.id), lambda: outcome_charts(directory, arms))
    files = workshop_of(request).catalogue.files(run)
    tables = tuple(name.replace(PARQUET, CSV) for name in files if name.endswith(PARQUET))
    several = summary.get("treatments")
    return {
        "summary": summary,
        "multiplicity": Procedure(several["multiplicity"]).words if several else "",
        "who": who_table(summary) if "in_whom" in summary else None,
        "charts": charts,
        "ratios": _ratios(request, run, summary) if REPLICATES in files else (),
        "downloads": files + tables,
    }


def _ratios(request: Request, run: RunRecord, summary: dict[str, Any]) -> tuple[Chart, ...]:
    """Return the hazard ratios of the replicate trials as figures."""
    table = workshop_of(request).catalogue.file(run.id, REPLICATES)
    charts: tuple[Chart, ...] = request.app.state.previews.of(("ratios", run.id), lambda: ratio_charts(table, summary))
    return charts


def _csv(table: str, name: str) -> Response:
    """Return a Parquet file as CSV, a part at a time."""

    def parts() -> Iterator[bytes]:
        for place, batch in enumerate(parquet.ParquetFile(table).iter_batches(ROWS)):
            plain = [
                column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
                for column in batch.columns
            ]
            sink = io.BytesIO()
            rows = pa.RecordBatch.from_arrays(plain, names=batch.schema.names)
            csv.write_csv(rows, sink, csv.WriteOptions(include_header=place == 0))
            yield sink.getvalue()

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parts(), media_type="text/csv", headers=headers)
