"""Random numbers against the generator's published known answers, and the law of identity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trialeukin.core.errors import InputError
from trialeukin.core.random import Stream, philox

# Random123 1.14, kat_vectors (BSD-3-Clause): counter, key and expected words of philox4x32-10.
KNOWN_ANSWERS = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
)
SAMPLE = 20_000
ONE_IN_A_MILLION = 1e-6


def words(text: str) -> np.ndarray:
    return np.array([int(word, 16) for word in text.split()], dtype=np.uint32)


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_published_known_answers(counter: str, key: str, expected: str) -> None:
    block = philox(words(counter)[None, :], words(key))

    assert block.tolist() == [words(expected).tolist()]


@given(st.integers(0, 2**63 - 1), st.integers(1, 7), st.integers(0, 2**64 - 1))
def test_a_patients_numbers_depend_on_seed_purpose_and_index_only(patient: int, draws: int, seed: int) -> None:
    stream = Stream(seed, "burden")
    crowd = np.array([patient, 3, 5, patient], dtype=np.int64)

    alone = stream.uniform(np.array([patient]), draws)
    together = stream.uniform(crowd, draws + 2)

    assert np.array_equal(together[0, :draws], alone[0])
    assert np.array_equal(together[3], together[0])


def test_purposes_and_seeds_do_not_share_numbers() -> None:
    patients = np.arange(100)

    rows = [Stream(seed, purpose).uniform(patients, 2).ravel() for seed in (1, 2) for purpose in ("burden", "accrual")]

    assert len(np.unique(np.concatenate(rows))) == len(rows) * 200


def test_uniform_numbers_are_uniform_and_never_zero_or_one() -> None:
    numbers = Stream(7, "law").uniform(np.arange(SAMPLE), 3)

    assert numbers.min() > 0.0
    assert numbers.max() < 1.0
    assert stats.kstest(numbers.ravel(), "uniform").pvalue > ONE_IN_A_MILLION


def test_normal_and_exponential_numbers_follow_their_laws() -> None:
    stream = Stream(7, "law")

    assert stats.kstest(stream.normal(np.arange(SAMPLE)).ravel(), "norm").pvalue > ONE_IN_A_MILLION
    assert stats.kstest(stream.exponential(np.arange(SAMPLE)).ravel(), "expon").pvalue > ONE_IN_A_MILLION


def test_neighbouring_patients_are_not_correlated() -> None:
    numbers = Stream(7, "law").normal(np.arange(SAMPLE)).ravel()

    correlation = np.corrcoef(numbers[:-1], numbers[1:])[0, 1]

    assert abs(correlation) < 5.0 / np.sqrt(SAMPLE)  # five standard errors of a zero correlation


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(InputError, match=f"seed {seed}: give a whole number from 0"):
        Stream(seed, "burden")
