"""Fever, chills and fatigue under IL-2."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflammation:
    r"""Cytokines that IL-2 releases, I, and the constitutional grade they bring.

    .. math::

        \frac{dI}{dt} = k \left(\frac{C}{EC + C} - I\right), \qquad \text{grade} = g \frac{I}{h + I}

    The grade is a continuous reading of the ordinal one. It levels off: constitutional toxicity of
    grade 3 is about as frequent on high-dose boluses (16 %) as on subcutaneous pulses (14 %).

    ``il2_felt`` names the concentration C that acts.
    """

    il2_felt: str = "il2_concentration"
    inflammation_half_signal: Parameter = Parameter(
        value=175.0,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=0.8,
        source=Source("farhat2021", "pSTAT5 of NK cells after 4 h; NK cells are taken to release the cytokines"),
        meaning="IL-2 that releases half of the cytokines",
    )
    inflammation_rate: Parameter = Parameter(
        value=1.0,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed("fever and fatigue come within a day of dosing and go within days"),
        meaning="rise and fall of the cytokines",
    )
    constitutional_ceiling: Parameter = fitted("immune", "constitutional_ceiling")
    constitutional_half_effect: Parameter = fitted("immune", "constitutional_half_effect")

    def piece(self) -> Piece:
        """Return the cytokines and the grade."""
        concentration, level = symbol(self.il2_felt), symbol("inflammation")
        signal = concentration / (symbol("inflammation_half_signal") + concentration)
        return Piece(
            states=(
                State(
                    name="inflammation",
                    unit="1",
                    initial=sympy.S.Zero,
                    size=0.1,
                    meaning="cytokines that IL-2 releases, share of the greatest",
                ),
            ),
            terms=(
                Term(
                    state="inflammation",
                    name="release and loss of cytokines",
                    rate=symbol("inflammation_rate") * (signal - level),
                ),
            ),
            definitions=(
                Definition(
                    name="constitutional_grade",
                    unit="1",
                    expression=symbol("constitutional_ceiling")
                    * level
                    / (symbol("constitutional_half_effect") + level),
                    meaning="grade of constitutional toxicity (fever, fatigue), continuous from 0 to 5",
                ),
            ),
        )
