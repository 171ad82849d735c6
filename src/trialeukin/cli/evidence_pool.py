"""``trialeukin evidence pool``: hazard ratios of the base in one, never without k, method and heterogeneity."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from trialeukin.cli.evidence_choice import USUAL, say_outside_of, with_choice
from trialeukin.cli.evidence_directory import Directory, Outcome, own_directory
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.core.errors import InputError
from trialeukin.evidence.assessments import assessments_with
from trialeukin.evidence.bayesian import VAGUE, Posterior, Priors, posterior
from trialeukin.evidence.catalogue import studies_with
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.grouping import GroupBy, parted
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.meta_regression import Subgroups
from trialeukin.evidence.pooling import IntervalMethod, PredictionMethod
from trialeukin.evidence.selection import by_reason
from trialeukin.evidence.synthesis import Method, Synthesis
from trialeukin.evidence.vocabulary import Origin
from trialeukin.report.evidence_figures import (
    described,
    forest_of,
    plots_beside,
    pools_of,
    said_of_small_studies,
    said_of_subgroups,
)
from trialeukin.report.forest_figure import forest_figure
from trialeukin.report.pool_document import pool_document, subgroups_document
from trialeukin.report.printed_figure import as_png, as_svg
from trialeukin.report.wording import with_limits
from trialeukin.store.finite import estimate_document
from trialeukin.store.whole_files import write_whole
from trialeukin.trial.endpoint import Endpoint

METHODS = (
    "Variance between studies: fe (none, a fixed effect), dl (DerSimonian-Laird), he (Hedges), hs (Hunter-Schmidt), "
    "sj (Sidik-Jonkman), ml and reml (likelihood), eb (empirical Bayes), pm (Paule-Mandel)."
)
TAU_SCALES = (0.01, 10.0)  # with 10 nothing is believed: trials may differ 10,000-fold
HEAD = ("", "HR", "95 %", "weight", "risk of bias")


@with_choice(USUAL)
def command(  # noqa: PLR0913
    *,
    outcome: Outcome = Endpoint.LFS,
    choice: Choice,
    method: Annotated[
        BetweenMethod, typer.Option(case_sensitive=False, metavar="METHOD", help=METHODS)
    ] = BetweenMethod.RESTRICTED_LIKELIHOOD,
    hartung_knapp: Annotated[
        bool, typer.Option("--hartung-knapp", help="Errors and t quantiles of Hartung and Knapp.")
    ] = False,
    never_narrower: Annotated[
        bool,
        typer.Option("--never-narrower", help="With --hartung-knapp: limits never narrower than the normal ones."),
    ] = False,
    by: Annotated[GroupBy | None, typer.Option(case_sensitive=False, help="Pool subgroups too.")] = None,
    bayes: Annotated[bool, typer.Option("--bayes", help="The posterior under stated priors too.")] = False,
    tau_scale: Annotated[
        float,
        typer.Option(
            metavar="SD",
            help=f"Scale of tau's half-normal prior, on log HR, from {TAU_SCALES[0]:g} to {TAU_SCALES[1]:g}.",
        ),
    ] = VAGUE.scale,
    leave_one_out: Annotated[bool, typer.Option("--leave-one-out", help="Show the pool without each study.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=path_given,
            metavar="DIR",
            help="Write forest, funnel, Baujat and drapery plots there.",
        ),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Pool hazard ratios: a pool with a name, or all studies that meet the criteria."""
    if tau_scale != VAGUE.scale and not bayes:
        raise InputError("--tau-scale is of the posterior's prior: give --bayes too")
    kept = directory or own_directory()
    chosen = Method(between=method, interval=_interval(hartung_knapp, never_narrower))
    studies = studies_with(kept)
    found = choice.judged(choice.synthesis(studies, outcome, chosen), assessments_with(kept))
    parts = None if by is None else parted(found, by, chosen)
    after = posterior(found.pooled.effects, _priors(tau_scale)) if bayes else None
    written = () if output is None else _write(found, parts, output)
    if as_json:
        subgroups = {} if parts is None else {"subgroups": subgroups_document(parts)}
        files = {"files": [str(path) for path in written]}
        print_json(pool_document(choice.named, found) | subgroups | _posterior(after) | files)
        return
    _show(found, parts, leave_one_out)
    say_outside_of(choice, studies)
    if after is not None:
        for line in _posterior_lines(after):
            results().print(line, markup=False)
    for path in written:
        results().print(f"{path}", markup=False)


def _priors(tau_scale: float) -> Priors:
    if not TAU_SCALES[0] <= tau_scale <= TAU_SCALES[1]:
        raise InputError(f"--tau-scale {tau_scale:g}: give {TAU_SCALES[0]:g} to {TAU_SCALES[1]:g}, on log HR")
    return replace(VAGUE, scale=tau_scale)


def _interval(hartung_knapp: bool, never_narrower: bool) -> IntervalMethod:
    if never_narrower and not hartung_knapp:
        raise InputError("--never-narrower is of Hartung and Knapp's interval: give --hartung-knapp too")
    if never_narrower:
        return IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL
    return IntervalMethod.HARTUNG_KNAPP if hartung_knapp else IntervalMethod.NORMAL


def _write(found: Synthesis, parts: Subgroups | str | None, directory: Path) -> tuple[Path, ...]:
    forest = forest_of(found, pools_of(parts))
    painters = {"forest": lambda: forest_figure(forest)} | plots_beside(found)
    drawn = {
        f"{name}.{ending}": save(name, paint)
        for name, paint in painters.items()
        for ending, save in (("svg", as_svg), ("png", as_png))
    }
    return write_whole(directory, drawn)


def _show(found: Synthesis, parts: Subgroups | str | None, leave_one_out: bool) -> None:
    out = results()
    forest = forest_of(found, pools_of(parts))
    rows = [
        (row.label, row.numbers.split(" ")[0], row.numbers.partition(" ")[2].strip("()"), row.share, row.bias)
        for row in forest.rows
    ]
    out.print(table(forest.title, HEAD, rows, numeric=(1, 3)))
    out.print()
    out.print(described(found.pooled), markup=False)
    for law in PredictionMethod:
        if (limits := found.pooled.prediction(law)) is not None:
            low, high = (math.exp(limit) for limit in limits)
            out.print(f"95 % prediction interval ({law.value}): {low:.2f} to {high:.2f}", markup=False)
    if parts is not None:
        out.print(f"subgroups: {said_of_subgroups(parts)}", markup=False)
    if line := said_of_small_studies(found.small_studies):
        out.print(line, markup=False)
    if leave_one_out and not found.without:
        out.print("leave-one-out: of one study nothing is left", markup=False)
    elif leave_one_out:
        out.print()
        out.print(table("Leave-one-out", ("without", "HR", "95 %", "k", "I²"), _without(found), numeric=(1, 3, 4)))
    out.print()
    if of_curves := [each.name for each in found.selection.taken if each.effect.origin is Origin.CURVES]:
        out.print(f"pooled, of reconstructed curves and no printed number: {', '.join(of_curves)}", markup=False)
    for line in by_reason(found.selection.left_out):
        out.print(f"not pooled: {line}", markup=False)
    for name, reason in found.selection.without_sign:
        out.print(f"not in the primary pool: {name}: {reason}", markup=False)


def _posterior_lines(found: Posterior) -> tuple[str, str]:
    effect, further, tau = found.effect, found.new_study, found.tau
    median, low, high = (math.exp(value) for value in (effect.median, effect.lower, effect.upper))
    new = " to ".join(f"{math.exp(value):.2f}" for value in (further.lower, further.upper))
    return (
        f"posterior (k = {found.k}; {found.priors}): HR {with_limits(median, low, high)}, "
        f"P(HR < 1) {found.below_zero:.2f}",
        f"  tau {with_limits(tau.median, tau.lower, tau.upper)}; 95 % prediction interval: {new}",
    )


def _posterior(found: Posterior | None) -> dict[str, Any]:
    if found is None:
        return {}
    effect, new, tau = found.effect, found.new_study, found.tau
    return {
        "posterior": {
            "k": found.k,
            "priors": str(found.priors),
            "hazard_ratio": estimate_document(*map(math.exp, (effect.median, effect.lower, effect.upper))),
            "probability_below_1": found.below_zero,
            "tau": estimate_document(tau.median, tau.lower, tau.upper),
            "new_trial": [math.exp(value) for value in (new.lower, new.upper)],
        }
    }


def _without(found: Synthesis) -> list[tuple[str, ...]]:
    return [
        (
            each.label,
            f"{math.exp(each.without.estimate):.2f}",
            f"{math.exp(each.without.lower):.2f} to {math.exp(each.without.upper):.2f}",
            str(each.without.k),
            "–" if each.without.heterogeneity is None else f"{each.without.heterogeneity.i_squared:.0f} %",
        )
        for each in found.without
    ]
