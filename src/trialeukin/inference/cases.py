"""Reads the tables of cases, and refuses a row that has no meaning with its file, line and way out."""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from enum import Enum
from functools import cache
from importlib import resources
from typing import TypeVar

from trialeukin.core.errors import InputError
from trialeukin.core.sources import Source
from trialeukin.core.units import convert
from trialeukin.inference.case import (
    PERCENT,
    TYPICAL,
    Bound,
    Case,
    Group,
    Population,
    Reading,
    Scenario,
    Unusable,
    Use,
)
from trialeukin.inference.reading import parts_of, unit_of
from trialeukin.model.system import System
from trialeukin.model.whole import MODELS, model
from trialeukin.population.description import cohort_names, load_description
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.library import load, names
from trialeukin.regimen.parse import parse

COLUMNS = (
    "case", "group", "study", "model", "patients", "regimen", "start_day", "quantity", "reading", "from_day", "to_day",
    "threshold", "value", "unit", "spread", "low", "high", "n", "bound", "use", "reason", "key", "place", "row",
)  # fmt: skip
FOLDER = resources.files("trialeukin.inference").joinpath("cases")
Line = dict[str, str]
Word = TypeVar("Word", bound=Enum)


@cache
def all_cases() -> tuple[Case | Unusable, ...]:
    """Return every row of every table of the package, in the order of the files' names.

    Raises
    ------
    InputError
        When a row has no meaning, or two have one name.
    """
    files = sorted((file for file in FOLDER.iterdir() if file.name.endswith(".csv")), key=lambda file: file.name)
    found = tuple(each for file in files for each in read_cases(file.read_text(encoding="utf-8"), file.name))
    seen: set[str] = set()
    for each in found:
        if each.name in seen:
            raise InputError(f"case {each.name!r} stands twice in the tables of cases: give each row its own name")
        seen.add(each.name)
    return found


def read_cases(text: str, place: str) -> tuple[Case | Unusable, ...]:
    """Return the rows of one table.

    Parameters
    ----------
    text : str
        Comma-separated, with the columns of `COLUMNS`.
    place : str
        The file's name, for messages.

    Raises
    ------
    InputError
        When the columns are others, or a row has no meaning; the message names file and line.
    """
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InputError(f"{place}, line 1: the columns are {reader.fieldnames}; give {', '.join(COLUMNS)}")
    return tuple(_placed(_read, row, f"{place}, line {number}") for number, row in _numbered(reader))


def regimen_of(text: str) -> Regimen:
    """Return the regimen that a text, or the name of one in the library, means; an empty text gives no drug."""
    return load(text) if text in names() else parse(text or "none")


def check_against_model(case: Case) -> None:
    """Refuse a case whose model, quantity, patients, regimen or unit does not exist.

    Raises
    ------
    InputError
        With the value, what is allowed and what is near.
    """
    scenario = case.scenario
    _known("model", scenario.model, tuple(MODELS))
    for cohort in scenario.population.cohorts:
        _known("patients", cohort, (TYPICAL, *cohort_names()))
        load_description(cohort)
    system = model(scenario.model)
    for name, _ in scenario.population.factors:
        _known("parameter under patients", name, tuple(system.parameters))
    if case.reading.of_events:
        for name in case.events:
            _known("event", name, tuple(event.name for event in system.events))
    else:
        for name in parts_of(case.quantity):
            _known("quantity", name, _quantities(system))
    convert(1.0, unit_of(system, case), case.unit)
    regimen_of(scenario.regimen)


def _quantities(system: System) -> tuple[str, ...]:
    return tuple(
        [each.name for each in system.states]
        + [each.name for each in system.definitions]
        + [each.name for each in system.switches]
    )


def _numbered(reader: "csv.DictReader[str]") -> Iterator[tuple[int, Line]]:
    for row in reader:
        if None in row or None in row.values():
            raise InputError(f"line {reader.line_num}: give {len(COLUMNS)} cells; quote a cell that holds a comma")
        yield reader.line_num, {name: cell.strip() for name, cell in row.items()}


def _placed(read: Callable[[Line], Case | Unusable], row: Line, place: str) -> Case | Unusable:
    try:
        return read(row)
    except InputError as fault:
        raise InputError(f"{place}, case {row['case']!r}: {fault}") from fault


def _read(row: Line) -> Case | Unusable:
    """Return a row as a case; one that is not used and cannot be read either is kept with its reason."""
    if _word(Use, row, "use") is not Use.UNUSED:
        return case_of(row)
    unusable = Unusable(
        name=row["case"],
        group=_word(Group, row, "group"),
        study=row["study"],
        source=Source(row["key"], row["place"]),
        reason=row["reason"],
        rows=_rows(row),
    )
    if not (row["model"] and row["quantity"]):
        return unusable
    try:
        return case_of(row)
    except InputError:  # its reason says why, such as a reading that there is not
        return unusable


def _rows(row: Line) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in row["row"].split(";"))))


def case_of(row: Line) -> Case:
    """Return the case of a row that holds every one of `COLUMNS`.

    Raises
    ------
    InputError
        When it has no meaning.
    """
    case = Case(
        name=row["case"],
        group=_word(Group, row, "group"),
        study=row["study"],
        scenario=Scenario(
            model=row["model"],
            population=_population(row["patients"]),
            regimen=row["regimen"],
            start_day=_optional(row, "start_day") or 0.0,
        ),
        quantity=row["quantity"],
        reading=_word(Reading, row, "reading"),
        start=_number(row, "from_day"),
        end=_number(row, "to_day"),
        value=_number(row, "value"),
        unit=PERCENT if row["unit"] == "%" else row["unit"],
        source=Source(row["key"], row["place"]),
        use=_word(Use, row, "use"),
        threshold=_optional(row, "threshold"),
        spread=_optional(row, "spread"),
        low=_optional(row, "low"),
        high=_optional(row, "high"),
        patients=_patients(row),
        bound=_word(Bound, row, "bound"),
        reason=row["reason"],
        rows=_rows(row),
    )
    check_against_model(case)
    return case


def _population(text: str) -> Population:
    """Return who ``typical``, ``COHORT`` or ``COHORT + COHORT``, or any ``with PARAMETER x FACTOR, ...`` means."""
    who, _, changes = text.partition(" with ")
    factors = []
    for change in filter(None, changes.split(", ")):
        name, _, factor = change.partition(" x ")
        try:
            factors.append((name.strip(), float(factor)))
        except ValueError:
            raise InputError(f"patients {text!r}: after 'with' write PARAMETER x FACTOR, such as nk x 0.5") from None
    return Population(cohort="" if who == TYPICAL else who, factors=tuple(factors))


def _word(kind: type[Word], row: Line, column: str) -> Word:
    allowed = tuple(str(each.value) for each in kind)
    if row[column] not in allowed:
        raise InputError(_refusal(column, row[column], allowed))
    return kind(row[column])


def _known(what: str, name: str, allowed: Sequence[str]) -> None:
    if name not in allowed:
        raise InputError(_refusal(what, name, allowed))


def _refusal(what: str, given: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(given, allowed, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {what} {given!r}: known are {', '.join(repr(each) for each in allowed)}{hint}"


def _number(row: Line, column: str) -> float:
    try:
        number = float(row[column])
    except ValueError:
        raise InputError(f"{column} {row[column]!r}: give a number") from None
    if not math.isfinite(number):
        raise InputError(f"{column} {row[column]!r}: give a finite number")
    return number


def _optional(row: Line, column: str) -> float | None:
    return _number(row, column) if row[column] else None


def _patients(row: Line) -> int:
    """Return how many were observed; zero where nothing is said."""
    number = _optional(row, "n") or 0.0
    if number % 1.0 != 0.0:
        raise InputError(f"n {row['n']!r}: give a whole number of patients, or nothing")
    return int(number)
