"""Neutrophils and platelets from a graft."""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.marrow import TRANSITS, Marrow
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, State, Term, symbol

CHAIN = Marrow()  # whose numbers hold here as well
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Engraftment:
    r"""The chains of `trialeukin.model.components.marrow`, started from what conditioning left and the graft brought.

    .. math::

        P(0) &= \varepsilon + \frac{x}{1 + x}, \qquad x = y \, d \, q_m^{m} q_a^{a} q_u^{u} \\
        \frac{d \ln P}{dt} &= k_p \left[ (1 + \mu) \frac{R^{-\gamma}}{\mu + R^{-\gamma}} - 1 \right], \qquad
        R = (1 - w) \frac{W}{W_0} + w P \\
        \frac{dT_1}{dt} &= k_w W_0 P - k_t T_1, \quad \frac{dT_i}{dt} = k_t (T_{i-1} - T_i), \quad
        \frac{dW}{dt} = k_t T_3 - k_w W

    with d CD34 cells a kg, of which each restores the share y of a lineage, times :math:`q_m` in marrow grafts,
    :math:`q_a` in autografts of AML in remission and :math:`q_u` where the graft was purged. Renewal, feedback and
    maturation are those after chemotherapy. What differs is a greatest renewal, :math:`\mu` times that at rest in
    excess of loss: a feedback by a power alone, as chemotherapy can be described by, would fill any marrow within a
    week from a single cell. IL-2 takes platelets as `trialeukin.model.components.platelets` says. Growth factors,
    transfusions and graft failure are not here.
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
    leukaemic_autograft_quality: Parameter = fitted("reconstitution", "leukaemic_autograft_quality")
    purged_graft_quality: Parameter = fitted("reconstitution", "purged_graft_quality")
    greatest_renewal: Parameter = fitted("reconstitution", "greatest_renewal")
    neutrophil_baseline: Parameter = CHAIN.neutrophil_baseline
    neutrophil_renewal: Parameter = CHAIN.neutrophil_renewal
    neutrophil_maturation: Parameter = CHAIN.neutrophil_maturation
    neutrophil_loss: Parameter = CHAIN.neutrophil_loss
    platelet_normal: Parameter = CHAIN.platelet_normal
    platelet_renewal: Parameter = CHAIN.platelet_renewal
    platelet_maturation: Parameter = CHAIN.platelet_maturation
    platelet_loss_rate: Parameter = CHAIN.platelet_loss_rate
    marrow_feedback: Parameter = CHAIN.marrow_feedback
    progenitor_share_of_feedback: Parameter = CHAIN.progenitor_share_of_feedback
    platelet_loss: Parameter = fitted("immune", "platelet_loss")
    platelet_loss_half_signal: Parameter = fitted("immune", "platelet_loss_half_signal")

    def piece(self) -> Piece:
        """Return both chains and how much of the marrow is back."""
        lineages = (
            _Lineage(
                stem="neutrophil", blood="neutrophils", normal="neutrophil_baseline", loss="neutrophil_loss", size=1.0
            ),
            _Lineage(
                stem="platelet", blood="platelets", normal="platelet_normal", loss="platelet_loss_rate", size=100.0
            ),
        )
        cells = lineages[0].relative()
        return Piece(
            states=tuple(state for lineage in lineages for state in lineage.states()),
            terms=(*(term for lineage in lineages for term in lineage.terms()), _loss_to_il2()),
            definitions=(
                Definition(
                    name="normal_marrow",
                    unit="1",
                    expression=sum(cells) / len(cells),
                    meaning="neutrophil progenitors and precursors, relative to a full marrow",
                ),
            ),
        )


def _loss_to_il2() -> Term:
    concentration = symbol("il2_concentration")
    signal = concentration / (symbol("platelet_loss_half_signal") + concentration)
    return Term(
        state="platelets",
        name="loss of platelets to IL-2",
        rate=-symbol("platelet_loss") * signal * symbol("platelets"),
    )


def _engrafted(stem: str) -> sympy.Expr:
    brought = (
        symbol(f"{stem}_graft_yield")
        * symbol("cd34_dose")
        * symbol("marrow_graft_quality") ** symbol("marrow_graft")
        * symbol("leukaemic_autograft_quality") ** symbol("leukaemic_autograft")
        * symbol("purged_graft_quality") ** symbol("purged_graft")
    )
    started: sympy.Expr = symbol("marrow_left") + brought / (1 + brought)
    return started


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lineage:
    stem: str
    blood: str
    normal: str
    loss: str
    size: float

    @property
    def progenitors(self) -> str:
        return f"log_{self.stem}_progenitors"

    @property
    def transits(self) -> tuple[str, ...]:
        return tuple(f"{self.stem}_transit_{step + 1}" for step in range(TRANSITS))

    @property
    def flow(self) -> sympy.Expr:
        return symbol(self.normal) * symbol(self.loss)

    @property
    def full(self) -> sympy.Expr:
        return self.flow / symbol(f"{self.stem}_maturation")

    def relative(self) -> tuple[sympy.Expr, ...]:
        return (sympy.exp(symbol(self.progenitors)), *(symbol(name) / self.full for name in self.transits))

    def states(self) -> Iterator[State]:
        left = symbol("precursors_left")
        yield State(
            name=self.progenitors,
            unit="1",
            initial=sympy.log(_engrafted(self.stem)),
            size=1.0,
            meaning=f"natural logarithm of {self.stem} progenitors, relative to a full marrow",
            positive=False,
        )
        for name in self.transits:
            yield State(
                name=name,
                unit="G/L",
                initial=self.full * left,
                size=self.size,
                meaning=f"{name.replace('_', ' ')} in the marrow, as the blood its cells would fill",
            )
        yield State(
            name=self.blood,
            unit="G/L",
            initial=symbol(self.normal) * left,
            size=self.size,
            meaning=f"{self.blood} in blood",
        )

    def terms(self) -> Iterator[Term]:
        renewal, passage = symbol(f"{self.stem}_renewal"), symbol(f"{self.stem}_maturation")
        progenitors, blood = sympy.exp(symbol(self.progenitors)), symbol(self.blood)
        weight, most = symbol("progenitor_share_of_feedback"), symbol("greatest_renewal")
        filled = (1 - weight) * blood / symbol(self.normal) + weight * progenitors
        # R^-g / (m + R^-g) = 1 / (m R^g + 1), which needs no large number
        growing = (1 + most) / (1 + most * filled ** symbol("marrow_feedback"))
        yield Term(state=self.progenitors, name="renewal", rate=renewal * growing)
        yield Term(state=self.progenitors, name="maturation", rate=-renewal)
        yield Term(state=self.transits[0], name="maturation of progenitors", rate=self.flow * progenitors)
        for name, following in zip(self.transits, (*self.transits[1:], self.blood), strict=True):
            yield Term(state=name, name="maturation", rate=-passage * symbol(name))
            yield Term(state=following, name=f"maturation of {name}", rate=passage * symbol(name))
        yield Term(state=self.blood, name="loss from blood", rate=-symbol(self.loss) * blood)
