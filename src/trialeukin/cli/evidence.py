"""``trialeukin evidence``: the base of published studies: list, show, check, add, pool."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from trialeukin.cli.by_name import add_commands
from trialeukin.cli.evidence_directory import (
    Directory,
    NewDirectory,
    OfDisease,
    OfLineage,
    OfSetting,
    own_directory,
)
from trialeukin.cli.evidence_text import described, summary_document, summary_row
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, choices_of, path_given
from trialeukin.core.errors import StudyError
from trialeukin.evidence.assessments import assessments_with
from trialeukin.evidence.catalogue import (
    SUFFIX,
    by_name,
    files_of,
    load_published,
    own_studies,
    published,
    studies_with,
)
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.vocabulary import Design
from trialeukin.regimen.administration import Route

APART = {  # each in a module of its own
    "pool": "Pool hazard ratios of the base.",
    "forest": "Draw a forest plot, simulated trials below.",
    "dose-response": "Regress hazard ratios on computed exposure.",
    "surrogacy": "Tell why markers and survival need not go together.",
    "network": "Compare treatments or schedules as a network.",
    "compare": "Set groups of patients, published and predicted, side by side.",
    "decide": "Tell what a pool decides, and what one more trial would add.",
    "reconstruct": "Reconstruct patients from published curves and numbers at risk.",
    "scoreboard": "Score frozen predictions against published results.",
}
HEAD = ("study", "year", "design", "disease", "setting", "n", "routes of IL-2", "hazard ratios", "regimen computed")


def commands(arguments: Sequence[str] | None) -> typer.Typer:
    """Return the group, with those commands loaded that the arguments name; without arguments, with all."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Published studies of IL-2 in leukaemia as checked data, and pools of them.",
    )
    group.command("list", short_help="List the studies.")(list_studies)
    group.command(short_help="Show everything the base holds of one study.")(show)
    group.command(short_help="Check every file of the base and of your own.")(check)
    group.command(short_help="Add a study of your own.")(add)
    add_commands(group, APART, arguments, before="trialeukin.cli.evidence_")
    return group


def list_studies(  # noqa: PLR0913
    *,
    disease: OfDisease = None,
    lineage: OfLineage = None,
    setting: OfSetting = None,
    route: Annotated[
        Route | None,
        typer.Option(
            case_sensitive=False,
            metavar="ROUTE",
            help=f"A route of IL-2 in an arm: {', '.join(choices_of(Route))}.",
        ),
    ] = None,
    design: Annotated[
        Design | None,
        typer.Option(case_sensitive=False, metavar="DESIGN", help=f"How it was made: {', '.join(choices_of(Design))}."),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """List studies: design, disease, setting, size, routes, and whether their regimens can be computed."""
    found = [
        study
        for study in _studies(directory).values()
        if (disease is None or disease.is_named_in(study.study.disease))
        and (lineage is None or study.study.lineage is lineage)
        and (setting is None or setting in study.study.settings)
        and (route is None or any(route in arm.routes for arm in study.arms))
        and (design is None or study.study.design is design)
    ]
    if as_json:
        print_json([summary_document(study) for study in found])
        return
    rows = [summary_row(study) for study in found]
    results().print(table(f"{len(found)} of {len(_studies(directory))} studies", HEAD, rows, numeric=(5,)))


def show(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Its name, such as KOLITZ2014.")],
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Show one study: arms with regimens, results, curves, markers, toxicity, conflicts and gaps, with places."""
    found = published(study, _studies(directory))
    if as_json:
        print_json(_document(found))
        return
    out = results()
    for line in described(found):
        out.print(line, markup=False)


def check(directory: Directory = None, as_json: AsJson = False) -> None:
    """Check schema, regimens, places, sums and reconstructed hazard ratios; count what is missing or contradicts."""
    place = directory or own_directory()
    own, faults = [], []
    for path in files_of(place):
        try:
            own.append(load_published(path))
        except StudyError as fault:
            faults.append(str(fault))
    if faults:
        raise StudyError("\n".join(faults))
    by_name((*own_studies().values(), *own))
    counts = _counts(studies_with(place)) | {"pools whose certainty was judged": len(assessments_with(place).pools)}
    if as_json:
        print_json(counts)
        return
    rows = [(name, str(number)) for name, number in counts.items()]
    results().print(table("All files are understood", ("what", "how many"), rows, numeric=(1,)))


def add(
    file: Annotated[Path, typer.Option("--from", parser=path_given, metavar="FILE", help="A study's TOML file.")],
    directory: NewDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Check a study's file and keep a copy; a file with a fault is not kept, and nothing is half-written."""
    found = load_published(file)
    place = directory or own_directory()
    name = found.study.id.lower().replace("_", "-") + SUFFIX
    by_name((*studies_with(place).values(), found))
    target = place / name
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=".") as aside:
            part = Path(aside) / name
            part.write_bytes(file.read_bytes())
            part.replace(target)
    except OSError as fault:
        raise StudyError(
            f"{place} cannot be written ({fault.strerror}): name a directory with --directory in which you may write"
        ) from None
    if as_json:
        print_json({"study": found.study.id, "file": str(target)})
        return
    results().print(f"{found.study.id} is kept in {target}", markup=False)


def _studies(directory: Path | None) -> Mapping[str, PublishedStudy]:
    return studies_with(directory or own_directory())


def _document(study: PublishedStudy) -> dict[str, Any]:
    found: dict[str, Any] = study.model_dump(mode="json", exclude_none=True)
    return found


def _counts(studies: Mapping[str, PublishedStudy]) -> dict[str, int]:
    lists = ("arms", "effects", "outcomes", "curves", "markers", "toxicities", "conflicts")
    counts = {"studies": len(studies)}
    counts |= {name: sum(len(getattr(study, name)) for study in studies.values()) for name in lists}
    arms = [arm for study in studies.values() for arm in study.arms if arm.role.has_il2]
    counts["arms with IL-2 whose regimen can be computed"] = sum(arm.not_known() is None for arm in arms)
    counts["arms with IL-2 that say what is missing"] = sum(arm.not_known() is not None for arm in arms)
    counts["gaps of studies"] = sum(len(study.study.gaps) for study in studies.values())
    counts["risk of bias assessed"] = sum(study.risk_of_bias is not None for study in studies.values())
    return counts
