"""A regimen in plain words, as a dose table, as totals and as JSON."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from trialeukin.regimen.administration import Administration, Per, Route
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT, scale
from trialeukin.regimen.course import HOURS, Course, Prescription, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.numerals import percentage
from trialeukin.regimen.plausible import warnings
from trialeukin.regimen.products import product, to_usual
from trialeukin.regimen.render import (
    cap_words,
    condition_words,
    day_count,
    days_words,
    dose_words,
    frequency_words,
    render,
    repeats_words,
    so_many_words,
    time_words,
)
from trialeukin.regimen.rules import Action, Adherence, DoseRule

LASTS = "also if this came and went between doses"
OBSERVATION = "No treatment: observation only."
ROUTES = {
    Route.IV_BOLUS: "as an intravenous bolus",
    Route.IV_INFUSION: "by intravenous infusion",
    Route.CIV: "by continuous intravenous infusion",
    Route.SC: "subcutaneously",
    Route.IM: "into a muscle",
    Route.IP: "into the peritoneum",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of consecutive days on which a drug is given alike.

    Attributes
    ----------
    drug : str
        Name of the product.
    route : Route
        How it is given.
    start_day, end_day : int
        First and last day, both included, as the text counts them.
    amount : float or None
        One administration's amount in ``unit``; None where it is not known.
    unit : str
        Unit of the amount, without its ``/m2`` or ``/kg``.
    per : Per
        What the amount is scaled by.
    times_per_day : int
        Administrations on each of the days.
    duration_h : float, h
        How long one administration runs.
    cap : float or None
        The most of one administration, in ``unit``.
    """

    drug: str
    route: Route
    start_day: int
    end_day: int
    amount: float | None
    unit: str
    per: Per
    times_per_day: int
    duration_h: float = 0.0
    cap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """All that a regimen plans of one drug; the amount is None where a dose is not known."""

    amount: float | None
    unit: str


def blocks(regimen: Regimen) -> tuple[Block, ...]:
    """Return the dose table: runs of consecutive equal days, by start and then in the order of the text."""
    found = [block for alike in _alike(expand(regimen)) for block in _runs(alike, regimen.first_day)]
    return tuple(sorted(found, key=lambda block: block.start_day))


def totals(regimen: Regimen, bsa: float, weight: float) -> dict[str, Total]:
    """Return the planned total of each drug for one patient, in the drug's usual unit.

    Parameters
    ----------
    regimen : Regimen
        What is planned.
    bsa : float, m2
        Body surface.
    weight : float, kg
        Body weight.
    """
    given = [scale(administration, bsa, weight) for administration in expand(regimen)]
    return {drug: _total(drug, [each for each in given if each.drug == drug]) for drug in regimen.drugs}


def sentence(regimen: Regimen) -> str:
    """Return a regimen in plain English."""
    if not regimen.courses:
        return OBSERVATION
    said = [
        *(_course_sentence(course, _subject(course, regimen)) for course in regimen.courses),
        _extent(regimen),
        *(_rule_sentence(rule) for rule in regimen.rules),
        *_adherence_sentences(regimen.adherence),
    ]
    return " ".join(said)


def as_json(regimen: Regimen, bsa: float | None = None, weight: float | None = None) -> dict[str, Any]:
    """Return a regimen as plain values: its text, sentence, dose table, events scaled to a patient, and totals.

    Parameters
    ----------
    regimen : Regimen
        What is planned.
    bsa : float or None, m2
        Body surface of the patient; 1.84 where not given.
    weight : float or None, kg
        Body weight of the patient; 70 where not given.

    Returns
    -------
    dict
        ``canonical``, ``sentence``, ``warnings``, ``patient``, ``blocks``, ``events`` and ``total`` (by drug); an
        amount that is not known is None.
    """
    surface = REFERENCE_BSA.value if bsa is None else bsa
    mass = REFERENCE_WEIGHT.value if weight is None else weight
    return {
        "canonical": render(regimen),
        "sentence": sentence(regimen),
        "warnings": list(warnings(regimen)),
        "patient": {"bsa_m2": surface, "weight_kg": mass},
        "blocks": [_block_json(block) for block in blocks(regimen)],
        "events": [_event_json(scale(administration, surface, mass)) for administration in expand(regimen)],
        "total": {
            drug: {"amount": total.amount, "unit": total.unit} for drug, total in totals(regimen, surface, mass).items()
        },
    }


def _alike(given: tuple[Administration, ...]) -> list[list[Administration]]:
    """Return administrations grouped by everything but their start, groups in the order they first occur."""
    groups: dict[Administration, list[Administration]] = {}
    for administration in given:
        groups.setdefault(replace(administration, start=0.0, begins_cycle=False), []).append(administration)
    return list(groups.values())


def _runs(alike: list[Administration], first_day: int) -> list[Block]:
    times = Counter(int(each.start // HOURS) + first_day for each in alike)
    ordered = enumerate(sorted(times.items()))
    runs = groupby(ordered, key=lambda item: (item[1][0] - item[0], item[1][1]))  # day minus rank is constant in a run
    model = alike[0]
    found = []
    for (_, count), run in runs:
        days = [day for _, (day, _) in run]
        found.append(
            Block(
                drug=model.drug,
                route=model.route,
                start_day=days[0],
                end_day=days[-1],
                amount=model.amount,
                unit=model.unit,
                per=model.per,
                times_per_day=count,
                duration_h=model.duration,
                cap=model.cap,
            )
        )
    return found


def _total(drug: str, given: list[Administration]) -> Total:
    item = product(drug)
    amount = 0.0
    for each in given:
        if each.amount is None:
            return Total(amount=None, unit=item.usual_unit)
        amount += to_usual(each.amount, each.unit, item)
    return Total(amount=amount, unit=item.usual_unit)


def _subject(course: Course, regimen: Regimen) -> str:
    """Return what a repeat repeats: all that a '+' joins, and nothing that a ';' parts from it."""
    these = "this" if len(course.prescriptions) == 1 else "these together"
    return these if all(each.repeats for each in regimen.courses) else f"only {these}"


def _course_sentence(course: Course, repeated_parts: str) -> str:
    items = " together with ".join(_prescription_words(item) for item in course.prescriptions)
    repeated = repeats_words(course.repeats).replace(", repeat", f", {repeated_parts}")
    return f"{items[0].upper()}{items[1:]}{repeated}."


def _prescription_words(item: Prescription) -> str:
    dose = "in a dose that its source does not give" if item.dose.amount is None else dose_words(item.dose)
    over = f" over {time_words(item.minutes)}" if item.route is Route.IV_INFUSION else ""
    cap = "" if item.cap is None else f"(at most {cap_words(item.cap)} a patient)"
    often = frequency_words(item.times_per_day, item.every)
    when = (f"on {days_words(item.days)}", so_many_words(item.doses))
    parts = (item.drug, dose, cap, f"{ROUTES[item.route]}{over}", often, *when)
    return " ".join(part for part in parts if part)


def _extent(regimen: Regimen) -> str:
    given = expand(regimen)
    last = max(each.start + max(each.duration, 1.0) for each in given)
    days = int(-(-last // HOURS))
    count = f"{len(given)} administration{'s' if len(given) > 1 else ''}"
    counted = "" if regimen.first_day == 1 else f", counted from day {regimen.first_day}"
    return f"In all {count} within {day_count(days)}{counted}."


def _rule_sentence(rule: DoseRule) -> str:
    what = "doses" if rule.drug is None else f"doses of {rule.drug}"
    when = condition_words(rule.condition)
    match rule.action:
        case Action.HOLD:
            if rule.fraction == 1.0:
                return f"Hold {what} while {when} and resume in full."
            return f"Hold {what} while {when} and resume at {percentage(rule.fraction)}, {LASTS}."
        case Action.DELAY:
            again = f"by {day_count(rule.step)} at a time" if rule.step > 1 else "day by day"
            limit = "" if rule.limit is None else f"; where {day_count(rule.limit)} are not enough, stop {what}"
            due = "each cycle" if rule.cycles else what
            return f"Put off {due} {again} while {when}, and all that follows as much{limit}."
        case Action.REDUCE:
            return f"Reduce {what} to {percentage(rule.fraction)} once {when}, {LASTS}."
        case Action.STOP:
            return f"Stop {what} once {when}, {LASTS}."


def _adherence_sentences(adherence: Adherence) -> list[str]:
    missed = [f"{percentage(adherence.missed)} of doses are missed."] if adherence.missed else []
    never = [f"{percentage(adherence.never_started)} of patients never start."] if adherence.never_started else []
    return missed + never


def _block_json(block: Block) -> dict[str, Any]:
    return {
        "drug": block.drug,
        "route": block.route.value,
        "start_day": block.start_day,
        "end_day": block.end_day,
        "amount": block.amount,
        "unit": block.unit,
        "per": block.per.value,
        "times_per_day": block.times_per_day,
        "duration_h": block.duration_h,
        "cap": block.cap,
    }


def _event_json(given: Administration) -> dict[str, Any]:
    return {
        "time_h": given.start,
        "duration_h": given.duration,
        "drug": given.drug,
        "amount": given.amount,
        "unit": given.unit,
        "route": given.route.value,
    }
