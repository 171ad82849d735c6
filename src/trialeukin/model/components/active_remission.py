"""Remission of active disease, and treatment that has failed, both as examinations find them."""

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


def under_limit() -> sympy.Expr:
    """Return a trigger that is positive while marrow blasts are under the limit and no failure or relapse was found."""
    over = sympy.log(symbol("marrow_blast_fraction") / symbol("relapse_blast_fraction"))
    return sympy.Min(-over, UNDECIDED - symbol("relapsed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveRemission:
    r"""Remission at the first examination that finds what it asks for; failure at the first one too late with blasts.

    Remission asks for marrow blasts :math:`B / K < l` and for recovered counts. Who has blasts over the limit at an
    examination from `response_day` on and has not been in remission has failed: the drug ends, and the patient fares as
    after a relapse. Who has few blasts and low counts then has neither, and may be found in remission later. Blasts are
    a share of a full marrow, as at entry and at relapse.

    Attributes
    ----------
    counts : sympy.Expr, 1
        Positive while counts permit remission; always if not given, so that blasts alone are judged.
    """

    counts: sympy.Expr = sympy.oo

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
                    trigger=sympy.Min(self.counts, under_limit()),
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
