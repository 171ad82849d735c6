"""Cumulative incidence: by hand, against R's cmprsk and survival, against lifelines, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.competing_risks import IncidenceVariance, cumulative_incidence
from trialeukin.survival.kaplan_meier import kaplan_meier

PRINTED = 1e-10
ROUNDING = 1e-12
CODES = {"fdata": "finegray_hand", "kmbmt": "kmbmt_competing", "pbc": "pbc_competing"}

follow_up = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3)), min_size=1, max_size=40).map(
    lambda rows: (np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows]))
)


def test_four_patients_by_hand() -> None:
    incidence = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1])

    assert incidence.at(1, [0.5, 1, 3, 4]) == pytest.approx([0.0, 1 / 4, 1 / 4, 3 / 4], abs=ROUNDING)
    assert incidence.at(2, [1, 2, 4]) == pytest.approx([0.0, 1 / 4, 1 / 4], abs=ROUNDING)


@pytest.mark.parametrize("name", CODES)
def test_incidence_and_aalens_variance_equal_those_of_cmprsk(table, reference, name) -> None:
    data, expected = table(CODES[name]), reference("competing_risks")[name]

    for overall, part in ((True, "cif_overall"), (False, "cif_by_group")):
        for key, values in expected[part].items():
            group, cause = (int(word) for word in key.split())
            members = np.ones(data["time"].size, bool) if overall else data["group"] == group
            incidence = cumulative_incidence(data["time"][members], data["cause"][members])
            np.testing.assert_allclose(incidence.at(cause, values["tau"]), values["est"], atol=PRINTED)
            error = incidence.standard_error_at(cause, values["tau"], variance=IncidenceVariance.AALEN)
            np.testing.assert_allclose(error**2, values["var_cmprsk_aalen"], atol=PRINTED)


@pytest.mark.parametrize("name", CODES)
def test_incidence_and_jackknife_errors_equal_those_of_survfit(table, reference, name) -> None:
    data, expected = table(CODES[name]), reference("competing_risks")[name]["aj_survfit"]
    states, errors = np.array(expected["pstate"]), np.array(expected["se_infinitesimal_jackknife"])

    incidence = cumulative_incidence(data["time"], data["cause"])

    for cause in (1, 2):
        jackknife = incidence.standard_error_at(
            cause, expected["tau"], variance=IncidenceVariance.INFINITESIMAL_JACKKNIFE
        )
        np.testing.assert_allclose(incidence.at(cause, expected["tau"]), states[:, cause], atol=PRINTED)
        np.testing.assert_allclose(jackknife, errors[:, cause], atol=PRINTED)


def test_the_jackknife_variance_is_what_dropping_weight_from_each_patient_shows() -> None:
    rng = np.random.default_rng(4)
    times, causes, copies = rng.integers(1, 8, 15).astype(float), rng.integers(0, 3, 15), 2000
    whole = cumulative_incidence(np.repeat(times, copies), np.repeat(causes, copies)).at(1, [5.0])
    derivatives = []
    for patient in range(15):
        kept = np.repeat(np.arange(15), np.where(np.arange(15) == patient, copies - 1, copies))
        less = cumulative_incidence(times[kept], causes[kept]).at(1, [5.0])
        derivatives.append((whole - less) * copies)

    error = cumulative_incidence(times, causes).standard_error_at(
        1, [5.0], variance=IncidenceVariance.INFINITESIMAL_JACKKNIFE
    )

    step = 1.0 / copies  # the derivative is taken over a step of 1/2000 in a weight
    assert np.sqrt(np.sum(np.square(derivatives))) == pytest.approx(error[0], rel=10 * step)


def test_random_data_give_the_incidence_of_lifelines() -> None:
    rng = np.random.default_rng(8)
    times, causes = rng.exponential(10.0, 200), rng.integers(0, 3, 200)  # no ties: lifelines would jitter them
    theirs = AalenJohansenFitter(calculate_variance=False).fit(times, causes, event_of_interest=2)

    ours = cumulative_incidence(times, causes)

    steps = theirs.cumulative_density_.iloc[1:, 0]
    np.testing.assert_allclose(ours.at(2, steps.index.to_numpy()), steps.to_numpy(), atol=ROUNDING)


@given(follow_up)
def test_incidences_and_being_free_of_events_sum_to_one(data) -> None:
    incidence = cumulative_incidence(*data)

    np.testing.assert_allclose(incidence.incidence.sum(axis=0) + incidence.event_free, 1.0, atol=ROUNDING)
    assert (np.diff(incidence.incidence, axis=1) >= 0.0).all()


@given(follow_up.filter(lambda data: (data[1] == 1).any()))
def test_with_one_cause_incidence_and_jackknife_are_those_of_kaplan_meier(data) -> None:
    times, causes = data[0], (data[1] == 1).astype(int)
    curve = kaplan_meier(times, causes)
    last = curve.times[curve.survival > 0.0]

    incidence = cumulative_incidence(times, causes)

    np.testing.assert_allclose(incidence.at(1, curve.times), 1.0 - curve.survival, atol=ROUNDING)
    error = incidence.standard_error_at(1, last, variance=IncidenceVariance.INFINITESIMAL_JACKKNIFE)
    # Greenwood and the jackknife of one cause are the same sum
    np.testing.assert_allclose(error, curve.standard_error_at(last), atol=1e-7)


def test_an_incidence_is_unknown_after_the_last_follow_up() -> None:
    incidence = cumulative_incidence([1, 5], [1, 0])

    np.testing.assert_array_equal(incidence.at(1, [5.0, 6.0]), [0.5, np.nan])
    np.testing.assert_array_equal(np.isnan(incidence.standard_error_at(1, [5.0, 6.0])), [False, True])


def test_limits_enclose_the_incidence() -> None:
    incidence = cumulative_incidence([1, 2, 3, 4, 5, 6], [1, 2, 0, 1, 2, 0])

    lower, upper = incidence.interval_at(1, [3.0])

    assert 0.0 < lower[0] < incidence.at(1, [3.0])[0] < upper[0] < 1.0


@pytest.mark.parametrize(
    ("causes", "message"),
    [
        ([0, 1.5, 2], r"causes\[1\] is 1\.5: give 0 \(censored\) or the whole number"),
        ([0, -1, 2], "give 0"),
        (["a", "b", "c"], "give 0"),
        ([0, 1], r"times has shape \(3,\) and events \(2,\)"),
    ],
)
def test_causes_without_a_meaning_are_refused(causes, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        cumulative_incidence([1, 2, 3], causes)


def test_a_cause_that_nobody_has_is_refused_with_those_seen() -> None:
    with pytest.raises(AnalysisError, match="cause 3: nobody has it; the causes seen are 1, 2"):
        cumulative_incidence([1, 2], [1, 2]).at(3, [1.0])
