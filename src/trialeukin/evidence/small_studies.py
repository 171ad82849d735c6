r"""Whether small studies say something else than large ones: Egger, Begg, and trim and fill.

Egger: ordinary least squares of y/SE on 1/SE; the intercept, over its error, is t with k - 2 degrees of freedom
(BMJ 1997;315:629). Begg and Mazumdar: Kendall's tau of (y - mu)/sqrt(v - 1/sum w) and v (Biometrics 1994;50:1088).
Trim and fill: as many of the most extreme studies are set aside as the ranks of |y - mu| say are without a
mirror image, L0 = (4 T - k(k+1))/(2k - 1) with T the ranks' sum on that side, until their number stays; then
their mirror images are added (Duval and Tweedie, Biometrics 2000;56:455). None of the three tells bias from a
true difference between small and large studies, and with fewer than ten studies they tell little.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.stats import kendalltau, rankdata, t

from trialeukin.core.errors import AnalysisError, if_defined
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.mixed_model import MixedModel
from trialeukin.evidence.pooling import Pooled, pool

FEWEST = 10
TURNS = 1000
SAME = 1e-12  # of the largest: values closer than that differ by rounding


class Side(Enum):
    """Where studies are thought to be missing: below or above the pooled effect."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asymmetry:
    """A test of asymmetry: its statistic, degrees of freedom (None for ranks) and two-sided p value."""

    name: str
    statistic: float
    degrees_of_freedom: int | None
    p_value: float
    k: int

    @property
    def enough(self) -> bool:
        """Whether there are as many studies as are usually asked for before the test is read."""
        return self.k >= FEWEST


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrimmedAndFilled:
    """How many studies were added on which side, and the pool with them."""

    added: int
    side: Side
    filled: Effects
    pooled: Pooled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SmallStudies:
    """What all three say of one pool; None where a test has nothing to compare."""

    egger: Asymmetry | None
    begg: Asymmetry | None
    filled: TrimmedAndFilled | None

    @property
    def tests(self) -> tuple[Asymmetry, ...]:
        """The tests that could be made."""
        return tuple(test for test in (self.egger, self.begg) if test is not None)


def small_studies(effects: Effects, method: BetweenMethod) -> SmallStudies:
    """Return both tests, and the pool with mirror images by the same method."""
    return SmallStudies(
        egger=if_defined(lambda: egger(effects)),
        begg=if_defined(lambda: begg(effects)),
        filled=if_defined(lambda: trim_and_fill(effects, method)),
    )


def egger(effects: Effects) -> Asymmetry:
    """Return Egger's regression test.

    Raises
    ------
    AnalysisError
        When there are fewer than three studies, all have one standard error, or all lie on the test's own line.
    """
    _need_three(effects)
    _need_sizes(effects)
    precision = 1.0 / effects.standard_errors
    columns = np.column_stack([np.ones(effects.k), precision])
    model = MixedModel(
        estimates=effects.estimates * precision,
        sampling=np.eye(effects.k),
        shared=np.eye(effects.k),
        columns=columns,
    )
    fit = model.fit(0.0)
    if model.is_exact(fit):
        raise AnalysisError(
            f"the effects of all {effects.k} studies are a straight line over their standard errors: no spread about "
            "it is left to test against; look at the funnel plot"
        )
    standard_error = float(np.sqrt(fit.covariance[0, 0] * fit.residual / model.degrees_of_freedom))
    value = float(fit.coefficients[0]) / standard_error
    return Asymmetry(
        name="Egger",
        statistic=value,
        degrees_of_freedom=model.degrees_of_freedom,
        p_value=2.0 * float(t.sf(abs(value), model.degrees_of_freedom)),
        k=effects.k,
    )


def begg(effects: Effects) -> Asymmetry:
    """Return the rank correlation of standardised effects with their variances.

    Raises
    ------
    AnalysisError
        When there are fewer than three studies, all have one standard error, or all found the same.
    """
    _need_three(effects)
    _need_sizes(effects)
    if np.ptp(effects.estimates) <= SAME * np.abs(effects.estimates).max():
        raise AnalysisError(f"all {effects.k} studies found {effects.estimates[0]:g}: effects that tie have no ranks")
    weight = 1.0 / effects.variances
    centre = float(weight @ effects.estimates / weight.sum())
    standardised = (effects.estimates - centre) / np.sqrt(effects.variances - 1.0 / weight.sum())
    found = kendalltau(standardised, effects.variances)
    return Asymmetry(
        name="Begg", statistic=float(found.statistic), degrees_of_freedom=None, p_value=float(found.pvalue), k=effects.k
    )


def trim_and_fill(
    effects: Effects, method: BetweenMethod = BetweenMethod.RESTRICTED_LIKELIHOOD, side: Side | None = None
) -> TrimmedAndFilled:
    """Return the pool with mirror images of the studies that have none; the side is Egger's where not given."""
    _need_three(effects)
    missing = _side(effects) if side is None else side
    sign = -1.0 if missing is Side.RIGHT else 1.0
    order = np.argsort(sign * effects.estimates, kind="stable")
    seen = effects.chosen(order)
    values = sign * seen.estimates
    k, aside = effects.k, 0
    for _ in range(TURNS):
        centre = sign * pool(seen.chosen(np.arange(k - aside)), method).estimate
        ranks = rankdata(np.abs(values - centre), method="ordinal")
        above = float(ranks[values > centre].sum())
        found = int(np.clip(np.rint((4.0 * above - k * (k + 1)) / (2.0 * k - 1.0)), 0, k - 2))
        if found == aside:
            break
        aside = found
    else:
        raise AnalysisError("trim and fill does not come to rest: the number of missing studies goes back and forth")
    mirrored = sign * (2.0 * centre - values[k - aside :])
    filled = Effects(
        labels=(*seen.labels, *(f"mirror of {label}" for label in seen.labels[k - aside :])),
        estimates=np.concatenate([seen.estimates, mirrored]),
        variances=np.concatenate([seen.variances, seen.variances[k - aside :]]),
    )
    return TrimmedAndFilled(added=aside, side=missing, filled=filled, pooled=pool(filled, method))


def _side(effects: Effects) -> Side:
    """Return the side without small studies: the left where effects rise with their standard errors."""
    columns = np.column_stack([np.ones(effects.k), effects.standard_errors])
    weight = 1.0 / effects.variances
    slope = np.linalg.lstsq(columns * np.sqrt(weight)[:, None], effects.estimates * np.sqrt(weight), rcond=None)[0][1]
    return Side.RIGHT if slope < 0.0 else Side.LEFT


def _need_sizes(effects: Effects) -> None:
    if np.ptp(effects.standard_errors) <= SAME * effects.standard_errors.max():
        raise AnalysisError(
            f"all studies have one standard error, {effects.standard_errors[0]:g}: small and large ones cannot be "
            "compared"
        )


def _need_three(effects: Effects) -> None:
    if effects.k < 3:
        raise AnalysisError(f"{effects.k} studies: asymmetry needs at least three, and ten before it is read")
