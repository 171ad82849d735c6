"""What the commands on evidence say of one study, in lines."""

from collections.abc import Iterator

from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.published_study import CurvePoint, PublishedArm, PublishedStudy, Reading
from trialeukin.evidence.sourced import Sourced
from trialeukin.evidence.vocabulary import Sign
from trialeukin.regimen.library import LIBRARY, regimen_of
from trialeukin.regimen.render import render
from trialeukin.report.published_tables import ratio_of


def summary_row(study: PublishedStudy) -> tuple[str, ...]:
    """Return a row of the list of studies."""
    about = study.study
    il2 = [arm for arm in study.arms if arm.role.has_il2]
    known = sum(arm.not_known() is None for arm in il2)
    routes = dict.fromkeys(route.value for arm in il2 for route in arm.routes)
    endpoints = dict.fromkeys(effect.endpoint.value.upper() for effect in study.effects)
    return (
        about.id,
        str(about.year or ""),
        about.design.value,
        about.disease,
        ", ".join(setting.label for setting in about.settings),
        str(about.n or ""),
        ", ".join(routes),
        ", ".join(endpoints),
        f"{known} of {len(il2)} arms" if il2 else "",
    )


def summary_document(study: PublishedStudy) -> dict[str, object]:
    """Return what the list of studies says of one, for JSON."""
    about = study.study
    il2 = [arm for arm in study.arms if arm.role.has_il2]
    return {
        "study": about.id,
        "year": about.year,
        "design": about.design.value,
        "disease": about.disease,
        "lineage": about.lineage.value,
        "settings": [setting.value for setting in about.settings],
        "n": about.n,
        "routes": list(dict.fromkeys(route.value for arm in il2 for route in arm.routes)),
        "outcomes": list(dict.fromkeys(effect.endpoint.value for effect in study.effects)),
        "arms_with_il2": len(il2),
        "arms_computed": sum(arm.not_known() is None for arm in il2),
    }


def described(study: PublishedStudy) -> Iterator[str]:
    """Return the lines that show everything the base holds of a study."""
    about = study.study
    where = " ".join(str(each) for each in (about.journal, about.year) if each)
    yield f"{about.id}: {'; '.join(each for each in (about.authors, where) if each) or 'no reference'}"
    for label, text in (
        ("design", f"{about.design.value} ({about.design_as_published})"),
        ("disease", f"{about.disease} ({about.lineage.value})"),
        ("setting", f"{', '.join(each.label for each in about.settings)} ({about.setting_as_published})"),
        ("patients", f"{about.n or ''} {about.n_as_published or ''} {about.ages or ''}".strip()),
        ("accrual", about.accrual),
        ("follow-up", about.follow_up),
        ("note", about.note),
        ("risk of bias", _bias(study)),
    ):
        if text:
            yield f"  {label}: {text}"
    yield from (f"  gap: {gap}" for gap in about.gaps)
    yield from (
        f"  source {name}: {work.work}{f', {work.url}' if work.url else ''}" for name, work in study.sources.items()
    )
    for arm in study.arms:
        yield from _arm(arm)
    for heading, rows in (
        ("Hazard ratios", [_effect(effect) for effect in study.effects]),
        ("Results", [f"{row.endpoint}, {row.measure}: {_reading(row)}" for row in study.outcomes]),
        ("Curves", [_curve(point) for point in study.curves]),
        ("Markers", [f"{row.marker}: {_reading(row, row.unit or '')}" for row in study.markers]),
        ("Toxicity", [f"{_graded(row.item, row.grade)}: {_reading(row)}" for row in study.toxicities]),
        ("Conflicts", [f"{each.what}{f'; kept: {each.kept}' if each.kept else ''}" for each in study.conflicts]),
    ):  # fmt: skip
        if rows:
            yield ""
            yield heading
            yield from (f"  {row}" for row in rows)


def _bias(study: PublishedStudy) -> str:
    judged = study.risk_of_bias
    return (
        "not assessed"
        if judged is None
        else f"{judged.judgement.value} ({judged.judge}, {judged.date}): {judged.reasons}"
    )


def _arm(arm: PublishedArm) -> Iterator[str]:
    yield ""
    yield f"Arm {arm.name} ({arm.role.label}{f', n = {arm.n}' if arm.n else ''}): {arm.treatment} [{_place(arm)}]"
    if arm.regimen is not None:
        named = f" ({arm.regimen.removeprefix(LIBRARY)} of the library)" if arm.regimen.startswith(LIBRARY) else ""
        yield f"  regimen: {render(regimen_of(arm.regimen))}{named}"
    for label, text in (
        ("setting", ", ".join(each.label for each in arm.settings)),
        ("missing", arm.not_known()),
        ("assumed", arm.assumed.get("regimen")),
        ("dose as published", arm.dose_as_published),
        ("schedule as published", arm.schedule_as_published),
        ("beside", arm.beside),
        ("counts", arm.counts_as_published),
    ):
        if text:
            yield f"  {label}: {text}"


def _effect(effect: PublishedEffect) -> str:
    sign = "±" if effect.sign is Sign.UNKNOWN else ""
    ratio = "" if (found := ratio_of(effect)) is None else f"HR {found}, "
    error = "no standard error" if effect.se is None else f"SE {effect.se:g}"
    again = "" if effect.se is None else f", rounding alone moves log HR by {effect.reconstructed().rounding:.3f}"
    return (
        f"{effect.endpoint.value.upper()}, {effect.population}: "
        f"{ratio}log HR {sign}{effect.log_hazard_ratio:g}, {error}, "
        f"from {effect.origin.value}{again} [{_place(effect)}]"
    )


def _curve(point: CurvePoint) -> str:
    when = f"month {point.months:g}" if point.months else point.time
    who = f" ({point.population})" if point.population else ""
    limits = f"{point.survival:g}{_limits(point)}"
    return f"{point.endpoint}, {point.arm}{who}, {when} from {point.origin}: {limits} [{_place(point)}]"


def _reading(row: Reading, unit: str = "") -> str:
    value = row.words if row.value is None else f"{row.value:g} {unit}".strip()
    p = f"p {row.p_as_printed or f'{row.p:g}'}" if row.p is not None or row.p_as_printed else ""
    counts = f"{row.events} of {row.n}" if row.events is not None and row.n else ""
    who = f"{row.arm}{f' ({row.population})' if row.population else ''}{f', {row.time}' if row.time else ''}"
    said = ", ".join(part for part in (f"{value or ''}{_limits(row)}".strip(), counts, p) if part)
    return f"{who}: {said} [{_place(row)}]"


def _limits(row: Reading | CurvePoint) -> str:
    if row.lower is None and row.upper is None:
        return ""
    low, high = ("?" if limit is None else f"{limit:g}" for limit in (row.lower, row.upper))
    return f" ({low} to {high})"


def _graded(item: str, grade: str | None) -> str:
    return item if grade is None else f"{item}, grade {grade}"


def _place(row: Sourced) -> str:
    return f"{row.source}, {row.place}; {row.quality.value}"
