"""A graft: cells that home and become progenitors of neutrophils and platelets."""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.marrow import LINEAGES, TRANSITS, Marrow
from trialeukin.model.fitted import fitted
from trialeukin.model.system import State, Term, symbol

THE_GRAFT = assumed("the cohort says what was transplanted")


def switch(meaning: str) -> Parameter:
    """Return what is one for some grafts and zero for others."""
    return Parameter(
        value=0.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.0,
        scale=Scale.LINEAR,
        source=THE_GRAFT,
        meaning=meaning,
    )


def growth_from_few(filled: sympy.Expr) -> sympy.Expr:
    """Return the renewal of `trialeukin.model.components.marrow` with the greatest that a graft reaches."""
    most = symbol("greatest_renewal")
    # R^-g / (m + R^-g) = 1 / (m R^g + 1), which needs no large number
    grown: sympy.Expr = (1 + most) / (1 + most * filled ** symbol("marrow_feedback"))
    return grown


def marrow_from_graft() -> Marrow:
    """Return the marrow as conditioning leaves it, which the graft fills again."""
    return Marrow(
        growth=growth_from_few,
        log_progenitors_left=sympy.log(symbol("marrow_left")),
        precursors_left=symbol("precursors_left"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Graft:
    r"""What the graft brings to the chains of `trialeukin.model.components.marrow`, and how they renew themselves.

    .. math::

        \frac{dH_1}{dt} &= -\frac{3}{\tau_h} H_1, \quad \frac{dH_i}{dt} = \frac{3}{\tau_h} (H_{i-1} - H_i), \qquad
        H_1(0) = 1, \quad P(0) = \varepsilon \\
        \frac{dP}{dt} &\mathrel{+}= \frac{3}{\tau_h} H_3 \frac{x}{1 + x}, \qquad
        x = y \, d \, q_m^{m} q_a^{a} q_u^{u} \\
        G(R) &= (1 + \mu) \frac{R^{-\gamma}}{\mu + R^{-\gamma}}

    with P followed as its logarithm. Grafted cells take :math:`\tau_h` to home and become progenitors, in three steps
    H. There are d of them a kg, of which each restores the share y of a lineage, times :math:`q_m` in marrow grafts,
    :math:`q_a` of a lineage in autografts of AML in remission and :math:`q_u` where the graft was purged. Feedback
    and maturation are those after chemotherapy. What differs is a greatest renewal, :math:`\mu` times that at rest in
    excess of loss: a feedback by a power alone, as chemotherapy can be described by, brings counts back within two
    weeks or so from however few cells. Growth factors, transfusions and graft failure are not here.
    """

    cd34_dose: Parameter = Parameter(
        value=5e6,
        unit="cell/kg",
        between_patients=0.5,
        uncertainty=0.0,
        source=assumed("autografts of blood hold 2 to 15 million CD34 cells a kg; the cohort may say otherwise"),
        meaning="CD34 cells in the graft",
    )
    marrow_graft: Parameter = switch("one where the graft is marrow, zero where it is mobilised blood")
    leukaemic_autograft: Parameter = switch("one for an autograft of AML in remission, else zero")
    purged_graft: Parameter = switch("one where the graft was purged outside the body, else zero")
    neutrophil_graft_yield: Parameter = fitted("reconstitution", "neutrophil_graft_yield")
    platelet_graft_yield: Parameter = fitted("reconstitution", "platelet_graft_yield")
    marrow_graft_quality: Parameter = fitted("reconstitution", "marrow_graft_quality")
    neutrophil_leukaemic_quality: Parameter = fitted("reconstitution", "neutrophil_leukaemic_quality")
    platelet_leukaemic_quality: Parameter = fitted("reconstitution", "platelet_leukaemic_quality")
    purged_graft_quality: Parameter = fitted("reconstitution", "purged_graft_quality")
    homing_time: Parameter = fitted("reconstitution", "homing_time")
    greatest_renewal: Parameter = fitted("reconstitution", "greatest_renewal")

    def piece(self) -> Piece:
        """Return homing and what it brings to both lineages."""
        return Piece(states=tuple(_homing_states()), terms=(*_homing_terms(), *_engrafting_terms()))


HOMING = tuple(f"homing_{step + 1}" for step in range(TRANSITS))


def _homing_rate() -> sympy.Expr:
    rate: sympy.Expr = TRANSITS / symbol("homing_time")
    return rate


def _homing_states() -> Iterator[State]:
    for place, name in enumerate(HOMING):
        yield State(
            name=name,
            unit="1",
            initial=sympy.S.One if place == 0 else sympy.S.Zero,
            size=0.1,
            meaning=f"share of the graft in step {place + 1} of {TRANSITS} of homing and becoming progenitors",
        )


def _homing_terms() -> Iterator[Term]:
    for name, following in zip(HOMING, (*HOMING[1:], None), strict=True):
        yield Term(state=name, name="homing", rate=-_homing_rate() * symbol(name))
        if following is not None:
            yield Term(state=following, name=f"homing from {name}", rate=_homing_rate() * symbol(name))


def _engrafting_terms() -> Iterator[Term]:
    for lineage in LINEAGES:
        arriving = _homing_rate() * symbol(HOMING[-1]) * _engrafting(lineage.stem)
        progenitors = sympy.exp(symbol(lineage.progenitors))
        yield Term(state=lineage.progenitors, name="engraftment", rate=arriving / progenitors)


def _engrafting(stem: str) -> sympy.Expr:
    brought = (
        symbol(f"{stem}_graft_yield")
        * symbol("cd34_dose")
        * symbol("marrow_graft_quality") ** symbol("marrow_graft")
        * symbol(f"{stem}_leukaemic_quality") ** symbol("leukaemic_autograft")
        * symbol("purged_graft_quality") ** symbol("purged_graft")
    )
    share: sympy.Expr = brought / (1 + brought)
    return share
