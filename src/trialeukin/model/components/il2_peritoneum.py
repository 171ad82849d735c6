"""IL-2 from the peritoneal cavity into plasma."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.il2_disposition import IL2_DRUGS
from trialeukin.model.system import Input, State, Term, symbol
from trialeukin.regimen.administration import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Il2Peritoneum:
    r"""First-order loss from the cavity, of which a share reaches plasma.

    .. math:: \frac{dP}{dt} = F \cdot \text{dose} - k P, \qquad \frac{dA_1}{dt} \mathrel{+}= k P
    """

    il2_peritoneal_half_life: Parameter = Parameter(
        value=6.3,
        unit="hour",
        between_patients=0.3,
        uncertainty=0.3,
        source=Source("konrad1990", "median half-life after intraperitoneal infusion 6.3 h; spreads assumed"),
        meaning="half-life of IL-2 in the peritoneal cavity",
    )
    il2_bioavailability_ip: Parameter = Parameter(
        value=0.08,
        unit="1",
        between_patients=0.5,
        uncertainty=0.7,
        scale=Scale.LOGIT,
        source=assumed(
            "clearance / (volume x loss x share) is the ratio of fluid to serum, 430 (Konrad 1990), "
            "with 120 mL/min, 6.3 h and 2 L of fluid, of which the 2 L are a guess"
        ),
        meaning="share of an intraperitoneal dose that reaches plasma",
    )

    def piece(self) -> Piece:
        """Return the cavity and the route that enters there."""
        rate = sympy.log(2) / symbol("il2_peritoneal_half_life") * symbol("il2_cavity")
        share = symbol("il2_bioavailability_ip")
        return Piece(
            states=(
                State(
                    name="il2_cavity",
                    unit="pmol",
                    initial=sympy.S.Zero,
                    size=1000.0,
                    meaning="IL-2 in the peritoneal cavity that will reach plasma",
                ),
            ),
            terms=(
                Term(state="il2_cavity", name="leaving the peritoneal cavity", rate=-rate),
                Term(state="il2_central", name="uptake from the peritoneal cavity", rate=rate),
            ),
            inputs=tuple(
                Input(drug=drug, routes=(Route.IP,), state="il2_cavity", bioavailability=share) for drug in IL2_DRUGS
            ),
        )
