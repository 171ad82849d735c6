"""Survival and cumulative incidence of a whole virtual population, ready to be drawn."""

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.survival.competing_risks import cumulative_incidence
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.risk_table import numbers_at_risk
from trialeukin.trial.arm_result import Curve
from trialeukin.trial.endpoint import Cause, Endpoint
from trialeukin.trial.outcomes import Outcomes

MONTHS_BETWEEN_COUNTS = 12.0
CODES = {Cause.RELAPSE: 1, Cause.DEATH_IN_REMISSION: 2}


def survival_curve(outcomes: Outcomes, endpoint: Endpoint) -> Curve:
    """Return the Kaplan-Meier curve of an endpoint, everyone followed to the horizon."""
    event = outcomes.times(endpoint)[outcomes.valid]
    times = np.minimum(event, outcomes.horizon)
    estimate = kaplan_meier(times, event <= outcomes.horizon)
    jumps = estimate.events > 0
    lower, upper = estimate.interval()
    return _curve(estimate.times[jumps], estimate.survival[jumps], (lower[jumps], upper[jumps]), times, outcomes)


def incidence_curve(outcomes: Outcomes, cause: Cause) -> Curve:
    """Return the cumulative incidence of one way a first remission ends, the other one competing."""
    valid = outcomes.valid
    event = outcomes.times(Endpoint.LFS)[valid]
    times = np.minimum(event, outcomes.horizon)
    dead = outcomes.died_in_remission[valid]
    codes = np.where(event > outcomes.horizon, 0, np.where(dead, CODES[Cause.DEATH_IN_REMISSION], CODES[Cause.RELAPSE]))
    jumps = np.unique(times[codes == CODES[cause]])
    if jumps.size == 0:
        return _curve(jumps, jumps, (jumps, jumps), times, outcomes)
    estimate = cumulative_incidence(times, codes)
    limits = estimate.interval_at(CODES[cause], jumps)
    return _curve(jumps, estimate.at(CODES[cause], jumps), limits, times, outcomes)


def _curve(jumps: Floats, values: Floats, limits: tuple[Floats, Floats], times: Floats, outcomes: Outcomes) -> Curve:
    counted = np.arange(0.0, outcomes.horizon + 1e-9, MONTHS_BETWEEN_COUNTS)
    at_risk: Integers = numbers_at_risk(times, counted)
    return Curve(times=jumps, values=values, lower=limits[0], upper=limits[1], risk_times=counted, at_risk=at_risk)
