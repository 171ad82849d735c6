"""What the project wants of its engine, beside what a run of the benchmarks found."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Report = Mapping[str, Any]


class Target(NamedTuple):
    """Something wanted.

    Attributes
    ----------
    words : str
        Of what.
    reached : callable
        Returns what a report says of it, None where that was not measured.
    least : float
        What is wanted at least (or at most).
    goal : float or None
        What is hoped for beyond it.
    at_most : bool
        Whether less is better.
    percent : bool
        Whether it is a share, shown in percent.
    """

    words: str
    reached: Callable[[Report], float | None]
    least: float
    goal: float | None = None
    at_most: bool = False
    percent: bool = False


def _ratio(peer: str) -> Callable[[Report], float | None]:
    return lambda found: found["ratio"].get(peer)


def _gain_of_two_threads(found: Report) -> float | None:
    threads: Mapping[str, float] = found["threads"]
    return threads["2"] / threads["1"] if "2" in threads else None


def _dearest_sensitivity(found: Report) -> float | None:
    return max(found["sensitivity_cost"]["ratio"].values()) if "sensitivity_cost" in found else None


TARGETS = (
    Target("times as fast as numbalsoda LSODA", _ratio("numbalsoda"), 10.0, 19.0),
    Target("times as fast as heyoka", _ratio("heyoka"), 15.0, 35.0),
    Target("times as fast as libRoadRunner", _ratio("libroadrunner"), 80.0, 170.0),
    Target("times as fast as SUNDIALS CVODE", _ratio("sundials"), 80.0, 170.0),
    Target("times as fast as diffrax Kvaerno5", _ratio("diffrax"), 700.0, 2000.0),
    Target("share of the core's peak", lambda found: found.get("peak_share"), 0.6, percent=True),
    Target("times as fast with two threads as with one", _gain_of_two_threads, 1.9),
    Target("plain solves for the sensitivity to one parameter", _dearest_sensitivity, 0.6, at_most=True),
)


def rows(found: Report) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield words, target, goal, what was reached and a verdict."""
    for target in TARGETS:
        reached = target.reached(found)
        sign = "at most " if target.at_most else ""
        goal = "-" if target.goal is None else _shown(target, target.goal)
        shown = "-" if reached is None else _shown(target, reached)
        yield target.words, sign + _shown(target, target.least), goal, shown, verdict(target, reached)


def verdict(target: Target, reached: float | None) -> str:
    """Return whether a target was met, by its exact number and not by how that is shown."""
    if reached is None:
        return "not measured"
    if target.goal is not None and _meets(target, reached, target.goal):
        return "met, and the goal"
    return "met" if _meets(target, reached, target.least) else "missed"


def _meets(target: Target, reached: float, wanted: float) -> bool:
    return reached <= wanted if target.at_most else reached >= wanted


def _shown(target: Target, value: float) -> str:
    if target.percent:
        return f"{100.0 * value:.0f} %"
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"
