"""Cytarabine in plasma, and what cells make of it."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import BODY_SURFACE
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Input, State, Term, symbol
from trialeukin.regimen.administration import INTRAVENOUS


@dataclass(frozen=True, slots=True, kw_only=True)
class CytarabineDisposition:
    r"""Two compartments with a clearance that saturates, and the active triphosphate in cells.

    .. math::

        \frac{dA_1}{dt} &= \text{doses} - CL \frac{C_s}{C_s + C} C - q (C - C_2), \qquad C = A_1 / V_1 \\
        \frac{dA_2}{dt} &= q (C - C_2), \qquad C_2 = A_2 / V_2 \\
        \frac{da}{dt} &= k_a \left( \frac{C}{C_{50} + C} - a \right), \qquad \frac{dAUC}{dt} = C

    Clearance falls by high doses (134 L/h/m2 at 0.3 umol/L, 36 at 115 umol/L). Cells activate the drug no faster
    above some 8 umol/L in plasma (Plunkett 1987), so that a is the triphosphate relative to the most there can be.
    Its area over a course does not depend on how long cells keep it.
    """

    body_surface_area: Parameter = BODY_SURFACE
    cytarabine_clearance: Parameter = Parameter(
        value=125.0,
        unit="L/hour/m^2",
        between_patients=0.41,
        uncertainty=0.03,
        source=Source(
            "fleming1995",
            "abstract: steady state 0.30 (SD 0.13) umol/L at 200 mg/m2/day, 265 patients; the median of a log-normal",
        ),
        meaning="clearance of cytarabine at low concentrations, a square metre of body surface",
    )
    cytarabine_clearance_half_saturation: Parameter = Parameter(
        value=65.0,
        unit="umol/L",
        between_patients=0.0,
        uncertainty=0.35,
        source=Source(
            "capizzi1983",
            "abstract: 115 umol/L in 3-h infusions of 3 g/m2 gives 46; the middle of the range of 28 others "
            "(hdarac1997, abstract) gives 91; their geometric mean",
        ),
        meaning="cytarabine in plasma at which its clearance has halved",
    )
    cytarabine_central_volume: Parameter = Parameter(
        value=20.0,
        unit="L/m^2",
        between_patients=0.3,
        uncertainty=0.2,
        source=Source(
            "capizzi1983",
            "abstract: clearance 86 L/h times residence 0.47 h, 22.5 L/m2 in all, less the tissue; spreads assumed",
        ),
        meaning="volume that a dose of cytarabine meets, a square metre of body surface",
    )
    cytarabine_tissue_volume: Parameter = Parameter(
        value=2.5,
        unit="L/m^2",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed("a ninth of the volume at steady state; abstracts show the slow phase but not its share"),
        meaning="volume of the tissue that gives cytarabine back slowly",
    )
    cytarabine_return_rate: Parameter = Parameter(
        value=0.385,
        unit="1/hour",
        between_patients=0.0,
        uncertainty=0.3,
        source=Source("capizzi1983", "abstract: second half-life 1.8 h; the third, 6 h, is left out"),
        meaning="return of cytarabine from tissue",
    )
    cytarabine_half_activation: Parameter = fitted("chemotherapy", "cytarabine_half_activation")
    cytarabine_activation_loss: Parameter = Parameter(
        value=0.23,
        unit="1/hour",
        between_patients=0.0,
        uncertainty=0.4,
        source=assumed("cells keep the triphosphate for hours; the kill over a course does not depend on it"),
        meaning="loss of the active triphosphate from cells",
    )

    def piece(self) -> Piece:
        """Return both compartments, the area under the concentration and the triphosphate."""
        concentration, surface = symbol("cytarabine_concentration"), symbol("body_surface_area")
        half = symbol("cytarabine_clearance_half_saturation")
        cleared = symbol("cytarabine_clearance") * surface * half / (half + concentration) * concentration
        volume = symbol("cytarabine_tissue_volume") * surface
        back = symbol("cytarabine_return_rate") * (symbol("cytarabine_tissue") - volume * concentration)
        activation = symbol("cytarabine_activation")
        making = concentration / (symbol("cytarabine_half_activation") + concentration)
        return Piece(
            states=(
                _amount("cytarabine_central", "cytarabine in plasma"),
                _amount("cytarabine_tissue", "cytarabine in tissue"),
                _zero("cytarabine_auc", "umol/L*day", 1.0, "area under the concentration of cytarabine so far"),
                _zero("cytarabine_activation", "1", 0.1, "active triphosphate in cells, relative to the most there is"),
            ),
            terms=(
                Term(state="cytarabine_central", name="clearance of cytarabine", rate=-cleared),
                Term(state="cytarabine_central", name="exchange with tissue", rate=back),
                Term(state="cytarabine_tissue", name="exchange with plasma", rate=-back),
                Term(state="cytarabine_auc", name="exposure", rate=concentration),
                Term(
                    state="cytarabine_activation",
                    name="activation and loss",
                    rate=symbol("cytarabine_activation_loss") * (making - activation),
                ),
            ),
            definitions=(
                Definition(
                    name="cytarabine_concentration",
                    unit="umol/L",
                    expression=symbol("cytarabine_central") / (symbol("cytarabine_central_volume") * surface),
                    meaning="concentration of cytarabine in plasma",
                ),
            ),
            inputs=(Input(drug="cytarabine", routes=INTRAVENOUS, state="cytarabine_central"),),
        )


def _amount(name: str, meaning: str) -> State:
    return _zero(name, "umol", 10.0, meaning)


def _zero(name: str, unit: str, size: float, meaning: str) -> State:
    return State(name=name, unit=unit, initial=sympy.S.Zero, size=size, meaning=meaning)
