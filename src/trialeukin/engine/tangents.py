"""How every computed number changes with chosen parameters, as nodes of the same graph.

Beside each state y_i stand its sensitivities s_ki = d y_i / d p_k, in the same banks, one block a parameter
behind the states; likewise for switches and for the rates of inputs. Along parameter k a node g changes by

    sum_i (dg / dy_i) s_ki + (dg / dp_k) + sum_j (dg / dswitch_j) d switch_j / dp_k + the same of rates,

and s_k' is that of the right-hand side. One step of a Rosenbrock method on states and sensitivities together
then solves, with the factors of the states' own matrix W, W U_k = (right-hand side of s_k) + B_k U, where U
is the stage of the states and B_k the slopes of s_k' by the states. It is the exact derivative of the step.
"""

from collections.abc import Sequence

from trialeukin.engine.derivatives import Derivatives
from trialeukin.engine.equations import Equations
from trialeukin.engine.graph import Bank, Node
from trialeukin.engine.reach import Reach
from trialeukin.model.system import System


class Tangents:
    """Changes along each chosen parameter.

    Attributes
    ----------
    count : int
        How many parameters were chosen.
    derivatives : Derivatives
        By all that changes: states, chosen parameters, switches and rates of inputs.
    by_state : Derivatives
        By states.
    rates : sequence of Node
        Right-hand sides of the states.
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
        places = {names.index(name) for name in chosen}
        self._sizes = {Bank.STATE: len(system.states), Bank.SWITCH: len(system.switches), Bank.RATE: len(system.inputs)}
        self.by_state = by_state
        self.rates = equations.rates

        def independent(bank: Bank, place: int) -> bool:
            return place in places if bank is Bank.PARAMETER else place < self._sizes.get(bank, 0)

        self.derivatives = Derivatives(graph, independent)
        reach = Reach(system, equations, self.derivatives) if chosen else None
        self._reached = tuple(reach.of(names.index(name)) for name in chosen) if reach else ()
        self.reached = tuple(frozenset(place for bank, place in each if bank is Bank.STATE) for each in self._reached)

    def along(self, node: Node, parameter: int) -> Node:
        """Return how a node changes with the chosen parameter at a place."""
        slopes = self.derivatives.of(node).items()
        return self.graph.add([self.graph.multiply((slope, self.change(load, parameter))) for load, slope in slopes])

    def everywhere(self, nodes: Sequence[Node]) -> list[Node]:
        """Return how nodes change with every parameter: one block of nodes a parameter."""
        return [self.along(node, parameter) for parameter in range(self.count) for node in nodes]

    def in_time(self, node: Node) -> Node:
        """Return how a node changes while time goes on."""
        slopes = self.by_state.by_place(node)
        return self.graph.add([self.graph.multiply((slope, self.rates[place])) for place, slope in slopes.items()])

    def change(self, load: Node, parameter: int) -> Node:
        """Return how a number that is loaded changes with the chosen parameter at a place."""
        bank, place = self.graph.keys[load][1], self.graph.place(load)
        if (bank, place) not in self._reached[parameter]:
            return self.graph.zero
        if bank is Bank.PARAMETER:
            return self.graph.one
        return self.graph.load(bank, (1 + parameter) * self._sizes[bank] + place)  # type: ignore[arg-type, index]
