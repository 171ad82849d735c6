"""Event rates by arm over runs, read from their Parquet files with DuckDB, and how far two runs differ.

The virtual population of a run is followed to its horizon without loss, so that the rate is a plain fraction: of
patients with the event by a month; for the time to relapse, of those who relapsed before they died.
"""

import glob
import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from trialeukin.inference.score import Share
from trialeukin.store.catalogue_errors import CatalogueError

EVENTS = "events.parquet"
SETTINGS: dict[str, Any] = {
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
RATES = """
SELECT TRT01P, PARAMCD, month, count(*), count(*) FILTER (AVAL <= month AND CNSR = 0)
FROM read_parquet($file), (SELECT unnest($months) AS month)
GROUP BY ALL ORDER BY TRT01P, PARAMCD, month
"""
TOGETHER = """
WITH
    firsts AS (
        SELECT TRT01P::VARCHAR AS arm, PARAMCD::VARCHAR AS endpoint, AVAL, CNSR,
            regexp_extract(USUBJID::VARCHAR, '[0-9]+$') AS patient
        FROM read_parquet($first)
    ),
    seconds AS (
        SELECT TRT01P::VARCHAR AS arm, PARAMCD::VARCHAR AS endpoint, AVAL, CNSR,
            regexp_extract(USUBJID::VARCHAR, '[0-9]+$') AS patient
        FROM read_parquet($second)
    ),
    pairs AS (
        SELECT arm, endpoint, month,
            firsts.AVAL <= month AND firsts.CNSR = 0 AS by_first,
            seconds.AVAL <= month AND seconds.CNSR = 0 AS by_second
        FROM firsts JOIN seconds USING (arm, endpoint, patient), (SELECT unnest($months) AS month)
    )
SELECT
    arm, endpoint, month, count(*), count(*) FILTER (by_first AND by_second),
    count(*) FILTER (by_first AND NOT by_second), count(*) FILTER (by_second AND NOT by_first)
FROM pairs GROUP BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRate:
    """How many patients of an arm had an event by a month.

    Attributes
    ----------
    arm, endpoint : str
        The arm's name, and LFS, OS or TTR.
    months : float, month
        From randomisation.
    share : Share
        Of the patients followed, how many had the event; its interval is for the chance in drawing so many.
    """

    arm: str
    endpoint: str
    months: float
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDifference:
    """How far an event rate of two runs differs, the second minus the first.

    Attributes
    ----------
    first, second : EventRate
        The rates.
    paired : bool
        Whether both runs follow the same virtual patients, which takes most of the chance away.
    lower, upper : float, 1
        The 95 % interval of the difference.
    """

    first: EventRate
    second: EventRate
    paired: bool
    lower: float
    upper: float

    @property
    def difference(self) -> float:
        """The second rate minus the first."""
        return self.second.share.value - self.first.share.value


def event_rates(directories: Mapping[str, Path], months: Sequence[float]) -> dict[str, tuple[EventRate, ...]]:
    """Return the event rates of runs, by run, arm, endpoint and month.

    Parameters
    ----------
    directories : mapping of str to Path
        Run directories by what the runs are called.
    months : sequence of float, month
        When to read the rates; those beyond a run's horizon have no meaning for it.

    Raises
    ------
    CatalogueError
        When a run's events cannot be read.
    """
    with closing(duckdb.connect(config=SETTINGS)) as database:
        return {
            name: tuple(
                _rate(*row) for row in _ask(database, RATES, file=_file(directory), months=[*map(float, months)])
            )
            for name, directory in directories.items()
        }


def rate_differences(first: Path, second: Path, months: Sequence[float], *, paired: bool) -> tuple[RateDifference, ...]:
    """Return how far the event rates of two runs differ where both have the arm and the endpoint.

    Intervals are Newcombe's: of different patients by Stat Med 1998;17:873, method 10, and of the same patients, whose
    events in both runs go together, by Stat Med 1998;17:2635, method 10.

    Parameters
    ----------
    first, second : Path
        Run directories.
    months : sequence of float, month
        When to read the rates.
    paired : bool
        Whether both runs follow the same virtual patients under each arm.
    """
    found = event_rates({"first": first, "second": second}, months)
    seconds = {(each.arm, each.endpoint, each.months): each for each in found["second"]}
    together = _together(first, second, months) if paired else {}
    differences = []
    for rate in found["first"]:
        key = (rate.arm, rate.endpoint, rate.months)
        other = seconds.get(key)
        if other is None:
            continue
        lower, upper = paired_limits(*together[key]) if key in together else _newcombe(rate.share, other.share, 0.0)
        differences.append(RateDifference(first=rate, second=other, paired=key in together, lower=lower, upper=upper))
    return tuple(differences)


def _rate(arm: str, endpoint: str, months: float, patients: int, events: int) -> EventRate:
    return EventRate(arm=arm, endpoint=endpoint, months=months, share=Share(hits=events, count=patients))


def _together(
    first: Path, second: Path, months: Sequence[float]
) -> dict[tuple[str, str, float], tuple[int, int, int, int]]:
    """Return how many patients there are, and how many had the event in both runs and in either alone."""
    with closing(duckdb.connect(config=SETTINGS)) as database:
        rows = _ask(database, TOGETHER, first=_file(first), second=_file(second), months=[*map(float, months)])
    return {(arm, endpoint, month): tuple(counts) for arm, endpoint, month, *counts in rows}


def paired_limits(pairs: int, both: int, only_first: int, only_second: int) -> tuple[float, float]:
    """Return the 95 % interval of the second share minus the first, of pairs who have the event in both or in one."""
    first, second = (Share(hits=both + alone, count=pairs) for alone in (only_first, only_second))
    return _newcombe(first, second, _correlation(pairs, both, only_first, only_second))


def _correlation(pairs: int, both: int, only_first: int, only_second: int) -> float:
    """Return how events in two runs of the same patients go together, moved towards none by half the pairs."""
    neither = pairs - both - only_first - only_second
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    product = both * neither - only_first * only_second
    moved = max(product - pairs / 2.0, 0.0) if product > 0 else product
    return moved / math.sqrt(margins) if margins else 0.0


def _newcombe(first: Share, second: Share, correlation: float) -> tuple[float, float]:
    difference = second.value - first.value
    (low, high), (other_low, other_high) = first.interval, second.interval
    below = _joined(second.value - other_low, high - first.value, correlation)
    above = _joined(other_high - second.value, first.value - low, correlation)
    return difference - below, difference + above


def _joined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(one**2 - 2.0 * correlation * one * other + other**2, 0.0))


def _ask(database: duckdb.DuckDBPyConnection, question: str, **values: Any) -> list[tuple[Any, ...]]:
    try:
        return database.execute(question, values).fetchall()
    except duckdb.Error as fault:
        raise CatalogueError("the events of a run cannot be read: delete that run and repeat it") from fault


def _file(directory: Path) -> str:
    return glob.escape(str(directory / EVENTS))
