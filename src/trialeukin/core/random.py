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
WEYL = (np.uint32(0x9E3779B9), np.uint32(0xBB67AE85))
ROUNDS = 10
LOW_WORD = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)
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
    first, second, third, fourth = (counter[:, column].copy() for column in range(4))
    with np.errstate(over="ignore"):
        low_key, high_key = np.uint32(key[0]), np.uint32(key[1])
        for _ in range(ROUNDS):
            product = first.astype(np.uint64) * MULTIPLIERS[0]
            other = third.astype(np.uint64) * MULTIPLIERS[1]
            first = (other >> WORD_BITS).astype(np.uint32) ^ second ^ low_key
            third = (product >> WORD_BITS).astype(np.uint32) ^ fourth ^ high_key
            second = (other & LOW_WORD).astype(np.uint32)
            fourth = (product & LOW_WORD).astype(np.uint32)
            low_key, high_key = low_key + WEYL[0], high_key + WEYL[1]
    return np.stack((first, second, third, fourth), axis=1)


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
        blocks = -(-draws // 2)
        rows = np.asarray(patients, dtype=np.uint64)
        counter = np.zeros((rows.size, blocks, 4), dtype=np.uint32)
        counter[:, :, 0] = (rows & LOW_WORD)[:, None]
        counter[:, :, 1] = (rows >> WORD_BITS)[:, None]
        counter[:, :, 2] = np.arange(blocks, dtype=np.uint32)[None, :]
        words = philox(counter.reshape(-1, 4), self._key()).astype(np.uint64)
        pairs = (words[:, 0::2] << WORD_BITS) | words[:, 1::2]
        numbers = (pairs >> np.uint64(64 - MANTISSA_BITS)).astype(np.float64)
        return ((numbers + 0.5) * 2.0**-MANTISSA_BITS).reshape(rows.size, 2 * blocks)[:, :draws]

    def normal(self, patients: Integers, draws: int = 1) -> Floats:
        """Return standard normal numbers, (n, draws), by inversion of `uniform`."""
        return np.asarray(ndtri(self.uniform(patients, draws)), dtype=np.float64)

    def exponential(self, patients: Integers, draws: int = 1) -> Floats:
        """Return exponential numbers of mean one, (n, draws), by inversion of `uniform`."""
        return -np.log(self.uniform(patients, draws))

    def _key(self) -> Words:
        text = f"{self.seed}|{self.purpose}".encode()
        return np.frombuffer(hashlib.sha256(text).digest()[:8], dtype="<u4").astype(np.uint32)
