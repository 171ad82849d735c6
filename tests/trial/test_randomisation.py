"""Permuted blocks are balanced, exact in size and random."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import InputError
from trialeukin.core.random import Stream
from trialeukin.trial.randomisation import randomise

TRIALS = 2_000


def chance(patients: int) -> np.ndarray:
    return Stream(3, "randomisation test").uniform(np.arange(TRIALS), patients)


@pytest.mark.parametrize(("treated", "patients", "block"), [(50, 100, 4), (129, 261, 4), (20, 60, 6), (7, 20, 20)])
def test_arm_sizes_come_out_exactly(treated: int, patients: int, block: int) -> None:
    assigned = randomise(chance(patients), control=patients - treated, treatments=(treated,), block=block)

    assert (assigned.sum(axis=1) == treated).all()


def test_every_block_of_equal_arms_is_half_and_half() -> None:
    assigned = randomise(chance(100), control=50, treatments=(50,), block=4)

    assert (assigned.reshape(TRIALS, 25, 4).sum(axis=2) == 2).all()


def test_two_to_one_is_two_to_one_in_every_block() -> None:
    assigned = randomise(chance(60), control=20, treatments=(40,), block=6)

    assert (assigned.reshape(TRIALS, 10, 6).sum(axis=2) == 4).all()


def test_every_place_is_treated_as_often_as_any_other() -> None:
    assigned = randomise(chance(20), control=10, treatments=(10,), block=4)

    error = 0.5 / np.sqrt(TRIALS)
    assert assigned.mean(axis=0) == pytest.approx(np.full(20, 0.5), abs=4.5 * error)


def test_strata_are_each_balanced_to_within_a_block_at_either_end() -> None:
    strata = Stream(4, "strata").uniform(np.arange(TRIALS), 100) < 0.3

    assigned = randomise(chance(100), control=50, treatments=(50,), block=4, strata=strata.astype(np.int64))

    surplus = np.abs(np.where(strata, np.where(assigned, 1, -1), 0).sum(axis=1))
    assert surplus.max() <= 2
    assert (assigned.sum(axis=1) == 50).all()


def test_minimisation_balances_each_factor_far_better_than_a_coin() -> None:
    factors = [Stream(4, name).uniform(np.arange(TRIALS), 100) < share for name, share in (("a", 0.3), ("b", 0.5))]
    strata = factors[0].astype(np.int64) + 2 * factors[1].astype(np.int64)

    assigned = randomise(chance(100), control=50, treatments=(50,), block=None, strata=strata, factors=2)

    for factor in factors:
        surplus = np.where(factor, np.where(assigned, 1, -1), 0).sum(axis=1)
        assert surplus.std() < 0.4 * np.sqrt(factor.mean() * 100)  # of a coin's
    assert assigned.sum(axis=1).std() < 0.4 * np.sqrt(25.0)


@pytest.mark.parametrize(("treated", "share"), [(100, 2 / 3), (50, 1 / 3), (77, 0.5), (60, 0.4), (15, 0.1)])
def test_minimisation_keeps_the_ratio_of_the_sizes(treated: int, share: float) -> None:
    strata = (Stream(4, "a").uniform(np.arange(TRIALS), 150) < 0.3).astype(np.int64)

    assigned = randomise(chance(150), control=150 - treated, treatments=(treated,), block=None, strata=strata)

    assert assigned.mean() == pytest.approx(share, abs=0.005)


def test_a_minimised_trial_does_not_depend_on_who_enters_the_others() -> None:
    strata = (Stream(4, "a").uniform(np.arange(TRIALS), 60) < 0.5).astype(np.int64)
    strata[100, 7] += 2  # the one patient with the second factor

    together = randomise(chance(60), control=30, treatments=(30,), block=None, strata=strata, factors=2)
    alone = randomise(chance(60)[:50], control=30, treatments=(30,), block=None, strata=strata[:50], factors=2)

    assert (together[:50] == alone).all()


def test_a_stratum_of_more_factors_than_are_minimised_is_refused() -> None:
    with pytest.raises(InputError, match="stratum 2 of 1 factors"):
        randomise(chance(10), control=5, treatments=(5,), block=None, strata=np.full((TRIALS, 10), 2))


@pytest.mark.parametrize(("treated", "block"), [(0, 4), (10, 4), (5, 0), (0, None), (10, None)])
def test_an_empty_arm_or_block_is_refused(treated: int, block: int | None) -> None:
    with pytest.raises(InputError, match="give two arms or more that are not empty"):
        randomise(chance(10), control=10 - treated, treatments=(treated,), block=block)


SEVERAL = st.lists(st.integers(1, 40), min_size=1, max_size=5).flatmap(
    lambda sizes: st.tuples(st.integers(1, 40), st.just(tuple(sizes)))
)


@given(SEVERAL, st.integers(1, 12))
def test_arms_of_any_number_and_size_come_out_exactly(sizes: tuple[int, tuple[int, ...]], block: int) -> None:
    control, treatments = sizes
    patients = control + sum(treatments)

    assigned = randomise(chance(patients)[:20], control=control, treatments=treatments, block=block)

    counted = [(assigned == arm).sum(axis=1) for arm in range(len(treatments) + 1)]
    assert (np.array(counted) == np.array([control, *treatments])[:, None]).all()


@given(SEVERAL, st.integers(1, 12))
def test_every_arm_has_its_part_of_every_block_to_within_one_for_each_arm(
    sizes: tuple[int, tuple[int, ...]], block: int
) -> None:
    control, treatments = sizes
    patients = control + sum(treatments)

    assigned = randomise(chance(patients)[:20], control=control, treatments=treatments, block=block)

    for start in range(0, patients, block):
        inside = assigned[:, start : start + block]
        for arm, size in enumerate((control, *treatments)):
            part = size * inside.shape[1] / patients
            assert (np.abs((inside == arm).sum(axis=1) - part) < len(treatments) + 1).all()


def test_blocks_that_fit_three_arms_hold_two_of_each() -> None:
    assigned = randomise(chance(90), control=30, treatments=(30, 30), block=6)

    for arm in range(3):
        assert ((assigned.reshape(TRIALS, 15, 6) == arm).sum(axis=2) == 2).all()


def test_every_arm_comes_at_every_place_as_often() -> None:
    assigned = randomise(chance(24), control=8, treatments=(8, 8), block=6)

    error = np.sqrt(2.0 / 9.0 / TRIALS)
    for arm in range(3):
        assert (assigned == arm).mean(axis=0) == pytest.approx(np.full(24, 1 / 3), abs=4.5 * error)


def test_minimisation_balances_three_arms_and_keeps_their_ratio() -> None:
    strata = (Stream(4, "a").uniform(np.arange(TRIALS), 120) < 0.3).astype(np.int64)

    assigned = randomise(chance(120), control=60, treatments=(30, 30), block=None, strata=strata)

    assert np.bincount(assigned.ravel()) / assigned.size == pytest.approx([0.5, 0.25, 0.25], abs=0.005)
    for arm, part in ((1, 0.25), (2, 0.25)):
        surplus = np.where(strata == 1, (assigned == arm) - part, 0.0).sum(axis=1)
        assert surplus.std() < 0.6 * np.sqrt(0.3 * 120 * part * (1.0 - part))  # of a coin's
