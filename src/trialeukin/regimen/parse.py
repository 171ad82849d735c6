"""From a regimen's text to its value; what is not understood is refused at its spot."""

import re
from collections.abc import Callable
from functools import cache
from importlib import resources

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.build import build
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.hints import foreign, hint
from trialeukin.regimen.place import Text
from trialeukin.regimen.suggest import slip_of_the_pen
from trialeukin.regimen.words import expected_words, spellings

BYTE_ORDER_MARK = "\ufeff"
WORD = re.compile(r"[^\s;,+#]+|.", re.DOTALL)


@cache
def grammar() -> Lark:
    """Return the parser of the regimen language."""
    rules = resources.files("trialeukin.regimen").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(rules, parser="lalr", lexer="contextual", propagate_positions=True)


def parse(text: str, *, name: str = "regimen", check: Callable[[Regimen], None] | None = None) -> Regimen:
    """Return the regimen that a text prescribes.

    Parameters
    ----------
    text : str
        A regimen in the language of the package; comments run from ``#`` to the end of a line.
    name : str
        What messages call the text, such as the name of its file.
    check : callable or None
        Refuses a regimen with one of the text's dose rules; what it says is shown at the rule.

    Raises
    ------
    RegimenError
        When the text is not understood or has no meaning; the message names the line, shows the
        spot, says what is allowed there and what may have been meant.
    """
    source = Text(text.removeprefix(BYTE_ORDER_MARK), name)
    try:
        tree = grammar().parse(source.content)
    except UnexpectedInput as fault:
        raise _explained(fault, source) from None
    return build(tree, source, check)


def _explained(fault: UnexpectedInput, source: Text) -> RegimenError:
    expected = _expected(fault)
    start = fault.pos_in_stream if fault.pos_in_stream is not None else -1
    ended = isinstance(fault, UnexpectedToken) and fault.token.type == "$END"
    if ended or not 0 <= start < len(source.content):
        return _unfinished(source, expected)
    if known := _foreign(source, start):
        return known
    found = WORD.match(source.content, start)
    word = found.group() if found else source.content[start]
    message = f"{word!r} is not understood here: expected {expected_words(expected)}"
    way_out = hint(source.content, start) or slip_of_the_pen(word, spellings(expected))
    return source.fault(message + way_out, start, start + len(word))


def _foreign(source: Text, start: int) -> RegimenError | None:
    known = foreign(source.content, start)
    if known is None:
        return None
    first, end, way_out = known
    return source.fault(f"{source.content[first:end]!r} is not used here: {way_out}", first, end)


def _expected(fault: UnexpectedInput) -> set[str]:
    if isinstance(fault, UnexpectedCharacters):
        return set(fault.allowed or ())
    if isinstance(fault, UnexpectedToken):
        return set(fault.accepts or fault.expected)
    return set()


def _unfinished(source: Text, expected: set[str]) -> RegimenError:
    meaningful = re.sub(r"#[^\n]*", lambda comment: " " * len(comment.group()), source.content).rstrip()
    if not meaningful:
        return RegimenError(
            f"{source.name}: empty: name a drug, such as 'aldesleukin 1 MIU/m2/day sc days 1-14', or write 'none' for "
            "no treatment"
        )
    end = len(meaningful)
    return _foreign(source, end - 1) or source.fault(
        f"the text ends too early: expected {expected_words(expected)}", end, end + 1
    )
