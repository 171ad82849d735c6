"""IL-2 from under the skin or from muscle into plasma."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.il2_disposition import IL2_DRUGS
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Input, State, Term, symbol
from trialeukin.regimen.administration import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Il2Absorption:
    r"""A depot and a transit compartment; what is not absorbed is lost before it enters.

    .. math::

        \frac{dD}{dt} = F \cdot \text{dose}(t - \ell) - 2 k_a D, \qquad
        \frac{dT}{dt} = 2 k_a D - k_a T, \qquad \frac{dA_1}{dt} \mathrel{+}= k_a T

    Absorption is slower than elimination, so the half-life of a subcutaneous dose is that of
    absorption. Muscle absorbs as skin does (Konrad 1990: both flat for about 8 h).
    """

    il2_absorption_rate: Parameter = Parameter(
        value=0.21,
        unit="1/hour",
        between_patients=0.27,
        uncertainty=0.12,
        source=Source("piscitelli1996", "elimination half-life 3.3 h, SD 0.9, after subcutaneous doses"),
        meaning="absorption of IL-2 from the transit compartment",
    )
    il2_absorption_lag: Parameter = Parameter(
        value=26.9,
        unit="minute",
        between_patients=0.48,
        uncertainty=0.12,
        source=Source("piscitelli1996", "absorption lag 26.9 min, SD 13.7"),
        meaning="delay of absorption",
    )
    il2_bioavailability_sc: Parameter = fitted("immune", "il2_bioavailability_sc")
    il2_bioavailability_im: Parameter = Parameter(
        value=0.30,
        unit="1",
        between_patients=0.3,
        uncertainty=0.3,
        scale=Scale.LOGIT,
        source=Source("konrad1990", "about 30 % of an intramuscular dose reaches blood; spreads assumed"),
        meaning="share of an intramuscular dose that reaches plasma",
    )

    def piece(self) -> Piece:
        """Return depot and transit compartment and the routes that enter there."""
        rate = symbol("il2_absorption_rate")
        leaving, arriving = 2 * rate * symbol("il2_depot"), rate * symbol("il2_transit")
        shares = {Route.SC: "il2_bioavailability_sc", Route.IM: "il2_bioavailability_im"}
        return Piece(
            states=(
                _amount("il2_depot", "IL-2 at the injection site that will be absorbed"),
                _amount("il2_transit", "IL-2 on its way from the injection site to plasma"),
            ),
            terms=(
                Term(state="il2_depot", name="leaving the injection site", rate=-leaving),
                Term(state="il2_transit", name="leaving the injection site", rate=leaving),
                Term(state="il2_transit", name="absorption", rate=-arriving),
                Term(state="il2_central", name="absorption", rate=arriving),
            ),
            inputs=tuple(
                Input(
                    drug=drug,
                    routes=(route,),
                    state="il2_depot",
                    bioavailability=symbol(share),
                    lag=symbol("il2_absorption_lag"),
                )
                for drug in IL2_DRUGS
                for route, share in shares.items()
            ),
        )


def _amount(name: str, meaning: str) -> State:
    return State(name=name, unit="pmol", initial=sympy.S.Zero, size=1000.0, meaning=meaning)
