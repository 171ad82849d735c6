"""Minimisation: a trial followed by hand, balance, the ratio at every patient, refusals."""

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.trial.minimisation import minimise


def test_a_trial_followed_by_hand() -> None:
    # two factors of two levels; with following = 1 only ties are left to chance: below 1/2 is the first arm
    levels = np.array([[[0, 0], [0, 1], [1, 1], [0, 0], [1, 0]]])
    chance = np.array([[0.1, 0.1, 0.1, 0.9, 0.1]])

    arms = minimise(chance, levels, following=1.0)

    # 1: tie, arm 0. 2: shares factor 1 with patient 1, so arm 1. 3: shares factor 2 with patient 2, so arm 0.
    # 4: factor 1 stands 1:1, factor 2 1:0, so arm 1. 5: factor 1 stands 1:0, factor 2 1:1, so arm 1.
    assert arms.tolist() == [[0, 1, 0, 1, 1]]


def test_margins_are_closer_than_by_simple_randomisation() -> None:
    rng = np.random.default_rng(1)
    levels = rng.integers(0, 2, (400, 100, 4))

    arms = minimise(rng.random((400, 100)), levels)

    def spread(assigned: np.ndarray) -> float:
        differences = [((2 * assigned - 1) * (levels[:, :, factor] == 1)).sum(axis=1) for factor in range(4)]
        return float(np.std(differences))

    simple = rng.integers(0, 2, (400, 100))
    assert spread(simple) == pytest.approx(np.sqrt(50.0), rel=0.1)  # a random walk of about 50 steps
    assert spread(arms) < 0.4 * spread(simple)


def test_each_patient_has_the_chance_of_the_ratio() -> None:
    rng, trials = np.random.default_rng(2), 20_000
    levels = np.broadcast_to(rng.integers(0, 2, (1, 8, 2)), (trials, 8, 2))

    arms = minimise(rng.random((trials, 8)), levels, ratio=(1, 2))

    assert arms.mean(axis=0) == pytest.approx(np.full(8, 2.0 / 3.0), abs=4.0 * np.sqrt(2.0 / 9.0 / trials))


def test_a_heavier_factor_is_balanced_better() -> None:
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 3, (300, 60, 2))

    arms = minimise(rng.random((300, 60)), levels, weights=(5.0, 1.0))

    spreads = [np.std(((2 * arms - 1) * (levels[:, :, factor] == 1)).sum(axis=1)) for factor in (0, 1)]
    assert spreads[0] < spreads[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levels": np.zeros((1, 3), dtype=int)}, "give \\(trials, patients, factors\\)"),
        ({"levels": np.full((1, 4, 1), -1)}, "levels counted from zero"),
        ({"ratio": (1,)}, "ratio \\(1,\\): give a whole number"),
        ({"ratio": (1, 0)}, "ratio \\(1, 0\\)"),
        ({"following": 0.5}, "following 0.5: give a probability above 0.5"),
        ({"weights": (1.0, 2.0)}, "one above zero for each of 1 factors"),
    ],
)
def test_what_cannot_be_minimised_is_refused(changes, message) -> None:
    given = {"levels": np.zeros((1, 4, 1), dtype=int)} | changes

    with pytest.raises(InputError, match=message):
        minimise(np.full((1, 4), 0.5), given.pop("levels"), **given)
