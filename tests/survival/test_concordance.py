"""Concordance: by hand, against R's survival, against lifelines, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.concordance import concordance
from trialeukin.survival.cox import cox

PRINTED = 1e-9
ROUNDING = 1e-12


def test_three_patients_by_hand() -> None:
    # pairs: (first, second) agree, (first, third) tie, (second, third) disagree
    agreement = concordance([1, 2, 3], [1, 1, 0], [3, 1, 3])

    assert agreement.value == pytest.approx((1 + 0.5 + 0) / 3, abs=ROUNDING)
    assert agreement.pairs == 3
    # a = (1.5, 1, 0.5), n = 2 each: influences (0.5, 0, -0.5) / 3
    assert agreement.standard_error == pytest.approx(np.sqrt(0.5) / 3, abs=ROUNDING)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("lung", lambda d: [d["age"], d["trt"], d["ph.karno"], d["wt.loss"]]),
        ("kmbmt", lambda d: [d["group"] == 2, d["group"] == 3, d["z1"], d["z2"]]),
        (
            "veteran",
            lambda d: [
                *(d[key] for key in ("trt", "karno", "diagtime", "age", "prior")),
                *(d["celltype"] == kind for kind in ("adeno", "smallcell", "squamous")),
            ],
        ),
        ("pbc", lambda d: [d["age"], d["edema"], np.log(d["bili"]), np.log(d["albumin"]), np.log(d["protime"])]),
    ],
)
def test_the_concordance_of_a_cox_model_equals_that_of_r(table, reference, name, columns) -> None:
    data, expected = table(name), reference("core")[name]["concordance"]
    covariates = np.column_stack(columns(data)).astype(float)
    known = np.isfinite(covariates).all(axis=1)
    times, events, covariates = data["time"][known], data["status"][known], covariates[known]

    agreement = concordance(times, events, covariates @ cox(times, events, covariates).coefficients)

    assert agreement.value == pytest.approx(expected["C"], abs=PRINTED)
    assert agreement.standard_error == pytest.approx(expected["se"], abs=PRINTED)


def test_random_data_with_ties_give_the_concordance_of_lifelines() -> None:
    rng = np.random.default_rng(12)
    times, risk, events = rng.integers(1, 20, 120), rng.integers(0, 9, 120), rng.random(120) < 0.6

    assert concordance(times, events, risk).value == pytest.approx(
        concordance_index(times, -risk, events), abs=ROUNDING
    )


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(-3, 3)), min_size=2, max_size=30, unique_by=lambda row: row[0])
)
def test_turning_the_risk_round_turns_the_concordance_round_and_a_rising_scale_keeps_it(rows) -> None:
    times, risk = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    events = np.ones(times.size)

    plain = concordance(times, events, risk)

    assert concordance(times, events, -risk).value == pytest.approx(1.0 - plain.value, abs=ROUNDING)
    assert concordance(times, events, np.exp(risk)).value == plain.value


def test_data_without_a_pair_are_refused() -> None:
    with pytest.raises(AnalysisError, match="in no pair of patients is it known who came first"):
        concordance([1, 2], [0, 1], [1, 2])
    with pytest.raises(AnalysisError, match="give one finite number"):
        concordance([1, 2], [1, 1], [1, np.nan])
