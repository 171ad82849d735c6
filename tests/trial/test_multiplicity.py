"""Several treatments against one control in the same trials, on populations whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from trialeukin.core.random import Stream
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.many_to_one import Procedure, dunnett_limit
from trialeukin.trial.accrual import Conduct
from trialeukin.trial.comparison import Question, compare
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.multiplicity import Family, family
from trialeukin.trial.outcomes import Outcomes
from trialeukin.trial.pair import Pair
from trialeukin.trial.replicate import analyse_trials, draw_trials
from trialeukin.trial.result import EndpointResult

HAZARD, ALPHA, PATIENTS, REPLICATES = 0.04, 0.05, 20_000, 4_000
CONDUCT = Conduct(
    control=100, treatments=(100, 100), enrolment=even(1.0, 12.0), after_last_entry=36.0, horizon=48.0, loss_rate=0.0,
    block=6,
)  # fmt: skip
NAMES = ("low", "high")
FORMULA = 0.01  # the formulas take the allocation at risk to stay as it began


def outcomes(death: np.ndarray) -> Outcomes:
    return Outcomes(crossing=death, relapse=death, death=death, valid=np.ones(death.size, dtype=np.bool_), horizon=48.0)


def compared(
    ratios: tuple[float, ...], conduct: Conduct = CONDUCT, *, replicates: int = REPLICATES, draws: int = 0
) -> dict[str, EndpointResult]:
    """Return what trials find of treatments with constant hazard ratios, whose patients' times are independent."""
    chance = Stream(11, "times").exponential(np.arange(PATIENTS), 1 + len(ratios)) / HAZARD
    control = outcomes(chance[:, 0])
    found = {}
    for place, (name, ratio) in enumerate(zip(NAMES, ratios, strict=False), start=1):
        pair = Pair(control=control, treated=outcomes(chance[:, place] / ratio))
        question = Question(
            control="observation", treatment=name, conduct=conduct, endpoints=(Endpoint.OS,), milestones=(36.0,),
            alpha=ALPHA, replicates=replicates, place=place,
        )  # fmt: skip
        (found[name],) = compare(question, pair, (pair.first(2_000),) * draws, seed=5)
    return found


def together(found: dict[str, EndpointResult], procedure: Procedure) -> Family:
    drawn = {name: each.at_drawn for name, each in found.items() if each.at_drawn is not None}
    return family(
        Endpoint.OS,
        procedure,
        typical={name: each.at_typical for name, each in found.items()},
        drawn=drawn or None,
        shares=(0.5, 0.5),
    )


@pytest.fixture(scope="module")
def null() -> dict[str, EndpointResult]:
    return compared((1.0, 1.0))


@pytest.fixture(scope="module")
def working() -> dict[str, EndpointResult]:
    return compared((0.8, 0.6))


def drifts(found: dict[str, EndpointResult], ratios: tuple[float, ...]) -> np.ndarray:
    """Return the expected statistics, by Schoenfeld."""
    events = np.array([each.events.median for each in found.values()])
    return np.sqrt(events / 4.0) * np.log(ratios)


def test_statistics_of_two_treatments_share_half_of_their_variance(null: dict[str, EndpointResult]) -> None:
    low, high = (each.at_typical.trials.z.ravel() for each in null.values())

    found = np.corrcoef(low, high)[0, 1]
    assert found == pytest.approx(0.5, abs=4.0 * 0.75 / np.sqrt(REPLICATES))


@pytest.mark.parametrize(
    ("procedure", "exact"),
    [
        (Procedure.DUNNETT, ALPHA),
        (Procedure.NONE, None),
        (Procedure.BONFERRONI, None),
        (Procedure.HOLM, None),
        (Procedure.FIXED_SEQUENCE, ALPHA),
    ],
)
def test_without_an_effect_the_familywise_error_is_the_exact_one(
    null: dict[str, EndpointResult], procedure: Procedure, exact: float | None
) -> None:
    limit = norm.isf(ALPHA / 2 if procedure is Procedure.NONE else ALPHA / 4)
    square = multivariate_normal(cov=[[1.0, 0.5], [0.5, 1.0]]).cdf([limit, limit], lower_limit=[-limit, -limit])
    expected = 1.0 - square if exact is None else exact

    found = together(null, procedure).any_difference.typical

    assert found.value == pytest.approx(expected, abs=3.5 * found.error)
    assert found.error < 0.015


def test_claims_are_those_of_a_normal_vector(working: dict[str, EndpointResult]) -> None:
    found = together(working, Procedure.DUNNETT)
    expected, limit = drifts(working, (0.8, 0.6)), dunnett_limit((0.5, 0.5), ALPHA)
    vector = multivariate_normal(mean=expected, cov=[[1.0, 0.5], [0.5, 1.0]])
    both = vector.cdf([-limit, -limit])
    each = norm.cdf(-limit - expected)

    for name, exact in zip(NAMES, each, strict=True):
        claimed = found.benefit[name].typical
        assert claimed.value == pytest.approx(exact, abs=3.5 * claimed.error + FORMULA)
    assert found.all_benefit.typical.value == pytest.approx(both, abs=3.5 * found.all_benefit.typical.error + FORMULA)
    any_of_both = found.any_benefit.typical
    assert any_of_both.value == pytest.approx(each.sum() - both, abs=3.5 * any_of_both.error + FORMULA)


def test_the_better_treatment_looks_better_as_often_as_the_difference_says(working: dict[str, EndpointResult]) -> None:
    found = together(working, Procedure.HOLM).best
    low, high = drifts(working, (0.8, 0.6))

    assert found["high"].typical.value == pytest.approx(norm.cdf(low - high), abs=3.5 * found["high"].typical.error)
    assert sum(each.typical.value for each in found.values()) == pytest.approx(1.0)


def test_without_adjustment_each_claim_is_the_power_by_itself(working: dict[str, EndpointResult]) -> None:
    found = together(working, Procedure.NONE)

    for name in NAMES:
        assert found.benefit[name].typical == working[name].power


def test_power_of_a_pair_does_not_depend_on_a_third_arm(working: dict[str, EndpointResult]) -> None:
    alone = compared((0.8,), replace(CONDUCT, treatments=(100,), block=4))["low"]

    error = np.hypot(alone.power.error, working["low"].power.error)
    assert working["low"].power.value == pytest.approx(alone.power.value, abs=3.5 * error)
    assert working["low"].hazard_ratio.median == pytest.approx(alone.hazard_ratio.median, abs=0.02)


def test_draws_that_are_all_the_typical_parameters_change_no_share() -> None:
    found = together(compared((0.8, 0.6), replicates=1_200, draws=6), Procedure.HOLM)

    for claims in (found.any_benefit, found.all_benefit, *found.benefit.values(), *found.best.values()):
        assert claims.drawn is not None
        error = np.hypot(claims.typical.error, claims.drawn.error)
        assert claims.drawn.value == pytest.approx(claims.typical.value, abs=4.0 * error)


def test_a_comparison_sees_its_own_two_arms_alone() -> None:
    """Treatment one cures, treatment two kills at once: neither shows in the other's comparison."""
    size = 60
    drawn = draw_trials(np.arange(30), CONDUCT, population=size, stream=Stream(2, "trial"))
    control, cured, killed = (np.full(size, time) for time in (10.0, np.inf, 1.0))

    first = analyse_trials(drawn, control, cured, np.array([5.0, 20.0]), treatment=1)
    second = analyse_trials(drawn, control, killed, np.array([5.0, 20.0]), treatment=2)

    assert (first.events == [100, 0]).all()
    assert (second.events == [100, 100]).all()
    assert (first.survival == [[1.0, 0.0], [1.0, 1.0]]).all()
    assert (second.survival == [[1.0, 0.0], [0.0, 0.0]]).all()
    assert (second.z > 10.0).all()
