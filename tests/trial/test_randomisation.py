"""Permuted blocks are balanced, exact in size and random."""

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.core.random import Stream
from trialeukin.trial.randomisation import randomise

TRIALS = 2_000


def chance(patients: int) -> np.ndarray:
    return Stream(3, "randomisation test").uniform(np.arange(TRIALS), patients)


@pytest.mark.parametrize(("treated", "patients", "block"), [(50, 100, 4), (129, 261, 4), (20, 60, 6), (7, 20, 20)])
def test_arm_sizes_come_out_exactly(treated: int, patients: int, block: int) -> None:
    assigned = randomise(chance(patients), treated=treated, block=block)

    assert (assigned.sum(axis=1) == treated).all()


def test_every_block_of_equal_arms_is_half_and_half() -> None:
    assigned = randomise(chance(100), treated=50, block=4)

    assert (assigned.reshape(TRIALS, 25, 4).sum(axis=2) == 2).all()


def test_two_to_one_is_two_to_one_in_every_block() -> None:
    assigned = randomise(chance(60), treated=40, block=6)

    assert (assigned.reshape(TRIALS, 10, 6).sum(axis=2) == 4).all()


def test_every_place_is_treated_as_often_as_any_other() -> None:
    assigned = randomise(chance(20), treated=10, block=4)

    error = 0.5 / np.sqrt(TRIALS)
    assert assigned.mean(axis=0) == pytest.approx(np.full(20, 0.5), abs=4.5 * error)


def test_strata_are_each_balanced_to_within_a_block_at_either_end() -> None:
    strata = Stream(4, "strata").uniform(np.arange(TRIALS), 100) < 0.3

    assigned = randomise(chance(100), treated=50, block=4, strata=strata.astype(np.int64))

    surplus = np.abs(np.where(strata, np.where(assigned, 1, -1), 0).sum(axis=1))
    assert surplus.max() <= 2
    assert (assigned.sum(axis=1) == 50).all()


def test_minimisation_balances_each_factor_far_better_than_a_coin() -> None:
    factors = [Stream(4, name).uniform(np.arange(TRIALS), 100) < share for name, share in (("a", 0.3), ("b", 0.5))]
    strata = factors[0].astype(np.int64) + 2 * factors[1].astype(np.int64)

    assigned = randomise(chance(100), treated=50, block=None, strata=strata, factors=2)

    for factor in factors:
        surplus = np.where(factor, np.where(assigned, 1, -1), 0).sum(axis=1)
        assert surplus.std() < 0.4 * np.sqrt(factor.mean() * 100)  # of a coin's
    assert assigned.sum(axis=1).std() < 0.4 * np.sqrt(25.0)


@pytest.mark.parametrize(("treated", "share"), [(100, 2 / 3), (50, 1 / 3), (77, 0.5), (60, 0.4), (15, 0.1)])
def test_minimisation_keeps_the_ratio_of_the_sizes(treated: int, share: float) -> None:
    strata = (Stream(4, "a").uniform(np.arange(TRIALS), 150) < 0.3).astype(np.int64)

    assigned = randomise(chance(150), treated=treated, block=None, strata=strata)

    assert assigned.mean() == pytest.approx(share, abs=0.005)


def test_a_minimised_trial_does_not_depend_on_who_enters_the_others() -> None:
    strata = (Stream(4, "a").uniform(np.arange(TRIALS), 60) < 0.5).astype(np.int64)
    strata[100, 7] += 2  # the one patient with the second factor

    together = randomise(chance(60), treated=30, block=None, strata=strata, factors=2)
    alone = randomise(chance(60)[:50], treated=30, block=None, strata=strata[:50], factors=2)

    assert (together[:50] == alone).all()


def test_a_stratum_of_more_factors_than_are_minimised_is_refused() -> None:
    with pytest.raises(InputError, match="stratum 2 of 1 factors"):
        randomise(chance(10), treated=5, block=None, strata=np.full((TRIALS, 10), 2))


@pytest.mark.parametrize(("treated", "block"), [(0, 4), (10, 4), (5, 0), (0, None), (10, None)])
def test_an_empty_arm_or_block_is_refused(treated: int, block: int | None) -> None:
    with pytest.raises(InputError, match="give both arms patients"):
        randomise(chance(10), treated=treated, block=block)
