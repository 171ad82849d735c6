"""When the courses of a figure, and exposure, are looked at."""

import numpy as np
import pytest

from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.trial.shown import BOLUS_IN, COARSE_STEP, EXPOSURE_DAYS, FINE_STEP, course_times, exposure_times


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


def test_exposure_is_looked_at_where_intravenous_doses_are_highest() -> None:
    text = "aldesleukin 600000 IU/kg iv over 15 min every 8 h days 1-2; aldesleukin 1 MIU iv bolus day 3"
    doses = expand(parse(text))

    times = exposure_times(doses, start=7.0, horizon=365.0)

    assert np.all(np.diff(times) > 0.0)
    assert times[[0, -1]] == pytest.approx([7.0, 7.0 + EXPOSURE_DAYS])
    ends = 7.0 + (8.0 * np.arange(6) + 0.25) / 24.0
    for peak in (*ends, 9.0 + BOLUS_IN):
        assert np.abs(times - peak).min() < 1e-9
    assert times.size == round(EXPOSURE_DAYS * 12) + 1 + 7


def test_exposure_is_looked_at_from_the_day_of_the_first_dose_on() -> None:
    doses = expand(parse("aldesleukin 1 MIU/m2/day sc days 29-42"))

    assert exposure_times(doses, start=7.0, horizon=365.0)[[0, -1]] == pytest.approx([35.0, 35.0 + EXPOSURE_DAYS])
    assert exposure_times(doses, start=7.0, horizon=20.0)[[0, -1]] == pytest.approx([7.0, 20.0])


def test_a_dose_under_the_skin_adds_no_instant() -> None:
    doses = expand(parse("aldesleukin 1 MIU/m2/day sc days 1-14"))

    assert exposure_times(doses, start=0.0, horizon=10.0).size == 10 * 12 + 1
