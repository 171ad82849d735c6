"""A design's tables as texts: the looks as a protocol prints them, and the sample size formulas side by side."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.counting import counted
from trialeukin.report.design_result import DesignResult, Limit, Look, shared_out, whole
from trialeukin.report.design_truths import truths
from trialeukin.report.wording import percent, signed
from trialeukin.survival.design.crossing import Stopping
from trialeukin.survival.design.sample_size import SampleSizeFormula
from trialeukin.trial.estimate import Estimate
from trialeukin.trial.simulation.operating import Operating

HEAD = ("analysis", "month", "patients", "events", "control / treated")
LIMIT = ("Z", "p", "HR")
BOUNDARIES = ("efficacy", "futility")
EFFICACY_COLUMNS = 10


def looks_table(result: DesignResult) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return head and rows; without the futility columns where nothing stops for futility.

    p is one-sided; HR is about the estimated hazard ratio at the limit; the chances of having stopped add up over
    the looks.
    """
    looks = result.looks
    rows = [_row(number, look, len(looks)) for number, look in enumerate(looks, start=1)]
    named = truths(result.schedule.trial.margin)
    limit = (*LIMIT, f"stop, {named.null}", f"stop, {named.planned}")
    head = (*HEAD, *(f"{name}: {limit[0]}" if at == 0 else limit[at] for name in BOUNDARIES for at in range(5)))
    if all(look.futility is None for look in looks):
        return head[:EFFICACY_COLUMNS], [row[:EFFICACY_COLUMNS] for row in rows]
    return head, rows


def sizes_head(result: DesignResult) -> tuple[str, ...]:
    """Return the head of `sizes_table`: where the patients are given, the power they have stands before the sizes."""
    if not result.sized:
        return "formula, one analysis", "patients", "events", "patients less Schoenfeld's", "events less Schoenfeld's"
    aim = f"for {percent(result.schedule.rules.power, 1)}"
    power = f"power with {counted(whole(result.schedule.patients), 'patient')}"
    return "formula, one analysis", power, f"patients {aim}", f"events {aim}"


def sizes_table(result: DesignResult) -> list[tuple[str, ...]]:
    """Return patients and events of each formula, and how they differ from Schoenfeld's."""
    if result.sized:
        return [
            (size.formula.value, percent(power, 1), f"{size.patients:.1f}", f"{size.events:.1f}")
            for size, power in zip(result.sizes, result.powers, strict=True)
        ]
    if not result.sizes:
        return []
    usual = next(size for size in result.sizes if size.formula is SampleSizeFormula.SCHOENFELD)
    return [
        (
            size.formula.value,
            f"{size.patients:.1f}",
            f"{size.events:.1f}",
            _less(size.patients, usual.patients),
            _less(size.events, usual.events),
        )
        for size in result.sizes
    ]


def _less(size: float, usual: float) -> str:
    """Return by how much a number differs from the usual one, and by how many per cent of it."""
    return f"{signed(size - usual, 1)} ({signed(100.0 * (size / usual - 1.0), 1)} %)"


SIMULATED_HEAD = ("simulated trials", "no effect: exact", "simulated", "effect: exact", "simulated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What simulated trials of a design did without the effect, and with it."""

    null: Operating
    effect: Operating


@dataclass(frozen=True, slots=True, kw_only=True)
class _Truth:
    """One truth, integrated and simulated."""

    stops: Stopping
    seen: Operating
    events: float
    months: float


def simulated_table(result: DesignResult, found: Simulated) -> list[tuple[str, ...]]:
    """Return what the trials did beside what was integrated; the error is one standard error of the simulation."""
    exact = result.schedule
    without, with_it = exact.expected_months
    truths = (
        _Truth(stops=exact.null, seen=found.null, events=exact.expected_events(exact.null), months=without),
        _Truth(
            stops=exact.alternative,
            seen=found.effect,
            events=exact.expected_events(exact.alternative),
            months=with_it,
        ),
    )
    rows = [("a benefit is found", [share_beside(each.stops.reject, each.seen.rejected) for each in truths])]
    for look, limit in enumerate(exact.boundaries.lower[:-1]):
        if np.isfinite(limit):
            cells = [share_beside(float(each.stops.lower[look]), each.seen.looks[look].futility) for each in truths]
            rows.append((f"stopped for futility at interim {look + 1}", cells))
    for look in range(len(exact.effects) - 1):
        cells = [share_beside(float(each.stops.upper[look]), each.seen.looks[look].efficacy) for each in truths]
        rows.append((f"stopped for benefit at interim {look + 1}", cells))
    rows.append(("events", [_number(each.events, each.seen.events) for each in truths]))
    rows.append(("months", [_number(each.months, each.seen.months) for each in truths]))
    return [(name, *(text for cell in cells for text in cell)) for name, cells in rows]


def share_beside(exact: float, seen: Estimate) -> tuple[str, str]:
    """Return a chance as it was integrated, and as simulated trials had it with one standard error."""
    return percent(exact, 2), f"{percent(seen.value, 2)} ± {percent(seen.error, 2)}"


def _number(exact: float, seen: Estimate) -> tuple[str, str]:
    return f"{exact:.1f}", f"{seen.value:.1f} ± {seen.error:.1f}"


def _row(number: int, look: Look, of: int) -> tuple[str, ...]:
    name = "final" if number == of else f"interim {number} ({percent(look.fraction)})"
    events = whole(look.events)
    control, treated = shared_out(events, look.control_events, look.treated_events)
    return (
        name,
        f"{look.month:.1f}",
        str(whole(look.entered)),
        str(events),
        f"{control} / {treated}",
        *_limit(look.efficacy),
        *_limit(look.futility),
    )


def _limit(limit: Limit | None) -> tuple[str, ...]:
    if limit is None:
        return ("–",) * 5
    p = f"{limit.p:.4f}" if limit.p >= 5e-5 else f"{limit.p:.1e}"
    return (
        f"{limit.z:.3f}",
        p,
        f"{limit.hazard_ratio_at_limit:.3f}",
        percent(limit.under_null, 2),
        percent(limit.under_effect, 1),
    )
