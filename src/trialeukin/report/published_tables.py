"""What the base holds of one published study, as tables: every number with its place and how near it is to the data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.published_study import CurvePoint, Marker, PublishedArm, PublishedStudy, Reading, Toxicity
from trialeukin.evidence.sourced import Sourced
from trialeukin.evidence.vocabulary import Role, Sign
from trialeukin.report.table import Table
from trialeukin.report.wording import with_limits, words

UNITS = {"1e9/L": "× 10⁹/L", "proportion of patients": "of patients"}  # as they stand behind a number
AGREED = ("what", "in whom", "found", "counts", "p", "from")


def study_tables(study: PublishedStudy) -> tuple[Table, ...]:
    """Return the tables of a study that have rows: hazard ratios, results, curves, biologic effects, toxicity."""
    tables = (
        _table(
            "Hazard ratios, treated over control",
            ("endpoint", "in whom", "hazard ratio (95 %)", "log hazard ratio", "standard error", "solved from", "from"),
            [_effect(each) for each in study.effects],
        ),
        _table(
            "Results", AGREED, [_reading(f"{each.endpoint}, {each.measure}", each, study) for each in study.outcomes]
        ),
        _table(
            "Survival by time",
            ("endpoint", "in whom", "when", "probability (95 %)", "from"),
            [_curve(each, study) for each in study.curves],
        ),
        _table(
            "Biologic effects",
            ("marker", *AGREED[1:5], "did it go with the clinical effect?", "from"),
            [_marker(each, study) for each in study.markers],
        ),
        _table(
            "Toxicity",
            AGREED,
            [toxicity_row(each, study) for each in study.toxicities],
        ),
    )
    return tuple(table for table in tables if table.rows)


def place_of(row: Sourced) -> str:
    """Return the work, the place in it, and how near it is to the data."""
    note = f"; {row.note}" if row.note else ""
    return f"{row.source}, {row.place}; {row.quality.value}{note}"


def arm_label(arm: PublishedArm, study: PublishedStudy) -> str:
    """Return what people call an arm: its role where no other arm of the study has it, else its name in words."""
    alone = [each.role for each in study.arms].count(arm.role) == 1
    return arm.role.label if alone and arm.role is not Role.OTHER else words(arm.name)


def _table(caption: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    return Table(caption=caption, head=head, rows=tuple(rows), numeric=(False,) * len(head))


def ratio_of(effect: PublishedEffect) -> str | None:
    """Return a hazard ratio with its 95 % interval, such as ``0.75 (0.52 to 1.08)``; None without a sign or error."""
    if effect.sign is Sign.UNKNOWN or effect.se is None:
        return None
    return with_limits(*(exp(effect.log_hazard_ratio + at * NORMAL_975 * effect.se) for at in (0.0, -1.0, 1.0)))


def _effect(effect: PublishedEffect) -> tuple[str, ...]:
    sign = "±" if effect.sign is Sign.UNKNOWN else ""
    return (
        effect.endpoint.value.upper(),
        effect.population,
        ratio_of(effect) or "–",
        f"{sign}{effect.log_hazard_ratio:g}",
        "none, so never pooled" if effect.se is None else f"{effect.se:g}",
        effect.origin.value,
        place_of(effect),
    )


def _curve(point: CurvePoint, study: PublishedStudy) -> tuple[str, ...]:
    when = f"month {point.months:g}" if point.months else (point.time or "")
    limits = "" if point.lower is None and point.upper is None else f" ({_limits(point.lower, point.upper)})"
    return (
        point.endpoint,
        _who(point, study),
        f"{when} from {point.origin}{', the median' if point.median else ''}",
        f"{point.survival:g}{limits}",
        place_of(point),
    )


def _marker(row: Marker, study: PublishedStudy) -> tuple[str, ...]:
    what, who, found, counts, p, place = _reading(row.marker, row, study)
    unit = f" {UNITS.get(row.unit, row.unit)}" if row.unit and row.value is not None else ""
    before = "" if row.baseline is None else f", before {row.baseline:g}{unit}"
    return what, who, f"{found}{unit}{before}", counts, p, row.with_clinical or "not said", place


def _reading(what: str, row: Reading, study: PublishedStudy) -> tuple[str, ...]:
    value = row.words if row.value is None else f"{row.value:g}"
    limits = "" if row.lower is None and row.upper is None else f" ({_limits(row.lower, row.upper)})"
    p = row.p_as_printed or ("" if row.p is None else f"{row.p:g}")
    counts = f"{row.events} of {row.n}" if row.events is not None and row.n else (f"n = {row.n}" if row.n else "")
    who = _who(row, study)
    return what, f"{who}, {row.time}" if row.time else who, f"{value or ''}{limits}", counts, p, place_of(row)


def toxicity_row(row: Toxicity, study: PublishedStudy) -> tuple[str, ...]:
    """Return a toxicity under the heads ``AGREED``."""
    return _reading(row.item if row.grade is None else f"{row.item}, grade {row.grade}", row, study)


def _who(row: CurvePoint | Reading, study: PublishedStudy) -> str:
    labels = {arm.name: arm_label(arm, study) for arm in study.arms}
    arms = re.sub(r"\w+", lambda word: labels.get(word.group(), word.group()), row.arm)  # such as ``il2 v control``
    return f"{arms} ({row.population})" if row.population else arms


def _limits(lower: float | None, upper: float | None) -> str:
    low, high = ("?" if limit is None else f"{limit:g}" for limit in (lower, upper))
    return f"{low} to {high}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BiologicEffects:
    """What the base holds of biologic effects, beside the clinical ones of the same studies.

    Attributes
    ----------
    with_marker, with_ratio : int
        Studies with a marker, and those among them with a hazard ratio of known sign too.
    said : int
        Statements of a study on whether a marker went with the clinical effect.
    table : Table
        Every marker with that statement and the study's hazard ratios.
    """

    with_marker: int
    with_ratio: int
    said: int
    table: Table


def biologic_effects(studies: Mapping[str, PublishedStudy]) -> BiologicEffects:
    """Return every marker of the base, with what its study says of the clinical effect and its hazard ratios."""
    marked = {name: study for name, study in studies.items() if study.markers}
    rows = [
        (name, *_marker(row, study)[:3], row.with_clinical or "not said", _ratios(study), place_of(row))
        for name, study in marked.items()
        for row in study.markers
    ]
    return BiologicEffects(
        with_marker=len(marked),
        with_ratio=sum(bool(_known(study)) for study in marked.values()),
        said=sum(row.with_clinical is not None for study in marked.values() for row in study.markers),
        table=_table(
            "Biologic effects, and what the same studies found clinically",
            (
                "study",
                "marker",
                "in whom",
                "found",
                "did it go with the clinical effect?",
                "hazard ratio (95 %)",
                "from",
            ),
            rows,
        ),
    )


def _known(study: PublishedStudy) -> list[PublishedEffect]:
    return [each for each in study.effects if each.sign is Sign.KNOWN and each.se is not None]


def _ratios(study: PublishedStudy) -> str:
    ratios = (f"{each.endpoint.value.upper()} {ratio_of(each)}, {each.population}" for each in _known(study))
    return "; ".join(ratios) or "none"
