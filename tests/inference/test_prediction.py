"""An interval is that of the parameters: not of the few patients who are followed at every draw of them."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trialeukin.core.arrays import Floats, Integers
from trialeukin.inference import prediction
from trialeukin.inference.case import Case
from trialeukin.inference.prediction import Effort, predict, stood_for
from trialeukin.inference.reading import summary_of
from trialeukin.model.system import System
from trialeukin.population.cohort import typical_values

FEW_OF_MANY = Effort(draws=2, patients=101, patients_a_draw=20)
ROUNDING = 1e-9


@pytest.fixture
def all_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be unknown of the parameters: every draw is of the fitted values."""

    def fitted(system: System, *, draws: Integers, **_: int) -> Floats:
        return np.tile(typical_values(system), (draws.size, 1))

    monkeypatch.setattr(prediction, "draw_typical", fitted)


@pytest.mark.usefixtures("all_known")
@pytest.mark.parametrize("patients", ["aml-cr1-adults", "aml-cr1-adults + aml-cr1-60-and-over"])
def test_the_interval_of_a_share_is_the_share_where_every_parameter_is_known(
    share: Callable[..., Case], patients: str
) -> None:
    (found,) = predict([share(patients=patients, n="")], FEW_OF_MANY)

    assert 0.0 < found.value < 100.0
    assert (found.low, found.high) == pytest.approx((found.value, found.value), abs=ROUNDING)


@pytest.mark.usefixtures("all_known")
def test_the_interval_of_a_count_is_the_reading_nearest_to_it_where_every_parameter_is_known(
    case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Floats] = []
    monkeypatch.setattr(prediction, "stood_for", lambda few, many: (seen.append(few), stood_for(few, many))[1])

    (found,) = predict([case(patients="aml-cr1-adults", spread="")], FEW_OF_MANY)

    nearest = seen[0][np.argmin(np.abs(seen[0] - found.value))]
    assert (found.low, found.high) == (nearest, nearest)


def test_the_few_stand_for_those_who_are_nearest_and_share_them_with_their_equals() -> None:
    few = np.array([0.0, 10.0, 10.0, np.nan, np.inf])
    many = np.array([0.0, 4.0, 6.0, 10.0, 10.0, np.nan, np.inf, np.inf])

    np.testing.assert_array_equal(stood_for(few, many), [2.0, 1.5, 1.5, 0.0, 2.0])


def test_where_no_course_was_followed_to_its_end_nobody_stands_for_anybody(case: Callable[..., Case]) -> None:
    failed = np.full(3, np.nan)

    weights = stood_for(failed, np.array([np.nan, np.nan, np.nan, 1.0]))

    assert weights.tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(summary_of(case(), np.ones(3), weights))


READINGS = arrays(np.float64, st.integers(1, 40).map(lambda half: 2 * half + 1), elements=st.integers(0, 30).map(float))


@given(many=READINGS, data=st.data())
def test_the_weights_of_the_few_make_their_median_the_nearest_to_that_of_the_many(
    many: Floats, data: st.DataObject
) -> None:
    few = many[: data.draw(st.integers(1, many.size))]

    weights = stood_for(few, many)

    middle, of_few = np.median(many), np.quantile(few, 0.5, weights=weights, method="inverted_cdf")
    assert weights.sum() == pytest.approx(many.size)
    assert abs(of_few - middle) == np.abs(few - middle).min()
    np.testing.assert_array_equal(stood_for(many, many), np.ones(many.size))
