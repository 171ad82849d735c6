"""Death after relapse, of which some patients are rescued for good."""

from dataclasses import dataclass, field

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.components.death_in_remission import hazard_threshold
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Event, State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathAfterRelapse:
    r"""A hazard that starts at relapse and fades as those who will die have died.

    .. math:: \frac{dH}{dt} = \text{relapsed} \, h_0 \left(1 - \frac{H}{-\ln \sigma}\right)

    so that survival after relapse falls at first with rate :math:`h_0` and levels off at the
    fraction :math:`\sigma` whom further treatment, transplantation included, rescues.

    ``with_disease``, an expression of switches, says who is at risk: who has relapsed, if not given.
    """

    with_disease: sympy.Expr = field(default_factory=lambda: symbol("relapsed"))

    death_after_relapse_rate: Parameter = fitted("control_arms", "death_after_relapse_rate")
    rescued_under_60: Parameter = fitted("control_arms", "rescued_under_60")
    rescued_from_60: Parameter = fitted("control_arms", "rescued_from_60")
    rescued_child: Parameter = fitted("control_arms", "rescued_child")
    death_after_relapse_threshold: Parameter = hazard_threshold("cumulative hazard at death after relapse")

    def piece(self) -> Piece:
        """Return the cumulative hazard and the death."""
        old, child = symbol("from_60"), symbol("child")
        rescued = (
            old * symbol("rescued_from_60")
            + child * symbol("rescued_child")
            + (1 - old - child) * symbol("rescued_under_60")
        )
        total = State(
            name="cumulative_hazard_after_relapse",
            unit="1",
            initial=sympy.S.Zero,
            size=1.0,
            meaning="cumulative hazard of death after relapse",
        )
        fading = 1 + symbol(total.name) / sympy.log(symbol("rescued_after_relapse"))
        return Piece(
            states=(total,),
            definitions=(
                Definition(
                    name="rescued_after_relapse",
                    unit="1",
                    expression=rescued,
                    meaning="fraction who survive relapse for good",
                ),
            ),
            terms=(
                Term(
                    state=total.name,
                    name="hazard of death after relapse",
                    rate=self.with_disease * symbol("death_after_relapse_rate") * fading,
                ),
            ),
            events=(
                Event(
                    name="death_after_relapse",
                    trigger=symbol(total.name) - symbol("death_after_relapse_threshold"),
                    sets={},
                    ends=True,
                ),
            ),
        )
