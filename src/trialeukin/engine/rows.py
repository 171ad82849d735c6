"""Which rows of an array a step follows: states, and behind them sensitivities, in a block for each parameter."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The sensitivities to one parameter.

    Attributes
    ----------
    parameter : int
        Its place among the parameters.
    kind : int
        The place of the states that it changes among kinds.
    bends, asides : int
        Where what it has its own of begins among the factors, and among what a stage leaves behind.
    """

    parameter: int
    kind: int
    bends: int
    asides: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows that a step follows, and those of the factors.

    Attributes
    ----------
    states : int
        How many states there are; a block has as many rows, of which those count whose state the parameter changes.
    kinds : tuple of tuple of int
        Which states that can be.
    blocks : tuple of Block
        The blocks in their order.
    factors, left : int
        How many factors all stages share, and how many each leaves behind; those come after.
    """

    states: int
    kinds: tuple[tuple[int, ...], ...]
    blocks: tuple[Block, ...]
    factors: int
    left: int

    @property
    def all(self) -> list[int]:
        """The rows that count."""
        blocks = range(1 + len(self.blocks))
        return [number * self.states + place for number in blocks for place in self.of_block(number)]

    def of_block(self, number: int) -> Sequence[int]:
        """Return the rows of a block that count; that of the states is number zero, and all do."""
        return self.kinds[self.blocks[number - 1].kind] if number else range(self.states)
