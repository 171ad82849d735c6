"""``trialeukin design``: from assumptions to the table, the sentence and the pictures of a protocol."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.design_document import design_document
from trialeukin.cli.design_multi_arm import multi_arm, refuse_beside_treatments, show_multi_arm
from trialeukin.cli.design_options import Asked, design
from trialeukin.cli.design_words import refuse_trials
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.report.design_result import DesignResult
from trialeukin.report.design_sentence import notes, statistical_section
from trialeukin.report.design_tables import (
    SIMULATED_HEAD,
    Simulated,
    looks_table,
    simulated_table,
    sizes_head,
    sizes_table,
)
from trialeukin.store.whole_files import write_whole
from trialeukin.trial.simulation.of_design import plan_of, truths_of

PAGE = "design.html"
SEED = 19_808


def command(  # noqa: PLR0913, PLR0917 the options of a command are its arguments
    study: Annotated[
        Path | None,
        typer.Argument(
            parser=path_given, metavar="STUDY.toml", help="A study to design anew; options replace what it says."
        ),
    ] = None,
    hazard_ratio: Annotated[
        float | None, typer.Option("--hazard-ratio", metavar="HR", help="Treated over control, to be detected.")
    ] = None,
    margin: Annotated[
        float,
        typer.Option("--margin", metavar="HR", help="Hazard ratio of the null; above 1: non-inferiority."),
    ] = 1.0,
    control_median: Annotated[
        float | None,
        typer.Option("--control-median", metavar="MONTHS", help="Control's median; with --cure of the uncured."),
    ] = None,
    control_survival: Annotated[
        str | None, typer.Option("--control-survival", metavar="S@MONTH,...", help="Control's curve: 0.45@36,0.42@60.")
    ] = None,
    cure: Annotated[
        float | None, typer.Option("--cure", metavar="FRACTION", help="Fraction of control that never has the event.")
    ] = None,
    treated_cure: Annotated[
        float | None,
        typer.Option("--treated-cure", metavar="FRACTION", help="The same of treatment, instead of --hazard-ratio."),
    ] = None,
    delay: Annotated[
        float | None, typer.Option("--delay", metavar="MONTHS", help="Time without effect after randomisation.")
    ] = None,
    power: Annotated[
        float | None,
        typer.Option("--power", metavar="POWER", help="Power to detect the hazard ratio; 0.9 if left out."),
    ] = None,
    alpha: Annotated[
        float | None, typer.Option("--alpha", metavar="LEVEL", help="Level of the test, two-sided; 0.05 if left out.")
    ] = None,
    one_sided: Annotated[bool, typer.Option("--one-sided", help="The level is that of a one-sided test.")] = False,
    ratio: Annotated[
        float | None, typer.Option("--ratio", metavar="R", help="Treated patients for one control; 1 if left out.")
    ] = None,
    accrual: Annotated[
        str | None,
        typer.Option(
            "--accrual",
            metavar="RATE",
            help="Patients a month: 4 (goes on until the power is reached), or a shape RATExMONTHS,...: 2x6,6x18.",
        ),
    ] = None,
    accrual_months: Annotated[
        float | None,
        typer.Option(
            "--accrual-months",
            metavar="MONTHS",
            help="Even accrual that long; its rate is found, or given by --accrual.",
        ),
    ] = None,
    patients: Annotated[
        int | None, typer.Option("--patients", metavar="N", help="Patients of both arms: the power is found.")
    ] = None,
    follow_up_months: Annotated[
        float | None, typer.Option("--follow-up-months", metavar="MONTHS", help="From the last entry to the analysis.")
    ] = None,
    drop_out: Annotated[
        float | None, typer.Option("--drop-out", metavar="FRACTION", help="Lost to follow-up a year; 0 if left out.")
    ] = None,
    looks: Annotated[
        str | None,
        typer.Option(
            "--looks", metavar="F,...,1", help="Analyses at fractions of the events: 0.5,0.75,1; 1 if left out."
        ),
    ] = None,
    spending: Annotated[
        str | None,
        typer.Option(
            "--spending",
            metavar="NAME",
            help="obf, pocock, hsd:-4, power:3; wang-tsiatis:0 is O'Brien-Fleming's own; obf if left out.",
        ),
    ] = None,
    futility: Annotated[
        str | None,
        typer.Option("--futility", metavar="NAME", help="Spend beta to stop early: obf, pocock, hsd:-2, power:2."),
    ] = None,
    binding: Annotated[
        bool, typer.Option("--binding", help="Binding futility: the efficacy boundary counts on it.")
    ] = False,
    treatments: Annotated[
        int,
        typer.Option(
            "--treatments", metavar="K", help="Treatment arms; of 2 or more the best at the first of --looks goes on."
        ),
    ] = 1,
    prior: Annotated[
        str | None,
        typer.Option(
            "--prior", metavar="HR,SD", help="Prior for the assurance, SD of log HR; 0.6:0.75,0.2;0.4:1,0.05."
        ),
    ] = None,
    simulate: Annotated[
        int | None,
        typer.Option("--simulate", metavar="N", help="Run so many trials without and with the effect beside it."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of the simulated trials.")] = SEED,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path_given, metavar="DIR", help="Write a page with the pictures there."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Design a trial: events, patients, months, group-sequential boundaries and the sentence for the protocol.

    Without --patients the size for the power is found, with it the power. What a study's papers do not say of its
    plan is taken from what it found, and marked so.
    """
    asked = Asked(
        study=study, hazard_ratio=hazard_ratio, margin=margin, control_median=control_median,
        control_survival=control_survival, cure=cure, treated_cure=treated_cure, delay=delay, power=power, alpha=alpha,
        one_sided=one_sided, ratio=ratio, accrual=accrual, accrual_months=accrual_months, patients=patients,
        follow_up_months=follow_up_months, drop_out=drop_out, looks=looks, spending=spending, futility=futility,
        binding=binding, prior=prior,
    )  # fmt: skip
    if treatments != 1:
        refuse_beside_treatments(treatments, asked, output=output)
        show_multi_arm(multi_arm(asked, treatments), None if simulate is None else (simulate, seed), as_json=as_json)
        return
    found = design(asked)
    trials = None if simulate is None else _simulated(found, simulate, seed)
    page = None if output is None else _write(found, output)
    if as_json:
        seen = {} if trials is None else {"no_effect": asdict(trials.null), "effect": asdict(trials.effect)}
        print_json(design_document(found) | {"simulated": seen or None} | ({"page": str(page)} if page else {}))
        return
    _show(found)
    if trials is not None:
        out = results()
        out.print()
        out.print(table("", SIMULATED_HEAD, simulated_table(found, trials), numeric=(1, 2, 3, 4)))
    results().print(
        f"\nPage: {page}" if page else "\nWith --output DIR a page with the pictures is written.", markup=False
    )


def _simulated(found: DesignResult, trials: int, seed: int) -> Simulated:
    # The compiled analysis takes a second to load and is not always asked for.
    from trialeukin.trial.simulation.operating import run_trials, summarised  # noqa: PLC0415

    refuse_trials(trials)
    plan = plan_of(found.schedule)
    threads = os.cpu_count() or 1
    null, effect = (
        summarised(plan, run_trials(plan, truth, seed=seed, most=trials, threads=threads), precise=True)
        for truth in truths_of(found.schedule)
    )
    return Simulated(null=null, effect=effect)


def _write(found: DesignResult, directory: Path) -> Path:
    # Drawing takes a second to load and is not always asked for.
    from trialeukin.report.design_page import design_page, pictures, standing_alone  # noqa: PLC0415

    drawings = {f"{drawn.name}.svg": standing_alone(drawn) for drawn in pictures(found)}
    page, *_ = write_whole(directory, {PAGE: design_page(found)} | drawings)
    return page


def _show(found: DesignResult) -> None:
    out = results()
    head, rows = looks_table(found)
    out.print(table(found.title, head, rows, numeric=tuple(range(1, len(head)))))
    out.print(f"\n{statistical_section(found)}", markup=False)
    for note in notes(found):
        out.print(note, markup=False)
    if found.sizes:
        out.print()
        head = sizes_head(found)
        out.print(table("", head, sizes_table(found), numeric=tuple(range(1, len(head)))))
    for stated in found.sources:
        out.print(f"{stated.words} [{stated.source}]" if stated.source else stated.words, markup=False)
