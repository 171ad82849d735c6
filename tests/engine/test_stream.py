"""Runs that are reduced while they go on: the same bits for any size of batch, and no memory beyond a batch."""

import tracemalloc
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.engine import stream
from trialeukin.engine.bins import HALF_A_PERCENT, Bins
from trialeukin.engine.concentration_profiles import GivenDose
from trialeukin.engine.noncompartmental import noncompartmental
from trialeukin.engine.problem import Exposure, Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.engine.stream import Keep, Reduction, reduce
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.model.system import System
from trialeukin.regimen.administration import Route

PATIENTS = 23
DOSES = [(float(day), 0, 30.0, 0.0) for day in range(5)]
TIMES = np.array([0.5, 2.5, 40.0, 95.0, 110.0])
SAVED = ("plasma", "log_blasts", "killers")
LEVELS = (0.0, 0.1, 0.5, 0.9, 1.0)
ROUNDING = 1e-13  # of a sum of a few dozen numbers in the usual order
Pose = Callable[..., Problem]

one_thread = partial(solve, threads=1)


@pytest.fixture(name="problem")
def problem_fixture(immune_system: Callable[[], System], pose: Pose) -> Problem:
    return pose(
        immune_system(),
        DOSES,
        patients=PATIENTS,
        spread=0.4,
        horizon=120.0,
        save_times=TIMES,
        save=SAVED,
        exposures=(Exposure(quantity="platelets"), Exposure(quantity="grade")),
        examinations=np.arange(0.0, 120.0, 30.0),
    )


def part(problem: Problem, first: int, last: int) -> Problem:
    """Return the problem of some of the patients."""
    doses = problem.doses
    return replace(
        problem,
        parameters=problem.parameters[first:last],
        doses=replace(doses, amounts=doses.amounts[first:last], fates=doses.fates[first:last]),
    )


def same(left: Trajectories, right: Trajectories) -> bool:
    pairs = [(getattr(left, each.name), getattr(right, each.name)) for each in fields(Trajectories)]
    return all(a.tobytes() == b.tobytes() if isinstance(a, np.ndarray) else a == b for a, b in pairs)


def kept(problem: Problem, at_once: int, keep: Keep) -> Reduction:
    return reduce(partial(part, problem), PATIENTS, keep=keep, at_once=at_once, follow=one_thread)


@pytest.mark.parametrize("at_once", [1, 2, 7, 22])
def test_the_size_of_a_batch_changes_no_bit(problem: Problem, at_once: int) -> None:
    keep = Keep(numbers=("lowest", "highest", "given", "fates"), chosen=(20, 3, 4))

    whole, parts = kept(problem, PATIENTS, keep), kept(problem, at_once, keep)

    assert parts.bands == whole.bands
    assert parts.moments == whole.moments
    assert same(parts.courses, whole.courses)
    for left, right in (
        (parts.event_times, whole.event_times),
        (parts.status, whole.status),
        (parts.end_times, whole.end_times),
        *((parts.numbers[name], whole.numbers[name]) for name in keep.numbers),
    ):
        assert left.tobytes() == right.tobytes()


def test_what_is_kept_is_what_the_whole_run_says(problem: Problem) -> None:
    whole = one_thread(problem)

    found = kept(problem, 5, Keep(numbers=("highest", "steps")))

    assert (found.save, found.events) == (whole.save, whole.events)
    np.testing.assert_array_equal(found.event_times, whole.event_times)
    np.testing.assert_array_equal(found.event_time("death"), whole.event_time("death"))
    np.testing.assert_array_equal(found.status, whole.status)
    np.testing.assert_array_equal(found.end_times, whole.end_times)
    np.testing.assert_array_equal(found.numbers["highest"], whole.highest)
    np.testing.assert_array_equal(found.numbers["steps"], whole.steps)
    assert sum(found.endings.values()) == PATIENTS
    assert found.endings[Status.ENDED_BY_EVENT] == np.isfinite(whole.event_time("death")).sum() > 0


def test_bands_and_means_are_those_of_the_patients_who_are_alive(problem: Problem) -> None:
    values = one_thread(problem).values
    alive = ~np.isnan(values)
    assert not alive.all()

    found = kept(problem, 5, Keep())

    assert found.bands is not None
    assert found.moments is not None
    assert found.bands.counted.tolist() == alive.sum(axis=0).tolist()
    for name, column in zip(SAVED, np.moveaxis(values, 2, 0), strict=True):
        quantiles = found.quantiles(name, LEVELS)
        exact = np.nanquantile(column, LEVELS, axis=0, method="lower")
        assert (np.abs(quantiles - exact) <= HALF_A_PERCENT.accuracy * np.abs(exact)).all()
    assert found.moments.mean() == pytest.approx(np.nanmean(values, axis=0), rel=ROUNDING)
    assert found.moments.standard_deviation() == pytest.approx(np.nanstd(values, axis=0, ddof=1), rel=1e3 * ROUNDING)


def test_the_courses_of_the_chosen_are_theirs_in_the_order_asked_for(problem: Problem) -> None:
    whole = one_thread(problem)

    found = kept(problem, 4, Keep(chosen=(17, 0, 9)))

    assert found.courses.values.tobytes() == whole.values[[17, 0, 9]].tobytes()
    assert found.courses.fates.tobytes() == whole.fates[[17, 0, 9]].tobytes()
    assert found.courses.times.tolist() == TIMES.tolist()


def test_those_who_fail_are_counted_and_left_out_of_bands_and_means(problem: Problem) -> None:
    steps = one_thread(problem).steps
    few = int(np.median(steps))
    hurried = replace(problem, tolerance=Tolerance(most_steps=few))

    found = kept(hurried, 6, Keep())

    assert found.failed.tolist() == one_thread(hurried).failed.tolist()
    assert 0 < found.endings[Status.TOO_MANY_STEPS] == found.failed.sum() < PATIENTS
    assert found.bands is not None
    assert found.moments is not None
    assert (found.bands.counted + found.bands.missing == (~found.failed).sum()).all()
    assert (found.moments.counted <= (~found.failed).sum()).all()


def summarised(found: Trajectories) -> np.ndarray:
    """Return the areas of the first two days' course of plasma."""
    early = found.times < 3.0
    dose = GivenDose(route=Route.SC)
    return noncompartmental(found.times[early], found.value("plasma")[:, early], dose).area_to_last


@pytest.mark.parametrize("at_once", [1, 6])
def test_exposures_are_derived_while_the_run_goes_on(problem: Problem, at_once: int) -> None:
    found = kept(problem, at_once, Keep(derived={"area": summarised}))

    areas = summarised(one_thread(problem))
    assert (areas > 0.0).all()
    assert found.numbers["area"].tobytes() == areas.tobytes()


def test_pieces_of_a_batch_add_up_to_the_batch(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = kept(problem, PATIENTS, Keep())
    monkeypatch.setattr(stream, "VALUES_AT_ONCE", 2 * len(SAVED) * TIMES.size)  # two patients' values

    pieces = kept(problem, PATIENTS, Keep())

    assert pieces.bands == whole.bands
    assert pieces.moments == whole.moments


def test_nothing_is_kept_that_was_not_asked_for(problem: Problem) -> None:
    found = kept(problem, 8, Keep(bands=None, means=False))

    assert found.bands is None
    assert found.moments is None
    assert not found.numbers
    assert found.courses.status.size == 0
    with pytest.raises(InputError, match=r"Keep\(bands=Bins\(\)\)"):
        found.quantiles("plasma", [0.5])


def test_progress_is_told_after_every_batch(problem: Problem) -> None:
    told: list[int] = []

    reduce(partial(part, problem), PATIENTS, at_once=10, follow=one_thread, progress=told.append)

    assert told == [10, 20, 23]


TIMES_OF_MANY = 50
EVENTS_OF_MANY = 2
# event times, status, end time and one extreme, each twice while the arrays are joined in the worst case
BYTES_A_PATIENT = 2 * 8 * (EVENTS_OF_MANY + 1 + 1 + 1)


def pretended(problem: tuple[int, int]) -> Trajectories:
    """Return trajectories of made-up numbers, without an engine that would hide what the reduction holds."""
    patients = problem[1] - problem[0]
    numbers = np.linspace(1.0, 2.0, patients * TIMES_OF_MANY).reshape(patients, TIMES_OF_MANY, 1)
    return Trajectories(
        times=np.arange(float(TIMES_OF_MANY)),
        save=("plasma",),
        values=numbers,
        exposures=(Exposure(quantity="plasma"),),
        windows=((0.0, 1.0),),
        **dict.fromkeys(("lowest", "lowest_at", "highest", "highest_at", "area", "above"), numbers[:, :1, :]),
        last=numbers[:, 0, :],
        events=("relapse", "death"),
        event_times=np.ones((patients, EVENTS_OF_MANY)),
        given=np.ones((patients, 1)),
        put_off=np.zeros((patients, 1)),
        fates=np.zeros((patients, 1), dtype=np.int64),
        status=np.zeros(patients, dtype=np.int64),
        end_times=np.ones(patients),
        steps=np.ones(patients, dtype=np.int64),
        method="made up",
    )


def peak_of(patients: int) -> int:
    pose: Any = lambda first, last: (first, last)  # noqa: E731
    follow: Any = pretended
    tracemalloc.start()
    try:
        reduce(pose, patients, keep=Keep(numbers=("highest",)), at_once=500, follow=follow)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_by_the_numbers_kept_of_each_patient_only() -> None:
    peak_of(500)  # tables that are made once
    few, many = 2_000, 42_000

    growth = peak_of(many) - peak_of(few)

    assert growth <= BYTES_A_PATIENT * (many - few)
    assert growth < 8 * TIMES_OF_MANY * (many - few) / 4  # a quarter of what the courses would take


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: Keep(numbers=("peak",)), "none of"),
        (lambda _: Keep(numbers=("times",)), "none of"),
        (lambda _: Keep(chosen=(1, 1)), "once"),
        (lambda _: Keep(derived={"status": summarised}), "another name"),
        (lambda problem: kept(problem, 9, Keep(derived={"mean": lambda found: found.values.mean()})), "one row each"),
        (lambda problem: kept(problem, 0, Keep()), "one or more of both"),
        (lambda problem: kept(problem, 5, Keep(chosen=(PATIENTS,))), "numbered from 0 to 22"),
        (lambda problem: reduce(lambda *_: problem, PATIENTS, at_once=20, follow=one_thread), "has 23 patients"),
        (
            lambda problem: reduce(
                lambda first, last: replace(part(problem, first, last), save=SAVED[: 2 if first else 3]),
                PATIENTS,
                at_once=20,
                follow=one_thread,
            ),
            "one system, save and save_times",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(problem: Problem, make: Callable[[Problem], object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        make(problem)


def test_bands_can_be_coarser(problem: Problem) -> None:
    fine, coarse = (kept(problem, 9, Keep(bands=Bins(accuracy=each), means=False)) for each in (0.001, 0.2))

    assert fine.bands is not None
    assert coarse.bands is not None
    assert coarse.bands.bytes_held < fine.bands.bytes_held


def test_the_slopes_of_the_chosen_are_theirs(problem: Problem) -> None:
    sensitive = replace(problem, horizon=10.0, save_times=TIMES[TIMES <= 10.0], sensitive_to=("kill",))

    found = kept(sensitive, 4, Keep(chosen=(9, 2, 5))).courses.slopes

    whole = one_thread(sensitive).slopes
    assert found is not None
    assert whole is not None
    for each in ("values", "event_times", "last", "lowest", "highest", "area", "above"):
        np.testing.assert_array_equal(getattr(found, each), getattr(whole, each)[[9, 2, 5]])


@pytest.mark.parametrize("name", ["slopes", "save", "method", "windows", "times"])
def test_only_arrays_with_a_row_a_patient_can_be_kept_as_numbers(name: str) -> None:
    with pytest.raises(InputError, match=f"'{name}' is none of above, area"):
        Keep(numbers=(name,))
