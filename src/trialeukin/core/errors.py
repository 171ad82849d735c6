"""What can go wrong, as a tree: the leaves say which part of the input or the run is at fault.

A message shows the value, says what is allowed and names the way out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a text, and where.

    Attributes
    ----------
    message : str
        What is wrong and the way out, without the place.
    line, column : int or None
        Where it begins, both from one; None where the text as a whole is at fault, or a line is.
    width : int
        Characters that are at fault from there; zero where no column is known.
    path : tuple of str or int
        The key at fault where the text has keys; empty where it has none. Places in lists count from zero.
    """

    message: str
    line: int | None = None
    column: int | None = None
    width: int = 0
    path: tuple[str | int, ...] = ()


class TrialeukinError(Exception):
    """Any failure that trialeukin explains to its user."""


class InputError(TrialeukinError):
    """The input is wrong; nothing has been run (exit code 2).

    Attributes
    ----------
    faults : tuple of Fault
        Every single fault with its place; one without a place where none was given.
    """

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults) or (Fault(message=message),)


class RegimenError(InputError):
    """A regimen's text or its meaning is at fault."""


class StudyError(InputError):
    """A study file is at fault."""


class UnitError(InputError):
    """A quantity has the wrong unit, or one that has no meaning for its product."""


class ParameterError(InputError):
    """A parameter is unknown, out of its range or without a source."""


class ModelError(InputError):
    """Components do not compose into a model."""


class AnalysisError(InputError):
    """Data on which the statistic asked for is not defined."""


class RunError(TrialeukinError):
    """The run failed part-way; the message says what is kept (exit code 3)."""


def if_defined(compute: Callable[[], Value]) -> Value | None:
    """Return a statistic; None where the data leave it undefined."""
    try:
        return compute()
    except AnalysisError:
        return None
