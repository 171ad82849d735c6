"""Parameters are valid once they exist, and their scales mean what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trialeukin.core.errors import ParameterError, UnitError
from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed

ROUNDING = 1e-12
REASON = assumed("an example")


def parameter(**changes: object) -> Parameter:
    given_values = {"value": 2.0, "unit": "L/h", "between_patients": 0.3, "uncertainty": 0.1, "source": REASON}
    return Parameter(**(given_values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": float("nan")}, "give a finite number"),
        ({"value": -1.0}, "-1 L/h on the log scale: give more than 0"),
        ({"value": 1.0, "unit": "1", "scale": Scale.LOGIT}, "give a fraction between 0 and 1"),
        ({"between_patients": -0.1}, "between_patients -0.1: give a standard deviation"),
        ({"source": "Smith 2020"}, r"source 'Smith 2020': give Source\(key, place\) or assumed\(reason\)"),
        ({"uncertainty": float("inf")}, "uncertainty inf: give a standard deviation"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        parameter(**changes)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(UnitError, match="unknown unit 'furlongs/visit'"):
        parameter(unit="furlongs/visit")


def test_a_source_must_be_a_known_work_or_an_assumption_with_a_reason() -> None:
    with pytest.raises(ParameterError, match=r"'nobody1999' is not in sources\.bib"):
        Source("nobody1999", "table 2")
    with pytest.raises(ParameterError, match="names no place"):
        assumed("")

    assert str(Source("salmon2011", "section 3")) == "Salmon 2011 (SC11), section 3"
    assert str(REASON) == "assumed: an example"


@given(st.floats(0.01, 100.0), st.floats(-3.0, 3.0))
def test_a_shift_on_the_log_scale_multiplies(value: float, deviation: float) -> None:
    moved = Scale.LOG.shift(np.array(value), np.array(deviation))

    assert float(np.log(moved / value)) == pytest.approx(deviation, abs=ROUNDING)


@given(st.floats(0.01, 0.99), st.floats(-3.0, 3.0))
def test_a_shift_on_the_logit_scale_multiplies_the_odds(value: float, deviation: float) -> None:
    moved = float(Scale.LOGIT.shift(np.array(value), np.array(deviation)))

    odds_ratio = moved / (1.0 - moved) / (value / (1.0 - value))

    assert np.log(odds_ratio) == pytest.approx(deviation, abs=1e-9)  # 1 - moved loses digits near one


def test_normal_deviations_become_exponential_thresholds() -> None:
    deviations = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)

    thresholds = Scale.EXPONENTIAL.shift(np.array(3.0), deviations)

    assert stats.kstest(thresholds, "expon", args=(0, 3.0)).statistic < 1e-3  # half a step of a grid of 1000


@pytest.mark.parametrize("scale", Scale)
@given(deviation=st.floats(-4.0, 4.0))
def test_a_deviation_is_found_back_from_what_it_moved(scale: Scale, deviation: float) -> None:
    value = np.array([0.3])

    assert scale.deviation(value, scale.shift(value, np.array([deviation]))) == pytest.approx(deviation, abs=1e-9)
