"""The reference of the command line, written from the command tree itself."""

from collections.abc import Iterator
from typing import Any

import typer

from trialeukin.cli.main import GROUPS, application


def command_reference(_: str) -> str:
    """Return every command as Markdown: what it does, how it is called, and its options."""
    root = typer.main.get_command(application())
    context = root.make_context("trialeukin", [*GROUPS], resilient_parsing=True)
    return "\n\n".join(_commands(root, context, depth=2))


def _commands(group: Any, context: Any, *, depth: int) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        inner = type(context)(command, info_name=name, parent=context)
        yield f"{'#' * depth} {inner.command_path}"
        yield command.help
        yield f"```text\n{command.get_usage(inner).removeprefix('Usage: ')}\n```"
        if hasattr(command, "commands"):
            yield from _commands(command, inner, depth=depth + 1)
        else:
            yield _table(command, inner)


def _table(command: Any, context: Any) -> str:
    records = [each.get_help_record(context) for each in command.get_params(context)]
    rows = [f"| {_cell(f'`{left}`')} | {_cell(right)} |" for left, right in filter(None, records)]
    return "\n".join(["| argument or option | what it does |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
