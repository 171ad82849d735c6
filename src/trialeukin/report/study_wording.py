"""How a study's numbers are said: its arms in order, what it found, what was published beside it."""

from collections.abc import Sequence

from trialeukin.report.palette import Colour, arm_colour
from trialeukin.report.wording import listed, percent, with_error, with_limits, words
from trialeukin.trial.arm_result import ArmResult
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate, Interval
from trialeukin.trial.published import Origin, PublishedProbability, PublishedRatio
from trialeukin.trial.result import EndpointResult, Milestone, StudyResult

SAME_MONTH = 0.5


def percent_with_error(estimate: Estimate) -> str:
    """Return a probability with its Monte Carlo error, such as ``45.2 % ± 1.1``."""
    return with_error(percent(estimate.value, 1), 100.0 * estimate.error, 1)


def parameters_taken(draws: int) -> str:
    """Return at which parameters trials are: of what is not known of them, or typical ones where none were drawn."""
    return "with what is not known of the parameters" if draws else "all at the typical parameters"


def ratio_with_interval(interval: Interval) -> str:
    """Return a predicted ratio, such as ``0.93 (0.66 to 1.31)``."""
    return with_limits(interval.median, interval.lower, interval.upper)


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
    return "as printed" if ratio.origin is Origin.PRINTED else "reconstructed from published numbers"


def trials_with_ratio(found: EndpointResult) -> str:
    """Return of which replicate trials an interval of hazard ratios is: of those that have a finite one."""
    if not found.not_estimable:
        return "trials"
    return f"the {found.ratios.size - found.not_estimable:,} of {found.ratios.size:,} trials that have one"


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


def what_if(names: Sequence[str]) -> str:
    """Return that a run is a what-if, with the parameters that its study file changes; empty where there are none."""
    if not names:
        return ""
    stand = "stands at another value" if len(names) == 1 else "stand at other values"
    return f"What if: {listed([words(name) for name in names])} {stand} than the model's own."
