"""Alternatives are members of an enumeration: a text that looks like one would be taken for another, unseen."""

from enum import Enum

from trialeukin.core.errors import InputError


def check_member(value: object, kind: type[Enum], what: str) -> None:
    """Raise where a value is no member of an enumeration.

    Raises
    ------
    InputError
        With what the value is for, and the members.
    """
    if not isinstance(value, kind):
        raise InputError(f"{what} {value!r}: give one of {', '.join(f'{kind.__name__}.{each.name}' for each in kind)}")
