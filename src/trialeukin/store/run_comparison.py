"""Two runs side by side: what was asked differently, what came out, and how far that differs."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trialeukin.store.catalogue import Catalogue
from trialeukin.store.catalogue_errors import CatalogueError
from trialeukin.store.event_rates import RateDifference, rate_differences
from trialeukin.store.read_summary import read_summary
from trialeukin.store.run_record import RunRecord

MOST_MONTHS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that the two runs were asked or made differently.

    Attributes
    ----------
    what : str
        In words.
    first, second : str
        Its values.
    """

    what: str
    first: str
    second: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a run with its interval; None where the run has none.

    Attributes
    ----------
    value, lower, upper : float or None
        The figure, and its 95 % interval over replicate trials.
    error : float or None
        One standard Monte Carlo error, of a figure without an interval.
    """

    value: float | None
    lower: float | None = None
    upper: float | None = None
    error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A figure of both runs.

    Attributes
    ----------
    endpoint : str
        The endpoint's short name, such as ``lfs``.
    what : str
        What the figure is: ``hazard ratio``, ``power`` or ``events``.
    first, second : Figure or None
        The figures; None where the run does not have the endpoint.
    """

    endpoint: str
    what: str
    first: Figure | None
    second: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """Two runs that are done, side by side.

    Attributes
    ----------
    first, second : RunRecord
        The runs.
    changes : tuple of Change
        What is different of the options, the arms and the code.
    study_changes : tuple of str
        Lines of a unified difference of the studies' texts; empty when they are the same.
    rows : tuple of Row
        The figures of the trials.
    rates : tuple of RateDifference
        The event rates of arms that both have, at the milestones that both have.
    """

    first: RunRecord
    second: RunRecord
    changes: tuple[Change, ...]
    study_changes: tuple[str, ...]
    rows: tuple[Row, ...]
    rates: tuple[RateDifference, ...]


def compare_runs(catalogue: Catalogue, first: str, second: str) -> RunComparison:
    """Return two runs side by side, given their ids.

    Raises
    ------
    UnknownRunError
        When there is no run of an id.
    RunStateError
        When one is not done.
    CatalogueError
        When the files of one cannot be read.
    """
    directories = catalogue.directory(first), catalogue.directory(second)
    runs = catalogue.run(first), catalogue.run(second)
    summaries = _summary(directories[0]), _summary(directories[1])
    texts = [catalogue.recipe(run.id).order.study_text.splitlines() for run in runs]
    return RunComparison(
        first=runs[0],
        second=runs[1],
        changes=tuple(_changes(runs, summaries)),
        study_changes=tuple(difflib.unified_diff(texts[0], texts[1], runs[0].id, runs[1].id, lineterm="", n=2)),
        rows=tuple(_rows(summaries)),
        rates=rate_differences(*directories, _months(summaries), paired=_same_patients(summaries)),
    )


def _changes(runs: tuple[RunRecord, RunRecord], summaries: tuple[Any, Any]) -> Iterator[Change]:
    first, second = (_asked(run, summary) for run, summary in zip(runs, summaries, strict=True))
    for what in dict.fromkeys([*first, *second]):
        values = first.get(what, "-"), second.get(what, "-")
        if values[0] != values[1]:
            yield Change(what=what, first=values[0], second=values[1])


def _asked(run: RunRecord, summary: Any) -> dict[str, str]:
    asked = {
        "study": run.study,
        "patients": f"{run.options.patients:,}",
        "replicates": f"{run.options.replicates:,}",
        "seed": f"{run.options.seed}",
        "effect on leukaemia": "as modelled" if run.options.effect else "taken away",
        "cohort": summary["cohort"],
        "model": summary["model"],
    }
    asked |= {f"regimen of {arm['name']}": arm["regimen"] or "observation" for arm in summary["arms"]}
    return asked | {"version": run.code_version or "-", "source": (run.code_digest or "-")[:12]}


def _rows(summaries: tuple[Any, Any]) -> Iterator[Row]:
    endpoints = dict.fromkeys(name for summary in summaries for name in summary["endpoints"])
    for endpoint in endpoints:
        found = [summary["endpoints"].get(endpoint) for summary in summaries]
        for what, figure in (("hazard ratio", _ratio), ("power", _power), ("events", _events)):
            first, second = (None if each is None else figure(each) for each in found)
            yield Row(endpoint=endpoint, what=what, first=first, second=second)


def _ratio(endpoint: Any) -> Figure:
    return _interval(endpoint["hazard_ratio"])


def _events(endpoint: Any) -> Figure:
    return _interval(endpoint["events"])


def _power(endpoint: Any) -> Figure:
    return Figure(value=endpoint["power"], error=endpoint.get("power_monte_carlo_error"))


def _interval(found: Any) -> Figure:
    return Figure(value=found["value"], lower=found["lower"], upper=found["upper"])


def _months(summaries: tuple[Any, Any]) -> tuple[float, ...]:
    """Return the milestones that both have, and thus within the horizon of both."""
    asked = [
        {milestone["months"] for endpoint in summary["endpoints"].values() for milestone in endpoint["milestones"]}
        for summary in summaries
    ]
    return tuple(sorted(asked[0] & asked[1]))[:MOST_MONTHS]


def _same_patients(summaries: tuple[Any, Any]) -> bool:
    """Say whether both runs follow the same virtual patients: of one seed, cohort and number."""
    first, second = ([summary[key] for key in ("seed", "cohort", "patients")] for summary in summaries)
    return bool(first == second)


def _summary(directory: Path) -> Any:
    try:
        return read_summary(directory)
    except (OSError, ValueError) as fault:
        raise CatalogueError("the summary of a run cannot be read: delete that run and repeat it") from fault
