"""Survival at a fixed time: against values computed from R's curves, and by hand."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.milestone import milestone

PRINTED = 1e-9
DATA_SETS = ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"]


@pytest.mark.parametrize("name", DATA_SETS)
def test_both_tests_equal_the_reference(table, reference, name) -> None:
    data, expected = table(name), reference("weighted_and_restricted")[name]
    horizons = {key: float(key.removeprefix("tau_")) for key in expected if key.startswith("tau_")}
    defined = [key for key in horizons if expected[key]["milestone"]["z_naive"] is not None]
    assert defined

    for key in defined:
        values = expected[key]["milestone"]
        test = milestone(data["time"], data["status"], data["trt"], time=horizons[key])
        assert test.difference == pytest.approx(values["diff"], rel=PRINTED)
        assert test.z_naive == pytest.approx(values["z_naive"], rel=PRINTED)
        assert test.p_naive == pytest.approx(values["p_naive"], rel=PRINTED)
        assert test.z_log_log == pytest.approx(values["z_cloglog"], rel=PRINTED)
        assert test.z_log_log**2 == pytest.approx(values["chisq_cloglog"], rel=PRINTED)
        assert test.p_log_log == pytest.approx(values["p_cloglog"], rel=PRINTED)


def test_without_censoring_the_naive_test_compares_two_proportions() -> None:
    times = np.concatenate((np.arange(1.0, 11.0), np.arange(1.0, 21.0)))
    groups = np.repeat(["a", "b"], [10, 20])

    test = milestone(times, np.ones(30), groups, time=5.0)

    # 5 of 10 and 15 of 20 alive
    assert test.difference == pytest.approx(0.25, abs=PRINTED)
    assert test.z_naive == pytest.approx(0.25 / np.sqrt(0.25 / 10 + 0.1875 / 20), rel=PRINTED)


def test_a_time_at_which_an_arm_has_no_error_is_refused(table) -> None:
    data = table("aml")

    with pytest.raises(AnalysisError, match=r"survival of group 1\.0 at 48 is 0: .* within the follow-up of both"):
        milestone(data["time"], data["status"], data["trt"], time=48.0)
    with pytest.raises(AnalysisError, match=r"survival of group 0\.0 at 1 is 1"):
        milestone(data["time"], data["status"], data["trt"], time=1.0)


def test_three_groups_are_refused() -> None:
    with pytest.raises(AnalysisError, match="3 groups: a milestone compares two"):
        milestone([1, 2, 3], [1, 1, 1], [0, 1, 2], time=2.0)
