"""When the courses of a figure are looked at."""

import numpy as np

from trialeukin.trial.shown import COARSE_STEP, FINE_STEP, course_times


def test_courses_are_fine_until_two_months_after_the_last_dose_and_end_at_the_horizon() -> None:
    times = course_times(last_dose=532.0, horizon=2000.0)

    steps = np.diff(times)

    assert times[0] == 0.0
    assert times[-1] == 2000.0
    assert np.all(steps[times[1:] < 592.0] == FINE_STEP)  # the step to day 592 itself is what is left
    assert np.all(steps[:-1] <= COARSE_STEP)
    assert np.all(steps > 0.0)


def test_a_horizon_before_the_end_of_treatment_cuts_the_courses() -> None:
    assert course_times(last_dose=90.0, horizon=30.0)[-1] == 30.0
