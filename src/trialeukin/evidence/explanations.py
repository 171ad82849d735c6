"""Why a rise of cells need not lengthen remission: the same trial with one reason taken away at a time.

Each reason is an intervention that a trial could copy or a laboratory could measure, so that it can be refuted:
depletion of Treg, or a look into the marrow. The hazard ratio of each says how many events a trial of it would need.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from trialeukin.evidence.marker_runs import Done, LeukaemiaFree, MarkerStudy, Variant, leukaemia_free, nothing
from trialeukin.evidence.mediation import Estimate, estimate
from trialeukin.model.structures import MarkerPath
from trialeukin.survival.design.required_events import Contrast, events_needed
from trialeukin.survival.two_arm import two_arms

REACH = "marrow_translation"
RESAMPLES = 200
POWER = 0.8
NO_EFFECT = 1e-6


class Reason(Enum):
    """What is taken away."""

    NOTHING = "nothing: the model as it is"
    SUPPRESSION = "Treg do not hold the kill back"
    MARROW = "the rise in blood reaches the marrow in full"
    BOTH = "both at once: Treg do not hold the kill back, and the marrow sees the whole rise"

    @property
    def variant(self) -> Variant:
        """How the trial is followed without it."""
        closed = frozenset({MarkerPath.TREG}) if self in {Reason.SUPPRESSION, Reason.BOTH} else frozenset()
        return Variant(closed=closed, values={REACH: 1.0} if self in {Reason.MARROW, Reason.BOTH} else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A study with one reason taken away.

    Attributes
    ----------
    reason : Reason
        Which.
    gain : Estimate, month
        Leukaemia-free time, treated less control, in the same patients.
    log_ratio : Estimate, 1
        Log hazard ratio of leukaemia-free survival, all patients under both arms.
    events : float or None
        That a trial needs for 80 % power, two-sided 5 %; None where there is no effect to find.
    """

    reason: Reason
    gain: Estimate
    log_ratio: Estimate
    events: float | None


def explanations(asked: MarkerStudy, rng: np.random.Generator, done: Done = nothing) -> tuple[Explanation, ...]:
    """Follow a study's patients with each reason taken away."""
    found = []
    for reason in Reason:
        control = leukaemia_free(asked, treated=False, variant=reason.variant)
        treated = leukaemia_free(asked, treated=True, variant=reason.variant)
        found.append(explanation_of(reason, control, treated, rng))
        done()
    return tuple(found)


def explanation_of(
    reason: Reason, control: LeukaemiaFree, treated: LeukaemiaFree, rng: np.random.Generator
) -> Explanation:
    """Return what is left of the effect in patients who were followed under both arms."""
    valid = control.valid & treated.valid
    gain = estimate(np.where(valid, treated.times - control.times, np.nan))
    log_ratio = _log_ratio(control, treated, valid, rng)
    events = None
    if abs(log_ratio.value) > NO_EFFECT:
        events = events_needed(Contrast(hazard_ratio=float(np.exp(log_ratio.value))), power=POWER)
    return Explanation(reason=reason, gain=gain, log_ratio=log_ratio, events=events)


def _log_ratio(control: LeukaemiaFree, treated: LeukaemiaFree, valid: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Return the log hazard ratio of the first draw with the error of resampling patients, both arms of each."""
    kept = valid[0]
    times = np.stack([control.times[0][kept], treated.times[0][kept]])
    events = np.stack([control.events[0][kept], treated.events[0][kept]])
    n = times.shape[1]
    chosen = np.vstack([np.arange(n), rng.integers(n, size=(RESAMPLES, n))])
    arms = np.concatenate([np.zeros(n, dtype=bool), np.ones(n, dtype=bool)])
    found = two_arms(
        np.concatenate([times[0][chosen], times[1][chosen]], axis=1),
        np.concatenate([events[0][chosen], events[1][chosen]], axis=1),
        arms,
    ).log_hazard_ratio
    return Estimate(value=float(found[0]), error=float(np.nanstd(found[1:], ddof=1)))
