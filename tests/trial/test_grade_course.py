"""Who is at a grade when, who has been, and how the doses went: counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trialeukin.engine.problem import Doses, Fate
from trialeukin.engine.trajectories import Trajectories
from trialeukin.trial.grade_course import MOST_PERIODS, dose_periods_of, grade_course, worst_of_days
from trialeukin.trial.grades import platelet_grades
from trialeukin.trial.shown import DAYS_AFTER_TREATMENT, GRADE_STEP, grade_times

NAN = float("nan")


def test_shares_are_of_the_living_and_the_first_grade_3_is_of_all() -> None:
    grades = np.array(
        [
            [0.0, 2.0, 3.0, 1.0],
            [0.0, 3.5, NAN, NAN],  # dies after grade 3
            [0.0, 1.9, 2.0, 4.0],
            [0.0, 0.0, 0.0, 0.0],
        ]
    )

    found = grade_course(grades, np.array([0.0, 1.0, 2.0, 3.0]), item="x_grade", meaning="x")

    assert found.moderate == pytest.approx([0.0, 2 / 4, 2 / 3, 1 / 3])
    assert found.severe == pytest.approx([0.0, 1 / 4, 1 / 3, 1 / 3])
    assert found.ever_severe == pytest.approx([0.0, 1 / 4, 2 / 4, 3 / 4])
    assert found.median_days_to_severe == 2.0  # of days 2, 1 and 3
    assert found.patients == 4


def test_where_nobody_is_left_there_is_no_share() -> None:
    found = grade_course(np.array([[0.0, NAN], [1.0, NAN]]), np.array([0.0, 1.0]), item="x", meaning="x")

    assert np.isnan(found.moderate[1])
    assert found.ever_severe.tolist() == [0.0, 0.0]
    assert np.isnan(found.median_days_to_severe)


@given(arrays(np.float64, (6, 5), elements=st.floats(0.0, 5.0)))
@settings(max_examples=40, deadline=None)
def test_a_worse_grade_is_rarer_and_having_had_it_never_falls(grades: np.ndarray) -> None:
    found = grade_course(grades, np.arange(5.0), item="x", meaning="x")

    assert np.all(found.severe <= found.moderate)
    assert np.all(np.diff(found.ever_severe) >= 0.0)
    assert np.all(found.ever_severe >= found.severe)


def test_platelets_have_the_grade_of_their_limit_and_a_limit_itself_is_the_better_grade() -> None:
    counts = np.array([[200.0, 150.0, 149.0, 75.0], [60.0, 49.0, 24.0, NAN]])

    np.testing.assert_array_equal(platelet_grades(counts), [[0.0, 0.0, 1.0, 1.0], [2.0, 3.0, 4.0, NAN]])


def test_the_grade_of_a_day_is_the_worst_of_its_readings_and_of_those_before_death() -> None:
    times = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    grades = np.array([[0.0, 3.0, 0.0, 1.0, 2.0], [1.0, 0.0, 2.0, NAN, NAN]])

    days, worst = worst_of_days(grades, times)

    assert days.tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_array_equal(worst, [[3.0, 1.0, 2.0], [1.0, 2.0, NAN]])


def test_grades_are_read_four_times_a_day_until_two_months_after_the_last_dose_or_the_end() -> None:
    assert np.diff(grade_times(last_dose=90.5, horizon=1e3)) == pytest.approx(GRADE_STEP)
    assert grade_times(last_dose=90.5, horizon=1e3)[-1] == np.floor(90.5 + DAYS_AFTER_TREATMENT)
    assert grade_times(last_dose=90.5, horizon=30.5)[-1] == 30.0


def courses(days: np.ndarray, fates: np.ndarray, given: np.ndarray) -> tuple[Doses, Trajectories]:
    count = fates.shape[0]
    doses = Doses(
        times=days,
        durations=np.zeros(days.size),
        inputs=np.zeros(days.size, dtype=np.int64),
        manners=np.zeros(days.size, dtype=np.int64),
        amounts=np.full((count, days.size), 2.0),
        fates=np.zeros_like(fates),
    )
    trajectories = object.__new__(Trajectories)  # only what a period reads
    for name, value in (
        ("events", ("discontinuation",)),
        ("fates", fates),
        ("given", given),
        ("status", np.zeros(count, dtype=np.int64)),
    ):
        object.__setattr__(trajectories, name, value)
    return doses, trajectories


def test_each_period_has_its_doses_amounts_and_reasons() -> None:
    days = np.array([7.0, 20.0, 35.0, 36.0])
    stopped = int(Fate.EVENT)
    fates = np.array([[0, 0, 0, 0], [0, Fate.MISSED, stopped, stopped]])
    given = np.where(fates == 0, 2.0, 0.0)

    first, second = dose_periods_of(*courses(days, fates, given), (), np.ones(4, dtype=np.bool_))

    assert (first.start, first.end, first.doses, first.intensity) == (7.0, 35.0, 2, 0.75)
    assert first.reasons == (("missed", 0.25),)
    assert (second.start, second.end, second.doses, second.intensity) == (35.0, 63.0, 2, 0.5)
    assert second.reasons == (("after discontinuation", 0.5),)


def test_a_long_regimen_has_no_more_periods_than_a_reader_takes_in() -> None:
    days = np.arange(0.0, 600.0, 7.0)
    fates = np.zeros((1, days.size), dtype=np.int64)

    periods = dose_periods_of(
        *courses(days, fates, np.full((1, days.size), 2.0)), (), np.ones(days.size, dtype=np.bool_)
    )

    assert len(periods) <= MOST_PERIODS
    assert sum(period.doses for period in periods) == days.size
    assert {period.intensity for period in periods} == {1.0}
