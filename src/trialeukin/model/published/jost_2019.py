"""White cells and blasts under cytarabine of Jost 2019, as coded by others."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.published.typical import typical, untreated
from trialeukin.model.system import Definition, State, Term, symbol

PAPER = "jost2019"
CODED = Source(PAPER, "as coded in the public repository AMLDT/Venex_Neutropenia_Models, commit 0c86f49")
CLEARANCE = Source(PAPER, "2.3765 a day, as coded in AMLDT/Venex_Neutropenia_Models, commit 0c86f49")
BLASTS = Source("stiehl2018", "blasts of two kinds, as coded in AMLDT/Venex_Neutropenia_Models, commit 0c86f49")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jost2019:
    r"""White cells W from proliferating cells P through one transit pool, and blasts that renew under them.

    .. math::

        P' &= k P \bigl(\max(1 - E_W, 0) (B/W)^\gamma + \min(1 - E_W, 0)\bigr) - k P \\
        T' &= k (P - T), \qquad W' = k T - k_W W \\
        L_1' &= (2 a \kappa - 1) p L_1 - p E_L L_1, \qquad \kappa = 1 / (1 + c_1 W + c_2 L_2) \\
        L_2' &= 2 (1 - a \kappa) p L_1 - d_2 L_2

    with effects :math:`E = s \ln(1 + C/C_1)` of cytarabine, :math:`C_1` being one umol/L. Neither the paper's tables
    nor its kinetics of cytarabine could be read: equations and values are those of a public repository that
    adapts the paper's third model to venetoclax and azacitidine and keeps its defaults. So the concentration is a
    constant here, and no dose enters. The one slope that was found (7.94) stands for both cells.
    """

    white_cells_at_rest: Parameter = typical(4.67, "G/L", CODED, "white cells without drug, B")
    transit: Parameter = typical(0.236, "1/day", CODED, "rate of each step, ktr")
    feedback: Parameter = typical(0.651, "1", CODED, "power of the feedback, gamma")
    white_cell_loss: Parameter = typical(2.3765, "1/day", CLEARANCE, "loss of white cells, kwbc")
    white_cell_slope: Parameter = typical(7.94, "1", CODED, "effect of cytarabine on white cells, slope")
    blast_slope: Parameter = typical(7.94, "1", CODED, "effect of cytarabine on blasts, slope")
    cytarabine: Parameter = untreated(0.0, "umol/L", CODED, "concentration of cytarabine, C")
    cytarabine_unit: Parameter = typical(
        1.0, "umol/L", assumed("the unit in which the logarithm of the effect counts"), "unit of concentration, C1"
    )
    blast_renewal: Parameter = typical(0.875, "1", BLASTS, "most self-renewal of proliferating blasts, a")
    blast_proliferation: Parameter = typical(0.1, "1/day", BLASTS, "division of proliferating blasts, p")
    blast_loss: Parameter = typical(2.3, "1/day", BLASTS, "loss of blasts that do not divide, d2")
    white_cell_signal: Parameter = typical(0.01, "L/G", BLASTS, "signal taken up by white cells, c1")
    blast_signal: Parameter = typical(0.01, "L/G", BLASTS, "signal taken up by blasts, c2")
    blasts_at_start: Parameter = untreated(0.04, "G/L", CODED, "proliferating blasts at the start")

    def piece(self) -> Piece:
        """Return the five equations, the signal and the two effects."""
        return Piece(states=_states(), terms=_terms(), definitions=_definitions())


def _states() -> tuple[State, ...]:
    s = symbol
    marrow = s("white_cells_at_rest") * s("white_cell_loss") / s("transit")
    said = {
        "proliferating": (marrow, "proliferating cells, P"),
        "maturing": (marrow, "maturing cells, T"),
        "white_cells": (s("white_cells_at_rest"), "white cells, W"),
        "dividing_blasts": (s("blasts_at_start"), "blasts that divide, L1"),
        "other_blasts": (sympy.S.Zero, "blasts that do not divide, L2"),
    }
    return tuple(
        State(name=name, unit="G/L", initial=initial, size=1.0 if initial == marrow else 0.1, meaning=meaning)
        for name, (initial, meaning) in said.items()
    )


def _terms() -> tuple[Term, ...]:
    s = symbol
    rate, left = s("transit"), 1 - s("white_cell_effect")
    feedback = (s("white_cells_at_rest") / s("white_cells")) ** s("feedback")
    slowed = sympy.Max(left, 0) * feedback + sympy.Min(left, 0)
    division = s("blast_proliferation") * s("dividing_blasts")
    kept = s("blast_renewal") * s("renewal_signal")
    return (
        Term(state="proliferating", name="proliferation", rate=rate * s("proliferating") * slowed),
        Term(state="proliferating", name="maturation", rate=-rate * s("proliferating")),
        Term(state="maturing", name="maturation", rate=rate * (s("proliferating") - s("maturing"))),
        Term(state="white_cells", name="maturation", rate=rate * s("maturing")),
        Term(state="white_cells", name="loss", rate=-s("white_cell_loss") * s("white_cells")),
        Term(state="dividing_blasts", name="renewal", rate=(2 * kept - 1) * division),
        Term(state="dividing_blasts", name="kill by cytarabine", rate=-s("blast_effect") * division),
        Term(state="other_blasts", name="differentiation", rate=2 * (1 - kept) * division),
        Term(state="other_blasts", name="loss", rate=-s("blast_loss") * s("other_blasts")),
    )


def _definitions() -> tuple[Definition, ...]:
    s = symbol
    logarithm = sympy.log(1 + s("cytarabine") / s("cytarabine_unit"))
    taken = s("white_cell_signal") * s("white_cells") + s("blast_signal") * s("other_blasts")
    return (
        Definition(
            name="white_cell_effect",
            unit="1",
            expression=s("white_cell_slope") * logarithm,
            meaning="effect of cytarabine on white cells, E_W",
        ),
        Definition(
            name="blast_effect",
            unit="1",
            expression=s("blast_slope") * logarithm,
            meaning="effect of cytarabine on blasts, E_L",
        ),
        Definition(
            name="renewal_signal", unit="1", expression=1 / (1 + taken), meaning="signal for self-renewal, kappa"
        ),
    )
