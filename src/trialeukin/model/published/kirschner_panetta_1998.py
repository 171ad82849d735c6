"""Tumour, effector cells and interleukin-2 of Kirschner and Panetta 1998."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.published.typical import typical, untreated
from trialeukin.model.system import State, Term, symbol

PAPER = "kirschner1998"
FILE = Source(PAPER, "values as in the BioModels file BIOMD0000000732")
START = Source(
    PAPER, "one of each at the start; the paper's, where BIOMD0000000732 has no effector and no interleukin-2"
)
NONE = Source(PAPER, "no treatment, as in the BioModels file BIOMD0000000732")


@dataclass(frozen=True, slots=True, kw_only=True)
class KirschnerPanetta1998:
    r"""Effector cells E that a tumour T calls and interleukin-2 I multiplies.

    .. math::

        E' &= c T - \mu_2 E + \frac{p_1 E I}{g_1 + I} + s_1 \\
        T' &= r_2 T (1 - b T) - \frac{a E T}{g_2 + T} \\
        I' &= \frac{p_2 E T}{g_3 + T} - \mu_3 I + s_2

    Read in the BioModels file BIOMD0000000732, but for the saturation :math:`g_1 + I`, which that file lacks
    (it divides by :math:`g_1` alone) and the paper has. Interleukin-2 is in units of the authors' own, so nobody
    can say what a dose is in them: :math:`s_1` and :math:`s_2` are constant rates, zero unless set.
    """

    antigenicity: Parameter = typical(0.035, "1/day", FILE, "effector cells called by each tumour cell, c")
    effector_loss: Parameter = typical(0.03, "1/day", FILE, "loss of effector cells, mu2")
    effector_proliferation: Parameter = typical(0.1245, "1/day", FILE, "most proliferation by interleukin-2, p1")
    il2_of_half_proliferation: Parameter = typical(2e7, "1", FILE, "interleukin-2 of half that proliferation, g1")
    effector_infusion: Parameter = untreated(0.0, "cell/day", NONE, "effector cells given, s1")
    tumour_growth: Parameter = typical(0.18, "1/day", FILE, "growth of a small tumour, r2")
    tumour_inverse_capacity: Parameter = typical(1e-9, "1/cell", FILE, "inverse of the largest tumour, b")
    tumour_kill: Parameter = typical(1.0, "1/day", FILE, "tumour cells that an effector cell kills at most, a")
    tumour_of_half_kill: Parameter = typical(1e5, "cell", FILE, "tumour of half that kill, g2")
    il2_production: Parameter = typical(5.0, "1/cell/day", FILE, "interleukin-2 made by an effector cell, p2")
    tumour_of_half_production: Parameter = typical(1e3, "cell", FILE, "tumour of half that production, g3")
    il2_loss: Parameter = typical(10.0, "1/day", FILE, "loss of interleukin-2, mu3")
    il2_infusion: Parameter = untreated(0.0, "1/day", NONE, "interleukin-2 given, s2")
    effector_at_start: Parameter = typical(1.0, "cell", START, "effector cells at the start")
    tumour_at_start: Parameter = typical(1.0, "cell", START, "tumour cells at the start")
    il2_at_start: Parameter = typical(1.0, "1", START, "interleukin-2 at the start")

    def piece(self) -> Piece:
        """Return the three equations."""
        s = symbol
        effector, tumour, il2 = s("effector"), s("tumour"), s("il2")
        proliferation = s("effector_proliferation") * effector * il2 / (s("il2_of_half_proliferation") + il2)
        kill = s("tumour_kill") * effector * tumour / (s("tumour_of_half_kill") + tumour)
        production = s("il2_production") * effector * tumour / (s("tumour_of_half_production") + tumour)
        growth = s("tumour_growth") * tumour * (1 - s("tumour_inverse_capacity") * tumour)
        return Piece(
            states=(
                State(
                    name="effector", unit="cell", initial=s("effector_at_start"), size=1.0, meaning="effector cells, E"
                ),
                State(name="tumour", unit="cell", initial=s("tumour_at_start"), size=1.0, meaning="tumour cells, T"),
                State(
                    name="il2",
                    unit="1",
                    initial=s("il2_at_start"),
                    size=1.0,
                    meaning="interleukin-2, authors' units, I",
                ),
            ),
            terms=(
                Term(state="effector", name="call by the tumour", rate=s("antigenicity") * tumour),
                Term(state="effector", name="loss", rate=-s("effector_loss") * effector),
                Term(state="effector", name="proliferation by interleukin-2", rate=proliferation),
                Term(state="effector", name="infusion", rate=s("effector_infusion")),
                Term(state="tumour", name="growth", rate=growth),
                Term(state="tumour", name="kill by effector cells", rate=-kill),
                Term(state="il2", name="production by effector cells", rate=production),
                Term(state="il2", name="loss", rate=-s("il2_loss") * il2),
                Term(state="il2", name="infusion", rate=s("il2_infusion")),
            ),
        )
