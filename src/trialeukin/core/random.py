"""Counter-based random numbers: Philox4x32-10, keyed by seed and purpose, counted by patient.

The number that patient 17 gets for a purpose depends on the seed, the purpose and 17, and on
nothing else: not on how many patients there are, in what order they come, or which ran before.

Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC11 (2011), section 3.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from trialeukin.core.arrays import Floats, Integers, Words
from trialeukin.core.errors import InputError

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (0x9E3779B9, 0xBB67AE85)
WORDS = 2**32
ROUNDS = 10
LOW_WORD = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)
AT_ONCE = 4096  # counters, whose words fit the first cache
MANTISSA_BITS = 52  # with the half step still exact, so that neither zero nor one can come out


def philox(counter: Words, key: Words) -> Words:
    """Return the Philox4x32-10 blocks of counters under one key.

    Parameters
    ----------
    counter : (n, 4), 1
        Counters, one a row.
    key : (2,), 1
        The key they share.

    Returns
    -------
    (n, 4), 1
        Four random words a row.
    """
    words = np.empty(counter.shape, dtype=np.uint32)
    for start in range(0, counter.shape[0], AT_ONCE):
        part = slice(start, start + AT_ONCE)
        _rounds(counter[part], key, words[part])
    return words


def _rounds(counter: Words, key: Words, words: Words) -> None:
    """Fill in the words of a few counters; everything stays in the cache, as 64-bit numbers below 2**32."""
    first, second, third, fourth = (counter[:, column].astype(np.uint64) for column in range(4))
    product, other = np.empty_like(first), np.empty_like(first)
    low, high = int(key[0]), int(key[1])
    for _ in range(ROUNDS):
        np.multiply(first, MULTIPLIERS[0], out=product)
        np.multiply(third, MULTIPLIERS[1], out=other)
        np.right_shift(other, WORD_BITS, out=first)
        np.bitwise_xor(first, second, out=first)
        np.bitwise_xor(first, np.uint64(low), out=first)
        np.right_shift(product, WORD_BITS, out=third)
        np.bitwise_xor(third, fourth, out=third)
        np.bitwise_xor(third, np.uint64(high), out=third)
        np.bitwise_and(other, LOW_WORD, out=second)
        np.bitwise_and(product, LOW_WORD, out=fourth)
        low, high = (low + WEYL[0]) % WORDS, (high + WEYL[1]) % WORDS
    for column, values in enumerate((first, second, third, fourth)):
        words[:, column] = values


@dataclass(frozen=True, slots=True)
class Stream:
    """Random numbers for one purpose under one seed.

    Attributes
    ----------
    seed : int
        The run's seed, 0 to 2**64 - 1.
    purpose : str
        What the numbers are for; two purposes never share numbers.
    """

    seed: int
    purpose: str

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**64:
            raise InputError(f"seed {self.seed}: give a whole number from 0 to 2**64 - 1")

    def child(self, name: object) -> "Stream":
        """Return the stream of a narrower purpose."""
        return Stream(self.seed, f"{self.purpose}/{name}")

    def uniform(self, patients: Integers, draws: int = 1) -> Floats:
        """Return uniform numbers strictly between zero and one.

        Parameters
        ----------
        patients : (n,), 1
            Indices of the patients (or replicates, or parameter draws), zero or more.
        draws : int
            How many numbers each gets; a longer row starts with the shorter one.

        Returns
        -------
        (n, draws), 1
            Multiples of 2**-52, moved by half of that.
        """
        blocks, key = -(-draws // 2), self._key()
        rows = np.asarray(patients, dtype=np.uint64)
        numbers = np.empty((rows.size, 2 * blocks))
        at_once = max(1, AT_ONCE // blocks)
        for start in range(0, rows.size, at_once):
            part = rows[start : start + at_once]
            counter = np.zeros((part.size, blocks, 4), dtype=np.uint32)
            counter[:, :, 0] = (part & LOW_WORD)[:, None]
            counter[:, :, 1] = (part >> WORD_BITS)[:, None]
            counter[:, :, 2] = np.arange(blocks, dtype=np.uint32)[None, :]
            words = philox(counter.reshape(-1, 4), key).astype(np.uint64)
            pairs = (words[:, 0::2] << WORD_BITS) | words[:, 1::2]
            whole = (pairs >> np.uint64(64 - MANTISSA_BITS)).astype(np.float64)
            numbers[start : start + at_once] = ((whole + 0.5) * 2.0**-MANTISSA_BITS).reshape(part.size, 2 * blocks)
        return numbers[:, :draws]

    def normal(self, patients: Integers, draws: int = 1) -> Floats:
        """Return standard normal numbers, (n, draws), by inversion of `uniform`."""
        return np.asarray(ndtri(self.uniform(patients, draws)), dtype=np.float64)

    def exponential(self, patients: Integers, draws: int = 1) -> Floats:
        """Return exponential numbers of mean one, (n, draws), by inversion of `uniform`."""
        return -np.log(self.uniform(patients, draws))

    def _key(self) -> Words:
        text = f"{self.seed}|{self.purpose}".encode()
        return np.frombuffer(hashlib.sha256(text).digest()[:8], dtype="<u4").astype(np.uint32)
