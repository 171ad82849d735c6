"""Read and write records as comma-separated text: what cannot be meant is refused at its line and column."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from trialeukin.core.errors import InputError
from trialeukin.engine.records import Evid, Record, Records, Steadiness, TimeUnit, disorders

NEEDED = ("ID", "TIME")
ITEMS = (*NEEDED, "EVID", "AMT", "RATE", "II", "ADDL", "SS", "CMT", "MDV")
OBSERVED = "DV"
KNOWN = (*ITEMS, OBSERVED)
MISSING = {"", ".", "NA"}  # the last is what R writes
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DOSE_ITEMS = ("AMT", "RATE", "II", "ADDL", "SS")
EXACT = 2.0**53  # whole numbers up to here are their own floats

Code = TypeVar("Code", bound=IntEnum)


def parse_records(
    text: str, *, unit: TimeUnit, name: str = "records", ignored: frozenset[str] = frozenset()
) -> Records:
    """Return the records of a text with a line of column names first.

    Parameters
    ----------
    text : str
        Comma-separated. Columns, in any order and in upper or lower case: ID and TIME, and as needed EVID, AMT,
        RATE, II, ADDL, SS, CMT, MDV and DV (which is read at observations whose MDV is not 1, and passed over
        elsewhere). A missing number is ``.``, ``NA`` or nothing.
        Without EVID, a record with anything of a dose is a dose, one with MDV 1 is nothing, others observations.
    unit : TimeUnit
        Of TIME and II, and what RATE is per.
    name : str
        What messages call the text, such as the name of a file.
    ignored : frozenset of str
        Columns to pass over, such as covariates.

    Raises
    ------
    InputError
        With line and column, where the text or what it says has no meaning.
    """
    lines = _lines(text, name)
    if not lines:
        raise InputError(f"{name}: no line of column names; give one with at least {', '.join(NEEDED)}")
    header, *body = lines
    columns = _columns(header, ignored)
    rows = tuple(_record(line, columns, len(header.cells)) for line in body)
    for place, message in disorders(rows):
        raise body[place].fault(message)
    return Records(unit=unit, rows=rows)


def columns_of(text: str, *, name: str = "records") -> tuple[str, ...]:
    """Return the names of a text's columns, in upper case."""
    lines = _lines(text, name)
    return tuple(cell.upper() for cell in lines[0].cells) if lines else ()


def parse_individual(text: str, names: Iterable[str], *, name: str = "records") -> dict[str, tuple[float, ...]]:
    """Return what further columns of a text say of each patient, in the order of `Records.patients`.

    Parameters
    ----------
    text : str
        As `parse_records` has read it, which passes these columns over.
    names : iterable of str
        Columns to look for, such as names of parameters, in upper or lower case; one that is not there is left out.
    name : str
        What messages call the text.

    Raises
    ------
    InputError
        Where there is no number, or another one than before in the same patient.
    """
    columns, body = columns_of(text, name=name), _lines(text, name)[1:]
    wanted = {each: columns.index(each.upper()) for each in names if each.upper() in columns}
    return {each: _individual(body, columns.index("ID"), place, each) for each, place in wanted.items()}


def render_records(records: Records) -> str:
    """Return the text that `parse_records` reads as these records: every column, and DV if something was measured."""
    measured = any(row.observed is not None for row in records.rows)
    lines = [",".join(KNOWN if measured else ITEMS)]
    for row in records.rows:
        asked = row.evid is Evid.OBSERVATION and (row.observed is not None or not measured)
        numbers = (row.time, row.amount, row.rate, row.interval)
        time, amount, rate, interval = (shortest(number) for number in numbers)
        codes = f"{row.additional},{row.steadiness:d},{row.compartment},{0 if asked else 1}"
        seen = f",{'.' if row.observed is None else shortest(row.observed)}" if measured else ""
        lines.append(f"{row.patient},{time},{row.evid:d},{amount},{rate},{interval},{codes}{seen}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of the text and how to say what is wrong in it."""

    name: str
    number: int
    cells: tuple[str, ...]

    def fault(self, message: str, column: str = "") -> InputError:
        where = f", column {column}" if column else ""
        return InputError(f"{self.name}, line {self.number}{where}: {message}")


def _lines(text: str, name: str) -> list[_Line]:
    """Return the lines that are not empty."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True, strict=True)
    try:
        lines = [_Line(name=name, number=reader.line_num, cells=tuple(cell.strip() for cell in row)) for row in reader]
    except csv.Error as error:
        raise InputError(f"{name}, line {reader.line_num}: {error}: check the quotes") from error
    return [line for line in lines if any(line.cells)]


def shortest(number: float) -> str:
    """Return the shortest text that is read as the same number; whole numbers without a point."""
    return str(int(number)) if number.is_integer() and abs(number) < EXACT else repr(number)


def _individual(body: Sequence[_Line], patient: int, place: int, column: str) -> tuple[float, ...]:
    found: dict[float, float] = {}
    for line in body:
        value = _number(line, column, line.cells[place])
        if value is None:
            raise line.fault("no number: every record of a patient needs it", column)
        before = found.setdefault(float(line.cells[patient]), value)
        if value != before:
            message = (
                f"{value:g} after {before:g} in the same patient: parameters do not change in time; give one value"
            )
            raise line.fault(message, column)
    return tuple(found.values())


def _columns(line: _Line, ignored: frozenset[str]) -> dict[str, int]:
    """Return where each item stands."""
    names = [cell.upper() for cell in line.cells]
    for separator, words in OTHER_SEPARATORS.items():
        if len(names) == 1 and separator in names[0]:
            raise line.fault(f"{words} between the columns: put commas there, and a point in decimal numbers")
    passed = {name.upper() for name in ignored}
    for name in names:
        if names.count(name) > 1:
            raise line.fault(f"column {name} is there {names.count(name)} times: keep one")
        if name not in KNOWN and name not in passed:
            known = ", ".join(KNOWN)
            raise line.fault(f"unknown column {name!r}: known are {known}; name what is to be passed over in 'ignored'")
    for name in NEEDED:
        if name in passed:
            raise line.fault(f"column {name} cannot be passed over: every record needs it")
        if name not in names:
            raise line.fault(f"no column {name}: add it")
    return {name: names.index(name) for name in names if name in KNOWN and name not in passed}


def _record(line: _Line, columns: dict[str, int], width: int) -> Record:
    if len(line.cells) != width:
        message = f"{len(line.cells)} cells in {width} columns: put '.' where a number is missing"
        raise line.fault(message)
    numbers = {name: _number(line, name, line.cells[place]) for name, place in columns.items() if name != OBSERVED}
    for name in NEEDED:
        if numbers[name] is None:
            raise line.fault("no number: every record needs one", name)
    found = {name: value for name, value in numbers.items() if value is not None}
    evid = _evid(line, found)
    patient, additional, compartment = (_whole(line, column, found) for column in ("ID", "ADDL", "CMT"))
    steadiness = _code(line, "SS", found, Steadiness)
    try:
        return Record(
            patient=patient,
            time=found["TIME"],
            evid=evid,
            amount=found.get("AMT", 0.0),
            rate=found.get("RATE", 0.0),
            interval=found.get("II", 0.0),
            additional=additional,
            steadiness=steadiness,
            compartment=compartment,
            observed=_observed(line, columns, evid, found),
        )
    except InputError as error:
        raise line.fault(str(error)) from None


def _observed(line: _Line, columns: dict[str, int], evid: Evid, found: dict[str, float]) -> float | None:
    """Return what was measured; DV means nothing where no observation is, or MDV says that it is missing."""
    if OBSERVED not in columns or evid is not Evid.OBSERVATION or found.get("MDV") == 1.0:
        return None
    return _number(line, OBSERVED, line.cells[columns[OBSERVED]])


def _number(line: _Line, column: str, cell: str) -> float | None:
    if cell in MISSING:
        return None
    if not NUMBER.fullmatch(cell):
        raise line.fault(f"{cell!r} is no number: give one, or '.' where it is missing", column)
    return float(cell)


def _whole(line: _Line, column: str, found: dict[str, float]) -> int:
    value = found.get(column, 0.0)
    if not value.is_integer() or abs(value) > EXACT:
        raise line.fault(f"{value:g}: give a whole number", column)
    return int(value)


def _code(line: _Line, column: str, found: dict[str, float], codes: type[Code]) -> Code:
    value = found.get(column, 0.0)
    if value not in list(codes):
        known = ", ".join(f"{each.value} {each.name.lower().replace('_', ' ')}" for each in codes)
        raise line.fault(f"{value:g}: known are {known}", column)
    return codes(int(value))


def _evid(line: _Line, found: dict[str, float]) -> Evid:
    """Return what a record says, guessed as NONMEM does where it is not said, and check that MDV agrees."""
    if "EVID" in found:
        evid = _code(line, "EVID", found, Evid)
    elif any(found.get(item) for item in DOSE_ITEMS):
        evid = Evid.DOSE
    else:
        evid = Evid.OTHER if found.get("MDV") == 1.0 else Evid.OBSERVATION
    if found.get("MDV", 1.0) not in {0.0, 1.0}:
        raise line.fault(f"{found['MDV']:g}: give 0 where DV is measured, else 1", "MDV")
    if found.get("MDV") == 0.0 and evid is not Evid.OBSERVATION:
        raise line.fault(f"0 in a record of EVID {evid:d}: nothing is measured there; give 1, or EVID 0", "MDV")
    return evid
