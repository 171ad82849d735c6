"""CD25 that IL-2 induces on T cells, and what of it is shed into plasma."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Cd25Induction:
    r"""CD25 X of conventional T cells, relative to baseline, and soluble receptor R.

    .. math::

        \frac{dX}{dt} &= k_X \left(1 + g \frac{C}{EC + C} - X\right) \\
        \frac{dR}{dt} &= k_R \bigl(R_0 (1 + g_R (X - 1)) - R\bigr)

    Soluble receptor is a marker: at 10 nM its affinity is too low to hold IL-2 back.

    ``il2_felt`` names the concentration C that acts.
    """

    il2_felt: str = "il2_concentration"
    cd25_gain: Parameter = fitted("immune", "cd25_gain")
    cd25_half_signal: Parameter = Parameter(
        value=25.0,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed("cells that carry a few high-affinity receptors respond at their affinity, 25 pM (Nagler 1990)"),
        meaning="IL-2 that induces half of the CD25",
    )
    cd25_rate: Parameter = Parameter(
        value=0.4,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.4,
        source=Source("schiphorst1999", "clearance doubles within days of an infusion; steps of 3 days"),
        meaning="rise and fall of CD25",
    )
    soluble_receptor_gain: Parameter = fitted("immune", "soluble_receptor_gain")
    soluble_receptor_baseline: Parameter = Parameter(
        value=1.44,
        unit="ng/mL",
        between_patients=0.5,
        uncertainty=0.1,
        source=Source("lange2008ash", "medians 1,462 and 1,424 pg/mL in children in remission; spread assumed"),
        meaning="soluble IL-2 receptor without drug",
    )
    soluble_receptor_rate: Parameter = Parameter(
        value=1.0,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed("a protein of that size is cleared within a day or two"),
        meaning="turnover of soluble IL-2 receptor",
    )

    def piece(self) -> Piece:
        """Return CD25 and the soluble receptor."""
        induction, shed, concentration = (
            symbol("cd25_induction"),
            symbol("soluble_receptor"),
            symbol(self.il2_felt),
        )
        signal = concentration / (symbol("cd25_half_signal") + concentration)
        baseline = symbol("soluble_receptor_baseline")
        produced = baseline * (1 + symbol("soluble_receptor_gain") * (induction - 1))
        return Piece(
            states=(
                State(
                    name="cd25_induction",
                    unit="1",
                    initial=sympy.S.One,
                    size=1.0,
                    meaning="CD25 on conventional CD4 and CD8 cells, relative to baseline",
                ),
                State(
                    name="soluble_receptor",
                    unit="ng/mL",
                    initial=baseline,
                    size=1.0,
                    meaning="soluble IL-2 receptor in plasma",
                ),
            ),
            terms=(
                Term(
                    state="cd25_induction",
                    name="induction of CD25",
                    rate=symbol("cd25_rate") * (1 + symbol("cd25_gain") * signal - induction),
                ),
                Term(
                    state="soluble_receptor",
                    name="shedding and clearance of soluble receptor",
                    rate=symbol("soluble_receptor_rate") * (produced - shed),
                ),
            ),
        )
