"""Win ratio: by hand, against a count of all pairs, its errors, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.log_rank_weights import NumberAtRisk
from trialeukin.survival.win_ratio import win_ratio

DEATH = ([9.0, 4.0, 9.0, 6.0, 9.0], [0, 1, 0, 1, 0])
RELAPSE = ([3.0, 2.0, 9.0, 5.0, 7.0], [1, 1, 0, 1, 1])
ARM = [0, 0, 1, 1, 1]

rows = st.lists(
    st.tuples(st.integers(1, 6), st.booleans(), st.integers(1, 6), st.booleans(), st.booleans()),
    min_size=4,
    max_size=25,
).map(lambda drawn: tuple(np.array(column) for column in zip(*drawn, strict=True)))


def test_six_pairs_by_hand() -> None:
    found = win_ratio([DEATH, RELAPSE], ARM)

    # treated 2 beats both (0 by relapse, 1 by death); 3 loses to 0 (death) and beats 1 (death); 4 beats both
    assert (found.wins, found.losses, found.ties) == (5, 1, 0)
    assert found.decided == ((3, 1), (2, 0))
    assert found.value == 5.0
    assert found.net_benefit == pytest.approx(4 / 6)


@given(rows)
def test_pairs_are_those_counted_one_by_one(data) -> None:
    death, died, relapse, relapsed, arm = data
    wins = losses = 0
    for i in np.flatnonzero(arm):
        for j in np.flatnonzero(~arm):
            for times, events in ((death, died), (relapse, relapsed)):
                i_lost = events[i] and (times[i] < times[j] or (times[i] == times[j] and not events[j]))
                j_lost = events[j] and (times[j] < times[i] or (times[i] == times[j] and not events[i]))
                wins, losses = wins + bool(j_lost), losses + bool(i_lost)
                if i_lost or j_lost:
                    break

    try:
        found = win_ratio([(death, died), (relapse, relapsed)], arm)
    except AnalysisError:
        assert arm.all() or not arm.any() or 0 in (wins, losses)
        return
    turned = win_ratio([(death, died), (relapse, relapsed)], ~arm)

    assert (found.wins, found.losses) == (wins, losses) == (turned.losses, turned.wins)
    assert found.wins + found.losses + found.ties == int(arm.sum()) * int((~arm).sum())
    assert turned.log_error == pytest.approx(found.log_error, nan_ok=True)
    assert turned.z == pytest.approx(-found.z)


def test_of_one_outcome_the_score_is_gehans(table) -> None:
    data = table("veteran")

    found = win_ratio([(data["time"], data["status"])], data["trt"])
    gehan = log_rank(data["time"], data["status"], data["trt"], weight=NumberAtRisk(power=1.0))

    assert found.losses - found.wins == pytest.approx(gehan.observed[1] - gehan.expected[1])  # Gehan 1965


def test_intervals_hold_their_level_when_the_arms_are_alike() -> None:
    rng, covered, rejected = np.random.default_rng(2), 0, 0
    for _ in range(400):
        death, relapse, arm = rng.exponential(3.0, 120), rng.exponential(1.0, 120), np.repeat([0, 1], 60)
        found = win_ratio([(np.minimum(death, 2.0), death < 2.0), (np.minimum(relapse, 1.0), relapse < 1.0)], arm)
        low, high = found.interval()
        covered += low < 1.0 < high
        rejected += found.p_value < 0.05

    error = (0.95 * 0.05 / 400) ** 0.5
    assert covered / 400 == pytest.approx(0.95, abs=3.3 * error)
    assert rejected / 400 == pytest.approx(0.05, abs=3.3 * error)


@pytest.mark.parametrize(
    ("outcomes", "groups", "message"),
    [
        ([], ARM, "no outcomes"),
        ([DEATH], [0, 0, 0, 0, 0], "1 groups: a win ratio compares two"),
        ([DEATH, ([1.0], [1])], ARM, "give one entry a patient in each"),
        ([([1.0, 2.0], [1, 1])], [0, 1], "1 pairs won and 0 lost"),
    ],
)
def test_comparisons_without_a_ratio_are_refused(outcomes, groups, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        win_ratio(outcomes, groups)


def test_one_patient_against_several_wins_and_loses_without_limits() -> None:
    found = win_ratio([([1.0, 2.0, 3.0], [1, 1, 1])], [0, 1, 0])

    assert (found.wins, found.losses) == (1, 1)
    with pytest.raises(AnalysisError, match="a group has one patient"):
        found.interval()
