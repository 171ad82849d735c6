"""Rosenbrock methods as data that check their own order conditions.

A step of size h from y, with W = I / (h g) - J and J the Jacobian at y, solves for its stages

    W U_i = f(y + sum_j A_ij U_j) + sum_j C_ij / h U_j,    j < i,

and ends at y + sum_i m_i U_i; the last stage is the error estimate (Hairer and Wanner, Solving Ordinary
Differential Equations II, 2nd edition (1996), section IV.7, equation 7.25). Between both ends

    y(x) = (1 - x) y + x (y1 + (1 - x) (K_1 + x (K_2 + x K_3))),    K_l = sum_i H_li U_i.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError

Tree: TypeAlias = tuple["Tree", ...]
"""A rooted tree: its branches."""

ROUNDING = 1e-11  # coefficients have 16 digits, reach 150, and are multiplied up to five at a time


@dataclass(frozen=True, eq=False)
class Tableau:
    """Coefficients of one method, in the form that needs no multiplication by the Jacobian.

    Attributes
    ----------
    name : str
        Name and origin.
    order : int
        Order of the result; that of its error estimate and of its dense output is one less.
    diagonal : float
        g above.
    stages, couplings : (s, s), 1
        A and C above, strictly lower triangular.
    weights : (s,), 1
        m above; the last is one, and the others are the last row of A (stiff accuracy).
    dense : (3, s), 1
        H above.
    """

    name: str
    order: int
    diagonal: float
    stages: Floats
    couplings: Floats
    weights: Floats
    dense: Floats

    def __post_init__(self) -> None:
        """Refuse coefficients that do not have the order they claim."""
        worst = {
            "result": np.abs(defects(self, self.weights, self.order)).max(),
            "embedded result": np.abs(defects(self, self.stages[-1], self.order - 1)).max(),
            "stiff accuracy": np.abs(self.stages[-1] + np.eye(self.weights.size)[-1] - self.weights).max(),
        }
        for what, defect in worst.items():
            if not defect <= ROUNDING:
                raise InputError(f"tableau {self.name}: {what} misses an order condition by {defect:.1e}")

    def dense_weights(self, fraction: float) -> Floats:
        """Return the weights of the stages at a fraction of the step, (s,)."""
        one, two, three = self.dense
        return np.asarray(fraction * (self.weights + (1 - fraction) * (one + fraction * (two + fraction * three))))


@cache
def trees(vertices: int) -> tuple[Tree, ...]:
    """Return all rooted trees with so many vertices."""
    return _forests(vertices - 1, vertices - 1)


def _forests(vertices: int, largest: int) -> tuple[Tree, ...]:
    """Return all sets of trees with so many vertices in all, the largest first and bounded."""
    if vertices == 0:
        return ((),)
    return tuple(
        (first, *rest)
        for size in range(min(vertices, largest), 0, -1)
        for position, first in enumerate(trees(size))
        for rest in _forests(vertices - size, size)
        if not rest or _size(rest[0]) < size or trees(size).index(rest[0]) >= position
    )


def _size(tree: Tree) -> int:
    return 1 + sum(_size(branch) for branch in tree)


def _density(tree: Tree) -> int:
    product = _size(tree)
    for branch in tree:
        product *= _density(branch)
    return product


def defects(tableau: Tableau, weights: Floats, order: int, *, fraction: float = 1.0) -> Floats:
    """Return by how much weights of the stages miss each order condition up to an order.

    For the tree t with r vertices the condition is sum_i b_i phi_i(t) = x^r / density(t), x the fraction of
    the step, where a vertex with one branch contributes beta = alpha + gamma and one with several alpha
    (Hairer and Wanner II, theorem IV.7.4).
    """
    count = tableau.weights.size
    gamma = np.linalg.inv(np.eye(count) / tableau.diagonal - tableau.couplings)
    alpha = tableau.stages @ gamma
    final = weights @ gamma

    def phi(tree: Tree) -> Floats:
        matrix = alpha + gamma if len(tree) == 1 else alpha
        product = np.ones(count)
        for branch in tree:
            product = product * (matrix @ phi(branch))
        return product

    return np.array(
        [
            final @ phi(tree) - fraction**vertices / _density(tree)
            for vertices in range(1, order + 1)
            for tree in trees(vertices)
        ]
    )


def _lower(*rows: tuple[float, ...]) -> Floats:
    matrix = np.zeros((len(rows) + 1, len(rows) + 1))
    for position, row in enumerate(rows, start=1):
        matrix[position, : len(row)] = row
    return matrix


_LAST = (-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946)

RODAS5P = Tableau(
    name="Rodas5P (Steinebach, BIT Numerical Mathematics 63:27, 2023)",
    order=5,
    diagonal=0.21193756319429014,
    stages=_lower(
        (3.0,),
        (2.849394379747939, 0.45842242204463923),
        (-6.954028509809101, 2.489845061869568, -10.358996098473584),
        (2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641),
        _LAST,
        (*_LAST, 1.0),
        (*_LAST, 1.0, 1.0),
    ),
    couplings=_lower(
        (-14.155112264123755,),
        (-17.97296035885952, -2.859693295451294),
        (147.12150275711716, -1.41221402718213, 71.68940251302358),
        (165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306),
        (24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471),
        (
            30.91273214028599,
            -3.1208243349937974,
            77.79954646070892,
            34.28646028294783,
            -19.097331116725623,
            -28.087943162872662,
        ),
        (
            37.80277123390563,
            -3.2571969029072276,
            112.26918849496327,
            66.9347231244047,
            -40.06618937091002,
            -54.66780262877968,
            -9.48861652309627,
        ),
    ),
    weights=np.array([*_LAST, 1.0, 1.0, 1.0]),
    dense=np.array(
        [
            [
                25.948786856663858,
                -2.5579724845846235,
                10.433815404888879,
                -2.3679251022685204,
                0.524948541321073,
                1.1241088310450404,
                0.4272876194431874,
                -0.17202221070155493,
            ],
            [
                -9.91568850695171,
                -0.9689944594115154,
                3.0438037242978453,
                -24.495224566215796,
                20.176138334709044,
                15.98066361424651,
                -6.789040303419874,
                -6.710236069923372,
            ],
            [
                11.419903575922262,
                2.8879645146136994,
                72.92137995996029,
                80.12511834622643,
                -52.072871366152654,
                -59.78993625266729,
                -0.15582684282751913,
                4.883087185713722,
            ],
        ]
    ),
)
