"""What was observed in people, as rows of ``targets/immune.csv`` that a simulation can be read for."""

import csv
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from trialeukin.core.errors import InputError
from trialeukin.core.sources import Source

TABLE = Path(__file__).parent / "targets" / "immune.csv"


class Reading(Enum):
    """How a number is read off a trajectory between two days; the values are the words of the table."""

    VALUE = "value"
    CHANGE = "change"
    HIGHEST = "highest"
    HIGHEST_CHANGE = "highest change"
    HIGHEST_GAIN = "highest gain"
    LOWEST = "lowest"
    LOWEST_CHANGE = "lowest change"
    AREA = "area"
    CLEARANCE = "clearance"
    TIME_OF_HIGHEST = "time of highest"
    HALF_LIFE = "half-life"


class Bound(Enum):
    """Whether the observation is a number or a limit; a prediction on the right side of a limit misses nothing."""

    NONE = ""
    LOWER = "lower"
    UPPER = "upper"


class Use(Enum):
    """What a target is for."""

    FITTED = "fitted"
    HELD_OUT = "held out"
    UNUSED = "unused"


class Patient(Enum):
    """Who is simulated, where it matters."""

    TYPICAL = "typical"
    AML = "aml"
    ANEPHRIC = "anephric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One regimen, as text, in one kind of patient."""

    regimen: str
    patient: Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One observation.

    Attributes
    ----------
    name, study : str
        Its own name and that of the study.
    scenario : Scenario
        What to simulate.
    quantity : str
        State or definition of the model.
    reading : Reading
        How it is read between ``start`` and ``end``.
    start, end : float, day
        From the start of the first day of treatment.
    value : float, ``unit``
        What was seen.
    spread : float
        Standard deviation of the natural logarithm, of the observation and of what it is compared with.
    bound : Bound
        Whether the value is a limit.
    use : Use
        Whether it is fitted, held out or not used.
    reason : str
        What was assumed to make it comparable, or why it is not used.
    source : Source
        Where it is printed.
    """

    name: str
    study: str
    scenario: Scenario
    quantity: str
    reading: Reading
    start: float
    end: float
    value: float
    unit: str
    spread: float
    bound: Bound
    use: Use
    reason: str
    source: Source


def read_targets(table: Path = TABLE) -> tuple[Target, ...]:
    """Return the rows of a table of targets.

    Raises
    ------
    InputError
        When a row is not understood; the message names its line.
    """
    with table.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(_target(row, f"{table.name}, line {number}") for number, row in enumerate(rows, start=2))


def _target(row: dict[str, str], place: str) -> Target:
    try:
        return Target(
            name=row["target"],
            study=row["study"],
            scenario=Scenario(regimen=row["regimen"], patient=Patient(row["patient"])),
            quantity=row["quantity"],
            reading=Reading(row["reading"]),
            start=float(row["from_day"]),
            end=float(row["to_day"]),
            value=float(row["value"]),
            unit=row["unit"],
            spread=float(row["spread"]),
            bound=Bound(row["bound"]),
            use=Use(row["use"]),
            reason=row["reason"],
            source=Source(row["key"], row["place"]),
        )
    except (KeyError, ValueError) as fault:
        raise InputError(f"{place}: {fault}; see the classes of immune_targets.py for what is allowed") from fault
