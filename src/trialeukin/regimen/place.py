"""Where in a text a fault lies: file, line and a caret under the spot."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lark import Token, Tree

from trialeukin.core.errors import Fault, InputError, RegimenError

Node = Tree[Token]
Value = TypeVar("Value")
DAYS_OF_WEEK = 7
POWER_OF_TEN = re.compile(
    r"((?P<factor>-?[\d.]+)\s*[x×·*]\s*)?(?P<sign>-?)10(\^(?P<power>\d+)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True, slots=True)
class Text:
    """A regimen's text with the name it goes by.

    Attributes
    ----------
    content : str
        The whole text.
    name : str
        The file's name, or what the text is called in messages.
    """

    content: str
    name: str

    def fault(self, message: str, start: int, end: int) -> RegimenError:
        """Return the error that shows a message, the line at fault and carets under ``[start, end)``."""
        first = self.content.rfind("\n", 0, start) + 1
        last = self.content.find("\n", start)
        line = self.content[first : last if last >= 0 else len(self.content)].replace("\t", " ").rstrip("\r")
        number = self.content.count("\n", 0, start) + 1
        column = start - first
        width = max(1, min(end - start, len(line) - column))
        spot = f"  | {line}\n  | {' ' * column}{'^' * width}"
        fault = Fault(message=message, line=number, column=column + 1, width=width)
        return RegimenError(f"{self.name}, line {number}: {message}\n{spot}", [fault])

    def fault_at(self, message: str, node: Node | Token) -> RegimenError:
        """Return the error that points at a part of the tree."""
        start, end = span(node)
        return self.fault(message, start, end)

    def at(self, node: Node | Token, make: Callable[[], Value]) -> Value:
        """Return what ``make`` returns; its complaint about a value is shown at the node.

        Raises
        ------
        RegimenError
            When ``make`` finds its input wrong.
        """
        try:
            return make()
        except InputError as complaint:
            raise self.fault_at(str(complaint), node) from complaint


def span(node: Node | Token) -> tuple[int, int]:
    """Return where in the text a part of the tree starts and ends."""
    where = node if isinstance(node, Token) else node.meta
    start, end = where.start_pos, where.end_pos
    return (start or 0, end or 0)


def tokens(node: Node, kind: str) -> list[Token]:
    """Return the tokens of a kind among a node's children."""
    return [child for child in node.children if isinstance(child, Token) and child.type == kind]


def token(node: Node, kind: str, turn: int = 0) -> Token:
    """Return the token of a kind among a node's children; the first, or that of a later turn."""
    return tokens(node, kind)[turn]


def optional_token(node: Node, kind: str) -> Token | None:
    """Return the token of a kind among a node's children, if there is one."""
    return next(iter(tokens(node, kind)), None)


def branches(node: Node, *kinds: str) -> list[Node]:
    """Return a node's sub-trees, all of them or those of some kinds."""
    trees = [child for child in node.children if isinstance(child, Tree)]
    return [tree for tree in trees if not kinds or tree.data in kinds]


def plain(number: Token) -> str:
    """Return a number's text as Python reads it: ``1.6e6`` for ``1.6 x 10^6``, ``1e7`` for ``10⁷``, ``25000``."""
    written = str(number).replace("−", "-").replace(",", "")
    found = POWER_OF_TEN.fullmatch(written)
    if found is None:
        return written
    factor = found["factor"] or f"{found['sign']}1"
    return f"{factor}e{found['power'] or found['raised'].translate(RAISED)}"


def whole(number: Token, text: Text) -> int:
    """Return a number that has to be a whole one.

    Raises
    ------
    RegimenError
        When it is not.
    """
    value = float(plain(number))
    if not value.is_integer():
        raise text.fault_at(f"{number}: give a whole number", number)
    return int(value)


def whole_days(node: Node, text: Text) -> int:
    """Return the days of a node that says ``28 days``, ``4 weeks`` or ``week``."""
    weeks = optional_token(node, "WEEK_WORD") is not None
    number = optional_token(node, "NUMBER")
    return (1 if number is None else whole(number, text)) * (DAYS_OF_WEEK if weeks else 1)
