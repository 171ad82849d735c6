"""Cellular kinetics of tisagenlecleucel of Stein 2019."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.published.typical import typical
from trialeukin.model.system import Definition, Event, State, Switch, Term, symbol

PAPER = "stein2019"
TABLE_1 = Source(PAPER, "table 1, as copied in the R package nlmixr2lib")
COPIES = "1/ug"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stein2019:
    r"""Chimeric antigen receptor T cells that expand until one day, then contract to a memory.

    .. math::

        R(t) = \begin{cases}
            R_0 e^{\rho t} & t < T_{\max} \\
            (1 - F_B) C_{\max} e^{-\alpha (t - T_{\max})} + F_B C_{\max} e^{-\beta (t - T_{\max})} & \text{after}
        \end{cases}, \qquad \rho = \frac{\ln \text{fold}}{T_{\max}}, \quad R_0 = \frac{C_{\max}}{\text{fold}}

    R is counted in copies of the transgene a microgram of DNA. Expansion ends by an event, which divides the
    cells into effector and memory cells. Equations and values as in the R package nlmixr2lib (table 1; no covariate
    was kept). The random effects are not carried: whether the table's are variances or standard deviations was not
    seen.
    """

    fold_expansion: Parameter = typical(3900.0, "1", TABLE_1, "expansion from the start to the peak, foldx")
    expansion_end: Parameter = typical(9.3, "day", TABLE_1, "time of the peak, Tmax")
    peak_transgene: Parameter = typical(24000.0, COPIES, TABLE_1, "transgene at the peak, Cmax")
    contraction: Parameter = typical(0.16, "1/day", TABLE_1, "loss of effector cells after the peak, alpha")
    memory_fraction: Parameter = typical(0.0079, "1", TABLE_1, "fraction of the peak that becomes memory, FB")
    memory_loss: Parameter = typical(0.0032, "1/day", TABLE_1, "loss of memory cells, beta")

    def piece(self) -> Piece:
        """Return expansion, the event that ends it, and what follows."""
        s = symbol
        effector, memory, contracting = s("effector"), s("memory"), s("contracting")
        expansion = sympy.log(s("fold_expansion")) / s("expansion_end")
        rate = (1 - contracting) * expansion - contracting * s("contraction")
        start = s("peak_transgene") / s("fold_expansion")
        share = s("memory_fraction")
        return Piece(
            states=(
                State(name="effector", unit=COPIES, initial=start, size=1.0, meaning="transgene in effector cells, E"),
                State(
                    name="memory", unit=COPIES, initial=sympy.S.Zero, size=1.0, meaning="transgene in memory cells, M"
                ),
                State(name="age", unit="day", initial=sympy.S.Zero, size=1.0, meaning="time since the infusion, t"),
            ),
            terms=(
                Term(state="effector", name="expansion, then contraction", rate=rate * effector),
                Term(state="memory", name="loss", rate=-contracting * s("memory_loss") * memory),
                Term(state="age", name="time", rate=sympy.S.One),
            ),
            definitions=(
                Definition(name="transgene", unit=COPIES, expression=effector + memory, meaning="what is measured, R"),
            ),
            switches=(Switch(name="contracting", initial=0.0, meaning="one once expansion has ended, else zero"),),
            events=(
                Event(
                    name="peak",
                    trigger=s("age") - s("expansion_end"),
                    sets={"contracting": sympy.S.One, "effector": (1 - share) * effector, "memory": share * effector},
                ),
            ),
        )
