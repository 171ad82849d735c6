"""Patients who give up IL-2 because of what it does to them."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.death_in_remission import hazard_threshold
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Event, State, Switch, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Discontinuation:
    r"""A hazard that rises with the square of the grades of toxicity, which are zero without drug.

    .. math:: \frac{dH}{dt} = (1 - \text{relapsed}) (1 - \text{discontinued}) \,
              h \, (\text{constitutional grade}^2 + w \, \text{capillary leak grade}^2)

    All later doses are dropped when H reaches an exponential threshold of mean one. Squares are an
    assumption: two days of grade 1 weigh less than one of grade 2. Patients who never start are drawn
    beforehand (`trialeukin.population.fates`). Low platelets act through a protocol's dose rules, not here.
    """

    discontinuation_at_grade_one: Parameter = fitted("toxicity", "discontinuation_at_grade_one")
    discontinuation_weight_of_leak: Parameter = Parameter(
        value=1.0,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        source=assumed("leak is rare on the subcutaneous regimens that the hazard is fitted to"),
        meaning="weight of capillary leak relative to constitutional toxicity of the same grade",
    )
    discontinuation_threshold: Parameter = hazard_threshold("cumulative hazard at giving up the drug")

    def piece(self) -> Piece:
        """Return the cumulative hazard and the end of dosing."""
        total = State(
            name="cumulative_hazard_of_discontinuation",
            unit="1",
            initial=sympy.S.Zero,
            size=0.1,
            meaning="cumulative hazard of giving up the drug",
        )
        grades = symbol("constitutional_grade") ** 2
        leak = symbol("discontinuation_weight_of_leak") * symbol("capillary_leak_grade") ** 2
        hazard = symbol("discontinuation_at_grade_one") * (grades + leak)
        return Piece(
            states=(total,),
            switches=(Switch(name="discontinued", initial=0.0, meaning="one once the drug is given up, else zero"),),
            definitions=(
                Definition(
                    name="hazard_of_discontinuation",
                    unit="1/day",
                    expression=hazard,
                    meaning="hazard of giving up the drug because of its toxicity",
                ),
            ),
            terms=(
                Term(
                    state=total.name,
                    name="hazard of discontinuation",
                    rate=(1 - symbol("relapsed")) * (1 - symbol("discontinued")) * symbol("hazard_of_discontinuation"),
                ),
            ),
            events=(
                Event(
                    name="discontinuation",
                    trigger=symbol(total.name) - symbol("discontinuation_threshold"),
                    sets={"discontinued": sympy.S.One},
                    stops_dosing=True,
                ),
            ),
        )
