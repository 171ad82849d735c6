"""Body surface, and doses scaled to the body."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import InputError
from trialeukin.regimen.administration import Administration, Per, Route
from trialeukin.regimen.body import amounts, body_surface, scale

EXACT = 1e-12  # relative; a few roundings of double precision


def dose(amount: float | None, per: Per, cap: float | None = None) -> Administration:
    return Administration(drug="aldesleukin", amount=amount, unit="MIU", per=per, route=Route.SC, start=0.0, cap=cap)


def test_du_bois_gives_1_81_m2_for_70_kg_and_170_cm() -> None:
    assert body_surface(70.0, 170.0) == pytest.approx(1.81, abs=5e-3)  # two decimals, as evidence tables print it


@pytest.mark.parametrize(("per", "factor"), [(Per.PATIENT, 1.0), (Per.SQUARE_METRE, 1.84), (Per.KILOGRAM, 70.0)])
def test_a_dose_is_scaled_by_what_it_is_written_per(per: Per, factor: float) -> None:
    scaled = scale(dose(3.0, per), 1.84, 70.0)

    assert (scaled.amount, scaled.per) == (pytest.approx(3.0 * factor, rel=EXACT), Per.PATIENT)


def test_a_cap_holds_after_scaling() -> None:
    scaled = scale(dose(12.0, Per.SQUARE_METRE, cap=20.0), 1.84, 70.0)

    assert (scaled.amount, scaled.cap) == (20.0, None)


def test_an_unknown_dose_stays_unknown_for_one_and_is_refused_for_a_cohort() -> None:
    assert scale(dose(None, Per.PATIENT), 1.84, 70.0).amount is None
    with pytest.raises(InputError, match="dose of aldesleukin at 0 h is unknown"):
        amounts(dose(None, Per.PATIENT), np.array([1.84]), np.array([70.0]))


@pytest.mark.parametrize(("bsa", "weight"), [(0.0, 70.0), (1.84, -1.0), (float("nan"), 70.0), (1.84, float("inf"))])
def test_a_body_without_size_is_refused(bsa: float, weight: float) -> None:
    with pytest.raises(InputError, match="give a number above zero"):
        scale(dose(1.0, Per.SQUARE_METRE), bsa, weight)


@given(
    st.lists(st.floats(0.2, 3.0), min_size=1, max_size=8),
    st.sampled_from(list(Per)),
    st.none() | st.floats(0.1, 100.0),
)
def test_a_cohort_gets_what_each_of_its_patients_would_get_alone(
    bodies: list[float], per: Per, cap: float | None
) -> None:
    bsa = np.array(bodies)
    weight = 38.0 * bsa

    together = amounts(dose(2.0, per, cap), bsa, weight)

    alone = [scale(dose(2.0, per, cap), float(each), float(38.0 * each)).amount for each in bsa]
    assert together.tolist() == alone
