"""A run asked for in a browser is the run of the command line, and its recipe makes it again to the last bit."""

import asyncio
import hashlib
import json
import shlex
from pathlib import Path

import pytest
from acted_runs import until

from trialeukin.cli.main import main
from trialeukin.store.catalogue import Catalogue
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import JobQueue
from trialeukin.store.run_order import order_of
from trialeukin.store.run_record import RunOptions, RunRecord, State
from trialeukin.web.jobs.changes import changes
from trialeukin.web.jobs.runner import JobRunner
from trialeukin.web.jobs.work import run_and_write

STUDY = (Path(__file__).parents[3] / "studies" / "ccg-2961.toml").read_text(encoding="utf-8")
OPTIONS = RunOptions(patients=100, replicates=10, seed=0)
TIMED = {"manifest.json", "report.html"}  # which say how long the run took


def test_a_run_is_reproduced_bit_for_bit_from_its_recipe(
    data: DataDirectory, queue: JobQueue, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queue.submit(order_of(STUDY, OPTIONS))

    async def watch() -> list[RunRecord]:
        return [each async for each in changes(catalogue, run.id, every=0.02)]

    with JobRunner(data, run_and_write, at_once=1):
        seen = asyncio.run(watch())
    recipe = catalogue.recipe(run.id)
    (tmp_path / f"{recipe.order.study}.toml").write_text(recipe.order.study_text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    main([*shlex.split(recipe.order.command)[1:], "-o", "again"])

    first = catalogue.directory(run.id)
    names = {path.name for path in first.iterdir()} - TIMED
    manifests = [json.loads((place / "manifest.json").read_text()) for place in (first, tmp_path / "again")]
    fractions = [each.fraction for each in seen if each.state is State.RUNNING]
    assert {path.name for path in (tmp_path / "again").iterdir()} == names | TIMED
    assert all((first / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in names)
    assert manifests[0]["inputs"] == manifests[1]["inputs"]
    assert manifests[0]["inputs"]["study"]["sha256"] == hashlib.sha256(STUDY.encode()).hexdigest()
    assert fractions == sorted(fractions)
    assert {"reading the study", "writing the report"} <= {each.stage for each in seen}
    until(lambda: data.under_way() == ())
