"""Eosinophilia, which follows the activation of lymphocytes by days."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.system import Definition, State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Eosinophils:
    r"""IL-5 of activated T cells drives marrow precursors M, which become blood eosinophils E.

    .. math::

        \frac{dM}{dt} = k_M \left(1 + g \frac{C}{EC + C} - M\right), \qquad
        \frac{dE}{dt} = k_E (E_0 M - E)

    ``il2_felt`` names the concentration C that acts.
    """

    il2_felt: str = "il2_concentration"
    eosinophil_baseline: Parameter = Parameter(
        value=0.2,
        unit="G/L",
        between_patients=0.5,
        uncertainty=0.2,
        source=assumed("normal blood; no count is at hand"),
        meaning="blood eosinophils without drug",
    )
    eosinophil_gain: Parameter = Parameter(
        value=30.0,
        unit="1",
        between_patients=0.8,
        uncertainty=0.6,
        source=Source("vanhaelst1991", "2,328 to 15,958 eosinophils/uL late in the course in 5 patients; middle 6,100"),
        meaning="greatest rise of eosinophil precursors over baseline",
    )
    eosinophil_half_signal: Parameter = Parameter(
        value=25.0,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=0.8,
        source=assumed("T cells release IL-5 at the IL-2 that induces their CD25; low doses too bring eosinophilia"),
        meaning="IL-2 at half of the greatest drive of eosinophils",
    )
    eosinophil_maturation: Parameter = Parameter(
        value=0.2,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.4,
        source=assumed("eosinophils rise about 5 days after lymphocyte activation (melanoma and renal cell series)"),
        meaning="maturation of eosinophils",
    )
    eosinophil_loss: Parameter = Parameter(
        value=0.35,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed("eosinophils stay in blood for a few days under IL-5"),
        meaning="loss of eosinophils from blood",
    )

    def piece(self) -> Piece:
        """Return precursors and the count."""
        concentration, precursors, cells = (
            symbol(self.il2_felt),
            symbol("eosinophil_precursors"),
            symbol("eosinophils"),
        )
        signal = concentration / (symbol("eosinophil_half_signal") + concentration)
        driven = 1 + symbol("eosinophil_gain") * signal
        return Piece(
            states=(
                State(
                    name="eosinophil_precursors",
                    unit="1",
                    initial=sympy.S.One,
                    size=1.0,
                    meaning="eosinophil precursors in the marrow, relative to baseline",
                ),
                State(
                    name="eosinophils",
                    unit="G/L",
                    initial=symbol("eosinophil_baseline"),
                    size=0.2,
                    meaning="eosinophils in blood",
                ),
            ),
            terms=(
                Term(
                    state="eosinophil_precursors",
                    name="drive and maturation of precursors",
                    rate=symbol("eosinophil_maturation") * (driven - precursors),
                ),
                Term(
                    state="eosinophils",
                    name="release and loss of eosinophils",
                    rate=symbol("eosinophil_loss") * (symbol("eosinophil_baseline") * precursors - cells),
                ),
            ),
            definitions=(
                Definition(name="eosinophil_count", unit="G/L", expression=cells, meaning="eosinophils in blood"),
            ),
        )
