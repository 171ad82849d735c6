import numpy as np
import pytest

from trialeukin.engine.problem import Fate
from trialeukin.population.fates import draw_fates
from trialeukin.regimen.rules import Adherence

SEED = 5
PATIENTS = np.arange(4_000)
FOUR_ERRORS_OF_A_FRACTION = 4.0 * 0.5 / np.sqrt(PATIENTS.size)


def test_perfect_adherence_gives_every_dose() -> None:
    fates = draw_fates(Adherence(), 3, seed=SEED, patients=PATIENTS)

    assert fates.shape == (PATIENTS.size, 3)
    assert (fates == Fate.GIVEN).all()


def test_fractions_of_missed_doses_and_of_patients_who_never_start_are_those_asked_for() -> None:
    fates = draw_fates(Adherence(never_started=0.25, missed=0.1), 40, seed=SEED, patients=PATIENTS)

    never = fates[:, 0] == Fate.NEVER_STARTED
    assert never.mean() == pytest.approx(0.25, abs=FOUR_ERRORS_OF_A_FRACTION)
    assert (fates[never] == Fate.NEVER_STARTED).all()
    assert (fates[~never] == Fate.MISSED).mean() == pytest.approx(0.1, abs=FOUR_ERRORS_OF_A_FRACTION)


def test_a_patients_fate_depends_neither_on_others_nor_on_later_doses() -> None:
    adherence = Adherence(never_started=0.3, missed=0.3)

    many = draw_fates(adherence, 20, seed=SEED, patients=PATIENTS)
    few = draw_fates(adherence, 7, seed=SEED, patients=np.array([17, 3]))

    np.testing.assert_array_equal(few, many[[17, 3], :7])


def test_an_arm_without_doses_has_no_fates() -> None:
    assert draw_fates(Adherence(missed=0.5), 0, seed=SEED, patients=np.arange(3)).shape == (3, 0)
