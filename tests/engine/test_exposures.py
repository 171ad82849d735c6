"""Exposures against closed forms, against the plain engine, and whatever the steps."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.engine.problem import Exposure, Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import Definition, Event, System, symbol

Pose = Callable[..., Problem]
Make = Callable[..., System]
TIGHT = Tolerance(relative=1e-8)
CLOSE = 100.0 * TIGHT.relative  # errors of single steps add up along a trajectory
FLAT = math.sqrt(CLOSE)  # where a course turns its value hardly changes, so that the time is this much less sharp
MEASURES = ("lowest", "highest", "area", "above", "lowest_at", "highest_at")
on_both = pytest.mark.parametrize("backend", Backend)


def oral(pose: Pose, linear_system: Make, **others: object) -> Problem:
    """Return 100 pmol through a depot at rate 1.5 into 20 L, cleared at 0.1 a day."""
    return pose(
        linear_system(ka=1.5, CL=2.0, V=20.0),
        [(0.0, 0, 100.0, 0.0)],
        horizon=100.0,
        tolerance=TIGHT,
        **others,
    )


def concentration(time: float) -> float:
    return 100.0 * 1.5 / (20.0 * 1.4) * (math.exp(-0.1 * time) - math.exp(-1.5 * time))


def area(time: float) -> float:
    return 100.0 * 1.5 / (20.0 * 1.4) * ((1 - math.exp(-0.1 * time)) / 0.1 - (1 - math.exp(-1.5 * time)) / 1.5)


def root(low: float, high: float, threshold: float) -> float:
    """Return when the concentration passes a threshold, by halving."""
    rising = concentration(high) > concentration(low)
    for _ in range(80):
        middle = 0.5 * (low + high)
        if (concentration(middle) > threshold) == rising:
            high = middle
        else:
            low = middle
    return high


@on_both
def test_peak_its_time_area_and_time_above_a_threshold_meet_the_batemann_curve(
    backend: Backend, pose: Pose, linear_system: Make
) -> None:
    problem = oral(pose, linear_system, exposures=(Exposure(quantity="concentration", threshold=2.0),))

    found = solve(problem, backend=backend)

    peak = math.log(15.0) / 1.4
    assert found.highest_at[0, 0, 0] == pytest.approx(peak, rel=FLAT)
    assert found.highest[0, 0, 0] == pytest.approx(concentration(peak), rel=CLOSE)
    assert found.area[0, 0, 0] == pytest.approx(area(100.0), rel=CLOSE)
    assert found.above[0, 0, 0] == pytest.approx(root(peak, 50.0, 2.0) - root(0.0, peak, 2.0), rel=CLOSE)
    assert found.lowest[0, 0, 0] == pytest.approx(0.0, abs=1e-12)


@on_both
def test_windows_may_overlap_leave_gaps_and_each_is_measured_by_itself(
    backend: Backend, pose: Pose, linear_system: Make
) -> None:
    windows = ((0.25, 1.0), (0.5, 7.0), (20.0, 30.0))
    problem = oral(pose, linear_system, exposures=(Exposure(quantity="concentration"),), windows=windows)

    found = solve(problem, backend=backend)

    areas = [area(end) - area(start) for start, end in windows]
    assert found.area[0, :, 0] == pytest.approx(areas, rel=CLOSE)
    peak = math.log(15.0) / 1.4
    assert found.highest[0, :, 0] == pytest.approx([concentration(t) for t in (1.0, peak, 20.0)], rel=CLOSE)
    assert found.highest_at[0, :, 0] == pytest.approx([1.0, peak, 20.0], rel=FLAT)
    assert found.lowest[0, :, 0] == pytest.approx([concentration(t) for t in (0.25, 0.5, 30.0)], rel=CLOSE)


@on_both
def test_a_dose_at_the_edge_of_two_windows_counts_in_the_later(backend: Backend, pose: Pose, decaying: Make) -> None:
    problem = pose(
        decaying(initial=1),
        [(2.0, 0, 5.0, 0.0)],
        horizon=4.0,
        exposures=(Exposure(quantity="amount"),),
        windows=((0.0, 2.0), (2.0, 4.0)),
        tolerance=TIGHT,
    )

    found = solve(problem, backend=backend)

    before = math.exp(-1.0)
    assert found.highest[0, :, 0] == pytest.approx([1.0, before + 5.0], rel=CLOSE)
    assert found.lowest[0, :, 0] == pytest.approx([before, (before + 5.0) * before], rel=CLOSE)
    assert found.area[0, :, 0] == pytest.approx([2.0 * (1 - before), 2.0 * (before + 5.0) * (1 - before)], rel=CLOSE)


@on_both
def test_a_window_after_the_end_is_no_number_and_one_that_the_end_cuts_goes_up_to_it(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying(initial=4, events=(Event(name="low", trigger=1 - symbol("amount"), sets={}, ends=True),))
    problem = pose(
        system,
        horizon=9.0,
        exposures=(Exposure(quantity="amount", threshold=3.0),),
        windows=((0.0, 1.0), (1.0, 9.0), (5.0, 9.0)),
        tolerance=TIGHT,
    )

    found = solve(problem, backend=backend)

    assert found.area[0, :2, 0] == pytest.approx([8.0 * (1 - math.exp(-0.5)), 8.0 * math.exp(-0.5) - 2.0], rel=CLOSE)
    assert found.above[0, :2, 0] == pytest.approx([2.0 * math.log(4.0 / 3.0), 0.0], rel=CLOSE, abs=1e-12)
    assert all(np.isnan(getattr(found, name)[0, 2, 0]) for name in MEASURES)
    assert found.last[0] == pytest.approx([1.0], rel=CLOSE)


def measured(found: Trajectories) -> np.ndarray:
    return np.stack([getattr(found, name) for name in MEASURES])


def test_exposures_hardly_depend_on_how_long_the_steps_are(pose: Pose, immune_system: Make) -> None:
    doses = [(1.0 + day, 0, 40.0, 0.0) for day in range(8)] + [(12.0, 1, 30.0, 0.75)]
    problem = pose(
        replace(immune_system(), events=()),
        doses,
        patients=4,
        spread=0.3,
        horizon=20.0,
        exposures=tuple(Exposure(quantity=name, threshold=0.2) for name in ("plasma", "active", "log_blasts")),
        windows=((0.0, 20.0), (1.0, 2.0), (12.0, 13.5)),
    )

    loose, tight = solve(problem), solve(replace(problem, tolerance=Tolerance(relative=1e-9)))

    values = measured(tight)[:4]
    assert measured(loose)[:4] == pytest.approx(values, rel=1e-4, abs=1e-6)  # what a run promises of its states


def test_exposures_agree_with_the_plain_engine(pose: Pose, immune_system: Make) -> None:
    doses = [(1.0 + day, 0, 40.0, 0.0) for day in range(3)] + [(6.0, 1, 30.0, 0.75)]
    problem = pose(
        replace(immune_system(), events=()),
        doses,
        patients=2,
        spread=0.3,
        horizon=9.0,
        exposures=tuple(Exposure(quantity=name, threshold=0.2) for name in ("plasma", "active", "occupancy")),
        windows=((0.0, 9.0), (1.0, 2.25)),
        tolerance=TIGHT,
    )

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    assert measured(found)[:4] == pytest.approx(measured(exact)[:4], rel=1e-6, abs=1e-8)
    assert found.highest_at == pytest.approx(exact.highest_at, rel=1e-3, abs=1e-3)  # where a course is flat


def test_an_exposure_that_is_no_number_has_no_area_but_the_extremes_of_its_numbers(pose: Pose, decaying: Make) -> None:
    root_of = Definition(name="root", unit="1", expression=(symbol("amount") - 1) ** 0.5, meaning="while it can")
    problem = pose(
        decaying(initial=2, definitions=(root_of,)), horizon=9.0, exposures=(Exposure(quantity="root", threshold=0.5),)
    )

    found = solve(problem)

    assert np.isnan(found.area[0, 0, 0])
    assert np.isnan(found.above[0, 0, 0])
    assert found.highest[0, 0, 0] == pytest.approx(1.0)


def test_a_window_or_threshold_without_meaning_is_refused(pose: Pose, decaying: Make) -> None:
    with pytest.raises(InputError, match=r"window 3 to 2 day.*horizon, 9 day"):
        solve(pose(decaying(), horizon=9.0, windows=((3.0, 2.0),)))
    with pytest.raises(InputError, match=r"window 0 to 10 day"):
        solve(pose(decaying(), horizon=9.0, windows=((0.0, 10.0),)))
    with pytest.raises(InputError, match=r"threshold of amount is not a number"):
        solve(pose(decaying(), horizon=9.0, exposures=(Exposure(quantity="amount", threshold=math.nan),)))


@on_both
def test_extremes_are_the_same_whether_or_not_areas_are_asked(
    backend: Backend, pose: Pose, linear_system: Make
) -> None:
    doses = [(float(day), 0, 100.0, 0.0) for day in range(6)]
    problem = pose(linear_system(ka=8.0, CL=30.0, V=20.0), doses, patients=20, spread=0.5, horizon=6.0)
    asked, plain = (
        replace(problem, exposures=(Exposure(quantity="concentration", area=area),)) for area in (True, False)
    )

    found, bare = solve(asked, backend=backend), solve(plain, backend=backend)

    assert np.array_equal(found.highest, bare.highest)
    assert np.array_equal(found.lowest, bare.lowest)
    assert np.isnan(bare.area).all()
    assert np.isfinite(found.area).all()
