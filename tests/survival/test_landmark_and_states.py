"""Landmark analysis and state occupancy: by hand, against competing risks, and what they guard against."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.competing_risks import IncidenceVariance, cumulative_incidence
from trialeukin.survival.landmark import landmark
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.state_occupancy import state_occupancy


def test_a_landmark_keeps_who_is_at_risk_and_counts_time_from_it() -> None:
    found = landmark([1.0, 3.0, 5.0, 8.0], [1, 0, 1, 0], [0.5, np.inf, 2.0, 6.0], time=3.0)

    assert found.kept.tolist() == [False, False, True, True]
    assert found.times.tolist() == [2.0, 5.0]
    assert found.events.tolist() == [True, False]
    assert found.reached.tolist() == [True, False]  # the second came after the landmark
    assert (found.had_event, found.lost) == (1, 1)


def test_a_response_that_does_nothing_helps_in_a_naive_comparison_and_not_from_a_landmark() -> None:
    rng = np.random.default_rng(6)
    times, response = rng.exponential(1.0, 2000), rng.exponential(1.0, 2000)

    naive = log_rank(times, np.ones(2000), response < times)
    found = landmark(times, np.ones(2000), np.where(response < times, response, np.inf), time=0.5)
    honest = log_rank(found.times, found.events, found.reached)

    assert naive.z < -10.0  # who lives longer has more time to respond
    assert abs(honest.z) < 3.3


@pytest.mark.parametrize(("time", "message"), [(9.0, "nobody is at risk after 9"), (-1.0, "landmark -1.0")])
def test_landmarks_without_patients_are_refused(time, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        landmark([1.0, 2.0], [1, 1], [0.5, 0.5], time=time)


def test_two_end_states_are_the_cumulative_incidences_and_their_jackknife(table) -> None:
    data = table("kmbmt_competing")
    n = data["time"].size

    found = state_occupancy(np.zeros(n), data["time"], np.zeros(n), data["cause"], np.arange(n), states=3)
    incidence = cumulative_incidence(data["time"], data["cause"])

    for cause in (1, 2):
        np.testing.assert_allclose(found.at(found.times)[:, cause], incidence.at(cause, found.times), atol=1e-12)
        errors = incidence.standard_error_at(cause, found.times, variance=IncidenceVariance.INFINITESIMAL_JACKKNIFE)
        np.testing.assert_allclose(found.standard_error[:, cause], errors, atol=1e-10)


def test_without_censoring_occupancy_is_the_share_in_each_state() -> None:
    # alive -> relapsed -> dead, or straight to dead: four patients, all followed to death
    start, stop = [0, 2, 0, 0, 3, 0], [2, 6, 4, 3, 5, 7]
    before, after, who = [0, 1, 0, 0, 1, 0], [1, 2, 2, 1, 2, 2], [1, 1, 2, 3, 3, 4]

    found = state_occupancy(start, stop, before, after, who, states=3)

    np.testing.assert_allclose(found.at([0.0, 2.0, 3.5, 4.0, 5.0, 9.0]), np.array(
        [[4, 0, 0], [3, 1, 0], [2, 2, 0], [1, 2, 1], [1, 1, 2], [0, 0, 4]]) / 4, atol=1e-12)  # fmt: skip
    # a share among n: its infinitesimal jackknife is that of a binomial
    np.testing.assert_allclose(found.standard_error[0, 0], np.sqrt(0.75 * 0.25 / 4), atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": [0.0, 3.0]}, "starts at 3: a patient's first starts at zero, each next where"),
        ({"after": [1, 5]}, "state 5: give one of 0 to 2"),
        ({"stop": [2.0, 2.0]}, "stretch 1 from 2 to 2"),
        ({"after": [0, 0], "before": [0, 0]}, "no patient changes state"),
    ],
)
def test_stretches_that_do_not_join_are_refused(changes, message) -> None:
    given = {"start": [0.0, 2.0], "stop": [2.0, 4.0], "before": [0, 1], "after": [1, 2], "patients": [7, 7]} | changes

    with pytest.raises(AnalysisError, match=message):
        state_occupancy(*given.values(), states=3)
