"""Remission of active disease by its blasts, and treatment that has failed, both as examinations find them."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.system import Definition, Event, State, Switch, Term, Watch, symbol

UNDECIDED = sympy.Rational(1, 2)


def with_disease() -> sympy.Expr:
    """Return one while a patient has disease that may kill: before remission and after relapse or failure."""
    return 1 - symbol("in_remission") * (1 - symbol("relapsed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastClearance:
    r"""Remission at the first examination with marrow blasts under the limit; failure at the first one too late.

    Remission asks for :math:`B / K < l`. Who has blasts over the limit at an examination from `response_day` on and
    has not been in remission has failed: the drug ends, and the patient fares as after a relapse. Counts of
    neutrophils and platelets, which the full definition asks for, are not asked: the abstracts of the series on active
    disease do not say how they counted, and no source joins IL-2's fall of platelets to a marrow full of blasts.
    """

    response_day: Parameter = Parameter(
        value=62.5,
        unit="day",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed(
            "four cycles end on day 29; a first marrow a week later, a second after four more weeks on day 63; "
            "half a day earlier, so that rounding does not decide"
        ),
        meaning="day from which an examination without remission means failure",
    )

    def piece(self) -> Piece:
        """Return the day counter and the two findings."""
        day = State(
            name="day_of_treatment",
            unit="day",
            initial=sympy.S.Zero,
            size=1.0,
            meaning="days since entry",
        )
        over = sympy.log(symbol("marrow_blast_fraction") / symbol("relapse_blast_fraction"))
        late = symbol(day.name) / symbol("response_day") - 1
        return Piece(
            states=(day,),
            terms=(Term(state=day.name, name="passing of time", rate=sympy.S.One),),
            switches=(
                Switch(name="in_remission", initial=0.0, meaning="one once remission has been found, else zero"),
            ),
            definitions=(
                Definition(
                    name="with_disease",
                    unit="1",
                    expression=with_disease(),
                    meaning="one before remission and after relapse or failure, else zero",
                ),
            ),
            events=(
                Event(
                    name="complete_remission",
                    trigger=sympy.Min(-over, UNDECIDED - symbol("relapsed")),
                    sets={"in_remission": sympy.S.One},
                    watch=Watch.AT_EXAMINATIONS,
                ),
                Event(
                    name="treatment_failure",
                    trigger=sympy.Min(over, late, UNDECIDED - symbol("in_remission")),
                    sets={"relapsed": sympy.S.One},
                    watch=Watch.AT_EXAMINATIONS,
                    stops_dosing=True,
                ),
            ),
        )
