r"""Several hypotheses under one error: graphical procedures that reject one after the other.

Each hypothesis holds a share of alpha and passes it on, when rejected, along its arrows. With weights w and
arrows g, after the rejection of j

.. math:: w_k \leftarrow w_k + w_j g_{jk}, \qquad g_{kl} \leftarrow \frac{g_{kl} + g_{kj} g_{jl}}{1 - g_{kj} g_{jk}}

and the order of rejections does not change which are rejected. The familywise error is kept in the strong sense.
Bretz, Maurer, Brannath, Posch, Stat Med 2009;28:586. Holm, fixed sequence and fallback are such graphs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.observations import numbers

ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """Shares of alpha and where they go.

    Attributes
    ----------
    weights : (h,), 1
        Of alpha at the start; zero or more, at most one in sum.
    arrows : (h, h), 1
        Row j: the parts of j's share that go to the others when j is rejected; at most one in sum, none to itself.
    """

    weights: Floats
    arrows: Floats

    def __post_init__(self) -> None:
        size = self.weights.size
        if not (self.weights >= 0.0).all() or self.weights.sum() > 1.0 + ROUNDING or size == 0:
            raise AnalysisError(f"weights {self.weights}: give shares of alpha from zero, at most 1 in sum")
        rows = self.arrows.sum(axis=1) if self.arrows.shape == (size, size) else np.array([2.0])
        if not (self.arrows >= 0.0).all() or (rows > 1.0 + ROUNDING).any() or np.diag(self.arrows).any():
            raise AnalysisError(
                f"arrows {self.arrows.tolist()}: give {size} rows of parts, at most 1 in sum, none to itself"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multiplicity:
    """Which hypotheses are rejected.

    Attributes
    ----------
    rejected : (h,), 1
        At the alpha given.
    adjusted : (h,), 1
        Adjusted p-values: the smallest alpha at which each is rejected, at most one.
    order : tuple of int
        The rejections as they came.
    """

    rejected: Booleans
    adjusted: Floats
    order: tuple[int, ...]


def graph(weights: ArrayLike, arrows: ArrayLike) -> Graph:
    """Return a graph of weights, (h,), and arrows, (h, h)."""
    return Graph(weights=numbers(weights, "weights"), arrows=np.asarray(arrows, dtype=np.float64))


def bonferroni(weights: Sequence[float]) -> Graph:
    """Nothing is passed on."""
    return graph(weights, np.zeros((len(weights), len(weights))))


def holm(weights: Sequence[float]) -> Graph:
    """Pass a share on to all others in proportion to their weights (equally where these are zero)."""
    given = np.asarray(weights, dtype=np.float64)
    size = given.size
    others = np.tile(given, (size, 1)) * (1.0 - np.eye(size))
    totals = others.sum(axis=1, keepdims=True)
    even = (1.0 - np.eye(size)) / max(size - 1, 1)
    return graph(given, np.where(totals > 0.0, others / np.where(totals > 0.0, totals, 1.0), even))


def fixed_sequence(hypotheses: int) -> Graph:
    """Test in order, each at full alpha, as long as all before are rejected."""
    return fallback([1.0] + [0.0] * (hypotheses - 1))


def fallback(weights: Sequence[float]) -> Graph:
    """Pass each share on to the next in order."""
    return graph(weights, np.eye(len(weights), k=1))


def reject_graphically(p_values: ArrayLike, procedure: Graph, *, alpha: float = 0.05) -> Multiplicity:
    """Test hypotheses by a graph.

    Parameters
    ----------
    p_values : (h,), 1
        Unadjusted, between 0 and 1.
    procedure : Graph
        Shares and arrows.
    alpha : (), 1
        Familywise error.
    """
    given = numbers(p_values, "p_values")
    if given.shape != procedure.weights.shape or not ((given >= 0.0) & (given <= 1.0)).all():
        raise AnalysisError(f"p-values {given}: give {procedure.weights.size} between 0 and 1")
    if not 0.0 < alpha < 1.0:
        raise AnalysisError(f"alpha {alpha!r}: give a fraction between 0 and 1; 0.05 two-sided is usual")
    weights, arrows = procedure.weights.copy(), procedure.arrows.copy()
    left = list(range(given.size))
    adjusted, highest, order = np.ones(given.size), 0.0, []
    while left:
        with np.errstate(divide="ignore"):
            ratios = [given[k] / weights[k] if weights[k] > 0.0 else np.inf for k in left]
        best = left[int(np.argmin(ratios))]
        highest = max(highest, float(min(ratios)))
        if not np.isfinite(highest):
            break
        adjusted[best] = min(1.0, highest)
        order.append(best)
        left.remove(best)
        weights, arrows = _without(best, left, weights, arrows)
    rejected = adjusted <= alpha
    return Multiplicity(rejected=rejected, adjusted=adjusted, order=tuple(k for k in order if rejected[k]))


def _without(gone: int, left: list[int], weights: Floats, arrows: Floats) -> tuple[Floats, Floats]:
    """Pass on the share of a rejected hypothesis, and join the arrows that met there."""
    new_weights, new_arrows = weights.copy(), np.zeros_like(arrows)
    new_weights[gone] = 0.0
    for k in left:
        new_weights[k] += weights[gone] * arrows[gone, k]
        back = arrows[k, gone] * arrows[gone, k]
        for other in left:
            if other != k and back < 1.0 - ROUNDING:
                new_arrows[k, other] = (arrows[k, other] + arrows[k, gone] * arrows[gone, other]) / (1.0 - back)
    return new_weights, new_arrows
