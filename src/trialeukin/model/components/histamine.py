"""Histamine dihydrochloride and how far it shields lymphocytes from reactive oxygen."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.system import Definition, Input, State, Term, symbol
from trialeukin.regimen.administration import Route

NO_KINETICS = "no source gives how long a dose of histamine shields, or a dose response in vivo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Histamine:
    r"""A dose acts, fades, and shields in proportion to occupied H2 receptors.

    .. math:: \frac{dH}{dt} = \text{dose} - k H, \qquad p = \frac{H}{H_{50} + H}

    H is the dose still acting, not a plasma amount: what lasts is the shielding, not the histamine.
    """

    histamine_half_life: Parameter = Parameter(
        value=0.33,
        unit="day",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed(f"{NO_KINETICS}; 8 h lets two doses a day act through (plasma: half-life 0.5 h, PMID 26276501)"),
        meaning="half-life of the action of a dose",
    )
    histamine_half_effect: Parameter = Parameter(
        value=0.1,
        unit="mg",
        between_patients=0.0,
        uncertainty=1.0,
        source=assumed(f"{NO_KINETICS}; the protocol's 0.5 mg is taken to shield most of the time"),
        meaning="acting dose that shields by half",
    )

    def piece(self) -> Piece:
        """Return the acting dose and the shielding."""
        acting = symbol("histamine_acting")
        return Piece(
            states=(
                State(
                    name="histamine_acting",
                    unit="mg",
                    initial=sympy.S.Zero,
                    size=0.5,
                    meaning="histamine dose that still acts",
                ),
            ),
            terms=(
                Term(
                    state="histamine_acting",
                    name="fading of histamine's action",
                    rate=-sympy.log(2) / symbol("histamine_half_life") * acting,
                ),
            ),
            definitions=(
                Definition(
                    name="histamine_protection",
                    unit="1",
                    expression=acting / (symbol("histamine_half_effect") + acting),
                    meaning="fraction of the suppression by reactive oxygen that histamine lifts",
                ),
            ),
            inputs=(Input(drug="histamine", routes=(Route.SC,), state="histamine_acting"),),
        )
