"""Capillary leak: hypotension and oedema of high exposure."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, State, Term, symbol

WORST_GRADE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CapillaryLeak:
    r"""Vessels feel the concentration of the last days, C_e, and leak the more the higher it is.

    .. math::

        \frac{dC_e}{dt} = k (C - C_e), \qquad \text{grade} = 5 \frac{C_e}{EC + C_e}

    Five is the worst grade of the scale. What counts is exposure: high boluses bring leak although little
    IL-2 is left in plasma before the next one.

    ``il2_felt`` names the concentration C that acts.
    """

    il2_felt: str = "il2_concentration"
    capillary_leak_half_signal: Parameter = fitted("immune", "capillary_leak_half_signal")
    capillary_leak_rate: Parameter = Parameter(
        value=0.5,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed("leak limits high-dose courses after 2 to 5 days and resolves in a few days"),
        meaning="build-up and resolution of capillary leak",
    )

    def piece(self) -> Piece:
        """Return the leak and its grade."""
        felt = symbol("capillary_exposure")
        return Piece(
            states=(
                State(
                    name="capillary_exposure",
                    unit="pmol/L",
                    initial=sympy.S.Zero,
                    size=10.0,
                    meaning="IL-2 of the last days, as vessels feel it",
                ),
            ),
            terms=(
                Term(
                    state="capillary_exposure",
                    name="build-up and resolution of leak",
                    rate=symbol("capillary_leak_rate") * (symbol(self.il2_felt) - felt),
                ),
            ),
            definitions=(
                Definition(
                    name="capillary_leak_grade",
                    unit="1",
                    expression=WORST_GRADE * felt / (symbol("capillary_leak_half_signal") + felt),
                    meaning="grade of capillary leak, continuous from 0 to 5",
                ),
            ),
        )
