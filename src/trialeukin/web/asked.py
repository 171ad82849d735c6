"""Reads what a form or a program gives: regimens by their text, numbers by their words."""

import math
from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

from fastapi import Request

from trialeukin.core.errors import Fault, InputError, RegimenError
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.library import regimen_of
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.background import check_rules
from trialeukin.web.settings import Settings

Field = TypeVar("Field", int, str)
Word = TypeVar("Word", bound=Enum)


class FormError(InputError, Generic[Field]):
    """Fields of a form, each by its place or its name, are wrong."""

    def __init__(self, at: Mapping[Field, tuple[Fault, ...]]) -> None:
        every = tuple(fault for faults in at.values() for fault in faults)
        super().__init__("; ".join(fault.message for fault in every), every)
        self.at: Mapping[Field, tuple[Fault, ...]] = at


def regimen_read(request: Request, text: str) -> Regimen:
    """Return the regimen that a text prescribes, or names in the library.

    Raises
    ------
    RegimenError
        When it is longer than this server reads, or is not understood.
    """
    settings: Settings = request.app.state.settings
    longest = settings.limits.text
    if len(text) > longest:
        raise RegimenError(f"the regimen has {len(text):,} characters: give at most {longest:,}")
    if not text.strip():
        raise RegimenError(
            "no regimen: type one, such as 'aldesleukin 1 MIU/m2/day sc days 1-14', choose one of the library, or "
            "write 'none' for observation"
        )
    plain = text.replace("\r\n", "\n")
    return regimen_of(plain, check=check_rules)


def word_of(kind: type[Word], name: str, text: str) -> Word | None:
    """Return the word of an enumeration that a field of a form holds; None where it is empty.

    Raises
    ------
    InputError
        When it is none of them; the message has those there are.
    """
    if not text:
        return None
    allowed = [str(each.value) for each in kind]
    if text not in allowed:
        raise InputError(f"{name} {text[:40]!r}: there are {', '.join(allowed)}{did_you_mean(text, allowed)}")
    return kind(text)


def number_of(text: str, name: str, usual: float, limits: tuple[float, float], unit: str) -> float:
    """Return the number that a field of a form holds; the usual one where it is empty.

    Raises
    ------
    InputError
        When it is no number or lies beyond the limits.
    """
    if not text.strip():
        return usual
    low, high = limits
    try:
        value = float(text)
    except ValueError:
        point = "; write decimals with a point" if "," in text else ""
        raise InputError(f"{name} {text[:40]!r}: give a number of {unit} from {low:g} to {high:g}{point}") from None
    if not (math.isfinite(value) and low <= value <= high):
        raise InputError(f"{name} {value:g} {unit}: give a number from {low:g} to {high:g}")
    return value


def whole_number_of(text: str, name: str, usual: int, limits: tuple[int, int]) -> int:
    """Return the whole number that a field of a form holds; the usual one where it is empty.

    Raises
    ------
    InputError
        When it is no whole number or lies beyond the limits.
    """
    low, high = limits
    plain = text.strip().replace(",", "")
    if not plain:
        return usual
    if not plain.isdecimal() or len(plain) > 20:
        raise InputError(f"{name} {text[:40]!r}: give a whole number from {low:,} to {high:,}")
    value = int(plain)
    if not low <= value <= high:
        raise InputError(f"{name} {value:,}: give a whole number from {low:,} to {high:,}")
    return value
