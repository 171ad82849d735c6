"""Death of a patient on chemotherapy: while neutrophils are low, and the late price of treatment."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import covariate
from trialeukin.model.components.death_in_remission import hazard_threshold
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Event, State, Term, symbol

STEEPNESS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathDuringChemotherapy:
    r"""A hazard while neutrophils N are low, and that of remission; both end with relapse or failure.

    .. math:: \frac{dH}{dt} = (1 - \text{relapsed}) \left(
              \frac{h_N e^{\beta_N (a - 45)}}{1 + (N / N_{50})^4}
              + \text{in remission} \, h_{45} e^{\beta (a - 45)} \right)

    The second hazard is the one of `trialeukin.model.components.death_in_remission`. The steepness of the first
    is an assumption: hazard falls from nearly all to nearly none between 0.25 and 1 G/L.
    """

    death_in_neutropenia_at_45: Parameter = fitted("chemotherapy", "death_in_neutropenia_at_45")
    death_in_neutropenia_by_age: Parameter = fitted("chemotherapy", "death_in_neutropenia_by_age")
    severe_neutropenia: Parameter = Parameter(
        value=0.5,
        unit="G/L",
        between_patients=0.0,
        uncertainty=0.0,
        source=Source("ciftciler2020", "recovery is counted from 0.5 G/L of neutrophils"),
        meaning="neutrophils at half of the greatest hazard",
    )
    death_in_remission_at_45: Parameter = fitted("control_arms", "death_in_remission_at_45")
    death_in_remission_by_age: Parameter = Parameter(
        value=0.06,
        unit="1/year",
        between_patients=0.0,
        uncertainty=0.3,
        source=assumed("as in remission without chemotherapy: no source of this project separates deaths by age"),
        meaning="relative rise of the hazard a year of age",
    )
    death_in_remission_reference_age: Parameter = Parameter(
        value=45.0,
        unit="year",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("by definition: the age to which the fitted hazards refer"),
        meaning="age of the reference hazard",
    )
    death_from_treatment_threshold: Parameter = hazard_threshold("cumulative hazard at death from treatment")
    age: Parameter = covariate("age at the start", value=50.0, unit="year")

    def piece(self) -> Piece:
        """Return the cumulative hazard and the death."""
        years = symbol("age") - symbol("death_in_remission_reference_age")
        low = 1 / (1 + (symbol("neutrophils") / symbol("severe_neutropenia")) ** STEEPNESS)
        acute = symbol("death_in_neutropenia_at_45") * sympy.exp(symbol("death_in_neutropenia_by_age") * years) * low
        late = symbol("death_in_remission_at_45") * sympy.exp(symbol("death_in_remission_by_age") * years)
        total = State(
            name="cumulative_hazard_of_treatment",
            unit="1",
            initial=sympy.S.Zero,
            size=0.1,
            meaning="cumulative hazard of death from treatment",
        )
        return Piece(
            states=(total,),
            definitions=(
                Definition(
                    name="hazard_of_treatment",
                    unit="1/day",
                    expression=acute + symbol("in_remission") * late,
                    meaning="hazard of death without relapse",
                ),
            ),
            terms=(
                Term(
                    state=total.name,
                    name="hazard of death from treatment",
                    rate=(1 - symbol("relapsed")) * symbol("hazard_of_treatment"),
                ),
            ),
            events=(
                Event(
                    name="death_from_treatment",
                    trigger=symbol(total.name) - symbol("death_from_treatment_threshold"),
                    sets={},
                    ends=True,
                ),
            ),
        )
