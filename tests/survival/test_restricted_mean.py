"""Restricted means: exact integrals, against the definitions of survRM2, against lifelines, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.restricted_mean import restricted_mean, restricted_mean_contrast

PRINTED = 1e-9
ROUNDING = 1e-12
DATA_SETS = ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"]


def test_the_area_under_a_curve_by_hand() -> None:
    mean = restricted_mean([1, 2, 3, 4], [1, 1, 0, 1], 3.5)

    # 1 until 1, 3/4 until 2, 1/2 until 3.5; areas left after the events: 1.5 and 0.75
    assert mean.mean == pytest.approx(1 + 0.75 + 0.75, abs=ROUNDING)
    assert mean.standard_error == pytest.approx(np.sqrt(1.5**2 / 12 + 0.75**2 / 6), abs=ROUNDING)


@pytest.mark.parametrize("name", DATA_SETS)
def test_means_errors_difference_and_ratio_equal_the_reference(table, reference, name) -> None:
    data, expected = table(name), reference("weighted_and_restricted")[name]

    for key in (key for key in expected if key.startswith("tau_")):
        values, horizon = expected[key], float(key.removeprefix("tau_"))
        contrast = restricted_mean_contrast(data["time"], data["status"], data["trt"], horizon=horizon)
        for group, arm in ((contrast.first, "arm0"), (contrast.second, "arm1")):
            assert group.mean == pytest.approx(values[arm]["rmst"], rel=PRINTED)
            assert group.standard_error == pytest.approx(values[arm]["se_rmst"], rel=PRINTED)
        difference, ratio = values["rmst_diff"], values["rmst_ratio"]
        assert contrast.difference == pytest.approx(difference["est"], rel=PRINTED)
        assert contrast.difference_error == pytest.approx(difference["se"], rel=PRINTED)
        assert contrast.difference_interval() == pytest.approx((difference["lcl"], difference["ucl"]), rel=PRINTED)
        assert contrast.difference_p_value == pytest.approx(difference["p"], rel=PRINTED)
        assert contrast.ratio == pytest.approx(ratio["est"], rel=PRINTED)
        assert contrast.ratio_interval() == pytest.approx((ratio["lcl"], ratio["ucl"]), rel=PRINTED)
        assert contrast.ratio_p_value == pytest.approx(ratio["p"], rel=PRINTED)


def test_pbc_at_ten_years_gives_the_difference_that_survrm2_documents(table) -> None:
    data = table("pbc")

    contrast = restricted_mean_contrast(data["time"], data["status"], data["trt"], horizon=10.0)

    # survRM2 vignette: 7.146 against 7.283, difference -0.137: printed digits
    assert contrast.second.mean == pytest.approx(7.146, abs=0.0005)
    assert contrast.first.mean == pytest.approx(7.283, abs=0.0005)
    assert contrast.difference == pytest.approx(-0.137, abs=0.0005)


def test_random_data_give_the_mean_of_lifelines() -> None:
    rng = np.random.default_rng(6)
    times, events = rng.integers(1, 40, 150), rng.random(150) < 0.6
    theirs = restricted_mean_survival_time(KaplanMeierFitter().fit(times, events), t=25)

    assert restricted_mean(times, events, 25.0).mean == pytest.approx(theirs, rel=PRINTED)


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=2, max_size=30), st.floats(0.1, 1.0))
def test_a_mean_lies_between_zero_and_its_horizon_and_follows_the_unit_of_time(rows, part) -> None:
    times, events = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    horizon = part * times.max()

    mean, in_hours = restricted_mean(times, events, horizon), restricted_mean(times * 24, events, horizon * 24)

    assert 0.0 < mean.mean <= horizon * (1.0 + ROUNDING)
    assert in_hours.mean == pytest.approx(24 * mean.mean, rel=PRINTED)
    assert in_hours.standard_error == pytest.approx(24 * mean.standard_error, rel=PRINTED)


@pytest.mark.parametrize(
    ("horizon", "message"),
    [
        (0.0, "give a time above zero"),
        (float("nan"), "give a time above zero"),
        (4.0, "horizon 4 is after the last follow-up at 3, where survival is 0.667: .* give 3 or less"),
    ],
)
def test_a_horizon_without_a_curve_is_refused(horizon, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        restricted_mean([1, 2, 3], [1, 0, 0], horizon)


def test_contrasts_without_two_groups_or_events_are_refused() -> None:
    with pytest.raises(AnalysisError, match="3 groups: a contrast takes two"):
        restricted_mean_contrast([1, 2, 3], [1, 1, 1], [0, 1, 2], horizon=1.0)
    with pytest.raises(AnalysisError, match="no event before the horizon 1 leaves others at risk"):
        restricted_mean_contrast([2, 3], [1, 1], [0, 1], horizon=1.0)


def test_a_group_whose_events_are_all_at_the_start_has_no_ratio() -> None:
    with pytest.raises(AnalysisError, match="group 'b': every event is at time 0"):
        restricted_mean_contrast([1, 2, 3, 0, 0], [1, 1, 0, 1, 1], ["a", "a", "a", "b", "b"], horizon=2.5)
