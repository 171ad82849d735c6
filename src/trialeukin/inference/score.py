"""How good predictions are: each against its observation, and shares by group and use."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from trialeukin.core.normal import NORMAL_975
from trialeukin.inference.case import Bound, Group, Use
from trialeukin.inference.prediction import Prediction

TWO_FOLD = 2.0
POINTS = 10.0


class Yardstick(Enum):
    """What a prediction must meet."""

    TWO_FOLD = "within two-fold"
    POINTS = "within 10 points"
    BOUND = "beyond the bound"


def yardstick(prediction: Prediction) -> Yardstick:
    """Return by what a prediction is judged: the bound if there is one, else points or two-fold by its unit."""
    if prediction.case.bound is not Bound.NONE:
        return Yardstick.BOUND
    return Yardstick.POINTS if prediction.case.in_points else Yardstick.TWO_FOLD


def ratio(prediction: Prediction) -> float:
    """Return predicted over observed; infinite or NaN where nothing was observed."""
    observed = prediction.case.value
    if observed == 0.0:
        return math.nan if prediction.value == 0.0 else math.inf
    return prediction.value / observed


def meets(prediction: Prediction) -> bool:
    """Say whether a prediction meets its yardstick; one that failed (NaN) does not."""
    observed, value = prediction.case.value, prediction.value
    match yardstick(prediction):
        case Yardstick.BOUND:
            return value >= observed if prediction.case.bound is Bound.AT_LEAST else value <= observed
        case Yardstick.POINTS:
            return abs(value - observed) <= POINTS
        case Yardstick.TWO_FOLD:
            return value > 0.0 and abs(math.log(value / observed)) <= math.log(TWO_FOLD)


def inside(prediction: Prediction) -> bool:
    """Say whether the interval holds the observation, or for a limit any number on its right side."""
    observed = prediction.case.value
    over = prediction.high >= observed
    under = prediction.low <= observed
    return {Bound.AT_LEAST: over, Bound.AT_MOST: under, Bound.NONE: over and under}[prediction.case.bound]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A count of successes with Wilson's 95 % interval of the share behind it.

    Attributes
    ----------
    hits, count : int
        Of how many.
    """

    hits: int
    count: int

    @property
    def value(self) -> float:
        """The share; NaN of none."""
        return self.hits / self.count if self.count else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        r"""Wilson's 95 % interval (J Am Stat Assoc 1927;22:209).

        .. math:: \frac{p + z^2/2n \pm z \sqrt{p(1-p)/n + z^2/4n^2}}{1 + z^2/n}
        """
        if not self.count:
            return 0.0, 1.0
        n, p, square = self.count, self.value, NORMAL_975**2
        half = NORMAL_975 * math.sqrt(p * (1.0 - p) / n + square / (4.0 * n * n))
        middle, scale = p + square / (2.0 * n), 1.0 + square / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the scoreboard.

    Attributes
    ----------
    group : Group or None
        Whose predictions are counted; None for all.
    use : Use
        Of these, those fitted, held out or not used.
    met, covered : Share
        How many meet their yardstick, and of how many the interval holds the observation.
    """

    group: Group | None
    use: Use
    met: Share
    covered: Share


def scoreboard(predictions: Sequence[Prediction]) -> tuple[Line, ...]:
    """Return a line for every group and use that has predictions, and for every use over all groups."""
    lines = []
    for group in (*Group, None):
        for use in Use:
            mine = [each for each in predictions if group in {each.case.group, None} and each.case.use is use]
            if mine:
                lines.append(Line(group=group, use=use, met=_share(mine, meets), covered=_share(mine, inside)))
    return tuple(lines)


def _share(predictions: Sequence[Prediction], passes: Callable[[Prediction], bool]) -> Share:
    return Share(hits=sum(passes(each) for each in predictions), count=len(predictions))
