"""The equations of a component for a page: a group a kind, a line a process, each side as MathML."""

from collections.abc import Iterable
from dataclasses import dataclass

import sympy

from trialeukin.model.component import Piece
from trialeukin.model.system import Event, Input, Watch
from trialeukin.report.theory.mathml import mathml, name, rate_of, spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class EquationLine:
    """One line.

    Attributes
    ----------
    left, right : str, MathML
        Both sides; the left one is empty where the line before goes on.
    note : str
        Which process it is, or when it holds.
    """

    left: str
    right: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquationGroup:
    """Equations of one kind."""

    title: str
    lines: tuple[EquationLine, ...]


def equation_groups(piece: Piece) -> tuple[EquationGroup, ...]:
    """Return what a component brings: definitions, rates, starts, doses and events, as far as it has them.

    A state that several components change stands in each of them with the part that it brings, after ``+=``.
    """
    groups = (
        ("Readings", [_equal(each.name, each.expression) for each in piece.definitions]),
        ("Rates of change, a day", [line for state in _changed(piece) for line in _rates(state, piece)]),
        ("At the start", [_equal(each.name, each.initial) for each in piece.states]),
        ("Doses", [_dose(entry) for entry in piece.inputs]),
        ("Events", [line for event in piece.events for line in _event(event)]),
    )
    return tuple(EquationGroup(title=title, lines=tuple(lines)) for title, lines in groups if lines)


def _equal(quantity: str, expression: sympy.Expr) -> EquationLine:
    return EquationLine(left=f"{name(quantity)}<mo>=</mo>", right=mathml(expression))


def _changed(piece: Piece) -> Iterable[str]:
    return dict.fromkeys(term.state for term in piece.terms)


def _rates(state: str, piece: Piece) -> list[EquationLine]:
    relation = "=" if any(state == each.name for each in piece.states) else "+="
    terms = [term for term in piece.terms if term.state == state]
    return [
        EquationLine(
            left=f"{rate_of(state)}<mo>{relation}</mo>" if place == 0 else "",
            right=_continued(mathml(term.rate), goes_on=place > 0),
            note=term.name,
        )
        for place, term in enumerate(terms)
    ]


def _continued(right: str, *, goes_on: bool) -> str:
    return right if not goes_on or right.startswith("<mrow><mo>−</mo>") else f"<mo>+</mo>{right}"


def _dose(entry: Input) -> EquationLine:
    routes = ", ".join(route.value for route in entry.routes)
    delay = "" if entry.lag == 0 else f"{spoken(', after ')}{mathml(entry.lag)}"
    share = "" if entry.bioavailability == 1 else f"{mathml(entry.bioavailability)}{spoken(' of it in ')}"
    return EquationLine(
        left=f"{spoken(f'{entry.drug}, {routes}')}<mo>→</mo>",
        right=f"{share}{name(entry.state)}{delay}",
    )


def _event(event: Event) -> list[EquationLine]:
    watched = "looked at when patients are examined" if event.watch is Watch.AT_EXAMINATIONS else ""
    when = EquationLine(
        left=f"{name(event.name)}{spoken(' when')}",
        right=f"{mathml(event.trigger)}<mo>≥</mo><mn>0</mn>",
        note=watched,
    )
    sets = [EquationLine(left=f"{name(each)}<mo>←</mo>", right=mathml(value)) for each, value in event.sets.items()]
    return [when, *sets]
