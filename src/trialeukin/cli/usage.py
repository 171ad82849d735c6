"""What is wrong with a call, found while its arguments are read: the value, what is allowed and the way out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_core import PydanticCustomError

from trialeukin.core.errors import InputError
from trialeukin.regimen.suggest import did_you_mean

UsageError: type[Exception] = typer.BadParameter.__bases__[0]  # of all faults of a call; Typer does not export it
WHOLE = "a whole number, in digits"
EMPTY_PATH = "empty_path"
KINDS = {
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "int_parsing_size": WHOLE,
    "float_parsing": "a number",
    EMPTY_PATH: "a path, not an empty word",
}
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
DECIMAL_COMMA = re.compile(r"[+-]?(0,\d+|\d+,\d{1,2})")  # 1,000 may be a thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What was called and what it was given.

    Attributes
    ----------
    path : str
        The command with those above it, as it is typed.
    command : Any
        The command, or the group whose command is not known.
    rest : tuple of str
        The arguments after the path.
    """

    path: str
    command: Any
    rest: tuple[str, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        """The names of commands below; none of a command."""
        return tuple(getattr(self.command, "commands", ()))

    def help(self) -> str:
        """Return where all that is allowed stands."""
        return f"'{self.path} --help'"

    def parameter(self, word: str) -> Any:
        """Return the option that is spelt so."""
        return next(each for each in self.command.params if word in {*each.opts, *each.secondary_opts})

    def options(self) -> Iterator[str]:
        """Return how each option is spelt in full."""
        for each in self.command.params:
            if each.param_type_name == "option":
                yield max(each.opts, key=len)
        yield "--help"

    def spelt(self, start: str) -> str:
        """Return the argument that begins so, as it was given."""
        return next((each for each in self.rest if each.startswith(start)), start)


def call_of(tree: Any, given: Sequence[str], *, name: str) -> Call:
    """Return the command of a tree that arguments call."""
    path, command, rest = name, tree, tuple(given)
    while rest and rest[0] in getattr(command, "commands", ()):
        path, command, rest = f"{path} {rest[0]}", command.commands[rest[0]], rest[1:]
    return Call(path=path, command=command, rest=rest)


def choices_of(members: Iterable[Enum]) -> tuple[str, ...]:
    """Return how the members of an enumeration are typed."""
    return tuple(each.value.casefold() for each in members)


def path_given(word: str | Path) -> Path:
    """Return the path that a word names; an empty one, which would be taken for this directory, is a fault."""
    if word == "":
        raise PydanticCustomError(EMPTY_PATH, "an empty path")
    return Path(word)


def refuse_unreadable(given: Sequence[str]) -> None:
    """Refuse bytes that are no text in UTF-8: a page or JSON that names them could not be written."""
    for word in given:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise InputError(f"{word!r}: not UTF-8: write it in UTF-8, and rename a file of such a name") from None


def usage_words(fault: Any, call: Call) -> str:
    """Return what is wrong with a call and the way out.

    Parameters
    ----------
    fault : Exception
        What Typer found; its attributes tell the kinds apart, since it exports only one of them.
    call : Call
        What was called.
    """
    if hasattr(fault, "possibilities"):
        return _unknown_option(call.spelt(fault.option_name), call)
    if hasattr(fault, "option_name"):
        return _value_or_none(call.parameter(fault.option_name), fault.option_name, call)
    if hasattr(fault, "param_type"):
        return f"{_spelt(fault.param)} is missing: give it{_about(fault.param)}; {call.help()} shows how"
    if hasattr(fault, "param"):
        return _wrong_value(fault, fault.param)
    if call.commands:
        return _unknown_command(call)
    return _too_many(str(fault).partition("(s) (")[2].removesuffix(")"), call)


def _unknown_option(word: str, call: Call) -> str:
    known, option = tuple(call.options()), word.partition("=")[0]
    later = "; options of a command go after its name" if call.commands else ""
    return f"{option}: {call.path!r} has no such option: it has {', '.join(known)}{later}{did_you_mean(option, known)}"


def _value_or_none(parameter: Any, option: str, call: Call) -> str:
    if parameter.is_flag:
        return f"{call.spelt(f'{option}=')}: {option} takes no value: give it alone, or leave it out"
    return f"{option}: nothing stands after it: give {_name(parameter)}{_about(parameter)}"


def _wrong_value(fault: Any, parameter: Any) -> str:
    details = fault.__cause__.errors()[0] if hasattr(fault.__cause__, "errors") else {}
    value = details.get("input", "")
    choices = parameter.type_descriptor.choices
    if choices:
        known = choices_of(choices)
        return f"{_option(parameter)} {value!r}: choose {', '.join(known)}{did_you_mean(value, known)}"
    kind = KINDS.get(details.get("type", ""), "")
    if not kind:
        return f"{_option(parameter)} {value!r}: {fault.message}"
    meant = "" if kind == WHOLE else _with_point(value)
    return f"{_option(parameter)} {value!r}: give {kind}{_about(parameter)}{meant}"


def _with_point(value: str) -> str:
    """Return the number that a decimal comma was meant to write, if it was."""
    return f"; did you mean {value.replace(',', '.')}?" if DECIMAL_COMMA.fullmatch(value) else ""


def _unknown_command(call: Call) -> str:
    known = ", ".join(call.commands)
    if not call.rest:
        return f"{call.path}: name a command: there are {known}"
    word = call.rest[0]
    return f"{word!r} is no command of {call.path!r}: there are {known}{did_you_mean(word, call.commands)}"


def _too_many(extra: str, call: Call) -> str:
    takes = [_name(each) for each in call.command.params if each.param_type_name == "argument"]
    options = f"options alone, such as {', '.join(call.options())}"
    allowed = f"one {takes[0]} and options; put what has blanks in it in quotes" if takes else options
    return f"{extra!r}: too many arguments: {call.path!r} takes {allowed}; {call.help()} has them"


def _name(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _option(parameter: Any) -> str:
    """Return how a parameter is spelt in full."""
    return str(max(parameter.opts, key=len)) if parameter.param_type_name == "option" else _name(parameter)


def _spelt(parameter: Any) -> str:
    return f"{_option(parameter)} {_name(parameter)}" if parameter.param_type_name == "option" else _name(parameter)


def _about(parameter: Any) -> str:
    """Return what the help says of a parameter, in brackets."""
    words = (parameter.help or "").removesuffix(".")
    small = words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words
    usual = f"; {parameter.default} by default" if parameter.show_default and parameter.default is not None else ""
    return f" ({small}{usual})" if small else ""
