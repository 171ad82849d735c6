"""Daunorubicin in plasma."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.system import Definition, Input, State, Term, symbol
from trialeukin.regimen.administration import INTRAVENOUS


@dataclass(frozen=True, slots=True, kw_only=True)
class DaunorubicinDisposition:
    r"""Two compartments, linear (Bogason 2011: 40 patients with AML, 60 mg/m2 over 1 h on days 1 to 3).

    .. math::

        \frac{dA_1}{dt} &= \text{doses} - \frac{CL}{V_1} A_1 - Q (C - C_2), \qquad C = A_1 / V_1 \\
        \frac{dA_2}{dt} &= Q (C - C_2), \qquad C_2 = A_2 / V_2, \qquad \frac{dAUC}{dt} = C

    None of the four depends on body surface, which was tried there; the dose does. Two things of that work are
    left out: white cells at diagnosis, which move the central volume, and the correlation of 0.65 between clearance
    and central volume. Neither moves the area under the concentration, on which the kill rests. The metabolite
    daunorubicinol is not followed.
    """

    daunorubicin_clearance: Parameter = Parameter(
        value=114.0,
        unit="L/hour",
        between_patients=0.48,
        uncertainty=0.1,
        source=Source("bogason2011", "table 2: CV 51 %; uncertainty assumed, about 0.5 over the root of 40 patients"),
        meaning="clearance of daunorubicin",
    )
    daunorubicin_central_volume: Parameter = Parameter(
        value=412.0,
        unit="L",
        between_patients=0.94,
        uncertainty=0.15,
        source=Source("bogason2011", "table 2: CV 120 %; uncertainty assumed as for clearance"),
        meaning="volume that a dose of daunorubicin meets",
    )
    daunorubicin_exchange: Parameter = Parameter(
        value=254.0,
        unit="L/hour",
        between_patients=0.0,
        uncertainty=0.2,
        source=Source("bogason2011", "table 2; uncertainty assumed"),
        meaning="exchange of daunorubicin between plasma and tissue",
    )
    daunorubicin_tissue_volume: Parameter = Parameter(
        value=1120.0,
        unit="L",
        between_patients=0.0,
        uncertainty=0.2,
        source=Source("bogason2011", "table 2; uncertainty assumed"),
        meaning="volume of the tissue that daunorubicin goes to",
    )

    def piece(self) -> Piece:
        """Return both compartments, the concentration and its integral."""
        concentration = symbol("daunorubicin_concentration")
        tissue = symbol("daunorubicin_tissue") / symbol("daunorubicin_tissue_volume")
        out = symbol("daunorubicin_exchange") * (concentration - tissue)
        return Piece(
            states=(
                _zero("daunorubicin_central", "umol", 10.0, "daunorubicin in plasma"),
                _zero("daunorubicin_tissue", "umol", 10.0, "daunorubicin in tissue"),
                _zero("daunorubicin_auc", "umol/L*day", 0.1, "area under the concentration of daunorubicin so far"),
            ),
            terms=(
                Term(
                    state="daunorubicin_central",
                    name="clearance of daunorubicin",
                    rate=-symbol("daunorubicin_clearance") * concentration,
                ),
                Term(state="daunorubicin_central", name="exchange with tissue", rate=-out),
                Term(state="daunorubicin_tissue", name="exchange with plasma", rate=out),
                Term(state="daunorubicin_auc", name="exposure", rate=concentration),
            ),
            definitions=(
                Definition(
                    name="daunorubicin_concentration",
                    unit="umol/L",
                    expression=symbol("daunorubicin_central") / symbol("daunorubicin_central_volume"),
                    meaning="concentration of daunorubicin in plasma",
                ),
            ),
            inputs=(Input(drug="daunorubicin", routes=INTRAVENOUS, state="daunorubicin_central"),),
        )


def _zero(name: str, unit: str, size: float, meaning: str) -> State:
    return State(name=name, unit=unit, initial=sympy.S.Zero, size=size, meaning=meaning)
