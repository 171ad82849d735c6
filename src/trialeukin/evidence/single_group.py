r"""Effect sizes of single arms and of means: proportions on three scales, mean and standardised mean differences.

With x of n patients, p = x/n:

.. math::

    \text{logit} &: \log\frac{x}{n-x}, \; v = \frac1x + \frac1{n-x} \qquad
    \text{arcsine}: \arcsin\sqrt p, \; v = \frac1{4n} \\
    \text{Freeman-Tukey} &: \tfrac12\left(\arcsin\sqrt{\tfrac{x}{n+1}} + \arcsin\sqrt{\tfrac{x+1}{n+1}}\right),
        \; v = \frac1{4n+2} \\
    MD &: m_1 - m_0, \; v = s_1^2/n_1 + s_0^2/n_0 \quad\text{or}\quad s_p^2 (1/n_1 + 1/n_0) \\
    SMD &: g = \left(1 - \frac{3}{4(n_1+n_0)-9}\right)\frac{m_1-m_0}{s_p}, \; v = \frac1{n_1}+\frac1{n_0} +
        \frac{g^2}{2(n_1+n_0)}

Logits add half a patient with and half a one without the event where x is 0 or n. Freeman-Tukey values go back to
proportions by Miller's inverse (Am Stat 1978;32:138) at the harmonic mean of n, which can mislead where sizes
differ much (Schwarzer and others, Res Synth Methods 2019;10:476); the logit is the safer scale then.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.special import expit

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects


class ProportionScale(Enum):
    """The scale on which proportions are pooled."""

    LOGIT = "logit"
    ARCSINE = "arcsine"
    FREEMAN_TUKEY = "Freeman-Tukey"


class MeanMeasure(Enum):
    """What is compared of two means."""

    DIFFERENCE = "mean difference"
    DIFFERENCE_OF_EQUAL_SPREADS = "mean difference, spreads taken as equal"
    STANDARDISED = "standardised mean difference (Hedges' g)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Means:
    """Means, standard deviations and sizes of the two arms of k studies; each (k,)."""

    labels: tuple[str, ...]
    mean_treated: Floats
    deviation_treated: Floats
    n_treated: Floats
    mean_control: Floats
    deviation_control: Floats
    n_control: Floats


def proportions(labels: tuple[str, ...], events: Floats, n: Floats, scale: ProportionScale) -> Effects:
    """Return transformed proportions with their variances.

    Parameters
    ----------
    labels : tuple of k str
        Names of the studies.
    events, n : (k,), patients
        Those with the event, and all.
    scale : ProportionScale
        See the module.
    """
    for label, with_it, size in zip(labels, events, n, strict=True):
        if not (size > 0.0 and 0.0 <= with_it <= size):
            raise AnalysisError(f"{label}: {with_it:g} of {size:g} patients: give 0 to all of at least one")
    match scale:
        case ProportionScale.LOGIT:
            add = 0.5 * ((events == 0.0) | (events == n))
            with_it, without = events + add, n - events + add
            return Effects(labels=labels, estimates=np.log(with_it / without), variances=1.0 / with_it + 1.0 / without)
        case ProportionScale.ARCSINE:
            return Effects(labels=labels, estimates=np.arcsin(np.sqrt(events / n)), variances=0.25 / n)
        case ProportionScale.FREEMAN_TUKEY:
            both = np.arcsin(np.sqrt(events / (n + 1.0))) + np.arcsin(np.sqrt((events + 1.0) / (n + 1.0)))
            return Effects(labels=labels, estimates=0.5 * both, variances=1.0 / (4.0 * n + 2.0))


def proportion_of(value: float, scale: ProportionScale, n: Floats) -> float:
    """Return the proportion that a value of a scale stands for; ``n`` are the sizes that were pooled."""
    match scale:
        case ProportionScale.LOGIT:
            return float(expit(value))
        case ProportionScale.ARCSINE:
            return float(np.sin(np.clip(value, 0.0, np.pi / 2.0)) ** 2)
        case ProportionScale.FREEMAN_TUKEY:
            return _miller(value, float(len(n) / np.sum(1.0 / n)))


def _miller(value: float, n: float) -> float:
    def forward(proportion: float) -> float:
        both = np.arcsin(np.sqrt(proportion * n / (n + 1.0))) + np.arcsin(np.sqrt((proportion * n + 1.0) / (n + 1.0)))
        return 0.5 * float(both)

    if value <= forward(0.0):
        return 0.0
    if value >= forward(1.0):
        return 1.0
    twice = np.sin(2.0 * value)
    inner = twice + (twice - 1.0 / twice) / n
    return float(0.5 * (1.0 - np.sign(np.cos(2.0 * value)) * np.sqrt(1.0 - inner**2)))


def mean_effects(means: Means, measure: MeanMeasure) -> Effects:
    """Return differences of means, treated less control, with their variances."""
    difference = means.mean_treated - means.mean_control
    if measure is MeanMeasure.DIFFERENCE:
        variances = means.deviation_treated**2 / means.n_treated + means.deviation_control**2 / means.n_control
        return Effects(labels=means.labels, estimates=difference, variances=variances)
    size, degrees_of_freedom = means.n_treated + means.n_control, means.n_treated + means.n_control - 2.0
    squares = (means.n_treated - 1.0) * means.deviation_treated**2
    pooled = (squares + (means.n_control - 1.0) * means.deviation_control**2) / degrees_of_freedom
    shares = 1.0 / means.n_treated + 1.0 / means.n_control
    if measure is MeanMeasure.DIFFERENCE_OF_EQUAL_SPREADS:
        return Effects(labels=means.labels, estimates=difference, variances=pooled * shares)
    g = (1.0 - 3.0 / (4.0 * size - 9.0)) * difference / np.sqrt(pooled)
    variances = shares + g**2 / (2.0 * size)
    return Effects(labels=means.labels, estimates=g, variances=variances)
