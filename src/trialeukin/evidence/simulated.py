r"""Simulated trials beside real ones: which frozen predictions go with a pool, and what they would add if asked.

Simulated trials of one model share its parameters, so that pooling them as if they were independent would count one
ignorance many times. The pool of all is therefore a prediction of its own, frozen like those of trials. Only where a
discount d is given, it is added to the real pool in so much of its weight, as a power prior (Ibrahim and Chen 2000):
what the model expects, by its median and 95 % over what is not known of the parameters (`split_normal`), to the power d
comes to the likelihood of the real pool. Where the limits lie equally far from the median, with s_s the spread,

.. math:: \hat\mu = \frac{\mu_r / s_r^2 + d \, \mu_s / s_s^2}{1 / s_r^2 + d / s_s^2}
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from trialeukin.core.errors import AnalysisError
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.frozen import FrozenPrediction, Measure, latest
from trialeukin.evidence.pooling import Pooled
from trialeukin.evidence.selection import Selection, Taken
from trialeukin.model.structures import STRUCTURES
from trialeukin.trial.endpoint import Endpoint

NAMED = STRUCTURES[0].name


@dataclass(frozen=True, slots=True, kw_only=True)
class Discounted:
    """A real pool with a simulated one at a discount, log hazard ratios.

    Attributes
    ----------
    discount : float, 1
        Share of its weight that the simulated pool has.
    estimate, lower, upper : float, 1
        Median with 95 % limits.
    real_share : float, 1
        Share of the weight that is real, the simulated one by the width of its limits.
    """

    discount: float
    estimate: float
    lower: float
    upper: float
    real_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedEvidence:
    """Predictions that go with a real pool.

    Attributes
    ----------
    trials : tuple of FrozenPrediction
        Of its trials, those of unknown sign included.
    missing : tuple of str
        Trials of the pool without one.
    pool : FrozenPrediction or None
        Of the pool with that name.
    spread : float or None, 1
        Standard deviation of the predicted log hazard ratios: what the model says trials differ by.
    discounted : Discounted or None
        Where a discount was asked for.
    """

    trials: tuple[FrozenPrediction, ...]
    missing: tuple[str, ...]
    pool: FrozenPrediction | None
    spread: float | None
    discounted: Discounted | None = None


def simulated_beside(
    selection: Selection,
    real: Pooled,
    predictions: Iterable[FrozenPrediction],
    *,
    pool: str | None = None,
    discount: float | None = None,
) -> SimulatedEvidence:
    """Return the predictions of the model as it is named that go with a pool.

    Parameters
    ----------
    selection : Selection
        The real trials.
    real : Pooled
        Their pool.
    predictions : iterable of FrozenPrediction
        All there are.
    pool : str or None
        The pool's name.
    discount : float or None, 1
        Share of its weight that the simulated pool gets; None adds nothing.

    Raises
    ------
    AnalysisError
        When a discount is not above zero and up to one, or no prediction of the pool is frozen.
    """
    asked, told = (*selection.taken, *selection.unsigned), tuple(predictions)
    trials = predictions_of(asked, selection.endpoint, told)
    known = {each.of for each in trials}
    of_pool = next((each for each in _named(selection.endpoint, told) if each.of == pool), None)
    logs = [each.law.median for each in trials]
    return SimulatedEvidence(
        trials=trials,
        missing=tuple(each.name for each in asked if each.name not in known),
        pool=of_pool,
        spread=float(np.std(logs, ddof=1)) if len(logs) > 1 else None,
        discounted=None if discount is None else discounted(real, of_pool, discount),
    )


def predictions_of(
    trials: Iterable[Taken], endpoint: Endpoint, predictions: Iterable[FrozenPrediction]
) -> tuple[FrozenPrediction, ...]:
    """Return the newest predictions, of the model as it is named, of the same patients as the trials' effects."""
    by_patients = {(each.of, each.population): each for each in _named(endpoint, predictions)}
    asked = ((taken.name, taken.effect.population) for taken in trials)
    return tuple(by_patients[each] for each in asked if each in by_patients)


def _named(endpoint: Endpoint, predictions: Iterable[FrozenPrediction]) -> list[FrozenPrediction]:
    return [
        each
        for each in latest(predictions)
        if each.structure == NAMED and each.measure is Measure.HAZARD_RATIO and each.endpoint is endpoint
    ]


def discounted(real: Pooled, simulated: FrozenPrediction | None, discount: float) -> Discounted:
    """Return a real pool with a simulated one at a discount; see the module.

    Raises
    ------
    AnalysisError
        When the discount makes no sense, or there is no simulated pool with its spread over parameters.
    """
    if not 0.0 < discount <= 1.0:
        raise AnalysisError(f"discount {discount:g}: give a share of the simulated weight above 0 and up to 1")
    expected = None if simulated is None else simulated.expected_law
    if expected is None:
        raise AnalysisError(
            "no prediction of this pool is frozen, so that none can be added at a discount: simulated trials share one "
            "model and are not pooled as if they were independent; pool aml-cr1-ipd has one"
        )
    lower, estimate, upper = expected.with_data(
        real.estimate, real.standard_error, power=discount, probabilities=(0.025, 0.5, 0.975)
    )
    weights = real.standard_error**-2, discount * ((expected.upper - expected.lower) / (2.0 * NORMAL_975)) ** -2
    return Discounted(
        discount=discount, estimate=estimate, lower=lower, upper=upper, real_share=weights[0] / sum(weights)
    )
