"""Two runs side by side: what was asked differently, and what came out."""

from dataclasses import replace

import pytest

from trialeukin.store.catalogue import Catalogue
from trialeukin.store.catalogue_errors import CatalogueError, RunStateError
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import JobQueue
from trialeukin.store.run_comparison import compare_runs
from trialeukin.store.run_directory import write_run
from trialeukin.store.run_record import RunOptions, RunOrder, RunRecord
from trialeukin.trial.result import StudyResult

TEXT = "[study]\nname = 'small'\ntitle = 'A small trial'"


def done(data: DataDirectory, result: StudyResult, text: str = TEXT, seed: int = 1) -> RunRecord:
    queue = JobQueue(data)
    options = RunOptions(patients=60, replicates=40, seed=seed)
    run = queue.submit(RunOrder(study="small", title="A small trial", study_text=text, options=options))
    claim = queue.claim()
    assert claim is not None
    found = replace(result, provenance=replace(result.provenance, seed=seed))
    write_run(found, data.working(claim.lease) / "run", report=lambda _: "", command="")
    queue.finish(claim)
    return run


def test_the_same_run_twice_differs_in_nothing(data: DataDirectory, result: StudyResult) -> None:
    first, second = done(data, result), done(data, result)

    found = compare_runs(Catalogue(data), first.id, second.id)

    assert found.changes == ()
    assert found.study_changes == ()
    assert all(row.first == row.second for row in found.rows)
    assert found.rates
    assert all(
        rate.paired and rate.difference == 0.0 and rate.lower == pytest.approx(-rate.upper) for rate in found.rates
    )


def test_what_was_asked_differently_is_said(data: DataDirectory, result: StudyResult) -> None:
    first, second = done(data, result), done(data, result, TEXT.replace("A small", "Another"), seed=2)

    found = compare_runs(Catalogue(data), first.id, second.id)

    assert [(each.what, each.first, each.second) for each in found.changes] == [("seed", "1", "2")]
    assert [line for line in found.study_changes if line[:2] in {"-t", "+t"}] == [
        "-title = 'A small trial'",
        "+title = 'Another trial'",
    ]
    assert not any(rate.paired for rate in found.rates)


def test_the_figures_are_those_of_the_result(data: DataDirectory, result: StudyResult) -> None:
    first, second = done(data, result), done(data, result)

    found = compare_runs(Catalogue(data), first.id, second.id)

    rows = {(row.endpoint, row.what): row.first for row in found.rows}
    for endpoint in result.endpoints:
        name = endpoint.endpoint.value
        ratio, power, events = (rows[name, what] for what in ("hazard ratio", "power", "events"))
        assert ratio is not None
        assert power is not None
        assert events is not None
        assert (ratio.value, ratio.lower, ratio.upper) == (
            endpoint.hazard_ratio.median,
            endpoint.hazard_ratio.lower,
            endpoint.hazard_ratio.upper,
        )
        assert power.value == endpoint.power.value
        assert events.value == endpoint.events.median
    asked = result.study.analysis.milestones_months
    assert {rate.first.months for rate in found.rates} == set(asked)
    assert {rate.first.arm for rate in found.rates} == {arm.name for arm in result.arms}


def test_a_run_that_is_not_done_is_not_compared(data: DataDirectory, result: StudyResult) -> None:
    finished = done(data, result)
    options = RunOptions(patients=60, replicates=40, seed=1)
    waiting = JobQueue(data).submit(RunOrder(study="small", title="x", study_text=TEXT, options=options))

    with pytest.raises(RunStateError, match="is queued"):
        compare_runs(Catalogue(data), finished.id, waiting.id)


def test_a_summary_that_is_damaged_is_said(data: DataDirectory, result: StudyResult) -> None:
    first, second = done(data, result), done(data, result)
    (data.run(second.id) / "summary.json").write_text("{")

    with pytest.raises(CatalogueError, match="summary of a run cannot be read"):
        compare_runs(Catalogue(data), first.id, second.id)
