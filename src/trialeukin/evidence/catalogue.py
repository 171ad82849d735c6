"""The base as a whole: every study's file read once, and a user's own beside them."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from trialeukin.core.errors import RegimenError, StudyError
from trialeukin.evidence.assessments import FILE, Assessments, assessments_with, refuse_unknown
from trialeukin.evidence.published_study import PublishedArm, PublishedStudy
from trialeukin.evidence.selection import named_pools
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import regimen_of
from trialeukin.regimen.products import product
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.section import KeyPathError
from trialeukin.trial.toml_model import model_from_text, pointed, text_of

SUFFIX = ".toml"


def study_from_text(text: str, *, name: str) -> PublishedStudy:
    """Return the published study that a TOML text describes, with every regimen parsed and expanded.

    Raises
    ------
    StudyError
        With the line of each key at fault.
    """
    if not text.strip():
        raise StudyError(f"{name}: the file is empty: it needs the tables [study], [sources.NAME], [[arms]] ...")
    study = model_from_text(PublishedStudy, text, name=name)
    for index, arm in enumerate(study.arms):
        try:
            _refuse_regimen(arm)
        except RegimenError as fault:
            raise pointed(text, name, ("arms", index, "regimen"), str(fault)) from fault
        except KeyPathError as fault:
            raise pointed(text, name, ("arms", index, *fault.path), str(fault)) from fault
    return study


def _refuse_regimen(arm: PublishedArm) -> None:
    """Refuse a regimen that is none, has a dose that is not known, or other IL-2 than its arm says."""
    if arm.regimen is None:
        return
    doses = expand(regimen_of(arm.regimen, name=f"regimen of {arm.name}"))
    if any(dose.amount is None for dose in doses) and arm.not_known() is None:
        raise KeyPathError(("regimen",), "a dose is unknown: say under 'missing' what is not known")
    given = {dose.route for dose in doses if product(dose.drug).is_interleukin_2}
    if arm.role.has_il2 and not given:
        drugs = ", ".join(dict.fromkeys(dose.drug for dose in doses))
        raise KeyPathError(
            ("regimen",),
            f"no IL-2 in it, only {drugs}, and the arm's role is {arm.role.value!r}: write the IL-2 (aldesleukin ...); "
            "leave the regimen out where it is not known and say so under 'missing'; or give the arm another role",
        )
    if given and not arm.role.has_il2:
        raise KeyPathError(("role",), f"{arm.role.value!r} is without IL-2, and the regimen has it: mend one")
    routes = given or {dose.route for dose in doses}
    if arm.routes and routes != set(arm.routes) and arm.not_known() is None:
        written, found = (", ".join(sorted(each.value for each in part)) for part in (set(arm.routes), routes))
        raise KeyPathError(
            ("routes",), f"{written}, and the regimen has {found}{' for IL-2' if given else ''}: mend one"
        )


def load_published(path: Path) -> PublishedStudy:
    """Return the published study that a file describes; faults name the file, the line and the key."""
    text, _ = text_of(path)
    return study_from_text(text, name=str(path))


@cache
def own_studies() -> Mapping[str, PublishedStudy]:
    """Return the studies that come with this package, by their names, in the order of these."""
    files = resources.files("trialeukin.evidence").joinpath("studies").iterdir()
    texts = {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(SUFFIX)}
    return by_name(study_from_text(texts[name], name=name) for name in sorted(texts))


def studies_with(directory: Path | None) -> Mapping[str, PublishedStudy]:
    """Return the studies of the package and those of a user's directory, if there is one.

    Raises
    ------
    StudyError
        When a file of the directory is at fault or describes a study that is there already, or an assessment is not
        complete.
    """
    found = [load_published(path) for path in files_of(directory)]
    return _assessed(by_name((*own_studies().values(), *found)), assessments_with(directory))


def added_to(studies: Mapping[str, PublishedStudy]) -> tuple[str, ...]:
    """Return the names of the studies that do not come with this package, but are a user's own."""
    return tuple(name for name in studies if name not in own_studies())


def files_of(directory: Path | None) -> tuple[Path, ...]:
    """Return the files of studies in a user's directory, if there is one; that of assessments is none."""
    if directory is None or not directory.is_dir():
        return ()
    return tuple(path for path in sorted(directory.glob(f"*{SUFFIX}")) if path.name != FILE)


def _assessed(studies: Mapping[str, PublishedStudy], found: Assessments) -> Mapping[str, PublishedStudy]:
    """Return studies with what judges made of them."""
    refuse_unknown(found, studies, tuple(named_pools()))
    judged = {each.study: each.risk_of_bias for each in found.studies}
    return {
        name: study.model_copy(update={"risk_of_bias": judged[name]}) if name in judged else study
        for name, study in studies.items()
    }


def by_name(studies: Iterable[PublishedStudy]) -> Mapping[str, PublishedStudy]:
    """Return studies by their names.

    Raises
    ------
    StudyError
        When two have one name.
    """
    named: dict[str, PublishedStudy] = {}
    for study in studies:
        if study.study.id in named:
            raise StudyError(f"study {study.study.id} is there twice: give the second another id, or remove it")
        named[study.study.id] = study
    return dict(sorted(named.items()))


def published(name: str, studies: Mapping[str, PublishedStudy]) -> PublishedStudy:
    """Return one study by its name, whatever its case.

    Raises
    ------
    StudyError
        When there is none of that name.
    """
    found = studies.get(name.upper().replace("-", "_"))
    if found is None:
        hint = did_you_mean(name.upper(), tuple(studies))
        raise StudyError(
            f"no study {name!r} among the {len(studies)} of the base{hint}; 'trialeukin evidence list' has them"
        )
    return found
