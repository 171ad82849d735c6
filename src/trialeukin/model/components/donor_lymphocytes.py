"""Infused donor T cells: recruitment by antigen, programmed expansion, contraction and memory."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import covariate
from trialeukin.model.components.immune_kill import TREG_HALF
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Input, State, Term, symbol
from trialeukin.regimen.administration import Route

TABLE = "donor_lymphocytes"
ROUTES = (Route.IV_BOLUS, Route.IV_INFUSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class DonorLymphocytes:
    r"""Donor T cells I wait, a few react, and each of these runs one programme of expansion.

    .. math::

        \frac{dI}{dt} &= \text{infusions} - (a + d) I \\
        \frac{dX}{dt} &= f \, a \, A \, I - X / \tau, \qquad A = h + (1 - h) \frac{B}{h_A + B} \\
        \frac{dE}{dt} &= F X / \tau - c E, \qquad \frac{dM}{dt} = m \, c \, E - \mu M

    I are all infused CD3 cells that have not been called up; of those called up (rate a), the fraction f can
    react to the leukaemia and a share A meets its antigen, which the burden B and the host's other cells (h) show;
    the rest become anergic. A reactive cell divides without further antigen for a time :math:`\tau` into F effectors
    (a programme; growth in proportion to antigen would make the response independent of the dose). Effectors
    contract at rate c, the fraction m of them into memory cells.

    IL-2 in plasma C and Treg T, relative to baseline, change the programme:

    .. math:: F = F_0 \left(1 + \epsilon \frac{C}{K + C}\right) \frac{\rho + 1}{\rho + T}

    Two symmetries: kill depends on f and F only through f F / h_E, and on crowding only through h_E / theta
    (`trialeukin.model.components.graft_versus_leukaemia`). F and h_E are therefore fixed by convention, and f and
    the crowded burden carry what is identified. The hazard of GVHD is per effectors on the same scale
    (`trialeukin.model.components.graft_versus_host`).
    """

    body_weight: Parameter = covariate("body weight", value=70.0, unit="kg")
    unrelated_donor: Parameter = covariate("one with an unrelated donor, else zero")
    reactive_fraction: Parameter = fitted(TABLE, "reactive_fraction")
    reactive_unrelated_shift: Parameter = fitted(TABLE, "reactive_unrelated_shift")
    donor_recruitment: Parameter = fitted(TABLE, "donor_recruitment")
    donor_loss: Parameter = Parameter(
        value=0.003,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed("resting T cells live for months to years; recruitment, which is fitted, dominates"),
        meaning="loss of infused donor cells that were never called up",
    )
    antigen_half_burden: Parameter = Parameter(
        value=1e8,
        unit="cell",
        between_patients=0.0,
        uncertainty=1.5,
        source=assumed("no source: recruitment must fail somewhere between PCR negativity (1e6) and overt disease"),
        meaning="leukaemic cells that show half of the antigen that can be shown",
    )
    host_antigen: Parameter = Parameter(
        value=0.1,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        scale=Scale.LOGIT,
        source=assumed("no source: normal host cells show some of the antigens when no leukaemia is left"),
        meaning="share of recruitment that needs no leukaemic cell",
    )
    expansion_fold: Parameter = Parameter(
        value=3900.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.0,
        source=Source("stein2019", "fold expansion of CAR-T cells; a convention: only f F / h_E is identified"),
        meaning="effectors that one reactive cell becomes",
    )
    expansion_time: Parameter = Parameter(
        value=9.3,
        unit="day",
        between_patients=0.0,
        uncertainty=0.38,
        source=Source("stein2019", "time of the peak of CAR-T cells; no such measurement after DLI is at hand"),
        meaning="mean duration of the programme of expansion",
    )
    donor_contraction: Parameter = fitted(TABLE, "donor_contraction")
    donor_memory_share: Parameter = Parameter(
        value=0.0079,
        unit="1",
        between_patients=0.0,
        uncertainty=0.8,
        scale=Scale.LOGIT,
        source=Source("stein2019", "fraction of CAR-T cells that persist; no such measurement after DLI is at hand"),
        meaning="share of contracting effectors that become memory cells",
    )
    donor_memory_loss: Parameter = Parameter(
        value=0.0032,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.86,
        source=Source("stein2019", "terminal decline of CAR-T cells; no such measurement after DLI is at hand"),
        meaning="loss of memory cells",
    )
    expansion_gain_of_il2: Parameter = Parameter(
        value=1.0,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        source=assumed("Slavin 1996 and Inamoto 2011 have no arm without IL-2: neither sign nor size is measured"),
        meaning="greatest relative gain of the expansion by IL-2",
    )
    expansion_half_signal: Parameter = Parameter(
        value=680.0,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=0.7,
        source=Source("farhat2021", "pSTAT5 of CD8 cells after 4 h, 350 and 1,340 pM in two replicates"),
        meaning="IL-2 at half of the gain",
    )
    treg_half_suppression: Parameter = TREG_HALF

    def piece(self) -> Piece:
        """Return the four pools, the programme and the killers."""
        called = symbol("donor_recruitment") * symbol("donor_inactive")
        reactive = symbol("reactive_fraction") * sympy.exp(
            symbol("reactive_unrelated_shift") * symbol("unrelated_donor")
        )
        leaving = symbol("donor_expanding") / symbol("expansion_time")
        contracting = symbol("donor_contraction") * symbol("donor_effector")
        return Piece(
            states=(
                _cells("donor_inactive", "infused donor CD3 cells that were not called up", 1e9),
                _cells("donor_expanding", "leukaemia-reactive donor cells that begin to divide", 1e3),
                _cells("donor_effector", "effector cells of donor origin", 1e6),
                _cells("donor_memory", "memory cells of donor origin", 1e4),
            ),
            terms=(
                Term(state="donor_inactive", name="recruitment of donor cells", rate=-called),
                Term(
                    state="donor_inactive",
                    name="loss of donor cells",
                    rate=-symbol("donor_loss") * symbol("donor_inactive"),
                ),
                Term(
                    state="donor_expanding",
                    name="activation of reactive cells",
                    rate=reactive * symbol("donor_antigen") * called,
                ),
                Term(state="donor_expanding", name="end of the programme", rate=-leaving),
                Term(state="donor_effector", name="programmed expansion", rate=symbol("donor_expansion") * leaving),
                Term(state="donor_effector", name="contraction", rate=-contracting),
                Term(state="donor_memory", name="memory", rate=symbol("donor_memory_share") * contracting),
                Term(
                    state="donor_memory",
                    name="loss of memory cells",
                    rate=-symbol("donor_memory_loss") * symbol("donor_memory"),
                ),
            ),
            definitions=_definitions(),
            inputs=(Input(drug="donor lymphocytes", routes=ROUTES, state="donor_inactive"),),
        )


def _cells(name: str, meaning: str, size: float) -> State:
    return State(name=name, unit="cell", initial=sympy.S.Zero, size=size, meaning=meaning)


def _definitions() -> tuple[Definition, ...]:
    burden, host, half = symbol("leukaemia_burden"), symbol("host_antigen"), symbol("treg_half_suppression")
    il2 = symbol("il2_concentration")
    gain = 1 + symbol("expansion_gain_of_il2") * il2 / (symbol("expansion_half_signal") + il2)
    return (
        Definition(
            name="donor_antigen",
            unit="1",
            expression=host + (1 - host) * burden / (symbol("antigen_half_burden") + burden),
            meaning="share of the antigen that can be shown to donor cells",
        ),
        Definition(
            name="relative_expansion",
            unit="1",
            expression=gain * (half + 1) / (half + symbol("treg_suppression")),
            meaning="expansion under the present IL-2 and Treg relative to that without drug",
        ),
        Definition(
            name="donor_expansion",
            unit="1",
            expression=symbol("expansion_fold") * symbol("relative_expansion"),
            meaning="effectors that one reactive cell becomes now",
        ),
        Definition(
            name="donor_killers",
            unit="cell",
            expression=symbol("donor_effector") + symbol("donor_memory"),
            meaning="donor cells that kill leukaemia and host marrow",
        ),
    )
