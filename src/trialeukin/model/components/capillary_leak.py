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
    r"""Leak L builds up over days of high concentration.

    .. math::

        \frac{dL}{dt} = k \left(\frac{C}{EC + C} - L\right), \qquad \text{grade} = 5 L

    Five is the worst grade of the scale.
    """

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
        concentration, leak = symbol("il2_concentration"), symbol("capillary_leak")
        signal = concentration / (symbol("capillary_leak_half_signal") + concentration)
        return Piece(
            states=(
                State(
                    name="capillary_leak",
                    unit="1",
                    initial=sympy.S.Zero,
                    size=0.1,
                    meaning="capillary leak, share of the worst",
                ),
            ),
            terms=(
                Term(
                    state="capillary_leak",
                    name="build-up and resolution of leak",
                    rate=symbol("capillary_leak_rate") * (signal - leak),
                ),
            ),
            definitions=(
                Definition(
                    name="capillary_leak_grade",
                    unit="1",
                    expression=WORST_GRADE * leak,
                    meaning="grade of capillary leak, continuous from 0 to 5",
                ),
            ),
        )
