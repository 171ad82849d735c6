"""NK cells: progenitors in the marrow, CD56bright and CD56dim cells, and their activation."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.home import Home, at_rest
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, State, Term, symbol

NK_BASELINE = Parameter(
    value=217.0,
    unit="cell/uL",
    between_patients=0.58,
    uncertainty=0.3,
    source=Source(
        "zhang2007",
        "production 15e6 cells/L a day over loss 0.069/d; spread from the limits 40 to 390 of Koster 2023",
    ),
    meaning="NK cells in blood without drug",
)
BRIGHT_SHARE = Parameter(
    value=0.1,
    unit="1",
    between_patients=0.0,
    uncertainty=0.3,
    scale=Scale.LOGIT,
    source=assumed("about a tenth of blood NK cells are CD56bright; no count is at hand"),
    meaning="CD56bright share of NK cells without drug",
)
FULL_MARROW = Parameter(
    value=1.0,
    unit="1",
    between_patients=0.0,
    uncertainty=0.0,
    scale=Scale.LINEAR,
    source=assumed("by definition: the marrow of patients without leukaemia, on whom the gain was fitted"),
    meaning="gain of NK progenitors under IL-2 relative to patients without leukaemia",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nk:
    r"""IL-2 drives progenitors P into CD56bright cells B, keeps these alive and lets dim cells D divide.

    .. math::

        \frac{dP}{dt} &= k_P (1 + m e \, s_P - P) \\
        \frac{dB}{dt} &= k_B \left(B_s P \, r - \frac{B}{1 + a s_B r}\right) \\
        \frac{dD}{dt} &= k_D D_s \left(1 - f + f \frac{B}{B_s}\right)
                        + p \, s_A D \, r - \frac{k_D D}{1 + a s_B r} \\
        \frac{dA}{dt} &= k_A (s_A - A), \qquad s_j = \frac{C}{EC_j + C}, \qquad
        r = \frac{1 + c}{(B + D) / N_0 + c}

    Differentiation of progenitors and delayed death, not division, make the rise at low dose (Fehniger
    2000). Off drug bright cells are lost at :math:`k_B`, fast enough to be back between courses. A
    marrow after chemotherapy for AML has the lower gain m. The room r keeps long infusions within what
    has been seen: NK cells compete for what else they need.

    ``home`` says where the cells start and tend to, :math:`B_s + D_s`, which is the baseline :math:`N_0` in a patient
    at rest, and the share of the gain m that the marrow has.
    ``il2_felt_by_bright`` (and progenitors) and ``il2_felt_by_dim`` name the concentrations C that act.
    """

    il2_felt_by_bright: str = "il2_concentration"
    il2_felt_by_dim: str = "il2_concentration"
    home: Home = at_rest("nk")
    nk_baseline: Parameter = NK_BASELINE
    nk_bright_share: Parameter = BRIGHT_SHARE
    nk_progenitor_rate: Parameter = Parameter(
        value=0.15,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.4,
        source=Source("zhang2007", "label peaks in blood after 10 days; 6.7 days of them assumed in marrow"),
        meaning="turnover of NK progenitors",
    )
    nk_progenitor_gain: Parameter = fitted("immune", "nk_progenitor_gain")
    nk_progenitor_half_signal: Parameter = fitted("immune", "nk_progenitor_half_signal")
    marrow_gain: Parameter = FULL_MARROW
    nk_bright_loss: Parameter = fitted("immune", "nk_bright_loss")
    nk_bright_half_signal: Parameter = Parameter(
        value=25.0,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=0.4,
        source=Source("nagler1990", "CD16- NK cells bind IL-2 with 25 pM"),
        meaning="IL-2 at half signal of CD56bright NK cells",
    )
    nk_survival_gain: Parameter = fitted("immune", "nk_survival_gain")
    nk_dim_loss: Parameter = Parameter(
        value=0.069,
        unit="1/day",
        between_patients=0.2,
        uncertainty=0.3,
        source=Source("zhang2007", "loss 0.069/d (0.029 to 0.109); elderly divide at 0.025 instead of 0.043/d"),
        meaning="loss of CD56dim NK cells without drug",
    )
    nk_maturation_share: Parameter = fitted("immune", "nk_maturation_share")
    nk_division: Parameter = fitted("immune", "nk_division")
    nk_cap: Parameter = Parameter(
        value=40.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.4,
        source=Source("soiffer1992", "NK cells rose 5 to 40 times in 13 patients; the largest rise seen"),
        meaning="NK cells, relative to baseline, that leave about half of the room for more",
    )
    nk_activation_half_signal: Parameter = Parameter(
        value=175.0,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=0.8,
        source=Source("farhat2021", "pSTAT5 of NK cells after 4 h, 173 and 179 pM; 1,420 to 1,690 within an hour"),
        meaning="IL-2 at half signal of intermediate-affinity receptors of NK cells",
    )
    nk_activation_rate: Parameter = Parameter(
        value=1.0,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed("lymphokine-activated killing arises within days"),
        meaning="rise and fall of the activation of NK cells",
    )
    nk_activation_gain: Parameter = fitted("immune", "nk_activation_gain")

    def piece(self) -> Piece:
        """Return progenitors, both kinds of cells, activation and killing."""
        terms = _terms(self.il2_felt_by_bright, self.il2_felt_by_dim, self.home)
        return Piece(states=_states(self.home.start), terms=terms, definitions=_definitions())


def _states(start: sympy.Expr) -> tuple[State, ...]:
    share = symbol("nk_bright_share")
    return (
        State(
            name="nk_progenitor",
            unit="1",
            initial=sympy.S.One,
            size=1.0,
            meaning="NK progenitors in the marrow, relative to baseline",
        ),
        State(
            name="nk_bright",
            unit="cell/uL",
            initial=share * start,
            size=20.0,
            meaning="CD56bright NK cells in a volume of blood, were none marginated",
        ),
        State(
            name="nk_dim",
            unit="cell/uL",
            initial=(1 - share) * start,
            size=200.0,
            meaning="CD56dim NK cells in a volume of blood, were none marginated",
        ),
        State(
            name="nk_activation",
            unit="1",
            initial=sympy.S.Zero,
            size=0.1,
            meaning="recent signal of intermediate-affinity receptors, share of the greatest",
        ),
    )


def _signal(name: str, felt: str) -> sympy.Expr:
    return symbol(felt) / (symbol(name) + symbol(felt))


def _terms(bright_feel: str, dim_feel: str, home: Home) -> tuple[Term, ...]:
    progenitor, bright, dim = symbol("nk_progenitor"), symbol("nk_bright"), symbol("nk_dim")
    share, baseline = symbol("nk_maturation_share"), symbol("nk_baseline")
    bright_home = symbol("nk_bright_share") * home.set_point
    dim_home = home.set_point - bright_home
    room = (1 + symbol("nk_cap")) / ((bright + dim) / baseline + symbol("nk_cap"))
    longer = 1 + symbol("nk_survival_gain") * _signal("nk_bright_half_signal", bright_feel) * room
    gain = (
        home.response
        * symbol("marrow_gain")
        * symbol("nk_progenitor_gain")
        * _signal("nk_progenitor_half_signal", bright_feel)
    )
    loss = symbol("nk_dim_loss")
    rising = _signal("nk_activation_half_signal", dim_feel)
    return (
        Term(
            state="nk_progenitor",
            name="turnover of progenitors",
            rate=symbol("nk_progenitor_rate") * (1 + gain - progenitor),
        ),
        Term(
            state="nk_bright",
            name="differentiation into bright cells",
            rate=symbol("nk_bright_loss") * bright_home * progenitor * room,
        ),
        Term(state="nk_bright", name="loss of bright cells", rate=-symbol("nk_bright_loss") * bright / longer),
        Term(
            state="nk_dim",
            name="supply of dim cells",
            rate=loss * dim_home * (1 - share + share * bright / bright_home),
        ),
        Term(state="nk_dim", name="division of dim cells", rate=symbol("nk_division") * rising * dim * room),
        Term(state="nk_dim", name="loss of dim cells", rate=-loss * dim / longer),
        Term(
            state="nk_activation",
            name="activation",
            rate=symbol("nk_activation_rate") * (rising - symbol("nk_activation")),
        ),
    )


def _definitions() -> tuple[Definition, ...]:
    cells = symbol("nk_bright") + symbol("nk_dim")
    activated = 1 + symbol("nk_activation_gain") * symbol("nk_activation")
    return (
        Definition(
            name="nk_killing",
            unit="1",
            expression=cells / symbol("nk_baseline") * activated,
            meaning="killing capacity of NK cells relative to baseline: number times activation",
        ),
    )
