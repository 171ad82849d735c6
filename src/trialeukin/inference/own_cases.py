"""Observations of a user's own, as cases: a row each, with fewer columns than the package's tables and no source."""

from collections.abc import Mapping, Sequence
from typing import Any

from trialeukin.core.errors import InputError
from trialeukin.core.sources import ASSUMED
from trialeukin.inference.case import TYPICAL, Case, Group, Reading, Use
from trialeukin.inference.cases import COLUMNS, case_of, regimen_of
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.render import render
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.background import BACKGROUNDS, Background, background, background_for, check_takes

REQUIRED = ("regimen", "quantity", "from_day", "value", "unit")
OPTIONAL = (
    "case", "in", "start_day", "reading", "to_day", "threshold", "spread", "low", "high", "n", "bound", "reason",
)  # fmt: skip
MOST = 1_000


def own_cases(rows: Sequence[Mapping[str, Any]], file: str) -> tuple[Case, ...]:
    """Return the cases of a table of one's own.

    Parameters
    ----------
    rows : sequence of mappings
        Cells by column: those of `REQUIRED`, and any of `OPTIONAL`; None where a cell is empty.
    file : str
        The table's name, for messages and as the study.

    Raises
    ------
    InputError
        When a column is missing or unknown, a row has no meaning, two cases have one name, or there are none or more
        than `MOST`; the message names the row.
    """
    if not 1 <= len(rows) <= MOST:
        raise InputError(f"{file}: {len(rows):,} rows: give 1 to {MOST:,}, one an observation")
    _check_columns(tuple(rows[0]), file)
    found: dict[str, Case] = {}
    for number, row in enumerate(rows, start=1):
        try:
            case = _own(row, file, number)
        except InputError as fault:
            raise InputError(f"{file}, row {number}: {fault}") from fault
        if case.name in found:
            raise InputError(f"{file}, row {number}: case {case.name!r} stands twice: give each row its own name")
        found[case.name] = case
    return tuple(found.values())


def _check_columns(given: Sequence[str], file: str) -> None:
    for name in given:
        if name not in {*REQUIRED, *OPTIONAL}:
            raise InputError(
                f"{file}: unknown column {name!r}: needed are {', '.join(REQUIRED)}, and there may be "
                f"{', '.join(OPTIONAL)}{did_you_mean(name, (*REQUIRED, *OPTIONAL))}"
            )
    missing = [name for name in REQUIRED if name not in given]
    if missing:
        raise InputError(f"{file}: no column {missing[0]!r}: needed are {', '.join(REQUIRED)}")


def _own(row: Mapping[str, Any], file: str, number: int) -> Case:
    cells = {name: "" if value is None else str(value).strip() for name, value in row.items()}
    if not cells["regimen"]:
        raise InputError(f"regimen '': say what was given, or {render(Regimen())!r} where no drug was")
    who = cells.get("in", "")
    place = _place(who, cells["regimen"])
    line = dict.fromkeys(COLUMNS, "") | {name: cell for name, cell in cells.items() if name in COLUMNS}
    return case_of(
        line
        | {
            "case": line["case"] or f"row {number}",
            "group": Group.OWN.value,
            "study": file,
            "model": place.model,
            "patients": TYPICAL if who == TYPICAL else place.cohort,
            "reading": line["reading"] or Reading.VALUE.value,
            "to_day": line["to_day"] or line["from_day"],
            "use": Use.OWN.value,
            "key": ASSUMED,
            "place": f"{file}, row {number}",
        }
    )


def _place(who: str, regimen: str) -> Background:
    """Return in whom an observation was made: as it says, or the first place whose model takes the drugs."""
    read = regimen_of(regimen)
    if who in {"", TYPICAL}:
        return background_for([read])
    if who not in {each.name for each in BACKGROUNDS}:
        names = [TYPICAL, *(each.name for each in BACKGROUNDS)]
        raise InputError(f"in {who!r}: known are {', '.join(names)}, or nothing{did_you_mean(who, names)}")
    place = background(who)
    check_takes(place, read)
    return place
