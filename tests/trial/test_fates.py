"""Adherence is read off the fates of planned doses."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.engine.problem import Doses, Fate
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.regimen.rules import Action, Comparison, Condition, DoseRule
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.fates import (
    GIVEN_UP,
    adherence_of,
    discontinued,
    dispositions,
    dose_reasons,
    intensities,
    intensities_per_time,
)

GIVEN, NEVER, EVENT, RULE = Fate.GIVEN, Fate.NEVER_STARTED, Fate.EVENT, Fate.RULE
PLATELETS = Condition(quantity="platelets", comparison=Comparison.BELOW, threshold=25.0, unit="G/L")
LEAK = Condition(quantity="capillary_leak_grade", comparison=Comparison.AT_LEAST, threshold=4.0, unit="1")
RULES = (
    DoseRule(drug=None, action=Action.HOLD, condition=PLATELETS, fraction=0.5),
    DoseRule(drug=None, action=Action.STOP, condition=LEAK),
)
FATES = np.array(
    [
        [NEVER, NEVER, NEVER],
        [GIVEN, EVENT + 1, EVENT + 1],
        [GIVEN, RULE + 0, RULE + 0],
        [GIVEN, RULE + 1, RULE + 1],
        [GIVEN, GIVEN, GIVEN],
    ],
    dtype=np.int64,
)
ALL = np.ones(3, dtype=np.bool_)
SHARE = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.5], [1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])


def made_up(status: list[int] | None = None) -> tuple[Doses, Trajectories]:
    amounts = np.full((5, 3), 2.0)
    doses = Doses(
        times=np.array([7.0, 8.0, 9.0]),
        durations=np.zeros(3),
        inputs=np.zeros(3, dtype=np.int64),
        manners=np.zeros(3, dtype=np.int64),
        amounts=amounts,
        fates=np.zeros((5, 3), dtype=np.int64),
    )
    course = Trajectories(
        times=np.empty(0),
        save=(),
        values=np.empty((5, 0, 0)),
        exposures=(),
        windows=(),
        lowest=np.empty((5, 0, 0)),
        lowest_at=np.empty((5, 0, 0)),
        highest=np.empty((5, 0, 0)),
        highest_at=np.empty((5, 0, 0)),
        area=np.empty((5, 0, 0)),
        above=np.empty((5, 0, 0)),
        last=np.empty((5, 0)),
        events=("relapse_crossing", "relapse"),
        event_times=np.full((5, 2), np.nan),
        given=amounts * SHARE,
        put_off=np.zeros_like(amounts),
        fates=FATES,
        status=np.array(status or [Status.REACHED_HORIZON] * 5),
        end_times=np.full(5, 100.0),
        steps=np.ones(5, dtype=np.int64),
        method="made up",
    )
    return doses, course


def test_every_patient_never_started_stopped_or_completed() -> None:
    found = adherence_of(*made_up(), RULES, ALL)

    assert found is not None
    assert (found.never_started, found.stopped, found.completed) == pytest.approx((0.2, 0.4, 0.4))


def test_whoever_was_stopped_and_would_have_missed_the_last_dose_has_stopped() -> None:
    doses, course = made_up()
    fates = FATES.copy()
    fates[3, -1] = Fate.MISSED

    found = adherence_of(doses, replace(course, fates=fates), RULES, ALL)

    assert found is not None
    assert found.stopped == pytest.approx(0.4)


def test_reasons_are_shares_of_planned_doses_in_words() -> None:
    found = adherence_of(*made_up(), RULES, ALL)

    assert found is not None
    assert dict(found.reasons) == pytest.approx(
        {
            "never started": 3 / 15,
            "after relapse": 2 / 15,
            "held or reduced: platelets < 25 G/L": 2 / 15,
            "stopped: capillary leak grade >= 4": 2 / 15,
        }
    )
    assert found.reasons[0][0] == "never started"


def test_intensity_is_given_over_planned() -> None:
    doses, course = made_up()

    assert intensities(doses, course, ALL) == pytest.approx([0.0, 1 / 3, 0.5, 1 / 3, 1.0])
    assert np.isnan(intensities(doses, course, ~ALL)).all()


def test_failed_patients_count_nowhere() -> None:
    found = adherence_of(*made_up([int(Status.NOT_FINITE), 0, 0, 0, 0]), RULES, ALL)

    assert found is not None
    assert found.never_started == 0.0
    assert found.intensity.lowest == pytest.approx(1 / 3)


def test_every_code_has_words() -> None:
    reasons = dose_reasons(("relapse",), RULES)

    assert reasons[int(Fate.EVENT)] == "after relapse"
    assert len(reasons) == 5 + 1 + 2


def test_how_late_is_that_of_the_last_dose_given_and_a_delay_that_was_not_enough_is_a_stop() -> None:
    doses, course = made_up()
    rules = (RULES[0], DoseRule(drug=None, action=Action.DELAY, condition=PLATELETS, step=7, limit=28))
    late = np.tile([0.0, 7.0, 21.0], (5, 1))

    found = adherence_of(doses, replace(course, put_off=late), rules, ALL)

    assert found is not None
    assert found.put_off is not None
    assert (found.put_off.highest, found.put_off.mean) == (21.0, pytest.approx((0 + 0 + 21 + 0 + 21) / 5))
    assert dict(found.reasons)["stopped, put off for too long: platelets < 25 G/L"] == pytest.approx(2 / 15)
    assert discontinued(doses, replace(course, put_off=late), rules)[3] * DAYS_A_MONTH == pytest.approx(8.0 + 7.0)
    assert adherence_of(doses, course, RULES, ALL).put_off is None  # type: ignore[union-attr]


def test_a_regimen_is_given_up_when_it_is_refused_or_a_rule_stops_it_and_not_by_relapse_death_or_a_hold() -> None:
    doses, course = made_up()

    days = discontinued(doses, course, RULES) * DAYS_A_MONTH
    given_up = discontinued(doses, replace(course, events=("relapse_crossing", GIVEN_UP)), RULES) * DAYS_A_MONTH

    assert days == pytest.approx([0.0, np.inf, np.inf, 8.0, np.inf])
    assert given_up == pytest.approx([0.0, 8.0, np.inf, 8.0, np.inf])


def test_whose_doses_were_all_held_never_started() -> None:
    doses, course = made_up()
    fates, given = FATES.copy(), course.given.copy()
    fates[4], given[4] = RULE + 0, 0.0

    found = adherence_of(doses, replace(course, fates=fates, given=given), RULES, ALL)

    assert found is not None
    assert (found.never_started, found.stopped, found.completed) == pytest.approx((0.4, 0.4, 0.2))


def test_a_planned_dose_of_nothing_is_given() -> None:
    _, course = made_up()

    never, stopped = dispositions(replace(course, given=np.zeros((5, 3))), RULES)

    assert never.tolist() == [True, False, False, False, False]
    assert stopped.tolist() == [False, True, False, True, False]


def test_delays_lower_the_intensity_per_time_by_how_much_longer_the_course_took() -> None:
    doses, course = made_up()
    late = np.array([[9.0, 9.0, 9.0], [0.0, 5.0, 5.0], [1.0, 1.0, 3.0], [0.0, 0.0, 0.0], [4.0, 5.0, 6.0]])
    delaying = (DoseRule(drug=None, action=Action.DELAY, condition=PLATELETS), RULES[1])

    found = intensities_per_time(doses, replace(course, put_off=late), ALL)

    # the course is of two days; the third patient's took four of them, the last one's too, and nobody else's was longer
    assert found == pytest.approx([0.0, 1 / 3, 0.5 * 2 / 4, 1 / 3, 1.0 * 2 / 4])
    adherence = adherence_of(doses, replace(course, put_off=late), delaying, ALL)
    assert adherence is not None
    assert adherence.per_time is not None
    assert adherence.per_time.mean == pytest.approx(found.mean())
    assert adherence_of(doses, course, RULES, ALL).per_time is None


def test_one_dose_has_the_same_intensity_whenever_it_comes() -> None:
    doses, course = made_up()
    first = np.array([True, False, False])

    found = intensities_per_time(doses, replace(course, put_off=np.full((5, 3), 4.0)), first)

    assert found == pytest.approx([0.0, 1.0, 1.0, 1.0, 1.0])
