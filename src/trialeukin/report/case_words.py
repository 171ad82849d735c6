"""How a case and its prediction are said in words, for tables on a screen and on a page."""

import math

from trialeukin.core.sources import citation
from trialeukin.inference.case import Bound, Case, Reading, Unusable
from trialeukin.inference.prediction import Prediction
from trialeukin.inference.score import Share, Yardstick, inside, meets, ratio, yardstick
from trialeukin.report.wording import percent, signed, unit_words

BOUNDS = {Bound.NONE: "", Bound.AT_LEAST: "≥ ", Bound.AT_MOST: "≤ "}
NOTHING = "no drug"


def what(case: Case) -> str:
    """Return what was read when, such as ``nk count, change, day 84``."""
    quantity = case.quantity.replace("_", " ").replace("il2", "IL-2")
    if case.threshold is not None:
        sign = "≥" if case.reading is Reading.FRACTION_ABOVE else "≤"
        return f"patients with {quantity} {sign} {case.threshold:g}, {_days(case)}"
    if case.reading is Reading.FRACTION:
        return f"patients with {quantity} by day {case.end:g}"
    return f"{quantity}, {case.reading.value}, {_days(case)}"


def treatment(case: Case) -> str:
    """Return who was given what."""
    population = case.scenario.population
    who = population.cohort or "typical adult"
    others = ", ".join(f"{name.replace('_', ' ')} x {factor:g}" for name, factor in population.factors)
    return f"{case.scenario.regimen or NOTHING}; {who}{f' with {others}' if others else ''}"


def observed(case: Case) -> str:
    """Return what was seen with its unit, and the sign of a limit."""
    return f"{BOUNDS[case.bound]}{case.value:.4g}{_unit(case)}"


def error_of(case: Case) -> str:
    """Return what is known of the observation's own error."""
    if case.low is not None and case.high is not None:
        return f"{case.low:.4g} to {case.high:.4g}"
    if case.spread is not None:
        return f"± {case.spread:g} points" if case.in_points else f"SD {case.spread:g} (log)"
    return f"n = {case.patients}" if case.patients else ""


def predicted(prediction: Prediction) -> str:
    """Return a prediction with its interval."""
    if math.isnan(prediction.value):
        return "failed"
    return f"{prediction.value:.4g} ({prediction.low:.3g} to {prediction.high:.3g})"


def gap(prediction: Prediction) -> str:
    """Return predicted over observed, or the difference in points."""
    if prediction.case.in_points:
        points = signed(prediction.value - prediction.case.value, 0)
        return f"{points} {'point' if points in {'+1', '−1'} else 'points'}"
    return f"{ratio(prediction):.2f}"


def verdict(prediction: Prediction) -> str:
    """Return whether the yardstick is met, and whether the interval holds the observation."""
    words = {Yardstick.TWO_FOLD: "two-fold", Yardstick.POINTS: "10 points", Yardstick.BOUND: "bound"}
    met = words[yardstick(prediction)] if meets(prediction) else f"misses {words[yardstick(prediction)]}"
    return f"{met}, {'inside' if inside(prediction) else 'outside'} the interval"


def where(case: Case) -> str:
    """Return the source and the row of the table of observations."""
    source = case.source.place if case.source.assumed else f"{citation(case.source.key)}, {case.source.place}"
    return _with_rows(source, case.rows)


def work(unusable: Unusable) -> str:
    """Return the work that prints an observation without a prediction, and the row of the table of observations."""
    return _with_rows(citation(unusable.source.key), unusable.rows)


def share(counted: Share) -> str:
    """Return a share with Wilson's interval, such as ``5/8, 62 % (31 to 86)``."""
    low, high = counted.interval
    return f"{counted.hits}/{counted.count}, {percent(counted.value)} ({100.0 * low:.0f} to {100.0 * high:.0f})"


def _with_rows(source: str, rows: tuple[str, ...]) -> str:
    return f"{source} [{', '.join(rows)}]" if rows else source


def _days(case: Case) -> str:
    if case.start == case.end:
        return f"day {_day(case.end)}"
    return f"days {_day(case.start)} to {_day(case.end)}"


def _day(day: float) -> str:
    return f"{day:.3g}" if day < 999.5 else f"{day:,.0f}"


def _unit(case: Case) -> str:
    words = " %" if case.in_points else unit_words(case.unit)
    return words if case.in_points or not words else f" {words}"
