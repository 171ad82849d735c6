r"""What one more trial would add to what is believed of its effect.

With d events in equal arms its log hazard ratio has the standard error :math:`2 / \sqrt d`, is drawn from what is
believed of a further trial, and updates that; the chance of a verdict is that of an estimate after which it holds. The
probability of a benefit falls as the estimate rises, so that each verdict is bounded by one estimate.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scipy.optimize import brentq

from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.verdict import Standard
from trialeukin.survival.design.prior import NormalMixture

EXTREME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTrial:
    """What one more trial with equal arms would add on its own regimen.

    Attributes
    ----------
    events : int
        Its size.
    patients : int or None
        That give so many events by the time of the control arm's published survival; None where none is published.
    shown, excluded, harm : float, 1
        Chance of each verdict after it.
    significant : float, 1
        Chance that it finds a significant benefit, two-sided 0.05.
    """

    events: int
    patients: int | None
    shown: float
    excluded: float
    harm: float
    significant: float

    @property
    def open(self) -> float:
        """Chance that the question stays open."""
        return max(0.0, 1.0 - self.shown - self.excluded - self.harm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Published survival without the treatment, in the largest trial that prints it.

    Attributes
    ----------
    study : str
        The trial.
    months : float
        When.
    survival : float, 1
        Without the event.
    """

    study: str
    months: float
    survival: float

    def under(self, hazard_ratio: float) -> float:
        """Return the survival under a hazard ratio."""
        return float(self.survival**hazard_ratio)

    def patients(self, events: float, hazard_ratio: float) -> int:
        """Return how many patients in equal arms give so many events by then."""
        return math.ceil(events / (1.0 - 0.5 * (self.survival + self.under(hazard_ratio))))


def next_trial(law: NormalMixture, events: int, standard: Standard, control: Control | None) -> NextTrial:
    """Return what one more trial would add to what is believed of its effect.

    Parameters
    ----------
    law : NormalMixture
        Of the log hazard ratio in a further trial.
    events : int
        Of the trial, in equal arms.
    standard : Standard
        By which the effect under its regimen is judged.
    control : Control or None
        From which events come.
    """
    error = 2.0 / math.sqrt(events)
    predicted = law.predictive(error)

    def exceeds(limit: float, log_ratio: float) -> float:
        """Return the chance of an estimate after which P(effect < log_ratio) is below a limit."""
        edge = _edge(lambda estimate: law.updated(estimate, error).below(log_ratio) - limit, predicted)
        return 1.0 - predicted.below(edge)

    harm = exceeds(1.0 - standard.certainty, 0.0)
    return NextTrial(
        events=events,
        patients=None if control is None else control.patients(events, standard.relevant),
        shown=1.0 - exceeds(standard.certainty, standard.log_relevant),
        excluded=max(0.0, exceeds(1.0 - standard.certainty, standard.log_relevant) - harm),
        harm=harm,
        significant=predicted.below(-NORMAL_975 * error),
    )


def control_of(trials: Iterable[Taken]) -> Control | None:
    """Return the survival of the control arm of the largest trial whose effect was read off a printed one."""
    known = [
        (effect.n_treated + effect.n_control, each.name, effect.months, effect.survival_control)
        for each in trials
        if (effect := each.effect).months is not None
        and effect.survival_control is not None
        and effect.n_treated is not None
        and effect.n_control is not None
    ]
    if not known:
        return None
    _, study, months, survival = max(known)
    return Control(study=study, months=months, survival=survival)


def _edge(excess: Callable[[float], float], predicted: NormalMixture) -> float:
    """Return the estimate at which a falling function is zero; an end of what may come where it is not."""
    low, high = predicted.quantile(EXTREME), predicted.quantile(1.0 - EXTREME)
    if excess(low) <= 0.0:
        return low
    if excess(high) >= 0.0:
        return high
    return float(brentq(excess, low, high, xtol=1e-10))
