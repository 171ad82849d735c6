r"""Binding of interleukin-2 to a cell in two steps: equilibrium in closed form, for any number of ligands.

A ligand i of free concentration :math:`L_i` meets CD25 (A of :math:`A_T` sites are free) and CD122 with CD132 (B of
:math:`B_T`, counted as CD122: CD132 is in excess). Bound to one of them it can find the other on the same cell:

.. math::

    L A \rightleftharpoons LA \;(K_\alpha), \qquad LB \;(K_\beta), \qquad LA + B \rightleftharpoons LAB \;(K_2)

with :math:`K_2` in sites a cell; the way over LB has the constant that detailed balance asks for. Concentration in
solution is not depleted. With

.. math:: a = \sum_i \frac{L_i}{K_{\alpha i}}, \quad b = \sum_i \frac{L_i}{K_{\beta i}}, \quad
          c = \sum_i \frac{L_i}{K_{\alpha i} K_{2i}}

the sites balance as :math:`A (1 + a) + X = A_T`, :math:`B (1 + b) + X = B_T` with bridging complexes
:math:`X = c A B`, a quadratic whose root that lies below both counts is

.. math:: X = \frac{2 c A_T B_T}{M + \sqrt{M^2 - 4 c^2 A_T B_T}}, \qquad M = c (A_T + B_T) + (1 + a)(1 + b).

Signalling are all complexes with CD122, :math:`S = X + b B = u B`, with :math:`u = b + c A` engaged for each free one.
"""

from dataclasses import dataclass

import sympy

from trialeukin.core.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """How one ligand binds.

    Attributes
    ----------
    alpha : sympy.Expr or None, concentration
        Dissociation constant from CD25; None where there is no binding.
    beta_gamma : sympy.Expr, concentration
        Dissociation constant from CD122 with CD132.
    cross_linking : sympy.Expr, 1/cell
        Free CD122 on a cell at which half of what is bound to CD25 has found one.
    """

    alpha: sympy.Expr | None
    beta_gamma: sympy.Expr
    cross_linking: sympy.Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """The sums a, b (1) and c (cell) over ligands."""

    alpha: sympy.Expr
    beta_gamma: sympy.Expr
    bridge: sympy.Expr

    def __add__(self, other: "Loads") -> "Loads":
        return Loads(
            alpha=self.alpha + other.alpha,
            beta_gamma=self.beta_gamma + other.beta_gamma,
            bridge=self.bridge + other.bridge,
        )


def load(concentration: sympy.Expr, constants: Constants) -> Loads:
    """Return what one ligand adds to the sums."""
    beta_gamma = concentration / constants.beta_gamma
    if constants.alpha is None:
        return Loads(alpha=sympy.S.Zero, beta_gamma=beta_gamma, bridge=sympy.S.Zero)
    alpha = concentration / constants.alpha
    return Loads(alpha=alpha, beta_gamma=beta_gamma, bridge=alpha / constants.cross_linking)


def bridged(loads: Loads, cd25: sympy.Expr, cd122: sympy.Expr) -> sympy.Expr:
    """Return the complexes with both receptors, 1/cell, of all ligands together."""
    c = loads.bridge
    total = c * (cd25 + cd122) + (1 + loads.alpha) * (1 + loads.beta_gamma)
    return 2 * c * cd25 * cd122 / (total + sympy.sqrt(total**2 - 4 * c**2 * cd25 * cd122))


def free_cd122(loads: Loads, cd122: sympy.Expr, complexes: sympy.Expr) -> sympy.Expr:
    """Return the CD122 that nothing is bound to, B, 1/cell, given the complexes that `bridged` found."""
    return (cd122 - complexes) / (1 + loads.beta_gamma)


def engaged(loads: Loads, cd25: sympy.Expr, complexes: sympy.Expr) -> sympy.Expr:
    """Return engaged over free CD122, u = b + c A, 1, given the complexes that `bridged` found."""
    return loads.beta_gamma + loads.bridge * (cd25 - complexes) / (1 + loads.alpha)


def hold(free_cd122: sympy.Expr, reference: Constants) -> sympy.Expr:
    r"""Return how a reference ligand would load CD25 beside that much free CD122, :math:`g = (1 + B / K_2) / K_\alpha`.

    Raises
    ------
    ModelError
        When the reference does not bind CD25.
    """
    if reference.alpha is None:
        raise ModelError("the reference of an equivalent concentration must bind CD25: give its constant")
    return (1 + free_cd122 / reference.cross_linking) / reference.alpha


def equivalent(engaged: sympy.Expr, held: sympy.Expr, cd25: sympy.Expr, reference: Constants) -> sympy.Expr:
    r"""Return the concentration of one reference ligand that alone would engage CD122 to the same ratio u.

    .. math:: L^* = \frac{2 u}{p + \sqrt{p^2 + 4 u g / K_\beta}}, \qquad
              p = \frac{1}{K_\beta} + \frac{A_T}{K_\alpha K_2} - u g,

    with g of `hold`. It is the concentration itself where the reference is the only ligand.
    """
    middle = 1 / reference.beta_gamma + cd25 / (reference.alpha * reference.cross_linking) - engaged * held
    return 2 * engaged / (middle + sympy.sqrt(middle**2 + 4 * engaged * held / reference.beta_gamma))
