"""``trialeukin validate``: what was observed in people beside what the model predicts."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.csv_file import read_csv
from trialeukin.cli.progress import progress
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import path_given
from trialeukin.core.counting import counted
from trialeukin.core.errors import InputError
from trialeukin.inference.case import Case, Group, Unusable
from trialeukin.inference.cases import all_cases
from trialeukin.inference.own_cases import own_cases
from trialeukin.inference.prediction import DRAWS, SEED, Effort, Prediction, predict
from trialeukin.inference.score import scoreboard
from trialeukin.report.case_words import gap, observed, predicted, share, verdict, what
from trialeukin.report.validation_page import validation_page
from trialeukin.store.scoreboard import scoreboard_document
from trialeukin.store.whole_files import check_output, json_text, write_whole

OUTPUT = Path("out") / "validation"
PAGE, DOCUMENT = "validation.html", "validation.json"
FEWEST_DRAWS, MOST_DRAWS = 2, 10_000


def command(  # noqa: PLR0913 the options of a command are its arguments
    own: Annotated[
        Path | None,
        typer.Argument(
            parser=path_given,
            metavar="FILE",
            help="A CSV of observations of your own; the published ones if left out.",
        ),
    ] = None,
    *,
    group: Annotated[
        str | None, typer.Option("--group", metavar="G", help="Only cases of this group, such as 'cell counts'.")
    ] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="NAME", help="Only this case.")] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", parser=path_given, metavar="DIR", help="Where to write the page and the document."
        ),
    ] = OUTPUT,
    draws: Annotated[
        int, typer.Option("--draws", metavar="K", help="Draws of the parameters behind every interval.")
    ] = DRAWS,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of all random numbers.")] = SEED,
    as_json: Annotated[bool, typer.Option("--json", help="Print the document as JSON and nothing else.")] = False,
) -> None:
    """Predict every published observation, or those of a file, score the predictions and write a page of plots."""
    if own is not None and group is not None:
        raise InputError("--group is of the published observations: leave it out beside a file of your own")
    if not FEWEST_DRAWS <= draws <= MOST_DRAWS:
        raise InputError(
            f"--draws {draws}: give {FEWEST_DRAWS} to {MOST_DRAWS:,}, one makes no interval; {DRAWS} by default"
        )
    cases = all_cases() if own is None else own_cases(read_csv(own).table.to_pylist(), own.name)
    chosen = _chosen(cases, group, case)
    check_output(output)
    usable = [each for each in chosen if isinstance(each, Case)]
    unusable = [each for each in chosen if isinstance(each, Unusable)]
    effort = replace(Effort(), draws=draws, seed=seed)
    with progress("reading the cases") as tell:
        predictions = predict(usable, effort, tell)
    document = scoreboard_document(predictions, unusable, effort)
    page = validation_page(predictions, unusable, effort)
    write_whole(output, {PAGE: page, DOCUMENT: json_text(document)})
    if as_json:
        print_json(document)
        return
    _show(predictions, unusable, output)


def _chosen(cases: Sequence[Case | Unusable], group: str | None, name: str | None) -> list[Case | Unusable]:
    if group is not None:
        _known("--group", group, [each.value for each in Group if each is not Group.OWN])
    if name is not None:
        _known("--case", name, [each.name for each in cases])
    chosen = [each for each in cases if group in {None, each.group.value} and name in {None, each.name}]
    if not chosen:
        asked = f" of the name {name!r}" if name is not None else ""
        raise InputError(f"--group {group!r} has no case{asked}: leave one of the two out")
    return chosen


def _known(option: str, given: str, allowed: Sequence[str]) -> None:
    if given in allowed:
        return
    near = get_close_matches(given, allowed, n=3)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    many = "; the page of 'trialeukin validate' lists them all"
    few = f": known are {', '.join(map(repr, allowed))}" if len(allowed) < 20 else "" if near else many
    raise InputError(f"{option} {given!r} is unknown{few}{hint}")


def _show(predictions: Sequence[Prediction], unusable: Sequence[Unusable], output: Path) -> None:
    out = results()
    if predictions:
        rows = [
            (each.case.use.value, each.case.name, what(each.case), observed(each.case), predicted(each), gap(each),
             verdict(each))
            for each in predictions
        ]  # fmt: skip
        head = ("use", "case", "what", "observed", "predicted (95 %)", "ratio", "verdict")
        out.print(table(counted(len(predictions), "case"), head, rows, numeric=(3, 4, 5)))
        lines = [
            ("all" if line.group is None else line.group.value, line.use.value, share(line.met), share(line.covered))
            for line in scoreboard(predictions)
        ]
        out.print()
        out.print(table("Shares (Wilson's 95 %)", ("group", "use", "met", "inside the interval"), lines))
    if unusable:
        reasons = [(each.name, each.study, each.source.place, each.reason) for each in unusable]
        out.print()
        out.print(table(f"{len(unusable)} rows without a prediction", ("case", "study", "printed", "why"), reasons))
    out.print(f"\nPage: {output / PAGE}", markup=False)
