"""A run that a worker does is that of any other process, and its recipe makes it again to the last bit."""

import hashlib
import json
from pathlib import Path

from acted_runs import awaited, until
from pyarrow import parquet

from trialeukin.store.catalogue import Catalogue
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import JobQueue
from trialeukin.store.run_directory import FILES, TABLES
from trialeukin.store.run_order import order_of
from trialeukin.store.run_record import RunOptions, RunRecord, State
from trialeukin.store.summary import summary
from trialeukin.trial.run import run_study
from trialeukin.trial.study_file import parse_study
from trialeukin.web.jobs.changes import changes
from trialeukin.web.jobs.runner import JobRunner
from trialeukin.web.jobs.work import run_and_write

STUDY = (Path(__file__).parents[3] / "studies" / "ccg-2961.toml").read_text(encoding="utf-8")
OPTIONS = RunOptions(patients=100, replicates=10, seed=0)


def test_a_run_is_reproduced_bit_for_bit_from_its_recipe(
    data: DataDirectory, queue: JobQueue, catalogue: Catalogue
) -> None:
    run = queue.submit(order_of(STUDY, OPTIONS))

    async def watch() -> list[RunRecord]:
        return [each async for each in changes(catalogue, run.id, every=0.02)]

    with JobRunner(data, run_and_write, at_once=1):
        seen = awaited(watch())
    order = catalogue.recipe(run.id).order
    again = run_study(
        parse_study(order.study_text),
        patients=order.options.patients,
        replicates=order.options.replicates,
        seed=order.options.seed,
        effect=order.options.effect,
    )

    directory = catalogue.directory(run.id)
    manifest = json.loads((directory / "manifest.json").read_text())
    fractions = [each.fraction for each in seen if each.state is State.RUNNING]
    assert {path.name for path in directory.iterdir()} == FILES
    assert all(parquet.read_table(directory / name).equals(table(again)) for name, table in TABLES.items())
    assert json.loads((directory / "summary.json").read_text()) == summary(again)
    assert manifest["inputs"]["study"]["sha256"] == hashlib.sha256(STUDY.encode()).hexdigest()
    assert manifest["command"] == order.command
    assert fractions == sorted(fractions)
    assert {"reading the study", "writing the report"} <= {each.stage for each in seen}
    until(lambda: data.under_way() == ())
