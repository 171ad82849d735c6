"""The catalogue finds, shows and deletes runs, and says how each was made."""

from dataclasses import replace
from pathlib import Path

import pytest

from trialeukin import __version__
from trialeukin.core.errors import InputError, StudyError
from trialeukin.store.catalogue import LARGEST_PAGE, Catalogue
from trialeukin.store.catalogue_errors import CatalogueError, RunStateError, UnknownRunError
from trialeukin.store.code_identity import code_identity
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import JobQueue
from trialeukin.store.run_order import order_of
from trialeukin.store.run_record import RunOptions, RunOrder, RunRecord, State

OPTIONS = RunOptions(patients=100, replicates=10, seed=1)
STUDY = (Path(__file__).parents[2] / "studies" / "ccg-2961.toml").read_text(encoding="utf-8")
HOSTILE = ("..", "../catalogue.sqlite", "", "/etc/passwd", "a/b", "\0", "%", "' OR 1=1 --", "..%2f", "x" * 10_000)


@pytest.fixture
def queue(data: DataDirectory) -> JobQueue:
    return JobQueue(data)


@pytest.fixture
def catalogue(data: DataDirectory) -> Catalogue:
    return Catalogue(data)


def order(title: str, study: str = "small") -> RunOrder:
    return RunOrder(study=study, title=title, study_text=f"# {title}", options=OPTIONS)


def done(queue: JobQueue, data: DataDirectory, title: str = "A trial") -> RunRecord:
    run = queue.submit(order(title))
    claim = queue.claim()
    assert claim is not None
    place = data.working(claim.lease) / "run"
    place.mkdir(parents=True)
    (place / "report.html").write_text(title)
    queue.finish(claim)
    return run


def test_a_search_finds_every_word_in_any_case_and_place(queue: JobQueue, catalogue: Catalogue) -> None:
    titles = ("Blaise 2000: rIL-2 in AML", "Großer Versuch, 100 % IL-2", "Great trial_7")
    runs = [queue.submit(order(title, f"study-{n}")) for n, title in enumerate(titles)]

    found = {
        text: [run.title for run in catalogue.search(text).runs]
        for text in ("", "il-2", "AML blaise", "blaise versuch", "GROSSER", "%", "_", "\\", "study-2", runs[1].id[:12])
    }

    assert found == {
        "": [titles[2], titles[1], titles[0]],
        "il-2": [titles[1], titles[0]],
        "AML blaise": [titles[0]],
        "blaise versuch": [],
        "GROSSER": [titles[1]],
        "%": [titles[1]],
        "_": [titles[2]],
        "\\": [],
        "study-2": [titles[2]],
        runs[1].id[:12]: [titles[1]],
    }


def test_pages_follow_each_other_from_the_newest(queue: JobQueue, catalogue: Catalogue) -> None:
    for number in range(7):
        queue.submit(order(f"{number}"))

    pages = [catalogue.search(limit=3, offset=offset) for offset in (0, 3, 6, 9)]

    assert [[run.title for run in page.runs] for page in pages] == [["6", "5", "4"], ["3", "2", "1"], ["0"], []]
    assert {page.total for page in pages} == {7}


def test_a_page_is_never_larger_than_the_largest(queue: JobQueue, catalogue: Catalogue) -> None:
    for _ in range(LARGEST_PAGE + 1):
        queue.submit(order("x"))

    assert len(catalogue.search(limit=10**9).runs) == LARGEST_PAGE
    assert len(catalogue.search(limit=-1, offset=-1).runs) == 0


def test_a_search_for_states_finds_no_other(queue: JobQueue, catalogue: Catalogue, data: DataDirectory) -> None:
    finished = done(queue, data)
    cancelled = queue.cancel(queue.submit(order("b")).id)
    queue.submit(order("c"))

    found = catalogue.search(states=[State.DONE, State.CANCELLED]).runs

    assert [run.id for run in found] == [cancelled.id, finished.id]


def test_a_queued_run_knows_how_many_come_before(queue: JobQueue, catalogue: Catalogue) -> None:
    runs = [queue.submit(order(f"{number}")) for number in range(3)]
    queue.cancel(runs[0].id)

    assert [catalogue.waiting_before(run) for run in runs[1:]] == [0, 1]


def test_a_recipe_is_the_text_the_options_and_the_code(queue: JobQueue, catalogue: Catalogue) -> None:
    asked = order_of(STUDY, replace(OPTIONS, seed=7, effect=False))
    before = queue.submit(asked)
    unstarted = catalogue.recipe(before.id)
    queue.claim()

    recipe = catalogue.recipe(before.id)

    assert unstarted.code is None
    assert recipe.order == asked
    assert recipe.order.study == "ccg-2961"
    assert recipe.order.digest == before.order_digest
    assert recipe.code == code_identity()
    assert code_identity().version == __version__
    assert recipe.order.command == (
        "trialeukin run ccg-2961.toml --patients 100 --replicates 10 --seed 7 --without-effect"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"patients": 99}, "patients 99: give 100 or more"),
        ({"patients": 10**9}, "give at most 50,000"),
        ({"replicates": 0}, "replicates 0: give 10 or more"),
        ({"seed": -1}, "seed -1: give a whole number from 0"),
        ({"seed": 2**63}, "give a whole number from 0 to 9223372036854775807"),
    ],
)
def test_options_without_meaning_are_refused_before_they_are_kept(change: dict[str, int], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        order_of(STUDY, replace(OPTIONS, **change))


def test_a_study_at_fault_is_refused_before_it_is_kept() -> None:
    with pytest.raises(StudyError, match=r"line 11: population\.cohort") as refusal:
        order_of(STUDY.replace('cohort = "', 'cohort = "../../'), OPTIONS)

    assert refusal.value.faults[0].line == 11


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_an_id_that_is_a_path_finds_nothing(
    name: str, catalogue: Catalogue, queue: JobQueue, data: DataDirectory
) -> None:
    run = done(queue, data)

    for act in (catalogue.run, catalogue.recipe, catalogue.directory, catalogue.delete, queue.cancel):
        with pytest.raises(UnknownRunError):
            act(name)
    with pytest.raises(UnknownRunError, match=r"it has doses\.parquet"):
        catalogue.file(run.id, name)

    assert catalogue.file(run.id, "report.html").read_text() == "A trial"


def test_a_deleted_run_is_gone_with_its_files_and_no_other(
    queue: JobQueue, catalogue: Catalogue, data: DataDirectory
) -> None:
    gone, kept = done(queue, data, "gone"), done(queue, data, "kept")

    catalogue.delete(gone.id)

    with pytest.raises(UnknownRunError):
        catalogue.run(gone.id)
    assert not data.run(gone.id).exists()
    assert data.under_way() == ()
    assert catalogue.file(kept.id, "report.html").read_text() == "kept"


def test_a_running_run_is_not_deleted(queue: JobQueue, catalogue: Catalogue) -> None:
    run = queue.submit(order("x"))
    queue.claim()

    with pytest.raises(RunStateError, match="is running: cancel it, then delete it"):
        catalogue.delete(run.id)

    assert catalogue.run(run.id).state is State.RUNNING


def test_a_run_that_cannot_be_deleted_keeps_its_files(
    queue: JobQueue, catalogue: Catalogue, data: DataDirectory
) -> None:
    run = done(queue, data)
    (data.root / "working").rmdir()

    with pytest.raises(CatalogueError, match="cannot be moved"):
        catalogue.delete(run.id)

    assert catalogue.file(run.id, "report.html").read_text() == "A trial"


def test_files_are_there_once_a_run_is_done(queue: JobQueue, catalogue: Catalogue, data: DataDirectory) -> None:
    lost, waiting = done(queue, data), queue.submit(order("x"))
    data.run(lost.id).rename(data.root / "elsewhere")

    with pytest.raises(RunStateError, match="is queued: it has files once it is done"):
        catalogue.directory(waiting.id)
    with pytest.raises(CatalogueError, match=r"are gone .* delete the run and repeat it"):
        catalogue.directory(lost.id)
