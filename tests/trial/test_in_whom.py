"""In whom a treatment acts, in made-up patients whose gains are known."""

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg

from trialeukin.core.random import Stream
from trialeukin.population.cohort import Cohort
from trialeukin.trial.accrual import Conduct
from trialeukin.trial.comparison import Question, compare
from trialeukin.trial.divisions import divisions
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.in_whom import POWER, in_whom
from trialeukin.trial.in_whom_result import InWhom, PrincipalStratum, Split
from trialeukin.trial.outcomes import Outcomes
from trialeukin.trial.pair import Pair

PATIENTS, MONTHS, HAZARD, RATIO, SHARE = 20_000, 36.0, 0.04, 0.6, 0.4
SEED = 7
QUESTION = Question(
    control="observation",
    treatment="rIL-2",
    conduct=Conduct(
        control=100, treatments=(100,), enrolment=None, after_last_entry=MONTHS, horizon=MONTHS, loss_rate=0.0, block=4
    ),
    endpoints=(Endpoint.OS,),
    milestones=(24.0, MONTHS),
    alpha=0.05,
    replicates=2_000,
)


def outcomes(death: np.ndarray, valid: np.ndarray | None = None) -> Outcomes:
    return Outcomes(
        crossing=np.full(death.size, np.inf),
        relapse=np.full(death.size, np.inf),
        death=np.where(death < MONTHS, death, np.inf),
        valid=np.ones(death.size, dtype=np.bool_) if valid is None else valid,
        horizon=MONTHS,
    )


def analysed(
    question: Question, pair: Pair, draws: tuple[Pair, ...], covariates: dict[str, np.ndarray], *, seed: int
) -> InWhom:
    (size,) = {values.size for values in covariates.values()}
    patients = Cohort(name="made-up", patients=np.arange(size), covariates=covariates, parameters=np.empty((size, 0)))
    return in_whom(question, pair, draws, divided=divisions((), patients), own={}, seed=seed)


def uniform(name: str, size: int = PATIENTS) -> np.ndarray:
    return Stream(SEED, name).uniform(np.arange(size))[:, 0]


def exponential(name: str, size: int = PATIENTS) -> np.ndarray:
    return Stream(SEED, name).exponential(np.arange(size))[:, 0]


def one_split(found: InWhom) -> Split:
    (split,) = found.splits
    return split


@pytest.fixture(scope="module")
def flags() -> np.ndarray:
    return (uniform("flag") < SHARE).astype(np.float64)


@pytest.fixture(scope="module")
def acting(flags: np.ndarray) -> Pair:
    """Patients of whom those with the flag have a hazard lower by a known ratio; thresholds are the patient's own."""
    thresholds = exponential("threshold")
    return Pair(
        control=outcomes(thresholds / HAZARD), treated=outcomes(thresholds / (HAZARD * np.where(flags, RATIO, 1.0)))
    )


@pytest.fixture(scope="module")
def found(acting: Pair, flags: np.ndarray) -> InWhom:
    return analysed(QUESTION, acting, (), {"monocytic": flags}, seed=1)


def test_gains_and_strata_are_those_of_the_patients(found: InWhom, acting: Pair, flags: np.ndarray) -> None:
    control, treated = (np.minimum(arm.death, MONTHS) for arm in (acting.control, acting.treated))
    gains = treated - control
    split = one_split(found)
    assert found.months == MONTHS
    assert found.gained.value == pytest.approx(gains.mean(), rel=1e-12)
    assert split.having.gained.value == pytest.approx(gains[flags == 1.0].mean(), rel=1e-12)
    assert split.without.gained.value == 0.0
    assert split.difference.value == pytest.approx(gains[flags == 1.0].mean(), rel=1e-12)
    assert split.having.share == pytest.approx(flags.mean(), rel=1e-12)
    assert split.having.free == (
        pytest.approx((control[flags == 1.0] == MONTHS).mean()),
        pytest.approx((treated[flags == 1.0] == MONTHS).mean()),
    )
    shares = {each.kind: each.share.value for each in found.strata}
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert sum(each.gained for each in found.strata) == pytest.approx(found.gained.value, rel=1e-12)
    assert shares[PrincipalStratum.ALWAYS_FREE] == pytest.approx((control == MONTHS).mean(), rel=1e-12)
    assert shares[PrincipalStratum.LATER] == pytest.approx((gains >= 1.0).mean(), rel=1e-12)
    assert shares[PrincipalStratum.SOONER] == 0.0


def test_an_average_gain_is_that_of_the_exponential_law(found: InWhom) -> None:
    def mean(hazard: float) -> float:
        return (1.0 - np.exp(-hazard * MONTHS)) / hazard

    having = one_split(found).having.gained
    assert abs(having.value - (mean(RATIO * HAZARD) - mean(HAZARD))) < 4.0 * having.error


def test_hazard_ratios_are_those_of_an_independent_cox_model(found: InWhom, acting: Pair, flags: np.ndarray) -> None:
    split = one_split(found)
    for group, members in ((split.without, flags == 0.0), (split.having, flags == 1.0)):
        times = np.concatenate([acting.control.death[members], acting.treated.death[members]])
        arms = np.repeat([0.0, 1.0], members.sum())
        fit = PHReg(np.minimum(times, MONTHS), arms[:, None], (times < MONTHS).astype(int), ties="efron").fit()
        assert group.hazard_ratio == pytest.approx(np.exp(fit.params[0]), rel=1e-6)
    assert split.ratio == pytest.approx(split.having.hazard_ratio / split.without.hazard_ratio, rel=1e-12)


def test_as_many_patients_as_needed_have_the_power_that_is_said(found: InWhom, acting: Pair, flags: np.ndarray) -> None:
    split = one_split(found)
    assert split.needed is not None
    half = round(0.5 * split.needed)
    bigger = replace(QUESTION, conduct=replace(QUESTION.conduct, control=half, treatments=(half,)))
    again = one_split(analysed(bigger, acting, (), {"monocytic": flags}, seed=2))
    assert abs(again.power.value - POWER) < 0.02 + 3.0 * again.power.error
    assert again.misleading.value == 0.0


def test_a_trial_of_the_group_alone_has_the_power_that_is_said(found: InWhom, acting: Pair, flags: np.ndarray) -> None:
    split = one_split(found)
    assert split.having.needed is not None
    assert split.without.needed is None
    half = round(0.5 * split.having.needed)
    members = flags == 1.0
    alone = Pair(control=outcomes(acting.control.death[members]), treated=outcomes(acting.treated.death[members]))
    conduct = replace(QUESTION.conduct, control=half, treatments=(half,))
    (endpoint,) = compare(replace(QUESTION, conduct=conduct), alone, (), seed=3)
    assert abs(endpoint.power.value - POWER) < 0.02 + 3.0 * endpoint.power.error


def test_without_a_difference_groups_differ_as_often_as_the_level_says() -> None:
    flags = (uniform("flag") < SHARE).astype(np.float64)
    pair = Pair(control=outcomes(exponential("one") / HAZARD), treated=outcomes(exponential("other") / HAZARD))
    split = one_split(analysed(QUESTION, pair, (), {"monocytic": flags}, seed=4))
    error = np.hypot(split.power.error, split.misleading.error)
    assert abs(split.power.value + split.misleading.value - QUESTION.alpha) < 0.01 + 3.0 * error
    assert split.needed is None


def test_numbers_are_split_at_their_median_and_what_hardly_differs_is_left_out(acting: Pair) -> None:
    covariates = {
        "age": 20.0 + 40.0 * uniform("age"),
        "child": np.zeros(PATIENTS),
        "aml": np.ones(PATIENTS),
        "height": 150.0 + 40.0 * uniform("height"),
        "female": (np.arange(PATIENTS) < 19).astype(np.float64),
    }
    split = one_split(analysed(QUESTION, acting, (), covariates, seed=1))
    assert (split.name, split.cut) == ("age", pytest.approx(np.median(covariates["age"])))
    assert split.having.share == pytest.approx(0.5, abs=1e-4)


def test_patients_who_failed_are_nowhere(acting: Pair, flags: np.ndarray) -> None:
    failed = uniform("failed") < 0.3
    damaged = Pair(control=outcomes(np.where(failed, np.nan, acting.control.death), ~failed), treated=acting.treated)
    kept = Pair(control=outcomes(acting.control.death[~failed]), treated=outcomes(acting.treated.death[~failed]))
    one = one_split(analysed(QUESTION, damaged, (), {"monocytic": flags}, seed=1))
    other = one_split(analysed(QUESTION, kept, (), {"monocytic": flags[~failed]}, seed=1))
    assert one.having.gained == other.having.gained
    assert one.having.hazard_ratio == pytest.approx(other.having.hazard_ratio, rel=1e-12)
    assert one.power == other.power


def test_what_is_not_known_of_the_parameters_is_told_from_the_chance_of_few_patients() -> None:
    """A gain of a month times a factor of each draw in those with the flag, and half of it in the others."""
    draws, patients = 60, 400
    flags = (uniform("flag") < SHARE).astype(np.float64)
    factors = 1.0 + 0.5 * Stream(SEED, "draws").normal(np.arange(draws))[:, 0]
    start = 5.0 + 20.0 * uniform("start")

    def pair(size: int, factor: float) -> Pair:
        return Pair(
            control=outcomes(start[:size]), treated=outcomes(start[:size] + factor * (0.5 + 0.5 * flags[:size]))
        )

    drawn = tuple(pair(patients, factor) for factor in factors)
    found = analysed(QUESTION, pair(PATIENTS, 1.0), drawn, {"monocytic": flags}, seed=1)
    split = one_split(found)
    assert split.having.gained_by_draw is not None
    assert split.difference_by_draw is not None
    low, high = np.quantile(factors, (0.025, 0.975))
    assert split.having.gained_by_draw.lower == pytest.approx(low, rel=1e-9)
    assert split.having.gained_by_draw.upper == pytest.approx(high, rel=1e-9)
    assert split.difference_by_draw.lower == pytest.approx(0.5 * low, rel=1e-9)
    assert split.difference_by_draw.upper == pytest.approx(0.5 * high, rel=1e-9)
    assert split.likely == pytest.approx((factors > 0.0).mean())
    rare = {"monocytic": (np.arange(PATIENTS) % 200 == 0).astype(np.float64)}
    few = one_split(analysed(QUESTION, pair(PATIENTS, 1.0), drawn, rare, seed=1))
    assert few.having.gained_by_draw is None
    assert few.difference_by_draw is None
    assert few.likely is None
    assert few.without.gained_by_draw is not None


def test_what_goes_with_the_gain_is_found_among_what_does_not() -> None:
    names = [f"noise_{number}" for number in range(40)]
    own = {name: uniform(name) for name in names} | {"treg_growth": uniform("cause")}
    start = 5.0 + 20.0 * uniform("start")
    gains = np.where(uniform("whether") < 0.2, 6.0 * (1.0 - own["treg_growth"]), 0.0)
    pair = Pair(control=outcomes(start), treated=outcomes(start + gains))
    found = in_whom(QUESTION, pair, (), divided=(), own=own, seed=1)
    first = found.hidden[0]
    assert first.name == "treg_growth"
    assert len(found.hidden) <= 2
    assert found.searched == len(own)
    assert abs(first.lowest - 6.0 * 0.2 * 0.9) < 4.0 * first.error
    assert abs(first.highest - 6.0 * 0.2 * 0.1) < 4.0 * first.error
    nothing = in_whom(QUESTION, Pair(control=pair.control, treated=pair.control), (), divided=(), own=own, seed=1)
    assert nothing.hidden == ()
    assert nothing.needed is None


def test_what_steps_of_the_solver_move_is_no_gain() -> None:
    start = exponential("one") / HAZARD
    moved = Pair(control=outcomes(start), treated=outcomes(start * (1.0 + 4e-15)))
    draws = (moved.first(2_000),) * 4

    found = analysed(QUESTION, moved, draws, {"flagged": uniform("flag") < SHARE}, seed=1)

    (split,) = found.splits
    assert found.gained.value == split.difference.value == split.having.gained.value == 0.0
    assert split.likely in {None, 0.5}
