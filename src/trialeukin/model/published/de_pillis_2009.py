"""Tumour, natural killer cells, T cells, lymphocytes, chemotherapy and interleukin-2 of de Pillis 2009."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.published.typical import typical, untreated
from trialeukin.model.system import Definition, State, Term, symbol

PAPER = "depillis2009"
FILE = Source(PAPER, "as in the BioModels file BIOMD0000000779")
PATIENT = Source(PAPER, "kill by T cells as in two public re-implementations; BIOMD0000000779 sets it to zero")
STIMULATION = Source(PAPER, "as in two public re-implementations; BIOMD0000000779 rounds it to 0.068")
CELLS, RATE = "cell/L", "1/day"


@dataclass(frozen=True, slots=True, kw_only=True)
class DePillis2009:
    r"""A tumour T that natural killer cells N and CD8 T cells L kill, with lymphocytes C.

    M is a cytotoxic drug and I interleukin-2.

    .. math::

        T' &= a T (1 - b T) - c N T - D T - K_T (1 - e^{-\delta M}) T, \qquad
              D = d \frac{(L/T)^l}{s + (L/T)^l} \\
        N' &= f \bigl(\tfrac{e}{f} C - N\bigr) - p N T + \frac{p_N N I}{g_N + I} - K_N (1 - e^{-\delta M}) N \\
        L' &= \frac{-\theta m L}{\theta + I} + j \frac{T}{k + T} L - q L T + (r_1 N + r_2 C) T
              - \frac{u L^2 C I}{\kappa + I} + \frac{p_I L I}{g_I + I} - K_L (1 - e^{-\delta M}) L + v_L \\
        C' &= \beta \bigl(\tfrac{\alpha}{\beta} - C\bigr) - K_C (1 - e^{-\delta M}) C \\
        M' &= -\gamma M + v_M, \qquad
        I' = -\mu_I I + \phi C + \frac{\omega L I}{\zeta + I} + v_I

    Read in the BioModels file BIOMD0000000779. That file uses :math:`\phi` where the death of T cells without
    interleukin-2 has :math:`\theta`, as a public re-implementation has it; and it sets d, l and s to zero, so that
    its T cells kill no tumour. D is written as :math:`d / (1 + s (T/L)^l)`, which is the same and has a value without
    tumour. Treatments are constant rates, zero unless set: interleukin-2 is a concentration without a volume, into
    which no dose of a product can be converted.
    """

    tumour_growth: Parameter = typical(0.431, RATE, FILE, "growth of a small tumour, a")
    tumour_inverse_capacity: Parameter = typical(1.02e-9, "1/cell", FILE, "inverse of the largest tumour, b")
    nk_kill: Parameter = typical(2.9077e-13, "L/cell/day", FILE, "kill by natural killer cells, c")
    t_cell_kill: Parameter = typical(2.34, RATE, PATIENT, "most kill by T cells, d")
    t_cell_kill_power: Parameter = typical(2.09, "1", PATIENT, "power of the kill by T cells, l")
    t_cell_kill_scale: Parameter = typical(3.8e-3, "1", PATIENT, "steepness of the kill by T cells, s")
    blood: Parameter = typical(
        1.0, "L", assumed("the unit in which the ratio L/T counts T cells"), "blood whose T cells are compared with T"
    )
    nk_share: Parameter = typical(0.111, "1", FILE, "natural killer cells of a lymphocyte at rest, e/f")
    nk_loss: Parameter = typical(0.0125, RATE, FILE, "loss of natural killer cells, f")
    nk_exhaustion: Parameter = typical(2.794e-13, "1/cell/day", FILE, "loss of killer cells by the tumour, p")
    nk_stimulation: Parameter = typical(0.0668, RATE, STIMULATION, "growth of killer cells by interleukin-2, pN")
    il2_of_half_nk: Parameter = typical(2.5036e5, "IU/L", FILE, "interleukin-2 of half that growth, gN")
    t_cell_loss: Parameter = typical(9e-3, RATE, FILE, "loss of T cells without interleukin-2, m")
    il2_of_half_loss: Parameter = typical(2.5036e-3, "IU/L", FILE, "interleukin-2 that halves that loss, theta")
    t_cell_recruitment: Parameter = typical(0.01245, RATE, FILE, "recruitment by debris of the tumour, j")
    tumour_of_half_recruitment: Parameter = typical(2.019e7, "cell", FILE, "tumour of half that recruitment, k")
    t_cell_exhaustion: Parameter = typical(3.422e-10, "1/cell/day", FILE, "loss of T cells by the tumour, q")
    activation_by_nk: Parameter = typical(2.9077e-11, "1/cell/day", FILE, "activation by killed tumour, r1")
    activation_of_lymphocytes: Parameter = typical(5.8467e-13, "1/cell/day", FILE, "activation of lymphocytes, r2")
    t_cell_regulation: Parameter = typical(4.417e-14, "L**2/cell**2/day", FILE, "regulation of T cells, u")
    il2_of_half_regulation: Parameter = typical(2503.6, "IU/L", FILE, "interleukin-2 of half that, kappa")
    t_cell_stimulation: Parameter = typical(2.971, RATE, FILE, "growth of T cells by interleukin-2, pI")
    il2_of_half_stimulation: Parameter = typical(2503.6, "IU/L", FILE, "interleukin-2 of half that growth, gI")
    lymphocytes_at_rest: Parameter = typical(2.25e9, CELLS, FILE, "lymphocytes at rest and at the start, alpha/beta")
    lymphocyte_loss: Parameter = typical(0.0063, RATE, FILE, "loss of lymphocytes, beta")
    il2_by_lymphocytes: Parameter = typical(2.38405e-7, "IU/cell/day", FILE, "interleukin-2 of a lymphocyte, phi")
    il2_by_t_cells: Parameter = typical(0.07874, "IU/cell/day", FILE, "interleukin-2 of a T cell at most, omega")
    il2_of_half_production: Parameter = typical(2503.6, "IU/L", FILE, "interleukin-2 of half that, zeta")
    il2_loss: Parameter = typical(11.7427, RATE, FILE, "loss of interleukin-2, mu_I")
    drug_loss: Parameter = typical(0.5199, RATE, FILE, "loss of the cytotoxic drug, gamma")
    drug_potency: Parameter = typical(1.8328, "L/mg", FILE, "effect of the cytotoxic drug, delta")
    drug_kill_tumour: Parameter = typical(0.9, RATE, FILE, "most kill of tumour by the drug, K_T")
    drug_kill_nk: Parameter = typical(0.0675, RATE, FILE, "most kill of natural killer cells by the drug, K_N")
    drug_kill_t_cells: Parameter = typical(0.0486, RATE, FILE, "most kill of T cells by the drug, K_L")
    drug_kill_lymphocytes: Parameter = typical(0.034, RATE, FILE, "most kill of lymphocytes by the drug, K_C")
    drug_infusion: Parameter = untreated(0.0, "mg/L/day", FILE, "cytotoxic drug given, v_M")
    il2_infusion: Parameter = untreated(0.0, "IU/L/day", FILE, "interleukin-2 given, v_I")
    t_cell_infusion: Parameter = untreated(0.0, "cell/L/day", FILE, "T cells given, v_L")
    tumour_at_start: Parameter = typical(1e7, "cell", FILE, "tumour cells at the start")
    nk_at_start: Parameter = typical(2.5e8, CELLS, FILE, "natural killer cells at the start")
    t_cells_at_start: Parameter = typical(5.268e5, CELLS, FILE, "T cells at the start")
    il2_at_start: Parameter = typical(1073.0, "IU/L", FILE, "interleukin-2 at the start")

    def piece(self) -> Piece:
        """Return the six equations."""
        return Piece(
            states=_states(),
            terms=(*_tumour(), *_t_cells(), *_other_cells(), *_drugs(), *_killed_by_drug()),
            definitions=_definitions(),
        )


def _states() -> tuple[State, ...]:
    s = symbol
    said = {
        "tumour": ("cell", s("tumour_at_start"), 1.0, "tumour cells, T"),
        "nk": (CELLS, s("nk_at_start"), 1e4, "natural killer cells, N"),
        "t_cells": (CELLS, s("t_cells_at_start"), 1.0, "CD8 T cells, L"),
        "lymphocytes": (CELLS, s("lymphocytes_at_rest"), 1e4, "circulating lymphocytes, C"),
        "drug": ("mg/L", sympy.S.Zero, 0.01, "cytotoxic drug, M"),
        "il2": ("IU/L", s("il2_at_start"), 1.0, "interleukin-2, I"),
    }
    return tuple(
        State(name=name, unit=unit, initial=initial, size=size, meaning=meaning)
        for name, (unit, initial, size, meaning) in said.items()
    )


def _stimulated(rate: str, half: str) -> sympy.Expr:
    return symbol(rate) * symbol("il2") / (symbol(half) + symbol("il2"))


def _tumour() -> tuple[Term, ...]:
    s = symbol
    tumour = s("tumour")
    growth = s("tumour_growth") * tumour * (1 - s("tumour_inverse_capacity") * tumour)
    return (
        Term(state="tumour", name="growth", rate=growth),
        Term(state="tumour", name="kill by natural killer cells", rate=-s("nk_kill") * s("nk") * tumour),
        Term(state="tumour", name="kill by T cells", rate=-s("t_cell_kill") * s("t_cell_effect") * tumour),
    )


def _t_cells() -> tuple[Term, ...]:
    s = symbol
    tumour, cells = s("tumour"), s("t_cells")
    starved = s("il2_of_half_loss") / (s("il2_of_half_loss") + s("il2"))
    recruitment = s("t_cell_recruitment") * tumour / (s("tumour_of_half_recruitment") + tumour)
    activation = s("activation_by_nk") * s("nk") + s("activation_of_lymphocytes") * s("lymphocytes")
    regulation = _stimulated("t_cell_regulation", "il2_of_half_regulation") * s("lymphocytes") * cells
    growth = _stimulated("t_cell_stimulation", "il2_of_half_stimulation")
    return (
        Term(state="t_cells", name="loss without interleukin-2", rate=-s("t_cell_loss") * starved * cells),
        Term(state="t_cells", name="recruitment by debris", rate=recruitment * cells),
        Term(state="t_cells", name="loss by the tumour", rate=-s("t_cell_exhaustion") * tumour * cells),
        Term(state="t_cells", name="activation", rate=activation * tumour),
        Term(state="t_cells", name="regulation", rate=-regulation * cells),
        Term(state="t_cells", name="growth by interleukin-2", rate=growth * cells),
        Term(state="t_cells", name="infusion", rate=s("t_cell_infusion")),
    )


def _other_cells() -> tuple[Term, ...]:
    s = symbol
    nk, lymphocytes = s("nk"), s("lymphocytes")
    turnover = s("nk_loss") * (s("nk_share") * lymphocytes - nk)
    return (
        Term(state="nk", name="turnover", rate=turnover),
        Term(state="nk", name="loss by the tumour", rate=-s("nk_exhaustion") * s("tumour") * nk),
        Term(state="nk", name="growth by interleukin-2", rate=_stimulated("nk_stimulation", "il2_of_half_nk") * nk),
        Term(
            state="lymphocytes",
            name="turnover",
            rate=s("lymphocyte_loss") * (s("lymphocytes_at_rest") - lymphocytes),
        ),
    )


def _drugs() -> tuple[Term, ...]:
    s = symbol
    by_t_cells = _stimulated("il2_by_t_cells", "il2_of_half_production") * s("t_cells")
    return (
        Term(state="drug", name="infusion", rate=s("drug_infusion")),
        Term(state="drug", name="loss", rate=-s("drug_loss") * s("drug")),
        Term(state="il2", name="production by lymphocytes", rate=s("il2_by_lymphocytes") * s("lymphocytes")),
        Term(state="il2", name="production by T cells", rate=by_t_cells),
        Term(state="il2", name="infusion", rate=s("il2_infusion")),
        Term(state="il2", name="loss", rate=-s("il2_loss") * s("il2")),
    )


def _killed_by_drug() -> tuple[Term, ...]:
    effect = 1 - sympy.exp(-symbol("drug_potency") * symbol("drug"))
    return tuple(
        Term(state=state, name="kill by the drug", rate=-symbol(f"drug_kill_{state}") * effect * symbol(state))
        for state in ("tumour", "nk", "t_cells", "lymphocytes")
    )


def _definitions() -> tuple[Definition, ...]:
    s = symbol
    ratio = (sympy.Max(s("tumour"), 0) / (s("blood") * s("t_cells"))) ** s("t_cell_kill_power")
    effect = Definition(
        name="t_cell_effect",
        unit="1",
        expression=1 / (1 + s("t_cell_kill_scale") * ratio),
        meaning="kill by T cells as a part of the most, D/d",
    )
    return (effect,)
