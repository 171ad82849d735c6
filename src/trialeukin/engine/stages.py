"""What the stages of a step compute, of states and of their sensitivities, as nodes.

All stages of the states come first; then, one parameter after another, those of the sensitivities to it, so that what
belongs to one parameter stays in the nearest cache. Parameters that change the same states share one function of a
stage. What it needs of the states' stage is left behind by that: slopes of the rates, and for each parameter how the
rates would change if no state did. B (see `tangents`), of the start of the step, each parameter has its own of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialeukin.engine.accumulation import accumulate
from trialeukin.engine.elimination import Elimination
from trialeukin.engine.graph import Bank, Node, Op
from trialeukin.engine.tangents import Tangents


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Parameters that change the same states.

    Attributes
    ----------
    states : tuple of int
        Those states.
    parameters : tuple of int
        Places of the parameters among those chosen.
    solution : tuple of Node
        What a stage solves for, in the order of ``states``. Sensitivities and their couplings are loaded as if
        they were states and theirs; numbers of the parameter, from 0 on.
    """

    states: tuple[int, ...]
    parameters: tuple[int, ...]
    solution: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What the first and the later stages of a step solve for, and what they share.

    Attributes
    ----------
    factors : tuple of Node
        What stages share of the start of the step: factors of the matrix, then each parameter's B.
    left : tuple of Node
        What the states' stages leave behind, each its own: slopes, then of each parameter what changes rates aside.
    bends, asides : tuple of int
        Where those of each parameter begin, among ``factors`` and among what is left.
    first, later : tuple of Node
        Solutions of the first and of a later stage, of the states.
    kinds : tuple of Kind
        The same of their sensitivities, of any stage.
    """

    factors: tuple[Node, ...]
    left: tuple[Node, ...]
    bends: tuple[int, ...]
    asides: tuple[int, ...]
    first: tuple[Node, ...]
    later: tuple[Node, ...]
    kinds: tuple[Kind, ...]


def stages_of(tangents: Tangents, elimination: Elimination) -> Stages:
    """Return the stages of a step, given the factorisation of the states' matrix."""
    graph, rates, loaded = tangents.graph, tangents.rates, elimination.loaded_factors
    couplings = [graph.load(Bank.COUPLING, place) for place in range(len(rates))]
    coupled = [graph.multiply((coupling, graph.load(Bank.DIAGONAL, 1))) for coupling in couplings]
    driven = _Driven(tangents, elimination.own_factors)
    kinds = []
    for reached in sorted(set(tangents.reached), key=sorted):
        parameters = tuple(place for place, states in enumerate(tangents.reached) if states == reached)
        sides = [graph.zero] * len(rates)
        for place, side in driven.sides(reached, parameters).items():
            sides[place] = graph.add((side, coupled[place]))
        solved = elimination.solve(sides, loaded)
        states = tuple(sorted(reached))
        kinds.append(Kind(states=states, parameters=parameters, solution=tuple(solved[place] for place in states)))
    return Stages(
        factors=tuple(driven.factors),
        left=tuple(driven.left),
        bends=tuple(driven.bends[parameter] for parameter in range(tangents.count)),
        asides=tuple(driven.asides[parameter] for parameter in range(tangents.count)),
        first=tuple(elimination.solve(couplings, loaded)),
        later=tuple(elimination.solve([graph.add(each) for each in zip(rates, coupled, strict=True)], loaded)),
        kinds=tuple(kinds),
    )


class _Driven:
    """What drives sensitivities, and what is kept for that; see `Stages`."""

    def __init__(self, tangents: Tangents, factors: Sequence[Node]) -> None:
        graph = tangents.graph
        self._tangents = tangents
        self._passages = accumulate(tangents) if tangents.count else {}
        slopes = {
            slope
            for passage in self._passages.values()
            for inner, slope in passage.items()
            if graph.varies[slope] and not self._is_aside(inner)
        }
        self.factors = [*factors]
        self.left = sorted(slopes)
        self.bends: dict[int, int] = {}
        self.asides: dict[int, int] = {}
        self._loads = {slope: graph.load(Bank.LEFT, place) for place, slope in enumerate(self.left)}

    def sides(self, reached: frozenset[int], parameters: Sequence[int]) -> dict[int, Node]:
        """Return right-hand sides for parameters that reach the same states, by state, but for the couplings."""
        graph = self._tangents.graph
        asides = {parameter: self._asides(parameter) for parameter in parameters}
        bends = {parameter: self._bends(parameter, asides[parameter]) for parameter in parameters}
        aside = sorted(set().union(*asides.values()))
        bent = sorted(set().union(*bends.values()))
        for parameter in parameters:
            self.asides[parameter], self.bends[parameter] = len(self.left), len(self.factors)
            self.left += [asides[parameter].get(node, graph.zero) for node in aside]
            self.factors += [bends[parameter].get(each, graph.zero) for each in bent]
        own = {node: graph.load(Bank.ASIDE, place) for place, node in enumerate(aside)}
        states = {place: graph.load(Bank.STATE, place) for place in reached}
        sides = self._passed_on(states, own, self._loads)
        for place, (state, other) in enumerate(bent):
            bend = graph.multiply((graph.load(Bank.BEND, place), graph.load(Bank.SOLUTION, other)))
            sides[state] = graph.add((sides[state], bend))
        return sides

    def _asides(self, parameter: int) -> dict[Node, Node]:
        """Return how nodes would change if neither states nor nodes that stay did, where they would."""
        tangents, graph = self._tangents, self._tangents.graph
        found = {rate: tangents.change(rate, parameter) for rate in tangents.rates if self._is_aside(rate)}
        for node, slopes in self._passages.items():
            asides = [
                (slope, tangents.change(each, parameter)) for each, slope in slopes.items() if self._is_aside(each)
            ]
            found[node] = graph.add([graph.multiply(each) for each in asides])
        return {node: aside for node, aside in found.items() if aside != graph.zero}

    def _is_aside(self, node: Node) -> bool:
        """Say whether a node is a number that is loaded, but for states."""
        graph = self._tangents.graph
        return graph.op(node) is Op.LOAD and graph.keys[node][1] is not Bank.STATE

    def _bends(self, parameter: int, asides: Mapping[Node, Node]) -> dict[tuple[int, int], Node]:
        """Return B by row and column."""
        tangents, graph = self._tangents, self._tangents.graph
        loads = {place: graph.load(Bank.STATE, place) for place in tangents.reached[parameter]}
        changes = {place: tangents.change(load, parameter) for place, load in loads.items()}
        return {
            (state, other): bend
            for state, passed in self._passed_on(changes, asides, {}).items()
            for other, bend in tangents.by_state.by_place(passed).items()
        }

    def _passed_on(
        self, changes: Mapping[int, Node], asides: Mapping[Node, Node], instead: Mapping[Node, Node]
    ) -> dict[int, Node]:
        """Return how the rates of states change with these and with asides; slopes are computed, or loaded instead."""
        graph, rates = self._tangents.graph, self._tangents.rates
        known = {**asides, **{graph.load(Bank.STATE, place): change for place, change in changes.items()}}
        for node, slopes in self._passages.items():
            moved = [
                graph.multiply((instead.get(slope, slope), known[inner]))
                for inner, slope in slopes.items()
                if inner in known and not self._is_aside(inner)
            ]
            known[node] = graph.add((asides.get(node, graph.zero), *moved))
        return {place: known.get(rates[place], graph.zero) for place in changes}
