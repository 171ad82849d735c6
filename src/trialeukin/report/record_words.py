"""What a model makes of dosing records, in words and tables of a terminal."""

import math
from collections.abc import Iterator, Sequence

from trialeukin.core.counting import counted
from trialeukin.engine.concentration_profiles import INTO_A_VEIN
from trialeukin.engine.trajectories import Status
from trialeukin.report.table import Table
from trialeukin.report.wording import listed, shortly, signed, unit_words
from trialeukin.store.followed_document import answer_head, answer_rows, exposure_head, exposure_rows
from trialeukin.trial.followed_records import FollowedRecords
from trialeukin.trial.record_exposure import NUMBERS, DoseExposure, units_of_exposure

FAILURES = {
    Status.TOO_MANY_STEPS: "it takes too many steps",
    Status.STEP_TOO_SMALL: "its steps become too small",
    Status.NOT_FINITE: "its numbers are no longer finite",
    Status.NEGATIVE_STATE: "a state that is positive becomes negative",
}
LONGEST = 9
"""IDs that are named; of more, their number."""


def understood(found: FollowedRecords, individual: Sequence[str]) -> Iterator[str]:
    """Yield how the records were taken."""
    records = found.looks.records
    who = f"{counted(len(records.patients), 'ID')}, {'each ' if len(records.patients) > 1 else ''}a typical patient"
    own = "".join(f", {name} ({found.system.parameters[name].unit}) its own" for name in individual)
    yield f"{found.system.name}: {who}{own}; TIME in {records.unit.value}"
    for dose in found.doses:
        state = found.system.inputs[dose.entry].state
        amount = f"AMT in {dose.unit}"
        if dose.unit != dose.state_unit:
            amount += f" ({shortly(dose.factor, 4)} {dose.state_unit} each)"
        route = "iv" if dose.route in INTO_A_VEIN else dose.route.value
        which = f"doses of CMT {dose.compartment}" if len(found.doses) > 1 else "doses"
        yield f"{which}: {dose.drug} {route} into {state}, {amount}"
    if "DV" in answer_head(found):
        yield f"DV is taken as {_head(found.quantities[0].name, found.quantities[0].unit)}; RES is DV minus it"


def answer_table(found: FollowedRecords) -> Table:
    """Return quantities at the records that ask."""
    units = {each.name: each.unit for each in found.quantities} | {"TIME": found.looks.records.unit.value}
    head = tuple(_head(name, units.get(name, "")) for name in answer_head(found))
    rows = tuple((str(row[0]), f"{row[1]:.12g}", *map(shortly, row[2:])) for row in answer_rows(found))
    if "RES" in head:
        rows = tuple((*cells[:-1], signed(row[-1])) for cells, row in zip(rows, answer_rows(found), strict=True))
    return Table(caption="", head=head, rows=rows)


def exposure_table(found: FollowedRecords, exposures: Sequence[DoseExposure]) -> Table:
    """Return what is told of profiles; what is defined of none has no column."""
    units = units_of_exposure(found) | {"TIME": found.looks.records.unit.value}
    rows = exposure_rows(exposures)
    kept = [
        place
        for place, name in enumerate(exposure_head())
        if name not in NUMBERS or any(math.isfinite(each.numbers[name]) for each in exposures)
    ]
    return Table(
        caption=f"Non-compartmental analysis of {found.quantities[0].name}",
        head=tuple(_head(exposure_head()[place], units.get(exposure_head()[place], "")) for place in kept),
        rows=tuple(tuple(_said(row[place]) for place in kept) for row in rows),
    )


def about(exposures: Sequence[DoseExposure]) -> Iterator[str]:
    """Yield what clearance is, and which numbers of profiles are undefined for one reason each."""
    cleared = [each.occasion.dose for each in exposures if math.isfinite(each.numbers["CL"])]
    for what in dict.fromkeys(f"{dose.drug} {dose.route.value}" for dose in cleared if dose.route not in INTO_A_VEIN):
        yield f"CL of {what} is CL/F."
    names: dict[str, dict[str, None]] = {}
    for each in exposures:
        for name, why in each.lacking.items():
            names.setdefault(why, {})[name] = None
    for why, those in names.items():
        yield f"No {', '.join(those)} where {why}."


def notes(found: FollowedRecords) -> Iterator[str]:
    """Yield what became of doses and patients, where that is not what was recorded."""
    unit = found.looks.records.unit.value
    lost: dict[str, list[tuple[int, float]]] = {}
    for each in found.lost:
        lost.setdefault(f"of {each.drug} not given in full, {each.reason}", []).append((each.patient, each.time))
    for what, those in lost.items():
        yield f"{counted(len(those), 'dose')} {what}: {_whose(those)} {unit} after the first record."
    if found.cancelled:
        count = counted(sum(found.cancelled.values()), "additional dose")
        yield f"{count} taken back by a later reset or SS 1: {_ids(list(found.cancelled))}."
    happened: dict[str, list[tuple[int, float]]] = {}
    for patient, event, time in found.happened:
        happened.setdefault(event.replace("_", " "), []).append((patient, time))
    for event, those in happened.items():
        yield f"{event}: {_whose(those)} {unit} after the first record."
    if found.unwatched:
        names = listed([name.replace("_", " ") for name in found.unwatched])
        yield f"Records have no examinations, at which alone these happen: {names}."


def failures(found: FollowedRecords) -> str:
    """Return which patients could not be followed to the end; nothing where all could."""
    unit = found.looks.records.unit.value
    failed = [each for each in found.endings if each.failed]
    told = [f"ID {each.patient} from {each.time:.4g} {unit} on ({FAILURES[each.status]})" for each in failed[:LONGEST]]
    more = f" and {len(failed) - LONGEST} more" if len(failed) > LONGEST else ""
    return f"not followed: {'; '.join(told)}{more}: those values are missing, the others are kept" if failed else ""


def _whose(those: Sequence[tuple[int, float]]) -> str:
    patient, time = min(those, key=lambda each: each[1])
    others = list(dict.fromkeys(each for each, _ in those))
    return f"ID {patient}, {time:.4g}" if len(others) == 1 else f"{_ids(others)}, first {time:.4g}"


def _ids(patients: Sequence[int]) -> str:
    if len(patients) > LONGEST:
        return counted(len(patients), "ID")
    return f"ID {', '.join(map(str, patients))}"


def _head(name: str, unit: str) -> str:
    said = unit if unit == "%" else "·".join(map(unit_words, unit.split("*")))
    return f"{name}, {said}" if said else name


def _said(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else shortly(value)
