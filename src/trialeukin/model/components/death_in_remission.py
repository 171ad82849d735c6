"""Death of a patient in remission: background mortality, the late price of chemotherapy, toxicity of the drug."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import covariate
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Event, State, Term, symbol


def hazard_threshold(meaning: str) -> Parameter:
    """Return the parameter that a cumulative hazard reaches when its event happens."""
    return Parameter(
        value=1.0,
        unit="1",
        between_patients=1.0,
        uncertainty=0.0,
        scale=Scale.EXPONENTIAL,
        source=assumed("by definition: the cumulative hazard at an event is exponential with mean one"),
        meaning=meaning,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathInRemission:
    r"""A hazard that rises exponentially with age, and one of severe capillary leak; both end with remission.

    .. math:: \frac{dH}{dt} = (1 - \text{relapsed}) \bigl(h_{45} \, e^{\beta (a - 45)}
              + h_l \, \text{capillary leak grade}^2\bigr)

    The patient dies when H reaches an exponential threshold of mean one. The second term rests on two
    toxic deaths in 50 patients on 12 to 24 MIU/m2/day civ (Blaise 1997); none was seen on the doses of
    ELAM02. The square is an assumption.
    """

    death_in_remission_at_45: Parameter = fitted("control_arms", "death_in_remission_at_45")
    death_in_remission_by_age: Parameter = Parameter(
        value=0.06,
        unit="1/year",
        between_patients=0.0,
        uncertainty=0.3,
        source=assumed(
            "all-cause mortality doubles about every 8 years of age, deaths from earlier chemotherapy less steeply; "
            "no source of this project separates deaths in remission by age"
        ),
        meaning="relative rise of the hazard a year of age",
    )
    toxic_death_at_leak_grade_one: Parameter = fitted("toxicity", "toxic_death_at_leak_grade_one")
    death_in_remission_reference_age: Parameter = Parameter(
        value=45.0,
        unit="year",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("by definition: the age to which the fitted hazard refers"),
        meaning="age of the reference hazard",
    )
    death_in_remission_threshold: Parameter = hazard_threshold("cumulative hazard at death in remission")
    age: Parameter = covariate("age at randomisation", value=50.0, unit="year")

    def piece(self) -> Piece:
        """Return the cumulative hazard and the death."""
        years = symbol("age") - symbol("death_in_remission_reference_age")
        hazard = symbol("death_in_remission_at_45") * sympy.exp(symbol("death_in_remission_by_age") * years)
        toxic = symbol("toxic_death_at_leak_grade_one") * symbol("capillary_leak_grade") ** 2
        total = State(
            name="cumulative_hazard_in_remission",
            unit="1",
            initial=sympy.S.Zero,
            size=0.1,
            meaning="cumulative hazard of death in remission",
        )
        return Piece(
            states=(total,),
            definitions=(
                Definition(
                    name="hazard_in_remission",
                    unit="1/day",
                    expression=hazard,
                    meaning="hazard of death while in remission",
                ),
            ),
            terms=(
                Term(
                    state=total.name,
                    name="hazard of death in remission",
                    rate=(1 - symbol("relapsed")) * symbol("hazard_in_remission"),
                ),
                Term(
                    state=total.name,
                    name="hazard of toxic death",
                    rate=(1 - symbol("relapsed")) * toxic,
                ),
            ),
            events=(
                Event(
                    name="death_in_remission",
                    trigger=symbol(total.name) - symbol("death_in_remission_threshold"),
                    sets={},
                    ends=True,
                ),
            ),
        )
