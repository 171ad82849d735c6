"""Complete remission by its definition, and the decisions that a marrow examination makes during induction."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.recovered_counts import remission_limit
from trialeukin.model.system import Definition, Event, State, Switch, Term, Watch, symbol

UNDECIDED = sympy.Rational(1, 2)


def _day(value: float, reason: str, meaning: str) -> Parameter:
    return Parameter(
        value=value, unit="day", between_patients=0.0, uncertainty=0.0, source=assumed(reason), meaning=meaning
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRemission:
    """When remission is reached, who gets a second course, and whose induction has failed.

    Remission is the first time from `first_marrow_day` on that marrow blasts and the counts of
    `trialeukin.model.components.recovered_counts` all meet their limits: before, counts may be those of diagnosis. At
    the examinations from then on, blasts over the limit ask for a second course. Who is not in remission at the first
    examination from `evaluation_day` on has failed induction: chemotherapy ends, and from then on the patient fares as
    after a relapse.

    `course_withheld` is for the regimen's rule ``hold while course_withheld > 0.5``: until the first marrow
    examination it is zero; up to `evaluation_day` it is one for everybody whose marrow did not ask for a second
    course; from then on it is one outside remission.
    """

    remission_blasts: Parameter = remission_limit(5.0, "percent", "marrow blasts below which remission is possible")
    first_marrow_day: Parameter = _day(
        13.5,
        "protocols look between days 14 and 28; half a day earlier, so that rounding does not decide on day 14",
        "first day on which the marrow is looked at",
    )
    evaluation_day: Parameter = _day(
        69.5,
        "two courses four weeks apart and six weeks to recover; half a day before the examination of day 70",
        "day from which induction counts as failed",
    )

    def piece(self) -> Piece:
        """Return the day counter, the decisions and their events."""
        day, failing = symbol("day_of_treatment"), 1 - symbol("in_remission")
        over = sympy.log(symbol("marrow_blast_percentage") / symbol("remission_blasts"))
        looked = day / symbol("first_marrow_day") - 1
        late = day / symbol("evaluation_day") - 1
        withheld = sympy.Piecewise(
            (symbol("examined") * (1 - symbol("second_course")), day < symbol("evaluation_day")), (failing, True)
        )
        at_examinations = Watch.AT_EXAMINATIONS
        return Piece(
            states=(
                State(
                    name="day_of_treatment",
                    unit="day",
                    initial=sympy.S.Zero,
                    size=1.0,
                    meaning="days since the start of induction",
                ),
            ),
            terms=(Term(state="day_of_treatment", name="passing of time", rate=sympy.S.One),),
            switches=(
                Switch(name="in_remission", initial=0.0, meaning="one from complete remission on, else zero"),
                Switch(name="examined", initial=0.0, meaning="one once a marrow has been looked at, else zero"),
                Switch(name="second_course", initial=0.0, meaning="one once blasts ask for a second course, else zero"),
            ),
            definitions=(
                Definition(
                    name="course_withheld",
                    unit="1",
                    expression=withheld,
                    meaning="one while the next course of chemotherapy is not to be given",
                ),
            ),
            events=(
                Event(
                    name="complete_remission",
                    trigger=sympy.Min(
                        -over,
                        symbol("counts_over_limits"),
                        looked,
                        UNDECIDED - symbol("relapsed"),
                    ),
                    sets={"in_remission": sympy.S.One},
                ),
                Event(name="marrow_examination", trigger=looked, sets={"examined": sympy.S.One}, watch=at_examinations),
                Event(
                    name="persistent_leukaemia",
                    trigger=sympy.Min(over, looked, failing - UNDECIDED),
                    sets={"second_course": sympy.S.One},
                    watch=at_examinations,
                ),
                Event(
                    name="induction_failure",
                    trigger=sympy.Min(late, failing - UNDECIDED),
                    sets={"relapsed": sympy.S.One},
                    watch=at_examinations,
                    stops_dosing=True,
                ),
            ),
        )
