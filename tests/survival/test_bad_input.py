"""Bad input, every kind at every door: the value, what is allowed, and the way out; what does not converge says so."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.accelerated_failure import accelerated_failure
from trialeukin.survival.competing_risks import cumulative_incidence
from trialeukin.survival.concordance import concordance
from trialeukin.survival.cox import CoxStatus, cox
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.group_sequential import group_sequential
from trialeukin.survival.design.looks import Rules
from trialeukin.survival.design.multi_arm import MultiArm
from trialeukin.survival.design.required_events import Contrast, events_needed
from trialeukin.survival.design.spending import OBrienFlemingSpending
from trialeukin.survival.fine_gray import fine_gray
from trialeukin.survival.gray import gray_test
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.max_combo import max_combo
from trialeukin.survival.milestone import milestone
from trialeukin.survival.mixture_cure import CureStatus, mixture_cure
from trialeukin.survival.nelson_aalen import nelson_aalen
from trialeukin.survival.plateau import plateau
from trialeukin.survival.restricted_mean import restricted_mean_contrast
from trialeukin.survival.standardised import Bootstrap, standardised
from trialeukin.survival.win_ratio import win_ratio

TIMES = np.arange(1.0, 11.0)
EVENTS = np.array([1.0, 1, 0, 0] * 2 + [1, 1])
ARMS = np.arange(10) % 2
MARKER = np.random.default_rng(0).standard_normal(10)
CURVES = {
    "Kaplan-Meier": lambda t, e, g, x: kaplan_meier(t, e),  # noqa: ARG005
    "Nelson-Aalen": lambda t, e, g, x: nelson_aalen(t, e),  # noqa: ARG005
    "cumulative incidence": lambda t, e, g, x: cumulative_incidence(t, e),  # noqa: ARG005
}
OF_ONE = {
    "mixture cure": lambda t, e, g, x: mixture_cure(t, e),  # noqa: ARG005
    "plateau": lambda t, e, g, x: plateau(t, e),  # noqa: ARG005
    "concordance": lambda t, e, g, x: concordance(t, e, x),  # noqa: ARG005
}
MODELS = {
    "Cox": lambda t, e, g, x: cox(t, e, x),  # noqa: ARG005
    "Fine-Gray": lambda t, e, g, x: fine_gray(t, e, x),  # noqa: ARG005
    "accelerated failure": lambda t, e, g, x: accelerated_failure(t, e, x),  # noqa: ARG005
    "standardised": lambda t, e, g, x: standardised(
        t, e, g, x, horizon=5.0, bootstrap=Bootstrap(rng=np.random.default_rng(1), resamples=2)
    ),
}
TESTS = {
    "log-rank": lambda t, e, g, x: log_rank(t, e, g),  # noqa: ARG005
    "MaxCombo": lambda t, e, g, x: max_combo(t, e, g),  # noqa: ARG005
    "restricted means": lambda t, e, g, x: restricted_mean_contrast(t, e, g, horizon=5.0),  # noqa: ARG005
    "milestone": lambda t, e, g, x: milestone(t, e, g, time=5.0),  # noqa: ARG005
    "Gray": lambda t, e, g, x: gray_test(t, e, g),  # noqa: ARG005
    "win ratio": lambda t, e, g, x: win_ratio([(t, e)], g),  # noqa: ARG005
}
EVERY = CURVES | OF_ONE | MODELS | TESTS


def changed(values: np.ndarray, value: float) -> np.ndarray:
    return np.where(np.arange(10) == 3, value, values)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("value", "shown"), [(-1.0, "-1"), (np.nan, "nan"), (np.inf, "inf")])
def test_a_time_that_is_none_is_refused_with_its_place(name, value, shown) -> None:
    with pytest.raises(AnalysisError, match=rf"times\[3\] is {shown}: times are finite and zero or more .* leave"):
        EVERY[name](changed(TIMES, value), EVENTS, ARMS, MARKER)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("value", [2.5, -1.0, np.nan])
def test_an_event_that_is_neither_0_nor_1_is_refused(name, value) -> None:
    with pytest.raises(AnalysisError, match=r"(events|causes)\[3\] is (2\.5|-1|nan)"):
        EVERY[name](TIMES, changed(EVENTS, value), ARMS, MARKER)


@pytest.mark.parametrize("name", EVERY)
def test_columns_of_other_lengths_are_refused(name) -> None:
    with pytest.raises(AnalysisError, match="shape"):
        EVERY[name](TIMES[:5], EVENTS, ARMS, MARKER)


@pytest.mark.parametrize("name", OF_ONE | MODELS | TESTS)
def test_all_censored_has_no_effect_to_return(name) -> None:
    message = r"all 10 patients are censored|nobody has it|survival of group 0 at 5 is 1|0 pairs won and 0 lost"

    with pytest.raises(AnalysisError, match=message):
        EVERY[name](TIMES, 0.0 * EVENTS, ARMS, MARKER)


def test_all_censored_is_a_curve_that_stays_where_it_began() -> None:
    assert (kaplan_meier(TIMES, 0.0 * EVENTS).survival == 1.0).all()
    assert (nelson_aalen(TIMES, 0.0 * EVENTS).hazard == 0.0).all()


@pytest.mark.parametrize("name", [*TESTS, "standardised"])
def test_one_arm_has_nothing_to_be_compared_with(name) -> None:
    with pytest.raises(AnalysisError, match=r"all patients are in group 0|^1 groups: "):
        EVERY[name](TIMES, EVENTS, 0 * ARMS, MARKER)


@pytest.mark.parametrize("name", MODELS)
def test_constant_collinear_and_missing_covariates_are_refused_by_number(name) -> None:
    fit = MODELS[name]

    with pytest.raises(AnalysisError, match=r"covariate 0 is 3 for every patient: .* leave it out"):
        fit(TIMES, EVENTS, ARMS, 0.0 * MARKER + 3.0)
    with pytest.raises(AnalysisError, match=r"covariates 0, 1 determine each other .collinear.: leave one of them out"):
        fit(TIMES, EVENTS, ARMS, np.column_stack((MARKER, 2.0 * MARKER)))
    with pytest.raises(AnalysisError, match="covariate 0 of patient 3 is nan: give finite numbers"):
        fit(TIMES, EVENTS, ARMS, changed(MARKER, np.nan))


def test_a_hazard_ratio_without_bound_is_a_status_and_no_number() -> None:
    fit = cox(TIMES, TIMES < 6.0, TIMES < 6.0)

    assert fit.status is CoxStatus.INFINITE_ESTIMATE
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(fit.standard_errors).all()


def test_a_cured_fraction_that_the_data_do_not_hold_is_a_status_and_no_number() -> None:
    found = mixture_cure(TIMES, np.ones(10))

    assert found.status is not CureStatus.CONVERGED
    assert np.isnan(found.cured())


EFFICACY = AlphaSpending(OBrienFlemingSpending())
HALVES = np.array([0.5, 1.0])


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.95, 1.0, -0.1, np.nan])
@pytest.mark.parametrize(
    "design",
    [
        lambda alpha: events_needed(Contrast(hazard_ratio=0.7), alpha=alpha, power=0.9),
        lambda alpha: group_sequential(HALVES, efficacy=EFFICACY, alpha=alpha),
        lambda alpha: Rules(fractions=HALVES, efficacy=EFFICACY, alpha=alpha),
        lambda alpha: MultiArm(treatments=2, fractions=HALVES).efficacy_limits(OBrienFlemingSpending(), alpha),
    ],
)
def test_an_alpha_that_is_none_is_refused(design, alpha) -> None:
    with pytest.raises(AnalysisError, match=f"alpha {alpha}"):
        design(alpha)


@pytest.mark.parametrize("power", [0.02, 0.025, 1.0])
@pytest.mark.parametrize(
    "design",
    [
        lambda power: events_needed(Contrast(hazard_ratio=0.7), power=power),
        lambda power: group_sequential(HALVES, efficacy=EFFICACY, power=power),
        lambda power: Rules(fractions=HALVES, efficacy=EFFICACY, power=power),
    ],
)
def test_a_power_not_above_alpha_is_refused(design, power) -> None:
    with pytest.raises(AnalysisError, match=f"power {power}"):
        design(power)


@pytest.mark.parametrize("fractions", [[0.7, 0.5, 1.0], [0.5, 0.5, 1.0], [0.0, 1.0], [0.5, 0.9], [np.nan, 1.0], []])
@pytest.mark.parametrize(
    "design",
    [
        lambda fractions: group_sequential(fractions, efficacy=EFFICACY),
        lambda fractions: Rules(fractions=fractions, efficacy=EFFICACY),
        lambda fractions: MultiArm(treatments=2, fractions=fractions),
    ],
)
def test_information_fractions_that_do_not_increase_to_1_are_refused(design, fractions) -> None:
    with pytest.raises(AnalysisError, match=r"information fractions .*: (let them increase|the last look|give one or)"):
        design(np.array(fractions))


@pytest.mark.parametrize(("patients", "months"), [(0.0, 24.0), (100.0, -1.0), (np.nan, 24.0)])
def test_accrual_of_nobody_is_refused(patients, months) -> None:
    with pytest.raises(AnalysisError, match=r"accrual|patients|months"):
        even(patients, months)
