"""Carries the comments of a TOML text over to the text that takes its place, key by key."""

from trialeukin.trial.toml_place import Path, places
from trialeukin.trial.toml_shape import QUOTED

GAP = "    "


def with_comments(text: str, earlier: str) -> str:
    """Return a text with the comments that an earlier one has at the same keys and tables.

    A comment behind a key comes behind it again, one on a line of its own before the key or table that it precedes;
    those at what the text no longer has, and those behind a line inside a value of several lines, are left out.

    Parameters
    ----------
    text : str
        TOML without comments.
    earlier : str
        TOML with them.
    """
    before, behind = _comments(earlier)
    lines = text.splitlines()
    for number, place in places(text):
        own = behind.get(place, "")
        lines[number - 1] = "".join(f"{line}\n" for line in before.get(place, ())) + lines[number - 1] + own
    return "\n".join(lines) + "\n"


def _comments(text: str) -> tuple[dict[Path, list[str]], dict[Path, str]]:
    """Return the lines of comment before each place, and the comment behind it."""
    at = dict(places(text))
    lines = text.splitlines()
    before: dict[Path, list[str]] = {}
    behind: dict[Path, str] = {}
    for found in QUOTED.finditer(text):
        if not found.group().startswith("#"):
            continue
        number = text.count("\n", 0, found.start()) + 1
        comment = found.group().rstrip()
        if lines[number - 1].strip() == comment:
            following = next((at[later] for later in sorted(at) if later > number), None)
            if following is not None:
                ends = number < len(lines) and not lines[number].strip()
                before.setdefault(following, []).append(comment + ("\n" if ends else ""))
        elif number in at:
            behind[at[number]] = f"{GAP}{comment}"
    return before, behind
