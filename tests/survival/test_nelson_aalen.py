"""The cumulative hazard: by hand, against R's survival on five data sets, and its law with Kaplan-Meier."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.nelson_aalen import nelson_aalen

PRINTED = 1e-9
ROUNDING = 1e-12


def test_a_hazard_by_hand() -> None:
    curve = nelson_aalen([1, 2, 2, 3], [1, 1, 0, 0])

    assert curve.at([0.5, 1, 3]) == pytest.approx([0.0, 1 / 4, 1 / 4 + 1 / 3], abs=ROUNDING)
    assert curve.standard_error[-1] == pytest.approx(np.sqrt(1 / 16 + 1 / 9), abs=ROUNDING)
    assert np.isnan(curve.at([4.0])).all()


@pytest.mark.parametrize("name", ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"])
@pytest.mark.parametrize("arm", [0, 1])
def test_hazards_and_errors_equal_those_of_r(table, name, arm) -> None:
    data, expected = table(name), table(f"{name}_kaplan_meier")
    rows, members = expected["stratum"] == f"trt={arm}", data["trt"] == arm

    curve = nelson_aalen(data["time"][members], data["status"][members])

    np.testing.assert_allclose(curve.hazard, expected["cumhaz_NA"][rows], rtol=PRINTED)
    np.testing.assert_allclose(curve.standard_error, expected["se_NA"][rows], rtol=PRINTED)


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40))
def test_survival_is_at_most_the_exponential_of_minus_the_hazard(rows) -> None:
    times, events = zip(*rows, strict=True)

    hazard, curve = nelson_aalen(times, events), kaplan_meier(times, events)

    assert (curve.survival <= np.exp(-hazard.hazard) + ROUNDING).all()
