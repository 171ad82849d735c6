"""What ``trialeukin evidence reconstruct`` says: rows, remarks, lines for a study file, and the JSON document."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialeukin.core.arrays import Integers
from trialeukin.core.counting import counted
from trialeukin.evidence.curve_ratios import CurveRatio
from trialeukin.evidence.vocabulary import Origin, Quality
from trialeukin.report.analysis_wording import NO_ESTIMATE
from trialeukin.report.wording import p_value, percent, signed, with_limits
from trialeukin.store.finite import estimate_document, finite
from trialeukin.survival.cox import CoxStatus
from trialeukin.survival.published_curves import BEYOND, CurvePoints
from trialeukin.survival.reconstruction import Digitised, Reconstruction

ARM_HEAD = (
    *("arm", "patients", "events", "excess events", "excess at risk"),
    *("root mean square error", "largest error", "error of reading"),
)
FITTING = 0.03  # by so much curves may be off that fit their numbers: the bound of reference case 17
RATIO_HEAD = ("", "reconstructed", "p", "published", "off by")
HOW = "Cox model of patients reconstructed from the published curves and numbers at risk (Guyot 2012)"
LIMITS = (
    "These are no patients of the trial, but patients with its curves (after Guyot and others, BMC Med Res Methodol "
    "2012;12:9): they have no covariates, so that no ratio is adjusted or stratified; between two numbers at risk they "
    "are censored evenly; and all is as precise as the picture of the points, which no interval counts."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconstructed:
    """What was read and what came of it, by arm.

    Attributes
    ----------
    points, given, found : mapping
        The points as read, the curves, and the patients.
    control : str or None
        The arm that others are compared with; None where there is one arm.
    control_taken : bool
        Whether nobody named it.
    ratios : tuple of CurveRatio, or str
        Of the other arms over the control; or why there are none.
    """

    points: Mapping[str, CurvePoints]
    given: Mapping[str, Digitised]
    found: Mapping[str, Reconstruction]
    control: str | None
    control_taken: bool
    ratios: tuple[CurveRatio, ...] | str


def arm_rows(made: Reconstructed) -> list[tuple[str, ...]]:
    """Return a row an arm: how many patients and events, and how far they are off what is published."""
    return [
        (
            label,
            str(each.times.size),
            str(int(each.events.sum())),
            "-" if each.excess_events is None else _excess(each.excess_events),
            _most(each.excess_at_risk, made.given[label]),
            percent(each.root_mean_square_error, 1),
            percent(each.largest_error, 1),
            percent(each.reading_error, 1),
        )
        for label, each in made.found.items()
    ]


def _excess(count: int) -> str:
    return signed(count, 0)


def _most(excess: Integers, curve: Digitised) -> str:
    worst = int(np.abs(excess).argmax())
    off = int(excess[worst])
    return f"{_excess(off)} at {curve.risk_times[worst]:g}" if off else _excess(off)


def ratio_rows(ratios: tuple[CurveRatio, ...]) -> list[tuple[str, ...]]:
    """Return a row a hazard ratio, beside the published one."""
    return [
        (
            f"hazard ratio, {each.label}",
            *(
                (with_limits(*each.estimate), p_value(each.p_value))
                if _is_there(each)
                else (NO_ESTIMATE[each.status], "-")
            ),
            _printed(each),
            _apart(each),
        )
        for each in ratios
    ]


def _is_there(ratio: CurveRatio) -> bool:
    return ratio.status is CoxStatus.CONVERGED


def _printed(ratio: CurveRatio) -> str:
    if ratio.printed is None:
        return "-"
    return (
        f"{ratio.printed.value:g}"
        if ratio.printed.limits is None
        else with_limits(ratio.printed.value, *ratio.printed.limits)
    )


def _apart(ratio: CurveRatio) -> str:
    distance = ratio.log_distance
    if ratio.printed is None or distance is None:
        return "-"
    error = ratio.printed.standard_error
    of_error = "" if error is None else f", {signed(distance / error, 2)} of its standard errors"
    return f"{signed(100.0 * math.expm1(distance), 1)} %{of_error}"


def notes(made: Reconstructed) -> Iterator[str]:
    """Return what a reader must know before using the patients."""
    if made.control_taken and made.control is not None:
        yield f"No control was named: the first arm in order, {made.control!r}, is taken; --control names it."
    for label, points in made.points.items():
        yield from _arm_notes(label, points, made.given[label])
        if made.found[label].largest_error > FITTING:
            yield (
                f"{label}: the curve of these patients is up to {percent(made.found[label].largest_error, 1)} off the "
                "points: its numbers at risk or its events are not those of this curve, or the points are too few."
            )
    yield LIMITS


def _arm_notes(label: str, points: CurvePoints, curve: Digitised) -> Iterator[str]:
    if points.beyond:
        yield (
            f"{label}: {counted(points.beyond, 'point')} read above 1 or below 0, by at most {BEYOND:g}, "
            f"{'is' if points.beyond == 1 else 'are'} taken for 1 or 0."
        )
    rises = np.diff(points.survival, prepend=points.survival[0])
    worst = int(rises.argmax())
    if rises[worst] > BEYOND:
        yield (
            f"{label}: the points rise by {percent(float(rises[worst]), 1)} at time {points.times[worst]:g}, where a "
            "curve never rises: read that part again, or leave the point out."
        )
    if curve.risk_times[-1] > curve.times[-1]:
        yield (
            f"{label}: numbers at risk go on to {curve.risk_times[-1]:g}, the points end at {curve.times[-1]:g}: read "
            "the curve to its end, level parts too."
        )
    if curve.events is None:
        yield (
            f"{label}: without its events in total, who is censored after the last number at risk is guessed from the "
            "time before; --events gives them."
        )


def study_lines(ratio: CurveRatio) -> tuple[str, ...]:
    """Return the table of a study file that holds a reconstructed ratio, two words of it to be filled in."""
    value, low, high = ratio.estimate
    return (
        "[[published.hazard_ratios]]",
        'endpoint = "lfs"  # or "os"',
        'origin = "reconstructed"',
        f"value = {value:.3g}",
        f"lower = {low:.3g}",
        f"upper = {high:.3g}",
        f'formula = "{HOW}"',
        'source = "the paper and its figure"',
    )


def effect_lines(ratio: CurveRatio) -> tuple[str, ...]:
    """Return the table of a study of the evidence base that holds it, names and source to be filled in."""
    value, low, high = ratio.estimate
    return (
        "[[effects]]",
        'endpoint = "lfs"  # or "os"',
        f'treated = "{_arm_name(ratio.treated)}"',
        f'control = "{_arm_name(ratio.control)}"',
        'population = "all randomised"',
        f'origin = "{Origin.CURVES.value}"',
        f"hazard_ratio = {value:.4g}",
        f"lower = {low:.4g}",
        f"upper = {high:.4g}",
        f"log_hazard_ratio = {ratio.log_ratio:.4f}",
        f"se = {ratio.standard_error:.4f}",
        'source = "report"',
        'place = "the figure"',
        f'quality = "{Quality.DERIVED.value}"',
        f'note = "{HOW}"',
    )


def _arm_name(label: str) -> str:
    """Return a label as arms of the base are named."""
    return re.sub(r"[^A-Za-z0-9]+", "_", label)


def reconstruction_document(made: Reconstructed) -> dict[str, Any]:
    """Return everything but the patients as plain values; what has no estimate is null."""
    return {
        "arms": [_arm_document(label, made.given[label], each) for label, each in made.found.items()],
        "control": made.control,
        "hazard_ratios": [] if isinstance(made.ratios, str) else [_ratio_document(each) for each in made.ratios],
        "no_hazard_ratio": made.ratios if isinstance(made.ratios, str) else None,
        "notes": list(notes(made)),
    }


def _arm_document(label: str, curve: Digitised, found: Reconstruction) -> dict[str, Any]:
    return {
        "label": label,
        "patients": found.times.size,
        "events": int(found.events.sum()),
        "printed_events": curve.events,
        "excess_events": found.excess_events,
        "at_risk": [
            {"time": time, "printed": printed, "excess": excess}
            for time, printed, excess in zip(
                curve.risk_times.tolist(), curve.at_risk.tolist(), found.excess_at_risk.tolist(), strict=True
            )
        ],
        "root_mean_square_error": found.root_mean_square_error,
        "largest_error": found.largest_error,
        "reading_error": found.reading_error,
    }


def _ratio_document(ratio: CurveRatio) -> dict[str, Any]:
    printed = ratio.printed
    return {
        "label": ratio.label,
        "status": ratio.status.name.lower(),
        "hazard_ratio": estimate_document(*ratio.estimate),
        "log_hazard_ratio": finite(ratio.log_ratio),
        "standard_error": finite(ratio.standard_error),
        "p": finite(ratio.p_value),
        "published": None
        if printed is None
        else estimate_document(printed.value, *(printed.limits or (math.nan, math.nan))),
        "log_distance_from_published": ratio.log_distance,
    }
