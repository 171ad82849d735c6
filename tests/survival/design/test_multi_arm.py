"""Several treatments, several looks: the integrals meet the two designs they join, simulation, and Dunnett's test."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.futility import FutilityRule, Spent
from trialeukin.survival.design.group_sequential import Boundaries, ErrorShares, error_shares, group_sequential
from trialeukin.survival.design.multi_arm import MultiArm
from trialeukin.survival.design.spending import HwangShihDeCani, OBrienFlemingSpending, PocockSpending

THREE = np.array([0.4, 0.7, 1.0])
EXACT = 1e-8
PATHS = 400_000


def open_below(upper: np.ndarray, fractions: np.ndarray) -> Boundaries:
    return Boundaries(fractions=fractions, upper=upper, lower=np.full(upper.size, -np.inf))


@pytest.mark.parametrize("spending", [OBrienFlemingSpending(), PocockSpending(), HwangShihDeCani(-4.0)])
def test_with_one_treatment_it_is_the_group_sequential_design(spending) -> None:
    plain = group_sequential(THREE, efficacy=AlphaSpending(spending), alpha=0.025, power=0.9)
    design = MultiArm(treatments=1, fractions=THREE)

    limits = design.efficacy_limits(spending)

    np.testing.assert_allclose(limits, plain.boundaries.upper, atol=EXACT)
    assert design.drift_for(lambda _: open_below(limits, THREE), 0.9) == pytest.approx(plain.drift, abs=1e-7)


def first_chosen_and_claimed(limit: float, drifts: np.ndarray, allocation: float) -> float:
    r"""Chance that the first treatment is best half way, where all others are dropped, and beyond a limit at the end.

    With :math:`x` the control's part of the statistics and :math:`y` the first one's own, both standard normal,

    .. math:: \int\!\!\int \varphi(x) \varphi(y) \prod_{k > 1} \Phi\!\left(y + \frac{\delta_1 - \delta_k}
       {\sqrt{2 (1 - \rho)}}\right) \Phi\!\left(M + \delta_1 \sqrt{1/2} - c \sqrt 2\right) dx \, dy, \qquad
       M = \delta_1 \sqrt{1/2} - \sqrt\rho x + \sqrt{1 - \rho} y

    (Thall, Simon and Ellenberg, Biometrika 1988;75:303).
    """
    rho = allocation / (1.0 + allocation)
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    masses = weights / np.sqrt(2.0 * np.pi)
    x, y = nodes[:, None], nodes[None, :]
    best = np.prod([ndtr(y + (drifts[0] - each) / np.sqrt(2.0 * (1.0 - rho))) for each in drifts[1:]], axis=0)
    half_way = drifts[0] * np.sqrt(0.5) - np.sqrt(rho) * x + np.sqrt(1.0 - rho) * y
    claimed = ndtr(half_way + drifts[0] * np.sqrt(0.5) - limit * np.sqrt(2.0))
    return float(masses @ (best * claimed) @ masses)


@pytest.mark.parametrize(("treatments", "allocation"), [(2, 1.0), (4, 0.5)])
def test_with_nothing_claimed_at_the_first_look_it_drops_the_loser(treatments, allocation) -> None:
    fractions, drifts, nothing = np.array([0.5, 1.0]), np.linspace(3.0, 1.0, treatments), np.zeros(treatments)
    limit = brentq(
        lambda each: treatments * first_chosen_and_claimed(each, nothing, allocation) - 0.025, 1.5, 3.5, xtol=1e-12
    )
    limits = open_below(np.array([np.inf, limit]), fractions)

    design = MultiArm(treatments=treatments, fractions=fractions, allocation=allocation)
    null, effect = design.outcomes(limits, nothing), design.outcomes(limits, drifts)

    assert null.any_claim == pytest.approx(0.025, abs=EXACT)
    assert effect.claims[0].sum() == pytest.approx(first_chosen_and_claimed(limit, drifts, allocation), abs=EXACT)


def test_with_one_look_it_is_dunnetts_test() -> None:
    design = MultiArm(treatments=3, fractions=np.ones(1))

    limit = design.efficacy_limits(OBrienFlemingSpending())[0]

    joint = multivariate_normal(cov=0.5 * (np.eye(3) + 1.0), abseps=1e-7, releps=1e-7, maxpts=10_000_000)
    assert 1.0 - joint.cdf(np.full(3, limit)) == pytest.approx(0.025, abs=1e-5)


def test_chances_are_those_of_simulated_trials() -> None:
    drifts, rng = np.array([3.2, 1.5, 0.0]), np.random.default_rng(1)
    design = MultiArm(treatments=3, fractions=THREE, allocation=0.5)
    upper = design.efficacy_limits(PocockSpending())
    boundaries = Boundaries(fractions=THREE, upper=upper, lower=np.array([0.0, 0.5, upper[-1]]))

    found = design.outcomes(boundaries, drifts)

    steps = np.sqrt(np.diff(THREE, prepend=0.0))
    rho = design.correlation
    shared = rng.standard_normal((PATHS, 1, 3)) * np.sqrt(rho)
    scores = np.cumsum((shared + np.sqrt(1.0 - rho) * rng.standard_normal((PATHS, 3, 3))) * steps, axis=2)
    z = (scores + drifts[:, None] * THREE) / np.sqrt(THREE)
    best = z[:, :, 0].argmax(axis=1)
    going, path = np.ones(PATHS, dtype=bool), z[np.arange(PATHS), best]
    for look in range(3):
        claimed = going & (path[:, look] > upper[look])
        futile = going & (path[:, look] <= boundaries.lower[look])
        for arm in range(3):
            share = (claimed & (best == arm)).mean()
            assert found.claims[arm, look] == pytest.approx(
                share, abs=4.0 * (share * (1 - share) / PATHS) ** 0.5 + 1e-5
            )
        share = futile.mean()
        assert found.futile[look] == pytest.approx(share, abs=4.0 * (share * (1 - share) / PATHS) ** 0.5 + 1e-5)
        going &= ~(claimed | futile)


def test_the_familywise_error_is_spent_and_falls_when_a_treatment_works() -> None:
    design = MultiArm(treatments=3, fractions=THREE)
    boundaries = open_below(design.efficacy_limits(OBrienFlemingSpending(), 0.025), THREE)

    null = design.outcomes(boundaries, np.zeros(3))
    one = design.outcomes(boundaries, design.one_works(3.0))

    assert null.any_claim == pytest.approx(0.025, abs=EXACT)
    assert one.claims[1:].sum() < 0.025 * 2.0 / 3.0
    assert null.claims.sum(axis=1) == pytest.approx(np.full(3, 0.025 / 3.0), abs=EXACT)


def futile(*, binding: bool, spends: Spent = Spent.BETA) -> ErrorShares:
    rule = FutilityRule(
        function=HwangShihDeCani(-2.0), binding=binding, spends=spends, total=None if spends is Spent.BETA else 0.6
    )
    return error_shares(THREE, efficacy=AlphaSpending(OBrienFlemingSpending()), alpha=0.025, futility=rule, beta=0.1)


@pytest.mark.parametrize("binding", [False, True])
def test_with_one_treatment_futility_is_that_of_the_group_sequential_design(binding) -> None:
    shares = futile(binding=binding)
    plain = group_sequential(THREE, efficacy=AlphaSpending(OBrienFlemingSpending()), futility=shares.rule)
    design = MultiArm(treatments=1, fractions=THREE)

    drift = design.drift_for(lambda each: design.limits(shares, each), 0.9)

    found = design.limits(shares, drift)
    assert drift == pytest.approx(plain.drift, abs=1e-7)
    np.testing.assert_allclose(found.upper, plain.boundaries.upper, atol=1e-7)
    np.testing.assert_allclose(found.lower, plain.boundaries.lower, atol=1e-7)


@pytest.mark.parametrize("binding", [False, True])
def test_futility_spends_beta_where_one_works_and_keeps_the_familywise_error(binding) -> None:
    shares, design = futile(binding=binding), MultiArm(treatments=3, fractions=THREE, allocation=0.7)

    found = design.limits(shares, 3.6)

    obeyed, ignored = (design.outcomes(each, np.zeros(3)).any_claim for each in (found, open_below(found.upper, THREE)))
    one = design.outcomes(found, design.one_works(3.6))
    assert one.futile[:-1] == pytest.approx(shares.losses[:-1], abs=EXACT)
    assert found.lower[-1] == found.upper[-1]
    assert np.all(found.lower <= found.upper)
    assert (obeyed if binding else ignored) == pytest.approx(0.025, abs=EXACT)
    assert obeyed < ignored
    assert one.claims.sum() + one.futile.sum() == pytest.approx(1.0, abs=EXACT)


def test_futility_may_spend_an_error_where_none_works() -> None:
    shares, design = futile(binding=False, spends=Spent.UNDER_NULL), MultiArm(treatments=3, fractions=THREE)

    found = design.limits(shares, 3.0)

    null = design.outcomes(found, np.zeros(3))
    assert null.futile[:-1] == pytest.approx(shares.losses[:-1], abs=EXACT)
    assert found.lower[:-1] == pytest.approx(design.limits(shares, 5.0).lower[:-1], abs=EXACT)


def test_limits_that_leave_no_power_are_refused() -> None:
    design = MultiArm(treatments=2, fractions=THREE)
    never = Boundaries(fractions=THREE, upper=np.full(3, np.inf), lower=np.full(3, -np.inf))

    with pytest.raises(AnalysisError, match=r"power 0\.9 is not reached by any effect"):
        design.drift_for(lambda _: never, 0.9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MultiArm(treatments=0, fractions=THREE), "0 treatments: give one or more"),
        (lambda: MultiArm(treatments=2, fractions=THREE, allocation=0.0), "allocation 0.0: give patients"),
        (lambda: MultiArm(treatments=2, fractions=np.array([0.7, 0.4, 1.0])), "let them increase"),
        (lambda: MultiArm(treatments=2, fractions=THREE).efficacy_limits(PocockSpending(), 0.0), "alpha"),
        (
            lambda: MultiArm(treatments=2, fractions=THREE).outcomes(open_below(np.ones(3), THREE), np.zeros(3)),
            "3 drifts: give one for each of 2 treatments",
        ),
    ],
)
def test_what_is_no_design_is_refused(make, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        make()
