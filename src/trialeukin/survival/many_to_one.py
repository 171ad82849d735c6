r"""Several treatments, each tested against the one control: which tests reject, with the error of all of them together.

The statistics share the control. Without any effect those of treatments i and j have correlation
:math:`\sqrt{\lambda_i \lambda_j}`, :math:`\lambda` the share of the treatment's patients in its comparison, and
Dunnett's limit c solves (J Am Stat Assoc 1955;50:1096; unequal arms: Biometrics 1964;20:482)

.. math:: \int \varphi(x) \prod_i \left[\Phi\!\left(\frac{c - \sqrt{\lambda_i} x}{\sqrt{1 - \lambda_i}}\right)
   - \Phi\!\left(\frac{-c - \sqrt{\lambda_i} x}{\sqrt{1 - \lambda_i}}\right)\right] dx = 1 - \alpha

Holm (Scand J Stat 1979;6:65) and Bonferroni ask nothing of the correlation; a fixed sequence tests in the order given,
each at the full level, as long as all before rejected. Without adjustment each test has the level by itself.
"""

from collections.abc import Callable, Sequence
from enum import Enum

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError

NODES, HALF_WIDTH = 400, 9.0  # of the integral; the trapezoidal rule is exact for it to rounding
LIMIT_ERROR = 1e-12


class Procedure(Enum):
    """How several tests keep one level; the values are the words of study files."""

    HOLM = "holm"
    DUNNETT = "dunnett"
    BONFERRONI = "bonferroni"
    FIXED_SEQUENCE = "fixed sequence"
    NONE = "none"

    @property
    def words(self) -> str:
        """Return what tests are by it, such as ``adjusted by Holm's procedure``."""
        return _WORDS[self]


_WORDS = {
    Procedure.HOLM: "adjusted by Holm's procedure",
    Procedure.DUNNETT: "adjusted by Dunnett's procedure",
    Procedure.BONFERRONI: "adjusted by Bonferroni's procedure",
    Procedure.FIXED_SEQUENCE: "adjusted by a fixed sequence, that of the file",
    Procedure.NONE: "not adjusted for each other",
}


def dunnett_limit(shares: Sequence[float], alpha: float) -> float:
    """Return the least |Z| at which one of several two-sided tests against one control rejects.

    Parameters
    ----------
    shares : sequence of float, 1
        Of each treatment's patients in its comparison with the control, above 0 and below 1.
    alpha : float
        Chance that any test rejects where no treatment has an effect.
    """
    part = np.asarray(shares, dtype=np.float64)
    if part.ndim != 1 or part.size == 0 or not ((part > 0.0) & (part < 1.0)).all():
        raise AnalysisError(f"shares {list(shares)}: give one or more above 0 and below 1; 0.5 is as many as control")
    _refuse_level(alpha)
    shared, step = np.linspace(-HALF_WIDTH, HALF_WIDTH, NODES, retstep=True)
    mass = step * np.exp(-0.5 * shared**2) / np.sqrt(2.0 * np.pi)
    along, own = np.sqrt(part)[:, None] * shared, np.sqrt(1.0 - part)[:, None]

    def beyond(limit: float) -> float:
        inside = ndtr((limit - along) / own) - ndtr((-limit - along) / own)
        return float(mass @ (1.0 - inside.prod(axis=0))) - alpha

    single, bonferroni = (-float(ndtri(0.5 * level)) for level in (alpha, alpha / part.size))
    if part.size == 1:
        return single
    return float(brentq(beyond, single - LIMIT_ERROR, bonferroni + LIMIT_ERROR, xtol=LIMIT_ERROR))


def rejected(z: Floats, procedure: Procedure, *, alpha: float, shares: Sequence[float]) -> Booleans:
    """Say which two-sided tests of several treatments against one control reject.

    Parameters
    ----------
    z : (..., k), 1
        Statistics, standard normal without an effect; NaN rejects nothing.
    procedure : Procedure
        How the k tests of a row keep the level together.
    alpha : float
        The level, two-sided.
    shares : sequence of float, 1
        Of each treatment's patients in its comparison with the control, (k,).

    Returns
    -------
    (..., k), 1
        Whether each is rejected, in either direction.
    """
    _refuse_level(alpha)
    if z.ndim == 0 or z.shape[-1] != len(shares):
        raise AnalysisError(f"{z.shape} statistics beside {len(shares)} shares: give one share a treatment")
    size = np.where(np.isnan(z), 0.0, np.abs(z))
    return _REJECTED[procedure](size, alpha, shares)


def _alone(size: Floats, alpha: float, shares: Sequence[float]) -> Booleans:
    del shares
    return np.asarray(size > -ndtri(0.5 * alpha))


def _bonferroni(size: Floats, alpha: float, shares: Sequence[float]) -> Booleans:
    return _alone(size, alpha / len(shares), shares)


def _dunnett(size: Floats, alpha: float, shares: Sequence[float]) -> Booleans:
    return np.asarray(size > dunnett_limit(shares, alpha))


def _holm(size: Floats, alpha: float, shares: Sequence[float]) -> Booleans:
    order = np.argsort(-size, axis=-1, kind="stable")
    limits = -ndtri(0.5 * alpha / np.arange(len(shares), 0, -1))
    in_turn = np.logical_and.accumulate(np.take_along_axis(size, order, axis=-1) > limits, axis=-1)
    found = np.empty(size.shape, dtype=np.bool_)
    np.put_along_axis(found, order, in_turn, axis=-1)
    return found


def _fixed_sequence(size: Floats, alpha: float, shares: Sequence[float]) -> Booleans:
    return np.asarray(np.logical_and.accumulate(_alone(size, alpha, shares), axis=-1))


_REJECTED: dict[Procedure, Callable[[Floats, float, Sequence[float]], Booleans]] = {
    Procedure.HOLM: _holm,
    Procedure.DUNNETT: _dunnett,
    Procedure.BONFERRONI: _bonferroni,
    Procedure.FIXED_SEQUENCE: _fixed_sequence,
    Procedure.NONE: _alone,
}


def _refuse_level(alpha: float) -> None:
    if not 0.0 < alpha < 1.0:
        raise AnalysisError(f"alpha {alpha!r}: give a fraction between 0 and 1; 0.05 two-sided is usual")
