"""Neutrophils and platelets from a graft."""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.marrow import TRANSITS, Lineage, Marrow
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Event, State, Term, symbol

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


def limit(value: float, meaning: str) -> Parameter:
    """Return a count whose first reaching is an event."""
    return Parameter(
        value=value,
        unit="G/L",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("by definition: the counts whose days publications give"),
        meaning=meaning,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Engraftment:
    r"""The chains of `trialeukin.model.components.marrow`, started from what conditioning left and the graft brought.

    .. math::

        \frac{dH_1}{dt} &= -\frac{3}{\tau_h} H_1, \quad \frac{dH_i}{dt} = \frac{3}{\tau_h} (H_{i-1} - H_i), \qquad
        H_1(0) = 1, \quad P(0) = \varepsilon \\
        \frac{dP}{dt} &= k_p \left[ (1 + \mu) \frac{R^{-\gamma}}{\mu + R^{-\gamma}} - 1 \right] P
        + \frac{3}{\tau_h} H_3 \frac{x}{1 + x}, \qquad x = y \, d \, q_m^{m} q_a^{a} q_u^{u} \\
        R &= (1 - w) \frac{W}{W_0} + w P \\
        \frac{dT_1}{dt} &= k_w W_0 P - k_t T_1, \quad \frac{dT_i}{dt} = k_t (T_{i-1} - T_i), \quad
        \frac{dW}{dt} = k_t T_3 - k_w W

    with P followed as its logarithm. Grafted cells take :math:`\tau_h` to home and become progenitors, in three steps
    H. There are d of them a kg, of which each restores the share y of a lineage, times :math:`q_m` in marrow grafts,
    :math:`q_a` of a lineage in autografts of AML in remission and :math:`q_u` where the graft was purged. Renewal,
    feedback and maturation are those after chemotherapy. What differs is a greatest renewal, :math:`\mu` times that
    at rest in excess of loss: a feedback by a power alone, as chemotherapy can be described by, brings counts back
    within two weeks or so from however few cells. IL-2 takes platelets as `trialeukin.model.components.platelets`
    says. Growth factors, transfusions and graft failure are not here.
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
    neutrophil_engraftment_threshold: Parameter = limit(0.5, "neutrophils at engraftment")
    neutrophil_recovery_threshold: Parameter = limit(1.0, "neutrophils at recovery")
    platelet_engraftment_threshold: Parameter = limit(20.0, "platelets at engraftment")
    platelet_recovery_threshold: Parameter = limit(50.0, "platelets at recovery")
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
            states=(*_homing_states(), *(state for lineage in lineages for state in lineage.states())),
            terms=(*_homing_terms(), *(term for lineage in lineages for term in lineage.terms()), _loss_to_il2()),
            definitions=(
                Definition(
                    name="normal_marrow",
                    unit="1",
                    expression=sum(cells) / len(cells),
                    meaning="neutrophil progenitors and precursors, relative to a full marrow",
                ),
            ),
            events=tuple(_recovered()),
        )


def _recovered() -> Iterator[Event]:
    for name, blood, limit in (
        ("neutrophil_engraftment", "neutrophils", "neutrophil_engraftment_threshold"),
        ("neutrophil_recovery", "neutrophils", "neutrophil_recovery_threshold"),
        ("platelet_engraftment", "platelets", "platelet_engraftment_threshold"),
        ("platelet_recovery", "platelets", "platelet_recovery_threshold"),
    ):
        yield Event(name=name, trigger=symbol(blood) - symbol(limit), sets={})


def _loss_to_il2() -> Term:
    concentration = symbol("il2_concentration")
    signal = concentration / (symbol("platelet_loss_half_signal") + concentration)
    return Term(
        state="platelets",
        name="loss of platelets to IL-2",
        rate=-symbol("platelet_loss") * signal * symbol("platelets"),
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lineage(Lineage):
    def states(self) -> Iterator[State]:
        left = symbol("precursors_left")
        yield State(
            name=self.progenitors,
            unit="1",
            initial=sympy.log(symbol("marrow_left")),
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
        renewal = symbol(f"{self.stem}_renewal")
        progenitors, blood = sympy.exp(symbol(self.progenitors)), symbol(self.blood)
        weight, most = symbol("progenitor_share_of_feedback"), symbol("greatest_renewal")
        filled = (1 - weight) * blood / symbol(self.normal) + weight * progenitors
        # R^-g / (m + R^-g) = 1 / (m R^g + 1), which needs no large number
        growing = (1 + most) / (1 + most * filled ** symbol("marrow_feedback"))
        arriving = _homing_rate() * symbol(HOMING[-1]) * _engrafting(self.stem)
        yield Term(state=self.progenitors, name="engraftment", rate=arriving / progenitors)
        yield Term(state=self.progenitors, name="renewal", rate=renewal * growing)
        yield Term(state=self.progenitors, name="maturation", rate=-renewal)
        yield from self.maturing()
