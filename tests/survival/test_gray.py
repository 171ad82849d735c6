"""Gray's test: against R's cmprsk (reference case 08), and its laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.gray import gray_test
from trialeukin.survival.log_rank import log_rank

PRINTED = 1e-8  # of case 08-survival-competing-risks
LAW = 1e-9  # of case 23-robustness-metamorphic
DATA = {"kmbmt": "kmbmt_competing", "pbc": "pbc_competing", "fdata": "finegray_hand"}

patients = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2), st.booleans()), min_size=8, max_size=40).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)


@pytest.mark.parametrize("cause", [1, 2])
@pytest.mark.parametrize("name", DATA)
def test_the_statistic_equals_that_of_cmprsk(table, reference, name, cause) -> None:
    data, expected = table(DATA[name]), reference("competing_risks")[name]["gray_test"][f"cause{cause}"]

    test = gray_test(data["time"], data["cause"], data["group"], cause=cause).test

    assert test.statistic == pytest.approx(expected["stat"], rel=PRINTED)
    assert test.degrees_of_freedom == expected.get("df", 1)
    assert test.p_value == pytest.approx(expected["pv"], rel=1e-6)


def test_without_a_competing_event_the_score_is_that_of_the_log_rank_test(table) -> None:
    data = table("freireich")

    gray, plain = (
        gray_test(data["time"], data["status"], data["trt"]),
        log_rank(data["time"], data["status"], data["trt"]),
    )

    np.testing.assert_allclose(gray.score, plain.observed - plain.expected, rtol=1e-12)  # with one cause R = n


def test_one_stratum_twice_doubles_score_and_variance(table) -> None:
    data = table("finegray_hand")
    twice = {key: np.tile(values, 2) for key, values in data.items()}

    once = gray_test(data["time"], data["cause"], data["group"])
    both = gray_test(twice["time"], twice["cause"], twice["group"], strata=np.repeat([0, 1], data["time"].size))

    np.testing.assert_allclose(both.score, 2.0 * once.score, rtol=LAW)
    assert both.test.statistic == pytest.approx(2.0 * once.test.statistic, rel=LAW)


def test_the_test_keeps_its_level_when_the_groups_are_alike() -> None:
    rng, rejected = np.random.default_rng(11), 0
    for _ in range(1000):
        times, ends = rng.exponential(1.0, 80), rng.uniform(0.5, 3.0, 80)
        causes = np.where(times < ends, rng.integers(1, 3, 80), 0)
        rejected += gray_test(np.minimum(times, ends), causes, np.arange(80) % 2).test.p_value < 0.05

    assert rejected / 1000 == pytest.approx(0.05, abs=3.3 * (0.05 * 0.95 / 1000) ** 0.5)


@settings(max_examples=60, deadline=None)
@given(patients, st.floats(0.1, 50.0))
def test_order_unit_and_names_of_groups_do_not_matter(data, factor) -> None:
    times, causes, groups = data
    try:
        plain = gray_test(times, causes, groups)
    except AnalysisError:
        return
    if plain.covariance[0, 0] < 1e-6:
        return  # what is left of no variance is rounding

    turned = gray_test(times[::-1] * factor, causes[::-1], ~groups[::-1])

    assert turned.test.statistic == pytest.approx(plain.test.statistic, rel=1e-6, abs=LAW)
    np.testing.assert_allclose(turned.score, plain.score[::-1], atol=1e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cause": 3}, "cause 3: nobody has it; the causes seen are 1, 2"),
        ({"groups": [1, 1, 1, 1]}, "all patients are in group 1"),
        ({"times": [1, -2, 3, 4]}, r"times\[1\] is -2"),
        ({"causes": [0, 1, 2.5, 1]}, r"causes\[2\] is 2.5: give 0"),
        ({"rho": np.inf}, "rho inf"),
    ],
)
def test_data_without_a_comparison_are_refused_with_the_way_out(changes, message) -> None:
    given_data = {"times": [1, 2, 3, 4], "causes": [1, 2, 0, 1], "groups": [0, 1, 0, 1]} | changes

    with pytest.raises(AnalysisError, match=message):
        gray_test(given_data.pop("times"), given_data.pop("causes"), given_data.pop("groups"), **given_data)


def test_an_arm_that_ends_before_the_other_begins_leaves_a_statistic() -> None:
    found = gray_test([1, 2, 3, 4], [1, 1, 1, 1], [1, 1, 0, 0])

    assert np.isfinite(found.test.statistic)
    assert found.test.statistic == pytest.approx(found.score[1] ** 2 / found.covariance[1, 1], rel=1e-9)


def test_a_group_that_is_gone_before_the_first_event_takes_no_degree_of_freedom() -> None:
    times, causes = [2, 3, 4, 5, 6, 7], [1, 2, 1, 1, 2, 0]
    two = gray_test(times, causes, ["a", "b"] * 3)

    three = gray_test([1, 1, *times], [0, 0, *causes], ["c", "c", *["a", "b"] * 3])

    assert three.test.degrees_of_freedom == 1
    assert three.test.statistic == pytest.approx(two.test.statistic, rel=1e-9)


@settings(max_examples=200, deadline=None)
@given(patients)
def test_every_statistic_is_a_number(data) -> None:
    try:
        found = gray_test(*data)
    except AnalysisError:
        return

    assert np.isfinite(found.test.statistic)
    assert 0.0 <= found.test.p_value <= 1.0
