r"""Do trials with more exposure find more effect? Hazard ratios against the exposure that the model computes.

.. math:: \log HR_i = \beta_0 + \beta_1 x_i + u_i + \epsilon_i

with x the logarithm of dose, area or rise, or days above a threshold as they are, in units of its standard
deviation over the trials, so that slopes of different measures can be compared. Exposure is not measured but
computed: the regression is done at every draw of what is not known of the model, and

.. math:: P(\beta_1 < 0) = \frac{1}{D} \sum_d F_{t,\,k-2}\left(-\hat\beta_1^{(d)} / SE^{(d)}\right)

is the posterior probability, under flat priors, that more exposure goes with a lower hazard. Trials differ in
much beside exposure, and whole trials say nothing of single patients.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.stats import t

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.arm_exposure import MEASURES, ArmExposure, ExposureMeasure, exposure_of, not_computed
from trialeukin.evidence.meta_regression import MetaRegression, Slope, meta_regression
from trialeukin.evidence.pooling import IntervalMethod, Pooled
from trialeukin.evidence.selection import Selection
from trialeukin.evidence.synthesis import Method

FEWEST = 10  # trials for one covariate, as the Cochrane handbook advises
CLEAR = 0.975
LOGARITHMIC = {
    ExposureMeasure.DOSE,
    ExposureMeasure.AREA,
    ExposureMeasure.TREG_RISE,
    ExposureMeasure.NK_RISE,
}


class Verdict(Enum):
    """Whether exposure explains why trials differ."""

    NOTHING_TO_EXPLAIN = "cannot be told: no difference beyond chance is seen, and too few trials could show one"
    TOO_FEW = "cannot be told: too few trials"
    EXPLAINED = "exposure accounts for part of the differences"
    NOT_EXPLAINED = "exposure does not account for the differences"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseResponse:
    """One measure of exposure against log hazard ratios.

    Attributes
    ----------
    measure : ExposureMeasure
        What exposure is measured by.
    trials : tuple of str
        Those whose exposure could be computed.
    left_out : tuple of (study, reason)
        The others.
    regression : MetaRegression
        At the model's values; the slope is per standard deviation of exposure.
    better_with_more : float, 1
        Probability that the slope is below zero, over what is not known of the model too.
    verdict : Verdict
        The plain answer.
    exposure : (k, 3), unit of the measure
        At the model's values, with 95 % over what is not known of it.
    centre, spread : float
        Of exposure at the model's values over the trials, of its logarithm where that is regressed on.
    covariance : (2, 2)
        Of intercept and slope, as wide as their errors.
    """

    measure: ExposureMeasure
    trials: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    regression: MetaRegression
    better_with_more: float
    verdict: Verdict
    exposure: Floats
    centre: float
    spread: float
    covariance: Floats

    @property
    def slope(self) -> Slope:
        """Change of the log hazard ratio per standard deviation of exposure."""
        return self.regression.slopes[1]

    @property
    def logarithmic(self) -> bool:
        """Whether the logarithm of exposure is regressed on."""
        return self.measure in LOGARITHMIC

    def line(self, exposure: Floats) -> Floats:
        """Return log hazard ratios at exposures, (n,), in their unit, with the 95 % limits of the line, (3, n)."""
        at = ((np.log(exposure) if self.logarithmic else exposure) - self.centre) / self.spread
        rows = np.column_stack([np.ones_like(at), at])
        middle = rows @ np.array([each.value for each in self.regression.slopes])
        error = np.sqrt(np.einsum("ij,jk,ik->i", rows, self.covariance, rows))
        reach = float(t.ppf(0.975, self.regression.k - 2)) * error
        return np.stack([middle, middle - reach, middle + reach])


def dose_response(selection: Selection, pooled: Pooled, measure: ExposureMeasure) -> DoseResponse:
    """Return the regression of a pool's hazard ratios on one measure of exposure.

    Raises
    ------
    AnalysisError
        When exposure could be computed of fewer than three trials, or does not vary between them.
    """
    exposures, left_out = _exposures(selection)
    if len(exposures) < 3:
        known = ", ".join(exposures) or "no trial"
        why = [f"{name}: {reason}" for name, reason in left_out]
        raise AnalysisError("\n".join([f"exposure is known of {known}: a slope needs at least three trials", *why]))
    every = selection.effects()
    effects = every.chosen(np.array([label in exposures for label in every.labels]))
    arms = [exposures[label] for label in effects.labels]
    columns = np.stack([each.values[:, MEASURES.index(measure)] for each in arms], axis=1)
    scaled, (centre, spread) = _scaled(columns, measure)
    method = Method(interval=IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL)
    regressions = [meta_regression(effects, {measure.label: row}, method.between, method.interval) for row in scaled]
    slopes = [found.slopes[1] for found in regressions[1:] or regressions]
    chance = float(np.mean([t.cdf(-slope.value / slope.standard_error, effects.k - 2) for slope in slopes]))
    return DoseResponse(
        measure=measure,
        trials=effects.labels,
        left_out=left_out,
        regression=regressions[0],
        better_with_more=chance,
        verdict=_verdict(regressions[0], pooled, chance),
        exposure=np.array([(each.typical(measure), *each.interval(measure)) for each in arms]),
        centre=centre,
        spread=spread,
        covariance=regressions[0].covariance,
    )


def _exposures(selection: Selection) -> tuple[dict[str, ArmExposure], tuple[tuple[str, str], ...]]:
    """Return what each trial's arm with IL-2 is exposed to, and the trials left out, with the reason."""
    exposures, left_out = {}, list(selection.without_sign)
    for taken in selection.taken:
        arm = taken.study.arm(taken.effect.treated)
        found = exposure_of(arm)
        if found is None:
            left_out.append((taken.name, str(not_computed(arm))))
        else:
            exposures[taken.name] = found
    return exposures, tuple(left_out)


def _scaled(columns: Floats, measure: ExposureMeasure) -> tuple[Floats, tuple[float, float]]:
    """Return exposures in standard deviations about their mean, row by row, (draws, k), and both of the first row.

    Of what is known there is one row.
    """
    values = np.log(columns) if measure in LOGARITHMIC else columns
    values = values[:1] if measure is ExposureMeasure.DOSE else values
    spread = values.std(axis=1, ddof=1, keepdims=True)
    if np.any(spread <= 1e-12):
        raise AnalysisError(f"{measure.label} is the same in all trials: there is nothing to regress on")
    mean = values.mean(axis=1, keepdims=True)
    return np.asarray((values - mean) / spread), (float(mean[0, 0]), float(spread[0, 0]))


def _verdict(regression: MetaRegression, pooled: Pooled, chance: float) -> Verdict:
    found = pooled.heterogeneity
    if regression.k < FEWEST:
        return Verdict.NOTHING_TO_EXPLAIN if found is None or found.tau_squared == 0.0 else Verdict.TOO_FEW
    clear = max(chance, 1.0 - chance) >= CLEAR
    return Verdict.EXPLAINED if clear and (regression.explained or 0.0) > 0.0 else Verdict.NOT_EXPLAINED
