"""The way out of a misspelt word."""

from collections.abc import Iterable
from difflib import get_close_matches

LIKENESS = 0.6  # the share of matching letters from which a word is offered; difflib's own default


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the candidate most like the word, or nothing."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    like = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=LIKENESS)
    return f"; did you mean {by_folded[like[0]]!r}?" if like else ""
