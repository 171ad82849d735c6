"""Suppression of NK and T cells by reactive oxygen of monocytic blasts, and its relief by histamine.

Two laws that no data tell apart: the suppression is a property of the marrow of a patient with
monocytic leukaemia, or it comes from the leukaemic cells that are there.
"""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import MONOCYTIC
from trialeukin.model.system import Definition, symbol

STRENGTH = Parameter(
    value=0.5,
    unit="1",
    between_patients=0.0,
    uncertainty=1.0,
    scale=Scale.LOGIT,
    source=assumed(
        "no kill fraction has been published; monocytic (M4/M5) blasts suppress and M2 blasts do not "
        "(Aurelius 2012), half is the middle of not knowing"
    ),
    meaning="share of the immune kill that reactive oxygen takes away in monocytic leukaemia",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactiveOxygen:
    r"""Suppression that does not depend on how much leukaemia is left.

    .. math:: u = \rho \, m, \qquad s = u \, (1 - p)

    with m one in monocytic leukaemia and p the protection by histamine.
    """

    ros_strength: Parameter = STRENGTH
    monocytic: Parameter = MONOCYTIC

    def piece(self) -> Piece:
        """Return the suppression with and without histamine."""
        return Piece(definitions=_suppression(symbol("ros_strength") * symbol("monocytic")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactiveOxygenByBurden:
    r"""Suppression by the leukaemic cells that are there.

    .. math:: u = \rho \, m \, \frac{B}{B + B_{50}}, \qquad s = u \, (1 - p)
    """

    ros_strength: Parameter = STRENGTH
    ros_half_burden: Parameter = Parameter(
        value=1e8,
        unit="cell",
        between_patients=0.0,
        uncertainty=3.0,
        source=assumed("no source: somewhere between the burdens at randomisation and at relapse"),
        meaning="leukaemic cells at which the suppression is half of its full strength",
    )
    monocytic: Parameter = MONOCYTIC

    def piece(self) -> Piece:
        """Return the suppression with and without histamine."""
        burden = symbol("leukaemia_burden")
        reach = burden / (burden + symbol("ros_half_burden"))
        return Piece(definitions=_suppression(symbol("ros_strength") * symbol("monocytic") * reach))


OxygenLaw = ReactiveOxygen | ReactiveOxygenByBurden


def _suppression(unrelieved: sympy.Expr) -> tuple[Definition, ...]:
    return (
        Definition(
            name="ros_unrelieved",
            unit="1",
            expression=unrelieved,
            meaning="share of the immune kill that reactive oxygen takes away without histamine",
        ),
        Definition(
            name="ros_suppression",
            unit="1",
            expression=symbol("ros_unrelieved") * (1 - symbol("histamine_protection")),
            meaning="share of the immune kill that reactive oxygen takes away",
        ),
    )
