"""IL-2 in plasma and tissue: two compartments and linear clearance."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import BODY_SURFACE
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Input, State, Term, symbol
from trialeukin.regimen.administration import Route

IL2_DRUGS = ("aldesleukin", "teceleukin", "RU 49637")
"""Products that follow aldesleukin's kinetics here; nothing else is known of the other two."""

DERIVED = Source("konrad1990", "half-lives 12.9 and 85 min and clearance 122 mL/min of 1.54 L/m2, solved for the rates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Il2Disposition:
    r"""Two compartments; the kidney clears in proportion to the amount.

    .. math::

        \frac{dA_1}{dt} &= \text{doses} - \frac{CL}{V_1} A_1 - k_{12} A_1 + k_{21} A_2 \\
        \frac{dA_2}{dt} &= k_{12} A_1 - k_{21} A_2, \qquad
        C = \frac{A_1}{V_1}, \qquad \frac{dAUC}{dt} = C

    Volume and clearance grow with body surface, so that a dose per square metre gives everybody the
    same exposure. `trialeukin.model.components.receptor_clearance` brings the other clearance.
    """

    body_surface_area: Parameter = BODY_SURFACE
    il2_central_volume: Parameter = Parameter(
        value=1.54,
        unit="L/m^2",
        between_patients=0.3,
        uncertainty=0.15,
        source=Source(
            "konrad1990", "650 U/mL after a bolus of 1e6 U/m2; spreads assumed (Kamikawa 2008: 53 % in 4 patients)"
        ),
        meaning="volume that a bolus meets, a square metre of body surface",
    )
    il2_linear_clearance: Parameter = fitted("immune", "il2_linear_clearance")
    il2_distribution_rate: Parameter = Parameter(
        value=0.0079,
        unit="1/minute",
        between_patients=0.2,
        uncertainty=0.3,
        source=DERIVED,
        meaning="transfer of IL-2 from plasma to tissue",
    )
    il2_return_rate: Parameter = Parameter(
        value=0.00995,
        unit="1/minute",
        between_patients=0.2,
        uncertainty=0.3,
        source=DERIVED,
        meaning="transfer of IL-2 from tissue back to plasma",
    )

    def piece(self) -> Piece:
        """Return both compartments, the concentration and its integral."""
        central, peripheral = symbol("il2_central"), symbol("il2_peripheral")
        surface, concentration = symbol("body_surface_area"), symbol("il2_concentration")
        out, back = symbol("il2_distribution_rate") * central, symbol("il2_return_rate") * peripheral
        intravenous = (Route.IV_BOLUS, Route.IV_INFUSION, Route.CIV)
        return Piece(
            states=(
                _amount("il2_central", "IL-2 in plasma"),
                _amount("il2_peripheral", "IL-2 in tissue"),
                State(
                    name="il2_auc",
                    unit="pmol/L*day",
                    initial=sympy.S.Zero,
                    size=100.0,
                    meaning="area under the concentration of IL-2 so far",
                ),
            ),
            terms=(
                Term(
                    state="il2_central",
                    name="linear clearance",
                    rate=-symbol("il2_linear_clearance") * surface * concentration,
                ),
                Term(state="il2_central", name="distribution to tissue", rate=-out),
                Term(state="il2_central", name="return from tissue", rate=back),
                Term(state="il2_peripheral", name="distribution to tissue", rate=out),
                Term(state="il2_peripheral", name="return from tissue", rate=-back),
                Term(state="il2_auc", name="exposure", rate=concentration),
            ),
            definitions=(
                Definition(
                    name="il2_concentration",
                    unit="pmol/L",
                    expression=central / (symbol("il2_central_volume") * surface),
                    meaning="concentration of administered IL-2 in plasma",
                ),
            ),
            inputs=tuple(Input(drug=drug, routes=intravenous, state="il2_central") for drug in IL2_DRUGS),
        )


def _amount(name: str, meaning: str) -> State:
    return State(name=name, unit="pmol", initial=sympy.S.Zero, size=100.0, meaning=meaning)
