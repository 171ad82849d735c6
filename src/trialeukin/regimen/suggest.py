"""The way out of a misspelt word."""

from collections.abc import Iterable
from difflib import get_close_matches

LIKENESS = 0.6  # the share of matching letters from which a word is offered; difflib's own default
SLIP = 0.85  # from which a word of a prescription is offered: idarubicin is 0.82 like daunorubicin, and another drug


def did_you_mean(word: str, candidates: Iterable[str], *, likeness: float = LIKENESS) -> str:
    """Return ``; did you mean 'x'?`` for the candidate most like the word, or nothing."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    like = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=likeness)
    return f"; did you mean {by_folded[like[0]]!r}?" if like else ""


def slip_of_the_pen(word: str, candidates: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for a drug or route that differs by a letter or two, never by a digit."""
    same = (each for each in candidates if _digits(each) == _digits(word))
    return did_you_mean(word, same, likeness=SLIP)


def _digits(word: str) -> list[str]:
    return [sign for sign in word if sign.isdigit()]
