"""How numbers are said: per cents, intervals, ratios and lists."""

import math
import re
from collections.abc import Sequence

from trialeukin.report.palette import Colour, arm_colour
from trialeukin.trial.arm_result import ArmResult
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate, Interval
from trialeukin.trial.published import Origin, PublishedProbability, PublishedRatio
from trialeukin.trial.result import Milestone, StudyResult

SAME_MONTH = 0.5


def anchor(name: str) -> str:
    """Return a name as part of an address in the page, such as ``leukaemia-burden``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def counted(count: int, name: str, names: str = "") -> str:
    """Return a count of things, such as ``1 event`` or ``1,200 events``; ``names`` are many that no s makes."""
    return f"{count:,} {name if count == 1 else names or f'{name}s'}"


def percent(fraction: float, digits: int = 0) -> str:
    """Return a fraction as per cent, such as ``45 %``."""
    return f"{rounded(100.0 * fraction, digits)} %"


def rounded(value: float, digits: int = 0) -> str:
    """Return a number with fixed digits; what rounds to zero has no sign."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0.0 else text


def shortly(value: float, digits: int = 3) -> str:
    """Return a number with its first digits, such as ``1,260`` or ``0.0126``; beyond a million with a power of ten."""
    if not math.isfinite(value):
        return "–"
    near = float(f"{value:.{digits}g}")
    if near != 0.0 and not 1e-3 <= abs(near) < 1e6:
        return f"{near:.{digits}g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(near)))) if near else 0
    text = f"{near:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent_with_error(estimate: Estimate) -> str:
    """Return a probability with its Monte Carlo error, such as ``45.2 % ± 1.1``."""
    return f"{100.0 * estimate.value:.1f} % ± {100.0 * estimate.error:.1f}"


def ratio_with_interval(interval: Interval) -> str:
    """Return a predicted ratio, such as ``0.93 (0.66 to 1.31)``."""
    return f"{interval.median:.2f} ({interval.lower:.2f} to {interval.upper:.2f})"


def published_ratio(ratio: PublishedRatio) -> str:
    """Return a published ratio with what is known of its interval."""
    return f"{ratio.value:.2f} ({interval_of(ratio)})"


def interval_of(ratio: PublishedRatio) -> str:
    """Return what is known of a published ratio's 95 % interval."""
    if ratio.lower is not None and ratio.upper is not None:
        guessed = [f"{name} limit assumed" for name in ("lower", "upper") if name in ratio.assumed]
        return ", ".join((f"{ratio.lower:.2f} to {ratio.upper:.2f}", *guessed))
    if ratio.lower is not None:
        return f"lower limit {ratio.lower:.2f}, upper limit not known"
    if ratio.upper is not None:
        return f"upper limit {ratio.upper:.2f}, lower limit not known"
    return "no interval known"


def origin_of(ratio: PublishedRatio) -> str:
    """Return where a published ratio is from, in two or three words."""
    return "as printed" if ratio.origin is Origin.PRINTED else "reconstructed from published rates"


def unit_words(unit: str) -> str:
    """Return a unit as a reader writes it, such as ``cells/µL``; nothing for a pure number."""
    if unit in {"", "1", "dimensionless"}:
        return ""
    counted = {"cell": "cells", "G": "10⁹"}
    measured = {"uL": "µL"}
    first, *rest = (part.strip() for part in unit.replace("^2", "²").split("/"))
    return "/".join((counted.get(first, first), *(measured.get(part, part) for part in rest)))


def listed(names: Sequence[str]) -> str:
    """Return names as a list with ``and``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def arms_in_order(result: StudyResult) -> tuple[tuple[ArmResult, Colour], ...]:
    """Return the arms, the control first, each with the colour it keeps through the page."""
    ordered = sorted(result.arms, key=lambda arm: not arm.control)
    return tuple((arm, arm_colour(index)) for index, arm in enumerate(ordered))


def published_beside(result: StudyResult, endpoint: Endpoint, milestone: Milestone) -> PublishedProbability | None:
    """Return what the study printed for an arm at the time of a milestone, if it did."""
    for each in result.study.published.probabilities:
        same_arm = each.endpoint is endpoint and each.arm == milestone.arm
        if same_arm and abs(each.months - milestone.months) < SAME_MONTH:
            return each
    return None
