"""What a parameter can change at all: the rest has no sensitivity, and none is computed.

A parameter reaches the states whose rates, starts or entering doses it decides on, and the rates of inputs whose
infusions it does; from a state it reaches those whose rates depend on it; and through an event that it moves or whose
new values it changes, what the event sets, what depends on that, and, if the event stops dosing, what doses enter.
"""

from collections.abc import Sequence

from trialeukin.engine.derivatives import Derivatives
from trialeukin.engine.equations import Equations
from trialeukin.engine.frame import ENTRY
from trialeukin.engine.graph import Bank, Node
from trialeukin.model.system import Event, System, Watch

Name = tuple[Bank, int]
"""A state, switch or rate of an input: its bank and its place in it."""


class Reach:
    """What depends on what in one system."""

    def __init__(self, system: System, equations: Equations, derivatives: Derivatives) -> None:
        """Take a system, its equations and their derivatives by all that changes."""
        self._system = system
        self._graph = equations.graph
        self._derivatives = derivatives
        start = equations.start
        states = len(system.states)
        places = {state.name: place for place, state in enumerate(system.states)}
        switches = {switch.name: place for place, switch in enumerate(system.switches)}
        self._needs = [self._loads((rate, start[place])) for place, rate in enumerate(equations.rates)]
        self._entered = [places[entry.state] for entry in system.inputs]
        entries = range(states, states + ENTRY * len(self._entered), ENTRY)
        self._enter = [self._loads(start[first : first + ENTRY]) for first in entries]
        for target, needs in zip(self._entered, self._enter, strict=True):
            self._needs[target] |= needs
        self._triggers = [self._loads((trigger,)) for trigger in equations.triggers]
        remaining = iter(equations.sets)
        self._sets: list[list[tuple[Name, set[Name]]]] = []
        for event in system.events:
            targets = [
                (Bank.STATE, places[name]) if name in places else (Bank.SWITCH, switches[name]) for name in event.sets
            ]
            self._sets.append([(target, self._loads((next(remaining),))) for target in targets])

    def _loads(self, nodes: Sequence[Node]) -> set[Name]:
        graph = self._graph
        found = {load for node in nodes for load in self._derivatives.of(node)}
        return {(graph.keys[load][1], graph.place(load)) for load in found}  # type: ignore[misc]

    def of(self, parameter: int) -> frozenset[Name]:
        """Return what the parameter at a place reaches, itself included."""
        reached: set[Name] = {(Bank.PARAMETER, parameter)}
        reached |= {(Bank.RATE, place) for place, needs in enumerate(self._enter) if needs & reached}
        while True:
            more = {(Bank.STATE, place) for place, needs in enumerate(self._needs) if needs & reached}
            for place, event in enumerate(self._system.events):
                more |= self._through(place, event, reached)
            if more <= reached:
                return frozenset(reached)
            reached |= more

    def _through(self, place: int, event: Event, reached: set[Name]) -> set[Name]:
        """Return what an event passes on of what has been reached."""
        moves = event.watch is Watch.ALWAYS and bool(self._triggers[place] & reached)
        passed = {target for target, needs in self._sets[place] if moves or needs & reached}
        if moves and event.stops_dosing:
            passed |= {(Bank.STATE, target) for target in self._entered}
        return passed
