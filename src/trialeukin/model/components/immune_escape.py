"""Escape of acute leukaemia from donor cells: a clone that they no longer recognise takes over."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.components.death_in_remission import hazard_threshold
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Event, State, Switch, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmuneEscape:
    r"""A constant hazard in acute leukaemia and blast phase while any leukaemic cell is left; none in chronic CML.

    .. math:: \frac{dH}{dt} = \lambda \, (1 - \text{cured}) \, \text{acute}

    At its event the kill of leukaemia by donor cells ends (``escaped``), that of host marrow does not. Without it
    remissions of acute leukaemia would last like those of CML; of AML, 23 % were disease-free a year on (Porter 2000).
    """

    escape_rate_acute: Parameter = fitted("donor_lymphocytes", "escape_rate_acute")
    escape_threshold: Parameter = hazard_threshold("cumulative hazard at escape from donor cells")

    def piece(self) -> Piece:
        """Return the cumulative hazard, the switch and the escape."""
        total = State(
            name="cumulative_hazard_of_escape",
            unit="1",
            initial=sympy.S.Zero,
            size=0.1,
            meaning="cumulative hazard of escape from donor cells",
        )
        acute = symbol("blast_phase") + symbol("aml") + symbol("lymphoblastic")
        return Piece(
            states=(total,),
            switches=(Switch(name="escaped", initial=0.0, meaning="one once donor cells no longer kill, else zero"),),
            terms=(
                Term(
                    state=total.name,
                    name="hazard of escape",
                    rate=symbol("escape_rate_acute") * (1 - symbol("cured")) * acute,
                ),
            ),
            events=(
                Event(
                    name="escape",
                    trigger=symbol(total.name) - symbol("escape_threshold"),
                    sets={"escaped": sympy.S.One},
                ),
            ),
        )
