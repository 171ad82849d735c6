r"""A group-sequential design: boundaries, the information it takes, and when it stops.

With :math:`\theta` the effect per root of information, the drift is :math:`\delta = \theta \sqrt{I_{max}}`; a trial
with one look needs :math:`\delta_1 = z_{1-\alpha} + z_{1-\beta}`, so that looks cost the inflation factor
:math:`(\delta / \delta_1)^2` (Jennison and Turnbull 2000, section 2.3). Everything here is of one side: a two-sided
trial at 0.05 is ``alpha = 0.025``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from trialeukin.core.arrays import Floats, listed
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.crossing import BEGINNING, CLOSEST, Process, Stopping, proportional, stopping
from trialeukin.survival.design.efficacy import AlphaSpending, EfficacyRule, increments, lower_limit, upper_limit
from trialeukin.survival.design.futility import FutilityRule, Spent
from trialeukin.survival.design.required_events import refuse_errors

DRIFT_ERROR = 1e-10
DEAREST = 3.0  # no design in use doubles its drift; a search that ends there has found nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundaries:
    """Limits of the test statistic at each look.

    Attributes
    ----------
    fractions : (k,), 1
        Share of the whole information at each look; the last is one.
    upper, lower : (k,), 1
        As Z. An infinite one is not tested.
    """

    fractions: Floats
    upper: Floats
    lower: Floats

    def stopping(self, drift: float) -> Stopping:
        """Return the probabilities of stopping under a constant effect, see the module for the drift."""
        return stopping(proportional(self.fractions, drift), upper=self.upper, lower=self.lower)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSequentialDesign:
    """A design that keeps alpha and has its power.

    Attributes
    ----------
    boundaries : Boundaries
        Limits and fractions.
    alpha, power : float, 1
        One-sided level and power.
    drift : float, 1
        Mean of Z at full information that has the power.
    inflation : float, 1
        Full information over that of the design with one look.
    null, alternative : Stopping
        Probabilities of stopping without the effect and with it. Under the null a futility boundary is obeyed
        even where it is not binding, so that their upper sum may lie below alpha.
    """

    boundaries: Boundaries
    alpha: float
    power: float
    drift: float
    inflation: float
    null: Stopping
    alternative: Stopping

    def expected_share(self, effect: float = 1.0) -> float:
        """Return the mean information at the stop over that of one look, at a multiple of the effect."""
        stops = self.boundaries.stopping(effect * self.drift)
        return self.inflation * stops.expected_information(self.boundaries.fractions)


def group_sequential(
    fractions: Floats,
    *,
    efficacy: EfficacyRule,
    alpha: float = 0.025,
    power: float = 0.9,
    futility: FutilityRule | None = None,
    mirrored: bool = False,
) -> GroupSequentialDesign:
    """Return a design with looks at fractions of its information.

    Parameters
    ----------
    fractions : (k,), 1
        Increasing, the last one 1.
    efficacy : EfficacyRule
        Shape or spending of the upper boundary.
    alpha, power : (), 1
        One-sided level; power above it.
    futility : FutilityRule or None
        None: no stopping for futility.
    mirrored : bool
        Stop for harm at minus the upper boundary, as in a two-sided symmetric test; not with futility.
    """
    refuse_fractions(fractions)
    refuse_errors(alpha, power)
    if futility is None:
        upper = efficacy.limits(fractions, alpha, mirrored=mirrored)
        lower = -upper if mirrored else np.full(fractions.size, -np.inf)
        boundaries = Boundaries(fractions=fractions, upper=upper, lower=lower)
        drift = _drift(lambda drift: boundaries.stopping(drift).reject - power, alpha, power)
    else:
        if mirrored:
            raise AnalysisError("futility with a mirrored boundary: choose one of the two; both set the lower limit")
        shares = error_shares(fractions, efficacy=efficacy, alpha=alpha, futility=futility, beta=1.0 - power)

        def limits(drift: float) -> Boundaries:
            null, alternative = proportional(fractions, 0.0), proportional(fractions, drift)
            return spent_boundaries(fractions, null, alternative, shares)

        # Where beta is spent, power is reached just where the last futility limit meets that of efficacy.
        drift = _drift(lambda drift: limits(drift).stopping(drift).reject - power, alpha, power)
        boundaries = limits(drift)
    return GroupSequentialDesign(
        boundaries=boundaries,
        alpha=alpha,
        power=power,
        drift=drift,
        inflation=float((drift / (ndtri(1.0 - alpha) + ndtri(power))) ** 2),
        null=boundaries.stopping(0.0),
        alternative=boundaries.stopping(drift),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorShares:
    """What each look may spend.

    Attributes
    ----------
    gains : (k,), 1
        Of alpha, on the process without the effect.
    losses : (k,), 1
        Of the error that the futility rule spends.
    rule : FutilityRule
        On which process, and whether binding.
    """

    gains: Floats
    losses: Floats
    rule: FutilityRule


def spent_boundaries(fractions: Floats, null: Process, alternative: Process, shares: ErrorShares) -> Boundaries:
    """Return boundaries that spend two errors on two processes, look by look.

    Parameters
    ----------
    fractions : (k,), 1
        Shares of the information that the looks are called by.
    null, alternative : Process
        The statistic without and with the effect; they may differ in information, as under hazards that are
        not proportional.
    shares : ErrorShares
        What each look spends.
    """
    rule, upper, lower = shares.rule, np.empty(fractions.size), np.empty(fractions.size)
    spends_on = alternative if rule.spends is Spent.BETA else null
    testing = stopping_early = BEGINNING
    for look in range(fractions.size):
        upper[look] = upper_limit(testing, null, float(shares.gains[look]))
        lower[look] = min(lower_limit(stopping_early, spends_on, float(shares.losses[look])), upper[look])
        testing = testing.within(null, lower[look] if rule.binding else -np.inf, upper[look])
        stopping_early = stopping_early.within(spends_on, lower[look], upper[look])
    return Boundaries(fractions=fractions, upper=upper, lower=lower)


def error_shares(
    fractions: Floats, *, efficacy: EfficacyRule, alpha: float, futility: FutilityRule, beta: float
) -> ErrorShares:
    """Return what each look spends of alpha and of the error for futility, by the rules' functions."""
    if not isinstance(efficacy, AlphaSpending):
        raise AnalysisError(
            f"futility beside the {efficacy.name}: it goes with alpha spending; the O'Brien-Fleming-like and "
            "Pocock-like functions are close to the boundaries of these names"
        )
    total = beta if futility.total is None else futility.total
    return ErrorShares(
        gains=increments(efficacy.function, alpha, fractions),
        losses=increments(futility.function, total, fractions),
        rule=futility,
    )


def _drift(excess: Callable[[float], float], alpha: float, power: float) -> float:
    alone = float(ndtri(1.0 - alpha) + ndtri(power))
    if excess(alone * DEAREST) < 0.0:
        raise AnalysisError(
            f"power {power:g} is not reached even with {DEAREST**2:g} times the information: spend less on futility"
        )
    return float(brentq(excess, 0.5 * alone, alone * DEAREST, xtol=DRIFT_ERROR))


def refuse_fractions(fractions: Floats) -> None:
    """Refuse what are not shares of the information at looks, increasing to one.

    Raises
    ------
    AnalysisError
        With the fractions and what is allowed.
    """
    shown = listed(np.atleast_1d(fractions))
    if fractions.ndim != 1 or fractions.size == 0 or not np.all(np.isfinite(fractions)):
        raise AnalysisError(f"information fractions {shown or '(none)'}: give one or more, such as 0.5, 0.75, 1")
    if not np.all(np.diff(fractions, prepend=0.0) >= CLOSEST):
        raise AnalysisError(f"information fractions {shown}: let them increase from above 0, by {CLOSEST:g} or more")
    if fractions[-1] != 1.0:
        raise AnalysisError(f"information fractions {shown}: the last look is the whole information, 1")
