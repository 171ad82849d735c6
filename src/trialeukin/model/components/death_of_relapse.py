"""Death of leukaemia that has relapsed after a transplant, while it is not in haematological remission."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.death_in_remission import hazard_threshold
from trialeukin.model.components.graft_versus_leukaemia import by_disease
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Event, State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathOfRelapse:
    r"""A hazard of each disease that acts as far as the disease is active.

    .. math:: \frac{dH}{dt} = h_\text{disease} \frac{B}{B + B_\text{haematological}}

    ALL is given the rate that AML has after relapse from chemotherapy. Deaths of other causes than leukaemia
    and GVHD are left out: no source of this project separates them.
    """

    death_rate_chronic: Parameter = Parameter(
        value=0.071,
        unit="1/year",
        between_patients=0.0,
        uncertainty=0.3,
        source=Source(
            "kluin1998",
            "86.8 % alive at 2 years in chronic phase (51.8 % at 5, by when few are still awaiting a response)",
        ),
        meaning="hazard of death in active chronic phase",
    )
    death_rate_blast_phase: Parameter = Parameter(
        value=0.0038,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.3,
        source=Source("mdanderson2012", "median survival in blast phase 6 months"),
        meaning="hazard of death in active blast phase",
    )
    death_after_relapse_rate: Parameter = fitted("control_arms", "death_after_relapse_rate")
    death_of_relapse_threshold: Parameter = hazard_threshold("cumulative hazard at death of leukaemia")

    def piece(self) -> Piece:
        """Return the cumulative hazard and the death."""
        acute = symbol("death_after_relapse_rate")
        hazard = by_disease(symbol("death_rate_chronic"), symbol("death_rate_blast_phase"), acute, acute)
        share = symbol("marrow_blast_fraction")
        total = State(
            name="cumulative_hazard_of_relapse",
            unit="1",
            initial=sympy.S.Zero,
            size=0.1,
            meaning="cumulative hazard of death of leukaemia",
        )
        return Piece(
            states=(total,),
            terms=(
                Term(
                    state=total.name,
                    name="hazard of death of leukaemia",
                    rate=hazard * share / (share + symbol("haematological_limit")),
                ),
            ),
            events=(
                Event(
                    name="death_of_leukaemia",
                    trigger=symbol(total.name) - symbol("death_of_relapse_threshold"),
                    sets={},
                    ends=True,
                ),
            ),
        )
