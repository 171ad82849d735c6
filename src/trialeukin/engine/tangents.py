"""How every computed number changes with chosen parameters, as nodes of the same graph.

Beside each state y_i stand its sensitivities s_ki = d y_i / d p_k, in the same banks, one block a parameter
behind the states; likewise for switches and for the rates of inputs. Along parameter k a node g changes by

    sum_i (dg / dy_i) s_ki + (dg / dp_k) + sum_j (dg / dswitch_j) d switch_j / dp_k + the same of rates,

and s_k' is that of the right-hand side. One step of a Rosenbrock method on states and sensitivities together
then solves, with the factors of the states' own matrix W, W U_k = (right-hand side of s_k) + B_k U, where U
is the stage of the states and B_k the slopes of s_k' by the states. It is the exact derivative of the step.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trialeukin.engine.derivatives import Derivatives
from trialeukin.engine.elimination import Elimination
from trialeukin.engine.equations import Equations
from trialeukin.engine.graph import Bank, Node
from trialeukin.engine.reach import Reach
from trialeukin.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What the first and the later stages of a step solve for, and what they share.

    Attributes
    ----------
    factors : tuple of Node
        What is kept from the start of a step for all its stages.
    rates : tuple of Node
        Right-hand sides at the start of a step, where the first stage loads them as its couplings.
    first, later : tuple of Node
        Solutions of the first and of a later stage: states, then their sensitivities, one block a parameter.
    """

    factors: tuple[Node, ...]
    rates: tuple[Node, ...]
    first: tuple[Node, ...]
    later: tuple[Node, ...]


class Tangents:
    """Changes along each chosen parameter.

    Attributes
    ----------
    count : int
        How many parameters were chosen.
    reached : tuple of frozenset of int
        The states that each can change.
    """

    def __init__(
        self,
        system: System,
        equations: Equations,
        chosen: Sequence[str],
        by_state: Derivatives,
    ) -> None:
        """Take a system, its equations and their derivatives by states, and the chosen parameters."""
        names, graph = list(system.parameters), equations.graph
        self.graph = graph
        self.count = len(chosen)
        self._chosen = [graph.load(Bank.PARAMETER, names.index(name)) for name in chosen]
        self._sizes = {Bank.STATE: len(system.states), Bank.SWITCH: len(system.switches), Bank.RATE: len(system.inputs)}
        self._by_state = by_state
        self._rates = equations.rates
        places = {graph.place(load) for load in self._chosen}

        def independent(bank: Bank, place: int) -> bool:
            if bank is Bank.PARAMETER:
                return place in places
            return bank in {Bank.SWITCH, Bank.RATE} and place < self._sizes[bank]

        self._otherwise = Derivatives(graph, independent)
        reach = Reach(system, equations, (by_state, self._otherwise))
        self.reached = tuple(reach.of(names.index(name)) for name in chosen)

    def along(self, node: Node, parameter: int) -> Node:
        """Return how a node changes with the chosen parameter at a place."""
        graph = self.graph
        slopes = [*self._by_state.of(node).items(), *self._otherwise.of(node).items()]
        return graph.add([graph.multiply((slope, self._change(load, parameter))) for load, slope in slopes])

    def everywhere(self, nodes: Sequence[Node]) -> list[Node]:
        """Return how nodes change with every parameter: one block of nodes a parameter."""
        return [self.along(node, parameter) for parameter in range(self.count) for node in nodes]

    def in_time(self, node: Node) -> Node:
        """Return how a node changes while time goes on."""
        slopes = self._by_state.by_place(node)
        return self.graph.add([self.graph.multiply((slope, self._rates[place])) for place, slope in slopes.items()])

    def _change(self, load: Node, parameter: int) -> Node:
        if load in self._chosen:
            return self.graph.one if load == self._chosen[parameter] else self.graph.zero
        if self.graph.keys[load][1] is Bank.STATE and self.graph.place(load) not in self.reached[parameter]:
            return self.graph.zero
        bank: Bank = self.graph.keys[load][1]  # type: ignore[assignment]
        return self.graph.load(bank, (1 + parameter) * self._sizes[bank] + self.graph.place(load))

    def stages(self, elimination: Elimination) -> Stages:
        """Return the stages of a step of the states and, along every parameter, of their sensitivities."""
        graph, rates = self.graph, self._rates
        factors, blocks = list(elimination.own_factors), list(rates)
        loaded = elimination.loaded_factors
        first = elimination.solve(self._couplings(len(rates), 0), loaded)
        later = elimination.solve(self._coupled(rates, 0), loaded)
        solutions = list(first), list(later)
        for parameter in range(self.count):
            moved = [self.along(rate, parameter) for rate in rates]
            begun: list[Node] = []
            continued: list[Node] = []
            couplings = self._couplings(len(rates), 1 + parameter)
            everything = zip(moved, couplings, self._coupled(moved, 1 + parameter), strict=True)
            for place_of_state, (right, coupling, coupled) in enumerate(everything):
                if place_of_state not in self.reached[parameter]:
                    begun.append(graph.zero)
                    continued.append(graph.zero)
                    continue
                bends = self._by_state.by_place(right)
                kept = [graph.load(Bank.FACTOR, len(factors) + number) for number in range(len(bends))]
                factors += bends.values()
                for solution, sides, side in ((first, begun, coupling), (later, continued, coupled)):
                    more = [graph.multiply((bend, solution[place])) for place, bend in zip(bends, kept, strict=True)]
                    sides.append(graph.add([side, *more]))
            blocks += moved
            solutions[0].extend(elimination.solve(begun, loaded))
            solutions[1].extend(elimination.solve(continued, loaded))
        return Stages(factors=tuple(factors), rates=tuple(blocks), first=tuple(solutions[0]), later=tuple(solutions[1]))

    def _couplings(self, states: int, block: int) -> list[Node]:
        return [self.graph.load(Bank.COUPLING, place) for place in range(block * states, (block + 1) * states)]

    def _coupled(self, rates: Sequence[Node], block: int) -> list[Node]:
        """Return right-hand sides with what earlier stages add to them."""
        graph, inverse = self.graph, self.graph.load(Bank.DIAGONAL, 1)
        couplings = self._couplings(len(rates), block)
        return [
            graph.add((rate, graph.multiply((coupling, inverse))))
            for rate, coupling in zip(rates, couplings, strict=True)
        ]
