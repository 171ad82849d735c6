"""Kill of leukaemic cells by NK and CD8 cells in the marrow, as far as it exceeds the kill at baseline.

Two kill laws that no data tell apart. In both the kill at baseline is part of the net growth, so
that a patient whose immune system stays as it is follows the course of the control arms exactly.
"""

from dataclasses import dataclass, field

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Term, symbol

BASELINE = fitted("immune_anchor", "baseline_immune_kill")
TRANSLATION = Parameter(
    value=0.5,
    unit="1",
    between_patients=0.0,
    uncertainty=1.7,
    scale=Scale.LOGIT,
    source=assumed(
        "nobody measured it: a rise of blood lymphocytes, Treg among them, may reach the marrow in full or not at all; "
        "1.7 on the logit scale is close to an even chance for any value from 0 to 1"
    ),
    meaning="share of a rise of killers and of Treg in blood that becomes effective in the marrow",
)
CD8_SHARE = Parameter(
    value=0.3,
    unit="1",
    between_patients=0.0,
    uncertainty=1.0,
    scale=Scale.LOGIT,
    source=assumed("NK counts predict relapse best (Koster 2023); no source divides the kill"),
    meaning="share of the immune kill at baseline that is due to CD8 cells",
)
TREG_HALF = Parameter(
    value=3.0,
    unit="1",
    between_patients=0.0,
    uncertainty=1.0,
    source=assumed(
        "Treg depletion raised remissions after NK cells from 21 to 53 % (Bachanova 2014), "
        "which gives a direction but no constant"
    ),
    meaning="Treg, relative to baseline, that halve the kill",
)
BULK_SUSCEPTIBILITY = Parameter(
    value=1.5,
    unit="1",
    between_patients=0.0,
    uncertainty=0.5,
    source=assumed("CD34 goes with less lysis by LAK cells (1992, Leuk Res 16:673); no ratio is given"),
    meaning="kill of bulk cells relative to that of stem-like cells",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Killers:
    """Who kills and who holds back, in blood and relative to baseline: by default the patient's own cells.

    Attributes
    ----------
    nk, cd8 : sympy.Expr, 1
        Killing capacity of NK and of CD8 cells.
    treg : sympy.Expr, 1
        Treg that suppress.
    """

    nk: sympy.Expr = field(default_factory=lambda: symbol("nk_killing"))
    cd8: sympy.Expr = field(default_factory=lambda: symbol("cd8_killing"))
    treg: sympy.Expr = field(default_factory=lambda: symbol("treg_suppression"))


OWN_CELLS = Killers()


@dataclass(frozen=True, slots=True, kw_only=True)
class SaturatingKill:
    r"""Kill that saturates in effectors and thins out over many targets (after Chaudhury 2020).

    .. math::

        \kappa(E, \psi) &= k_0 (h + 1) \frac{E \, \psi}{h + E + B / B_h} \\
        \frac{d \ln S}{dt} &\mathrel{-}= \kappa(E, \psi_T \, (1 - s)) - \kappa(1, 1 - u)

    E are the effectors in the marrow relative to baseline, :math:`\psi_T = (\rho + 1) / (\rho + T)` the
    suppression by Treg T in the marrow, s and u the suppression by reactive oxygen with and without histamine.
    """

    cells: Killers = OWN_CELLS
    baseline_immune_kill: Parameter = BASELINE
    marrow_translation: Parameter = TRANSLATION
    cd8_share: Parameter = CD8_SHARE
    treg_half_suppression: Parameter = TREG_HALF
    bulk_susceptibility: Parameter = BULK_SUSCEPTIBILITY
    effector_half_saturation: Parameter = Parameter(
        value=10.0,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        source=assumed("no source: kill must level off somewhere above the counts that were studied"),
        meaning="effectors, relative to baseline, at half of the greatest kill",
    )
    crowded_burden: Parameter = Parameter(
        value=1e10,
        unit="cell",
        between_patients=0.0,
        uncertainty=1.5,
        source=assumed("about as many as the body's NK cells: 1e9 in 5 L of blood, taken as a tenth of all"),
        meaning="burden that adds one baseline's worth of effectors to the half-saturation",
    )

    def piece(self) -> Piece:
        """Return the kill and what it takes from both cell pools."""
        half = symbol("effector_half_saturation")
        thinning = symbol("leukaemia_burden") / symbol("crowded_burden")

        def per_effector(effectors: sympy.Expr) -> sympy.Expr:
            return symbol("baseline_immune_kill") * (half + 1) / (half + effectors + thinning)

        marrow = symbol("marrow_effectors")
        return _kill(self.cells, now=per_effector(marrow) * marrow, before=per_effector(sympy.S.One))


@dataclass(frozen=True, slots=True, kw_only=True)
class MassActionKill:
    r"""Kill in proportion to effectors, however many there are of either side.

    .. math:: \kappa(E, \psi) = k_0 \, E \, \psi
    """

    cells: Killers = OWN_CELLS
    baseline_immune_kill: Parameter = BASELINE
    marrow_translation: Parameter = TRANSLATION
    cd8_share: Parameter = CD8_SHARE
    treg_half_suppression: Parameter = TREG_HALF
    bulk_susceptibility: Parameter = BULK_SUSCEPTIBILITY

    def piece(self) -> Piece:
        """Return the kill and what it takes from both cell pools."""
        rate = symbol("baseline_immune_kill")
        return _kill(self.cells, now=rate * symbol("marrow_effectors"), before=rate)


KillLaw = SaturatingKill | MassActionKill


def _kill(cells: Killers, *, now: sympy.Expr, before: sympy.Expr) -> Piece:
    excess = (1 - symbol("cured")) * (symbol("immune_kill_rate") - symbol("immune_kill_rate_at_baseline"))
    return Piece(
        definitions=(
            *_effectors(cells),
            Definition(
                name="immune_kill_rate",
                unit="1/day",
                expression=now * symbol("treg_factor") * (1 - symbol("ros_suppression")),
                meaning="kill of stem-like leukaemic cells by NK and CD8 cells",
            ),
            Definition(
                name="immune_kill_rate_at_baseline",
                unit="1/day",
                expression=before * (1 - symbol("ros_unrelieved")),
                meaning="the same kill if the immune system were as at randomisation",
            ),
        ),
        terms=(
            Term(state="log_leukaemia_stem", name="immune kill of stem-like cells over baseline", rate=-excess),
            Term(
                state="log_leukaemia_bulk",
                name="immune kill of bulk cells over baseline",
                rate=-symbol("bulk_susceptibility") * excess,
            ),
        ),
    )


def _effectors(cells: Killers) -> tuple[Definition, ...]:
    share, half, reach = symbol("cd8_share"), symbol("treg_half_suppression"), symbol("marrow_translation")
    blood = (1 - share) * cells.nk + share * cells.cd8
    return (
        Definition(
            name="marrow_effectors",
            unit="1",
            expression=1 + reach * (blood - 1),
            meaning="NK and CD8 killing capacity in the marrow, relative to baseline",
        ),
        Definition(
            name="marrow_treg",
            unit="1",
            expression=1 + reach * (cells.treg - 1),
            meaning="Treg in the marrow, relative to baseline",
        ),
        Definition(
            name="treg_factor",
            unit="1",
            expression=(half + 1) / (half + symbol("marrow_treg")),
            meaning="kill under the present Treg relative to that under those at baseline",
        ),
    )
