"""Chronic myelogenous leukaemia and T cells of Moore and Li 2004."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.published.typical import typical
from trialeukin.model.system import State, Term, symbol

PAPER = "moore2004"
FIGURE_6 = Source(PAPER, "figure 6, as in the BioModels file BIOMD0000000733")
DENSITY = "cell/uL"


@dataclass(frozen=True, slots=True, kw_only=True)
class MooreLi2004:
    r"""Naive T cells become effector cells where they meet leukaemic cells C, which both kill each other.

    .. math::

        T_n' &= s_n - d_n T_n - k_n T_n \frac{C}{C + \eta} \\
        T_e' &= \alpha_n k_n T_n \frac{C}{C + \eta} + \alpha_e T_e \frac{C}{C + \eta} - d_e T_e - \gamma_e C T_e \\
        C' &= r_c C \ln\frac{C_{\max}}{C} - d_c C - \gamma_c C T_e

    Values of the paper's figure 6, as in the BioModels file BIOMD0000000733. That file counts the kill as a gain of
    leukaemic cells; here they are lost, as in the equations published and in the file BIOMD0000000662.
    """

    naive_supply: Parameter = typical(0.37, "cell/uL/day", FIGURE_6, "supply of naive T cells, sn")
    naive_loss: Parameter = typical(0.23, "1/day", FIGURE_6, "loss of naive T cells, dn")
    naive_activation: Parameter = typical(0.062, "1/day", FIGURE_6, "activation of naive T cells, kn")
    leukaemia_of_half_activation: Parameter = typical(720.0, DENSITY, FIGURE_6, "leukaemia of half activation, eta")
    effectors_per_activation: Parameter = typical(0.14, "1", FIGURE_6, "effector cells of one activation, alpha_n")
    effector_recruitment: Parameter = typical(0.98, "1/day", FIGURE_6, "recruitment of effector cells, alpha_e")
    effector_loss: Parameter = typical(0.30, "1/day", FIGURE_6, "loss of effector cells, de")
    effector_exhaustion: Parameter = typical(0.057, "uL/cell/day", FIGURE_6, "loss by leukaemic cells, gamma_e")
    leukaemia_growth: Parameter = typical(0.0057, "1/day", FIGURE_6, "Gompertz growth, rc")
    leukaemia_capacity: Parameter = typical(2.3e5, DENSITY, FIGURE_6, "largest leukaemia, Cmax")
    leukaemia_loss: Parameter = typical(0.024, "1/day", FIGURE_6, "loss of leukaemic cells, dc")
    leukaemia_kill: Parameter = typical(0.0034, "uL/cell/day", FIGURE_6, "kill by effector cells, gamma_c")
    naive_at_start: Parameter = typical(1510.0, DENSITY, FIGURE_6, "naive T cells at the start")
    effector_at_start: Parameter = typical(20.0, DENSITY, FIGURE_6, "effector T cells at the start")
    leukaemia_at_start: Parameter = typical(1e4, DENSITY, FIGURE_6, "leukaemic cells at the start")

    def piece(self) -> Piece:
        """Return the three equations."""
        s = symbol
        naive, effector, leukaemia = s("naive"), s("effector"), s("leukaemia")
        met = leukaemia / (leukaemia + s("leukaemia_of_half_activation"))
        activation = s("naive_activation") * naive * met
        growth = s("leukaemia_growth") * leukaemia * sympy.log(s("leukaemia_capacity") / leukaemia)
        exhaustion, kill = s("effector_exhaustion") * leukaemia, s("leukaemia_kill") * effector
        return Piece(
            states=(
                State(name="naive", unit=DENSITY, initial=s("naive_at_start"), size=1.0, meaning="naive T cells, Tn"),
                State(
                    name="effector",
                    unit=DENSITY,
                    initial=s("effector_at_start"),
                    size=1e-6,
                    meaning="effector T cells, Te",
                ),
                State(
                    name="leukaemia",
                    unit=DENSITY,
                    initial=s("leukaemia_at_start"),
                    size=1.0,
                    meaning="leukaemic cells, C",
                ),
            ),
            terms=(
                Term(state="naive", name="supply", rate=s("naive_supply")),
                Term(state="naive", name="loss", rate=-s("naive_loss") * naive),
                Term(state="naive", name="activation", rate=-activation),
                Term(state="effector", name="activation", rate=s("effectors_per_activation") * activation),
                Term(state="effector", name="recruitment", rate=s("effector_recruitment") * effector * met),
                Term(state="effector", name="loss", rate=-s("effector_loss") * effector),
                Term(state="effector", name="loss by leukaemic cells", rate=-exhaustion * effector),
                Term(state="leukaemia", name="growth", rate=growth),
                Term(state="leukaemia", name="loss", rate=-s("leukaemia_loss") * leukaemia),
                Term(state="leukaemia", name="kill by effector cells", rate=-kill * leukaemia),
            ),
        )
