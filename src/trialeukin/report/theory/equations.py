"""The equations of a component as LaTeX, made from the expressions that the engine is given."""

from collections.abc import Iterable

import sympy

from trialeukin.model.component import Piece
from trialeukin.model.system import Definition, Event, Input, State, Term, Watch
from trialeukin.report.wording import words

ENDS = " \\\\\n"
MULTIPLIED = r" \cdot "
ADDED = r"\mathrel{+}="


def latex(expression: sympy.Expr) -> str:
    """Return an expression in LaTeX, every symbol in words."""
    free = sympy.sympify(expression).free_symbols
    names = {each: _text(str(each)) for each in free}
    return str(sympy.latex(expression, symbol_names=names, mul_symbol=MULTIPLIED, ln_notation=True))


def equations_of(piece: Piece) -> tuple[str, ...]:
    """Return what a component brings, one display of LaTeX a kind: definitions, rates, starts, doses, events.

    A state that several components change stands in each of them with the part that it brings.
    """
    parts = (
        _aligned(map(_definition, piece.definitions)),
        _aligned(line for state in _changed(piece.terms) for line in _rate(state, piece)),
        _aligned(map(_start, piece.states)),
        _aligned(map(_dose, piece.inputs)),
        _aligned(line for event in piece.events for line in _event(event)),
    )
    return tuple(part for part in parts if part)


def _aligned(lines: Iterable[str]) -> str:
    body = ENDS.join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}" if body else ""


def _text(name: str) -> str:
    return rf"\text{{{words(name)}}}"


def _definition(definition: Definition) -> str:
    return f"{_text(definition.name)} &= {latex(definition.expression)}"


def _changed(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term.state for term in terms))


def _rate(state: str, piece: Piece) -> list[str]:
    """Return the rate of a state, one process a line, each with its name."""
    relation = "=" if any(state == each.name for each in piece.states) else ADDED
    heads = [rf"\frac{{d}}{{dt}}\,{_text(state)} &{relation}"]
    lines = []
    for term in (each for each in piece.terms if each.state == state):
        shown = latex(term.rate)
        head = heads.pop() if heads else r"&\quad" + ("" if shown.startswith("-") else " +")
        lines.append(rf"{head} {shown} && \textit{{({term.name})}}")
    return lines


def _start(state: State) -> str:
    return rf"{_text(state.name)}(0) &= {latex(state.initial)}"


def _dose(entry: Input) -> str:
    routes = ", ".join(route.value for route in entry.routes)
    delay = "" if entry.lag == 0 else rf"\text{{ after }} {latex(entry.lag)}"
    entered = rf"{latex(entry.bioavailability)} \text{{ of it in }} {_text(entry.state)}{delay}"
    return rf"\text{{{entry.drug}, {routes}}} &\to {entered}"


def _event(event: Event) -> list[str]:
    watched = " at examinations" if event.watch is Watch.AT_EXAMINATIONS else ""
    lines = [rf"{_text(event.name)} &: {latex(event.trigger)} \ge 0 \text{{{watched}}}"]
    lines += [rf"&\quad {_text(name)} \leftarrow {latex(value)}" for name, value in event.sets.items()]
    return lines
