"""Cox: solved by hand, against R's survival, against lifelines, and its laws."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxStatus, cox
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.partial_likelihood import Ties

BY_HAND = 1e-12
COEFFICIENT = 1e-6  # relative, what the reference is honest to
LIKELIHOOD = 1e-8
STATISTIC = 1e-8  # relative; R stops its search earlier than we do, which a Wald statistic feels to first order
LAW = 1e-8
DATA_SETS = ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"]

two_groups = st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.booleans()), min_size=4, max_size=40).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)


def converged(times: np.ndarray, events: np.ndarray, arms: np.ndarray, ties: Ties = Ties.EFRON) -> bool:
    try:
        return cox(times, events, arms, ties=ties).status is CoxStatus.CONVERGED
    except AnalysisError:
        return False


def columns(rows: list[dict[str, float]]) -> dict[str, np.ndarray]:
    return {key: np.array([row[key] for row in rows], dtype=float) for key in rows[0]}


@pytest.mark.parametrize(
    ("ties", "beta"),
    [
        (Ties.BRESLOW, np.log((3 + np.sqrt(33)) / 2)),
        (Ties.EFRON, np.log(2 * np.sqrt(23 / 3) * np.cos(np.arccos(45 / 23 * np.sqrt(3 / 23)) / 3))),
    ],
)
def test_six_patients_solved_by_hand(reference, ties, beta) -> None:
    data = columns(reference("cox_by_hand")["test_data_1"]["data"])
    expected = reference("cox_by_hand")["test_data_1"][ties.value]

    fit = cox(data["time"], data["status"], data["x"], ties=ties)

    assert fit.coefficients[0] == pytest.approx(beta, abs=BY_HAND)
    assert beta == pytest.approx(expected["beta"], abs=BY_HAND)
    assert fit.at_zero.value == pytest.approx(expected["loglik0"], abs=BY_HAND)
    assert fit.log_likelihood == pytest.approx(expected["loglik"], abs=BY_HAND)
    assert fit.at_zero.score[0] == pytest.approx(expected["score0"], abs=BY_HAND)
    assert fit.at_zero.information[0, 0] == pytest.approx(expected["information0"], abs=BY_HAND)
    assert fit.information[0, 0] == pytest.approx(expected["information"], abs=BY_HAND)
    assert fit.standard_errors[0] == pytest.approx(expected["information"] ** -0.5, abs=BY_HAND)


def test_six_patients_have_an_infinite_estimate_under_exact_ties(reference) -> None:
    expected = reference("cox_by_hand")["test_data_1"]
    data = columns(expected["data"])

    fit = cox(data["time"], data["status"], data["x"], ties=Ties.EXACT)

    assert fit.status is CoxStatus.INFINITE_ESTIMATE
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(fit.standard_errors).all()
    assert fit.log_likelihood == pytest.approx(expected["exact_partial"]["loglik_sup"], abs=1e-7)
    # the rest of the climb is of the order of what was left of the information, 1e-8 of that at zero


@pytest.mark.parametrize("ties", [Ties.BRESLOW, Ties.EFRON])
def test_late_entry_solved_by_hand(reference, ties) -> None:
    data = columns(reference("cox_by_hand")["test_data_2"]["data"])
    expected = reference("cox_by_hand")["test_data_2"][ties.value]

    fit = cox(data["stop"], data["status"], data["x"], ties=ties, entry=data["start"])

    assert fit.coefficients[0] == pytest.approx(expected["beta"], abs=BY_HAND)
    assert [fit.at_zero.value, fit.log_likelihood] == pytest.approx(expected["loglik"], abs=BY_HAND)
    assert fit.information[0, 0] == pytest.approx(expected["information"], abs=BY_HAND)


def test_exact_ties_with_late_entry_before_all_times_are_those_without(table) -> None:
    data = table("aml")
    before = np.full(data["time"].size, -1.0)

    plain = cox(data["time"], data["status"], data["trt"], ties=Ties.EXACT)
    entered = cox(data["time"], data["status"], data["trt"], ties=Ties.EXACT, entry=before)

    assert entered.coefficients[0] == pytest.approx(plain.coefficients[0], abs=BY_HAND)


@pytest.mark.parametrize("name", DATA_SETS)
@pytest.mark.parametrize("ties", list(Ties))
def test_the_treatment_effect_equals_that_of_r(table, reference, name, ties) -> None:
    data, expected = table(name), reference("core")[name][f"cox_trt_{ties.value}"]

    fit = cox(data["time"], data["status"], data["trt"], ties=ties)

    check_against_r(fit, expected)


MULTIVARIATE = {
    "kmbmt": lambda data: [data["group"] == 2, data["group"] == 3, data["z1"], data["z2"]],
    "veteran": lambda data: [
        data["trt"],
        data["karno"],
        data["diagtime"],
        data["age"],
        data["prior"],
        *(data["celltype"] == kind for kind in ("adeno", "smallcell", "squamous")),
    ],
    "lung": lambda data: [data["age"], data["trt"], data["ph.karno"], data["wt.loss"]],
    "pbc": lambda data: [
        data["age"],
        data["edema"],
        np.log(data["bili"]),
        np.log(data["albumin"]),
        np.log(data["protime"]),
    ],
}


@pytest.mark.parametrize("name", MULTIVARIATE)
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_several_covariates_give_the_estimates_of_r(table, reference, name, ties) -> None:
    data, expected = table(name), reference("core")[name][f"cox_multi_{ties.value}"]
    covariates = np.column_stack([np.asarray(column, dtype=float) for column in MULTIVARIATE[name](data)])
    known = np.isfinite(covariates).all(axis=1)

    fit = cox(data["time"][known], data["status"][known], covariates[known], ties=ties)

    check_against_r(fit, expected)


def check_against_r(fit, expected) -> None:
    assert fit.status is CoxStatus.CONVERGED
    np.testing.assert_allclose(fit.coefficients, list(expected["coef"].values()), rtol=COEFFICIENT)
    np.testing.assert_allclose(fit.standard_errors, list(expected["se"].values()), rtol=COEFFICIENT)
    assert [fit.at_zero.value, fit.log_likelihood] == pytest.approx(expected["loglik"], abs=LIKELIHOOD)
    assert fit.score_test.statistic == pytest.approx(expected["score"], rel=STATISTIC)
    assert fit.likelihood_ratio_test.statistic == pytest.approx(expected["lrt"], abs=2 * LIKELIHOOD)
    assert fit.wald_test.statistic == pytest.approx(expected["wald"], rel=2 * COEFFICIENT)
    assert (fit.events, fit.patients) == (expected["nevent"], expected["n"])


def test_cause_specific_models_of_the_transplants_equal_those_of_r(table, reference) -> None:
    data = table("kmbmt_competing")
    covariates = np.column_stack((data["group"] == 2, data["group"] == 3, data["fab"])).astype(float)

    for cause in (1, 2):
        fit = cox(data["time"], data["cause"] == cause, covariates)
        values = reference("competing_risks")["kmbmt"][f"cause_specific_cox_efron_cause{cause}"]
        np.testing.assert_allclose(fit.coefficients, values["coef"], rtol=COEFFICIENT)
        np.testing.assert_allclose(fit.standard_errors, values["se"], rtol=COEFFICIENT)


def test_cause_specific_models_of_two_data_sets_equal_those_of_r(table, reference) -> None:
    hand, pbc = table("finegray_hand"), table("pbc_competing")
    covariates = np.column_stack((pbc["group"] == 2, pbc["age"], pbc["lbili"]))
    expected = reference("competing_risks")

    for cause in (1, 2):
        fit = cox(pbc["time"], pbc["cause"] == cause, covariates)
        values = expected["pbc"][f"cause_specific_cox_efron_cause{cause}"]
        np.testing.assert_allclose(fit.coefficients, values["coef"], rtol=COEFFICIENT)
        np.testing.assert_allclose(fit.standard_errors, values["se"], rtol=COEFFICIENT)
    fit, values = cox(hand["time"], hand["cause"] == 1, hand["x"]), expected["fdata"]["cause_specific_cox_efron_cause1"]
    assert fit.coefficients[0] == pytest.approx(values["coef"], rel=COEFFICIENT)
    assert fit.standard_errors[0] == pytest.approx(values["se"], rel=COEFFICIENT)


def test_random_data_with_ties_strata_and_late_entry_give_the_fit_of_lifelines() -> None:
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(11)
    frame = pandas.DataFrame(rng.normal(size=(400, 3)), columns=["a", "b", "c"])
    frame["entry"] = rng.integers(0, 4, 400).astype(float)
    frame["time"] = frame["entry"] + rng.integers(1, 25, 400)
    frame["event"] = rng.random(400) < 0.6
    frame["site"] = rng.integers(0, 3, 400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own use of pandas
        theirs = CoxPHFitter().fit(
            frame, "time", "event", strata=["site"], entry_col="entry", fit_options={"precision": 1e-10}
        )

    fit = cox(frame["time"], frame["event"], frame[["a", "b", "c"]], strata=frame["site"], entry=frame["entry"])

    np.testing.assert_allclose(fit.coefficients, theirs.params_.to_numpy(), rtol=COEFFICIENT)
    np.testing.assert_allclose(fit.standard_errors, theirs.standard_errors_.to_numpy(), rtol=COEFFICIENT)
    assert fit.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=LIKELIHOOD)
    lower, upper = fit.interval(level=0.95)
    limits = np.exp(theirs.confidence_intervals_.to_numpy())
    np.testing.assert_allclose(np.column_stack((lower, upper)), limits, rtol=COEFFICIENT)
    np.testing.assert_allclose(fit.p_values, theirs._compute_p_values(), rtol=10 * COEFFICIENT)


def test_splitting_follow_up_into_stretches_changes_nothing(table, reference) -> None:
    data, expected = table("veteran"), reference("robustness")["survsplit_invariance"]["coef"]
    inside = (data["status"] == 1) & (data["time"] < 900)  # as the note of the reference says
    time, covariates = data["time"][inside], np.column_stack([data[key][inside] for key in expected])
    event = time < 49
    cut = time > 20
    stop = np.concatenate((np.minimum(time, 20), time[cut]))
    start = np.concatenate((np.zeros(time.size), np.full(cut.sum(), 20.0)))
    happened = np.concatenate((event & ~cut, event[cut]))

    whole = cox(time, event, covariates)
    split = cox(stop, happened, np.concatenate((covariates, covariates[cut])), entry=start)

    np.testing.assert_allclose(whole.coefficients, list(expected.values()), rtol=COEFFICIENT)
    np.testing.assert_allclose(split.coefficients, whole.coefficients, rtol=LAW)
    assert split.log_likelihood == pytest.approx(whole.log_likelihood, abs=LIKELIHOOD)


def test_a_likelihood_that_rises_for_ever_is_reported_and_not_estimated(reference) -> None:
    expected = reference("robustness")["monotone_likelihood"]
    data = columns(expected["data"])

    fit = cox(data["time"], data["status"], data["x"])

    assert fit.status is CoxStatus.INFINITE_ESTIMATE
    assert np.isnan(fit.hazard_ratios).all()
    assert fit.log_likelihood == pytest.approx(
        expected["loglik_sup"], abs=1e-7
    )  # the climb stops at 1e-8 of information
    assert fit.score_test.p_value < 0.05


def test_a_covariate_that_separates_is_reported_and_not_estimated(table) -> None:
    data = table("separated")

    fit = cox(data["time"], data["status"], data["x"])

    assert fit.status is not CoxStatus.CONVERGED
    assert np.isnan(fit.coefficients).all()


@settings(deadline=None)
@given(two_groups)
def test_the_score_test_under_exact_ties_is_the_log_rank_test(data) -> None:
    times, events, arms = data
    assume(converged(times, events, arms, Ties.EXACT))

    fit, test = cox(times, events, arms, ties=Ties.EXACT), log_rank(times, events, arms)

    assert fit.score_test.statistic == pytest.approx(test.test.statistic, rel=LAW, abs=LAW)


@settings(deadline=None)
@given(two_groups, st.sampled_from(Ties))
def test_swapping_the_arms_flips_the_sign_of_the_effect(data, ties) -> None:
    times, events, arms = data
    assume(converged(times, events, arms, ties))

    straight, swapped = cox(times, events, arms, ties=ties), cox(times, events, ~arms, ties=ties)

    assert swapped.coefficients[0] == pytest.approx(-straight.coefficients[0], abs=LAW)
    assert swapped.standard_errors[0] == pytest.approx(straight.standard_errors[0], rel=LAW)


@settings(deadline=None)
@given(two_groups)
def test_every_patient_twice_doubles_the_information_of_breslow_and_keeps_the_effect(data) -> None:
    times, events, arms = data
    assume(converged(times, events, arms, Ties.BRESLOW))

    once = cox(times, events, arms, ties=Ties.BRESLOW)
    twice = cox(np.tile(times, 2), np.tile(events, 2), np.tile(arms, 2), ties=Ties.BRESLOW)

    assert twice.coefficients[0] == pytest.approx(once.coefficients[0], abs=LAW)
    assert twice.information[0, 0] == pytest.approx(2.0 * once.information[0, 0], rel=LAW)


@settings(deadline=None)
@given(two_groups, st.sampled_from([0.25, 8.0]), st.floats(0.1, 10.0))
def test_units_of_time_do_not_matter_and_those_of_a_covariate_divide_its_effect(data, factor, width) -> None:
    times, events, arms = data
    assume(converged(times, events, arms))

    plain, scaled = cox(times, events, arms), cox(times * factor, events, arms * width)

    assert scaled.coefficients[0] * width == pytest.approx(plain.coefficients[0], abs=LAW)


@settings(deadline=None)
@given(two_groups)
def test_without_ties_the_three_treatments_of_ties_agree(data) -> None:
    times, events, arms = data
    times = np.arange(1.0, times.size + 1.0)
    assume(converged(times, events, arms))

    fits = [cox(times, events, arms, ties=ties) for ties in Ties]

    for fit in fits:
        assert fit.coefficients[0] == pytest.approx(fits[0].coefficients[0], abs=LAW)
        assert fit.log_likelihood == pytest.approx(fits[0].log_likelihood, abs=LAW)


TIMES, EVENTS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1, 1, 1, 1, 1, 0]
AGE = np.array([1.0, 5.0, 2.0, 7.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((TIMES, EVENTS, np.full(6, 2.0)), "covariate 0 is 2 for every patient"),
        ((TIMES, EVENTS, np.column_stack((AGE, 3 - 2 * AGE))), r"covariates 0, 1 determine each other \(collinear\)"),
        ((TIMES, [0] * 6, AGE), "all 6 patients are censored"),
        ((TIMES, EVENTS, AGE[:5]), r"covariates have shape \(5, 1\) for 6 patients"),
        ((TIMES, EVENTS, np.where(AGE == 2.0, np.nan, AGE)), "covariate 0 of patient 2 is nan"),
        ((TIMES, EVENTS, list("abcdef")), "code categories as columns of 0 and 1"),
        (([1.0, 2.0, 3.0], [0, 0, 1], [0, 0, 1]), "covariate 0 is the same for all patients at risk at every event"),
    ],
)
def test_data_without_a_fit_are_refused_with_the_way_out(arguments, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        cox(*arguments)


def test_a_covariate_constant_within_each_stratum_is_refused() -> None:
    with pytest.raises(AnalysisError, match="use fewer strata"):
        cox(TIMES, EVENTS, [0, 0, 0, 1, 1, 1], strata=[0, 0, 0, 1, 1, 1])
