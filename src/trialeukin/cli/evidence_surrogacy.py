"""``trialeukin evidence surrogacy``: why biologic and clinical effects need not go together."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from trialeukin.cli.evidence_directory import Directory, own_directory
from trialeukin.cli.progress import progress
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.core.errors import InputError
from trialeukin.evidence.catalogue import studies_with
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.individual_level import Correlation
from trialeukin.evidence.mediation import Estimate
from trialeukin.evidence.published_markers import BothEffects, WentTogether, both_effects, trials_of, went_together
from trialeukin.evidence.simulated import predictions_of
from trialeukin.evidence.surrogacy import HORIZON, PATIENTS, SEED, StructureSurrogacy, surrogacy_in
from trialeukin.evidence.surrogacy_answers import surrogacy_answers
from trialeukin.report.evidence_numbers import surrogacy_document
from trialeukin.report.framed_plot import saved
from trialeukin.report.surrogacy_figure import mediation_figure, surrogacy_plane
from trialeukin.report.surrogacy_words import over_trials, plain_answer, published_statements, refutation
from trialeukin.report.wording import listed, signed, with_error
from trialeukin.store.whole_files import write_whole
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.study_file import load_study

NAME = "surrogacy"
HEAD = ("structure", "through", "alone", "lost if closed", "part")
WITHIN = ("structure", "cells", "rise (5 to 95 %)", "R2 in the treated", "p", "correlation with own gain")


def command(  # noqa: PLR0913
    *,
    study: Annotated[
        Path | None,
        typer.Option(
            "--study", parser=path_given, metavar="STUDY.toml", help="Follow the virtual patients of this study, too."
        ),
    ] = None,
    patients: Annotated[
        int | None,
        typer.Option(metavar="N", help=f"Virtual patients of the study, under every arm; if left out {PATIENTS}."),
    ] = None,
    horizon: Annotated[
        float | None,
        typer.Option(
            metavar="MONTHS",
            help=f"Time is counted up to it; if left out to {HORIZON:g}, or to the study's own if that is shorter.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="S", help=f"Seed of their random numbers; if left out {SEED}.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=path_given,
            metavar="FILE",
            help="Draw the plane, or with --study the paths: .svg or .png.",
        ),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Surrogacy over published trials, in what papers say of patients, and with --study in virtual patients."""
    if study is None:
        _refuse_without_study({"--patients": patients, "--horizon": horizon, "--seed": seed})
    studies = studies_with(directory or own_directory())
    trials = trials_of(studies, Endpoint.LFS)
    both, stated = both_effects(trials), went_together(studies.values())
    found: tuple[StructureSurrogacy, ...] = ()
    if study is not None:
        planned = load_study(study)
        with progress("virtual patients") as tell:
            found = surrogacy_in(
                planned,
                patients=PATIENTS if patients is None else patients,
                horizon=horizon,
                seed=SEED if seed is None else seed,
                progress=None if tell is None else lambda fraction: tell("virtual patients", fraction),
            )
    if output is not None:
        if found:
            title = f"{planned.study.title}: leukaemia-free time of {found[0].mediation.horizon:.0f} months"
            drawing = saved(NAME, lambda: mediation_figure(title, found), output)
        else:
            predictions = predictions_of(trials, Endpoint.LFS, frozen_predictions())
            drawing = saved(NAME, lambda: surrogacy_plane(trials, predictions, both), output)
        write_whole(output.parent, {output.name: drawing})
    if as_json:
        print_json(_document(both, stated, found) | {"file": None if output is None else str(output)})
        return
    _show(both, stated, found)
    if output is not None:
        results().print(f"{output}", markup=False)


def _refuse_without_study(options: Mapping[str, float | None]) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        verb = "is" if len(given) == 1 else "are"
        raise InputError(f"{listed(given)} {verb} of the virtual patients of a study: name it with --study")


def _show(both: BothEffects, stated: tuple[WentTogether, ...], found: tuple[StructureSurrogacy, ...]) -> None:
    out = results()
    out.print(over_trials(both), markup=False)
    for effect in both.found:
        out.print(
            f"  {effect.trial}: {effect.marker}, treated over control {math.exp(effect.log_ratio):.2f} "
            f"({effect.times}) [{effect.place}]",
            markup=False,
        )
    for name, why in both.without:
        out.print(f"  {name}: {why}", markup=False)
    out.print()
    for line in published_statements(stated):
        out.print(line, markup=False)
    if not found:
        _show_recorded()
        return
    rows = [
        (each.structure.name, path.path.value, *map(_months, (path.alone, path.lost, path.part)))
        for each in found
        for path in each.mediation.paths
    ]
    out.print()
    out.print(table("Months of leukaemia-free time through each kind of cell (± Monte Carlo error)", HEAD, rows))
    rows = [
        (
            each.structure.name,
            one.path.value,
            f"{one.rise[0]:.1f} ({one.rise[1]:.1f} to {one.rise[2]:.1f})",
            "–" if one.treated is None else _three(one.treated.value, one.treated.lower, one.treated.upper),
            "–" if one.treated is None else f"{one.treated.p_value:.2g}",
            "–" if one.association is None else _three(*_limits(one.association)),
        )
        for each in found
        for one in each.within
    ]
    out.print()
    out.print(table("Within patients", WITHIN, rows))
    out.print()
    for line in (*plain_answer(found), "", *refutation(found)):
        out.print(line, markup=False)


def _show_recorded() -> None:
    out, recorded = results(), surrogacy_answers()
    first = recorded.studies[0]
    out.print(f"\nWithin {recorded.patients:,} virtual patients of {first.title}, recorded:", markup=False)
    for line in first.answer:
        out.print(f"  {line}", markup=False)
    out.print("Name a study with --study to follow its patients now, with what would refute this.", markup=False)


def _limits(found: Correlation) -> tuple[float, float, float]:
    return found.value, found.lower, found.upper


def _three(value: float, lower: float, upper: float) -> str:
    return f"{value:.3f} ({lower:.3f} to {upper:.3f})"


def _months(found: Estimate) -> str:
    return with_error(signed(found.value, 2), found.error, 2)


def _document(
    both: BothEffects, stated: tuple[WentTogether, ...], found: tuple[StructureSurrogacy, ...]
) -> dict[str, Any]:
    level = both.level
    return {
        "over_trials": {
            "looked_at": both.looked_at,
            "with_both": [
                {"trial": each.trial, "marker": each.marker, "log_ratio": each.log_ratio, "place": each.place}
                for each in both.found
            ],
            "without": [{"trial": name, "why": why} for name, why in both.without],
            "refusal": both.refusal or None,
            "r2": None if level is None else list(level.explained),
            "threshold_log_ratio": None if level is None else level.threshold,
        },
        "published": [
            {
                "study": each.study,
                "marker": each.row.marker,
                "went_with": each.row.goes_with.value if each.row.goes_with else None,
                "judged_on": each.row.judged_on.value if each.row.judged_on else None,
                "words": each.row.with_clinical,
            }
            for each in stated
        ],
        "virtual_patients": [surrogacy_document(each) for each in found],
        "answer": list(plain_answer(found)) if found else None,
        "recorded": [
            {"study": each.study, "title": each.title, "answer": each.answer, "refutation": each.refutation}
            for each in surrogacy_answers().studies
        ],
        "refutation": list(refutation(found)) if found else None,
    }
