"""Chronic myelogenous leukaemia under imatinib and the immune window of Clapp 2015."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.published.typical import typical
from trialeukin.model.system import Definition, State, Term, symbol

PAPER = "clapp2015"
SHARED = Source(PAPER, "supplementary table 1, as copied in the R package myelo")
PATIENT = Source(PAPER, "supplementary table 2, patient 1, as copied in the R package myelo")
DENSITY = "cell/mL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clapp2015:
    r"""Stem cells that rest (Y0) or cycle (Y1), progenitors Y2, mature cells Y3 and T cells Z that kill them all.

    .. math::

        Y_0' &= b_1 Y_1 - a_0 Y_0 - q Y_0, \qquad q = \frac{\mu Z}{1 + \varepsilon Y_3^2} \\
        Y_1' &= a_0 Y_0 - b_1 Y_1 + r Y_1 (1 - Y_1/K) - d_1 Y_1 - q Y_1 \\
        Y_2' &= a_1 Y_1 / i_1 - d_2 Y_2 - q Y_2 \\
        Y_3' &= a_2 Y_2 / i_2 - d_3 Y_3 - q Y_3 \\
        Z' &= s_z - d_z Z + \frac{\alpha Y_3 Z}{1 + \varepsilon Y_3^2}

    Imatinib divides the two differentiations by :math:`i_1, i_2` for good (one: no drug). The table gives the
    immune window instead of two rates: :math:`\varepsilon = 1/(y_{\min} y_{\max})`,
    :math:`\alpha = (y_{\min} + y_{\max}) \varepsilon d_z`, so that T cells multiply between the two and nowhere else;
    and :math:`s_z = Z_0 d_z`. Read in the R package myelo, whose :math:`d_3 = 0.0375` a day does not keep the mature
    cells of its start (1.5e8 a mL): untreated they rise to :math:`a_2 a_1 Y_1 / (d_2 d_3)`, 4.0e8. It would take 0.1
    a day to keep them; the paper's own table was not seen, and the value is left as it was read.
    """

    stem_activation: Parameter = typical(0.0027, "1/day", SHARED, "resting stem cells that begin to cycle, a0")
    stem_rest: Parameter = typical(0.0247, "1/day", SHARED, "cycling stem cells that go to rest, b1")
    stem_growth: Parameter = typical(0.08, "1/day", SHARED, "growth of cycling stem cells, r")
    stem_capacity: Parameter = typical(4.2872, DENSITY, SHARED, "most cycling stem cells, K")
    stem_loss: Parameter = typical(0.00225, "1/day", SHARED, "loss of cycling stem cells, d1")
    progenitor_supply: Parameter = typical(24.0005, "1/day", SHARED, "progenitors of a cycling stem cell, a1")
    progenitor_loss: Parameter = typical(0.006, "1/day", SHARED, "loss of progenitors, d2")
    mature_supply: Parameter = typical(899.982, "1/day", SHARED, "mature cells of a progenitor, a2")
    mature_loss: Parameter = typical(0.0375, "1/day", SHARED, "loss of mature cells, d3")
    healthy_cells: Parameter = typical(1.5e8, DENSITY, SHARED, "healthy mature cells, x")
    transcripts: Parameter = typical(3.0, "1", SHARED, "BCR-ABL transcripts of a leukaemic cell, beta")
    first_inhibition: Parameter = typical(9.944, "1", PATIENT, "division of the supply of progenitors, inh1")
    second_inhibition: Parameter = typical(131.016, "1", PATIENT, "division of the supply of mature cells, inh2")
    t_cell_loss: Parameter = typical(0.187, "1/day", PATIENT, "loss of T cells, dz")
    t_cell_kill: Parameter = typical(4.021e-8, "mL/cell/day", PATIENT, "kill by T cells, mu")
    window_lower_edge: Parameter = typical(6.001e4, DENSITY, PATIENT, "mature cells at the lower edge, ymin")
    window_upper_edge: Parameter = typical(1.754e5, DENSITY, PATIENT, "mature cells at the upper edge, ymax")
    resting_at_start: Parameter = typical(37.5, DENSITY, SHARED, "resting stem cells at the start")
    cycling_at_start: Parameter = typical(4.1667, DENSITY, SHARED, "cycling stem cells at the start")
    progenitors_at_start: Parameter = typical(1.6667e4, DENSITY, SHARED, "progenitors at the start")
    mature_at_start: Parameter = typical(1.5e8, DENSITY, SHARED, "mature cells at the start")
    t_cells_at_start: Parameter = typical(120.0, DENSITY, SHARED, "T cells at the start and without leukaemia, Z0")

    def piece(self) -> Piece:
        """Return the five equations and what a laboratory reports."""
        return Piece(states=_states(), terms=_terms(), definitions=_definitions())


def _states() -> tuple[State, ...]:
    said = {
        "resting": (1e-3, "resting leukaemic stem cells, Y0"),
        "cycling": (1e-3, "cycling leukaemic stem cells, Y1"),
        "progenitors": (1.0, "leukaemic progenitors, Y2"),
        "mature": (1.0, "mature leukaemic cells, Y3"),
        "t_cells": (1.0, "autologous T cells, Z"),
    }
    return tuple(
        State(name=name, unit=DENSITY, initial=symbol(f"{name}_at_start"), size=size, meaning=meaning)
        for name, (size, meaning) in said.items()
    )


def _terms() -> tuple[Term, ...]:
    s = symbol
    resting, cycling, t_cells = s("resting"), s("cycling"), s("t_cells")
    waking, sleeping = s("stem_activation") * resting, s("stem_rest") * cycling
    growth = s("stem_growth") * cycling * (1 - cycling / s("stem_capacity"))
    progenitors = s("progenitor_supply") / s("first_inhibition") * cycling
    mature = s("mature_supply") / s("second_inhibition") * s("progenitors")
    kill = tuple(
        Term(state=name, name="kill by T cells", rate=-s("kill_rate") * s(name))
        for name in ("resting", "cycling", "progenitors", "mature")
    )
    return (
        Term(state="resting", name="rest", rate=sleeping),
        Term(state="resting", name="activation", rate=-waking),
        Term(state="cycling", name="activation", rate=waking),
        Term(state="cycling", name="rest", rate=-sleeping),
        Term(state="cycling", name="growth", rate=growth),
        Term(state="cycling", name="loss", rate=-s("stem_loss") * cycling),
        Term(state="progenitors", name="differentiation", rate=progenitors),
        Term(state="progenitors", name="loss", rate=-s("progenitor_loss") * s("progenitors")),
        Term(state="mature", name="differentiation", rate=mature),
        Term(state="mature", name="loss", rate=-s("mature_loss") * s("mature")),
        *kill,
        Term(state="t_cells", name="supply", rate=s("t_cells_at_start") * s("t_cell_loss")),
        Term(state="t_cells", name="net growth by leukaemia", rate=s("t_cell_net_growth") * t_cells),
    )


def _definitions() -> tuple[Definition, ...]:
    s = symbol
    mature, lower, upper = s("mature"), s("window_lower_edge"), s("window_upper_edge")
    stimulus = s("t_cell_loss") * (lower + upper) * mature / (lower * upper) * s("t_cell_function")
    return (
        Definition(
            name="t_cell_function",
            unit="1",
            expression=1 / (1 + mature**2 / (lower * upper)),
            meaning="what leukaemic cells leave of the T cells' function, 1/(1 + epsilon Y3^2)",
        ),
        Definition(
            name="kill_rate",
            unit="1/day",
            expression=s("t_cell_kill") * s("t_cells") * s("t_cell_function"),
            meaning="kill of leukaemic cells by T cells, q",
        ),
        Definition(
            name="t_cell_net_growth",
            unit="1/day",
            expression=stimulus - s("t_cell_loss"),
            meaning="growth of T cells less their loss, positive inside the immune window",
        ),
        Definition(
            name="bcr_abl",
            unit="percent",
            expression=s("transcripts") * mature / (mature + 2 * s("healthy_cells")),
            meaning="BCR-ABL ratio, beta Y3 / (Y3 + 2 x)",
        ),
    )
