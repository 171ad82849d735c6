"""Which component acts on which, read off the equations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy

from trialeukin.model.component import Component, Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """An effect of one component on another.

    Attributes
    ----------
    source, target : int
        Places of the components in the model's list.
    flow : bool
        Whether something leaves a state of the one and enters a state of the other: a process that both
        states share. Otherwise the one only decides how fast things go in the other.
    """

    source: int
    target: int
    flow: bool


def arrows_between(components: Sequence[Component]) -> tuple[Arrow, ...]:
    """Return every effect between different components of a model, flows first, each pair once a kind."""
    pieces = [component.piece() for component in components]
    owner = {name: place for place, piece in enumerate(pieces) for name in _owned(piece)}
    flows = _flows(pieces, owner)
    read = {
        (owner[name], target)
        for target, piece in enumerate(pieces)
        for name in _read(piece)
        if name in owner and owner[name] != target
    }
    acting = {(owner_of_rate, owner[term.state]) for owner_of_rate, piece in enumerate(pieces) for term in piece.terms}
    effects = (read | {(source, target) for source, target in acting if source != target}) - flows
    return tuple(
        Arrow(source=source, target=target, flow=flow)
        for flow, pairs in ((True, flows), (False, effects))
        for source, target in sorted(pairs)
    )


def _owned(piece: Piece) -> list[str]:
    names = ((each.name for each in part) for part in (piece.states, piece.definitions, piece.switches))
    return [name for part in names for name in part]


def _read(piece: Piece) -> set[str]:
    """Return the names that a component's equations look at."""
    expressions: Iterable[sympy.Expr] = (
        *(term.rate for term in piece.terms),
        *(definition.expression for definition in piece.definitions),
        *(state.initial for state in piece.states),
        *(part for event in piece.events for part in (event.trigger, *event.sets.values())),
    )
    return {str(symbol) for expression in expressions for symbol in sympy.sympify(expression).free_symbols}


def _flows(pieces: Sequence[Piece], owner: dict[str, int]) -> set[tuple[int, int]]:
    """Return the pairs of components between whose states something passes: a loss there is a gain here."""
    terms = [term for piece in pieces for term in piece.terms]
    losses = {(term.name, -term.rate): owner[term.state] for term in terms if term.state in owner}
    return {
        (losses[term.name, term.rate], owner[term.state])
        for term in terms
        if (term.name, term.rate) in losses
        and losses[term.name, term.rate] != owner[term.state]
        and sympy.sympify(term.rate).could_extract_minus_sign() is False
    }
