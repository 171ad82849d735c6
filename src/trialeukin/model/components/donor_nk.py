"""Haploidentical NK cells that are infused: they spread, divide, are lost and rejected, and kill."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.system import Definition, Input, State, Term, symbol
from trialeukin.regimen.administration import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class DonorNk:
    r"""Donor NK cells C in the body, which feel IL-2 by the law of the host's CD56dim cells.

    .. math::

        \frac{dC}{dt} = \text{dose} + \Bigl[\bigl(e \, (1 - h) + p \, s_A\bigr) \, r \, \phi
                        - \frac{k_D}{1 + a \, s_B r} - j \, h \Bigr] C, \qquad
        \phi = \frac{\theta + 1}{\theta + T}

    h are the host's lymphocytes and T its Treg (`trialeukin.model.components.lymphodepletion`): what is missing of the
    former drives expansion e, what is back rejects with rate j, and Treg compete for what NK cells divide on.
    :math:`p, s_A, k_D, a, s_B` are those of `trialeukin.model.components.nk`, with the room r counted with donor cells.
    No source measures e, j or :math:`\theta`: they are wide, and nothing is fitted to counts or remissions after NK
    cells.
    """

    donor_nk_expansion: Parameter = Parameter(
        value=0.15,
        unit="1/day",
        between_patients=0.7,
        uncertainty=1.0,
        source=assumed("no source gives it: from hardly any to a doubling every two days without host lymphocytes"),
        meaning="division of donor NK cells in a host without lymphocytes, beside that under IL-2",
    )
    donor_nk_rejection: Parameter = Parameter(
        value=0.3,
        unit="1/day",
        between_patients=0.7,
        uncertainty=1.0,
        source=assumed("no source gives it: mismatched cells are lost within days to weeks once T cells are back"),
        meaning="loss of donor NK cells to a host with all its lymphocytes",
    )
    treg_half_expansion: Parameter = Parameter(
        value=3.0,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        source=assumed(
            "Treg cultured with NK cells keep these from dividing by competition for IL-2 (Bachanova 2014, abstract), "
            "a direction without a constant; taken as wide as that of the kill"
        ),
        meaning="Treg, relative to baseline, that halve the division of donor NK cells",
    )
    donor_nk_potency: Parameter = Parameter(
        value=1.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed(
            "mismatch of KIR ligands helped in haploidentical grafts (Ruggeri 2002 and 2007) and did not in 2,222 "
            "matched ones: as potent as the host's, within a factor of four"
        ),
        meaning="kill of a donor NK cell relative to one of the host",
    )
    nk_blood_share: Parameter = Parameter(
        value=0.05,
        unit="1",
        between_patients=0.3,
        uncertainty=0.7,
        scale=Scale.LOGIT,
        source=assumed("as for the host's: the body has about 20 times the NK cells of the blood"),
        meaning="share of NK cells that is in blood",
    )
    nk_blood_volume: Parameter = Parameter(
        value=5.0,
        unit="L",
        between_patients=0.15,
        uncertainty=0.0,
        source=assumed("an adult; doses are per kg, so that a child's count is understated by the ratio of weights"),
        meaning="blood in which donor NK cells are counted",
    )

    def piece(self) -> Piece:
        """Return the donor cells, what of them is seen, and how they kill."""
        cells = State(
            name="donor_nk_cells",
            unit="cell",
            initial=sympy.S.Zero,
            size=1e9,
            meaning="donor NK cells in the body",
        )
        counted = symbol(cells.name) * symbol("nk_blood_share") / symbol("nk_blood_volume")
        activated = 1 + symbol("nk_activation_gain") * symbol("nk_activation")
        relative = symbol("donor_nk") / symbol("nk_baseline")
        return Piece(
            states=(cells,),
            terms=_terms(cells.name),
            definitions=(
                Definition(
                    name="donor_nk", unit="cell/uL", expression=counted, meaning="donor NK cells in a volume of blood"
                ),
                Definition(
                    name="donor_nk_killing",
                    unit="1",
                    expression=symbol("donor_nk_potency") * relative * activated,
                    meaning="killing capacity of donor NK cells relative to that of the host's at baseline",
                ),
            ),
            inputs=(
                Input(drug="haploidentical NK cells", routes=(Route.IV_BOLUS, Route.IV_INFUSION), state=cells.name),
            ),
        )


def _terms(cells: str) -> tuple[Term, ...]:
    amount, host = symbol(cells), symbol("host_lymphocytes")
    all_nk = symbol("nk_bright") + symbol("nk_dim") + symbol("donor_nk")
    room = (1 + symbol("nk_cap")) / (all_nk / symbol("nk_baseline") + symbol("nk_cap"))
    concentration = symbol("il2_concentration")
    activating = concentration / (symbol("nk_activation_half_signal") + concentration)
    surviving = concentration / (symbol("nk_bright_half_signal") + concentration)
    half = symbol("treg_half_expansion")
    free = (half + 1) / (half + symbol("host_treg"))
    dividing = symbol("donor_nk_expansion") * (1 - host) + symbol("nk_division") * activating
    longer = 1 + symbol("nk_survival_gain") * surviving * room
    return (
        Term(state=cells, name="division of donor NK cells", rate=dividing * room * free * amount),
        Term(state=cells, name="loss of donor NK cells", rate=-symbol("nk_dim_loss") / longer * amount),
        Term(state=cells, name="rejection by the host", rate=-symbol("donor_nk_rejection") * host * amount),
    )
