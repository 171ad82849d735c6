"""Commands that are loaded by name.

A command's module brings everything it needs (numerics, SymPy, matplotlib), which takes seconds. Therefore it is
loaded only if its name is among the arguments; the others stand in the tree with their help alone.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module

import typer


def is_named(name: str, arguments: Sequence[str] | None) -> bool:
    """Say whether a command is to be loaded; without arguments all are."""
    return arguments is None or name in arguments


def add_commands(
    tree: typer.Typer, summaries: Mapping[str, str], arguments: Sequence[str] | None, *, before: str
) -> None:
    """Add commands, those loaded that are named, each from the module of its name after ``before``."""
    for name, summary in summaries.items():
        command = not_named
        if is_named(name, arguments):
            command = import_module(before + name.replace("-", "_")).command
        tree.command(name, short_help=summary)(command)


def not_named() -> None:
    """Stand in the tree for a command that the arguments do not name."""
