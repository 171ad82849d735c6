"""The command tree and its exit codes: 0 done, 2 the input is wrong, 3 the run failed part-way."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from trialeukin import __version__
from trialeukin.cli.by_name import add_commands, is_named, not_named
from trialeukin.cli.terminal import forget_output, write_unicode
from trialeukin.cli.usage import Call, UsageError, call_of, refuse_unreadable, usage_words
from trialeukin.core.errors import InputError, RunError

COMMANDS = {
    "run": "Run a study: a virtual randomised trial and its report.",
    "design": "Design a trial: events, patients, months, boundaries, and the sentence for its protocol.",
    "regimen": "Read a regimen and show what it means: doses, totals, calendar.",
    "simulate": "Follow a model through dosing records, as NONMEM's: concentrations and their summary.",
    "compare": "Compare regimens, or multiples of a dose, in the same virtual patients.",
    "sensitivity": "Tell which parameters decide what a regimen does.",
    "validate": "Set predictions beside what was observed in people, and score them.",
    "analyse": "Analyse times to an event from a CSV file: curves, effects, tests.",
    "models": "List the models: their states, drugs and events.",
    "parameters": "List a model's parameters: values, both spreads and sources.",
    "theory": "Write a model's equations, diagram and parameters as a page.",
    "serve": "Show all of it in a browser, on this machine, and answer programs.",
}
GROUPS = {"evidence": "Look into the base of published studies, check it, add to it, pool it."}
NAME = "trialeukin"
DONE, WRONG_INPUT, FAILED = 0, 2, 3
INTERRUPTED = 130  # what Typer makes of an interruption from the keyboard


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; ``arguments`` default to the process's own."""
    write_unicode()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        refuse_unreadable(given)
        tree = typer.main.get_command(application(given))
        if tree.main(given, prog_name=NAME, standalone_mode=False) == INTERRUPTED:
            raise KeyboardInterrupt
        sys.stdout.flush()
    except UsageError as fault:
        return _explain_usage(fault, call_of(tree, given, name=NAME))
    except InputError as fault:
        return _explain(fault, WRONG_INPUT)
    except RunError as fault:
        return _explain(fault, FAILED)
    except (BrokenPipeError, SystemExit):  # who reads has enough, as head does; Typer leaves then
        forget_output()
        return FAILED
    except OSError as fault:
        place = "what was found" if fault.filename is None else fault.filename
        return _explain(f"{place} could not be written ({fault.strerror})", FAILED)
    except KeyboardInterrupt:
        return _explain("interrupted: nothing is kept", FAILED)
    return DONE


def application(arguments: Sequence[str] | None = None) -> typer.Typer:
    """Return the command tree with those commands loaded that the arguments name; without arguments, with all."""
    tree = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Interleukin-2 in leukaemia: from a protocol's sentence to a virtual randomised trial.",
        epilog="Exit codes: 0 done, 2 the input is wrong, 3 the run failed part-way. "
        "Research software, not a medical device.",
    )
    tree.callback()(_options)
    add_commands(tree, COMMANDS, arguments, before="trialeukin.cli.")
    for name, summary in GROUPS.items():
        if is_named(name, arguments):
            group = import_module(f"trialeukin.cli.{name}").commands(arguments)
            tree.add_typer(group, name=name, short_help=summary)
        else:
            tree.command(name, short_help=summary)(not_named)
    return tree


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trialeukin {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


def _explain_usage(fault: Exception, call: Call) -> int:
    """Say what is wrong with a call; a call of a group alone is a question, and its help the answer."""
    if call.commands and not call.rest:
        typer.echo(fault, err=True)
        return WRONG_INPUT
    return _explain(usage_words(fault, call), WRONG_INPUT)


def _explain(fault: Exception | str, code: int) -> int:
    typer.echo(f"trialeukin: {fault}", err=True)
    return code
