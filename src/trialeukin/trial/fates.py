"""What became of planned doses: how much was given, why not all of it, and what each code means."""

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.engine.problem import Doses, Fate
from trialeukin.engine.trajectories import Trajectories
from trialeukin.regimen.render import condition_words
from trialeukin.regimen.rules import Action, DoseRule
from trialeukin.trial.arm_result import Adherence
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.estimate import spread

STOPS = (Action.STOP, Action.DELAY)
"""What rules may end a drug by: of a delay, what follows when it was not enough."""
GIVEN_UP = "discontinuation"
"""The event by which a patient of the model gives the drug up for its toxicity."""


def dose_reasons(events: tuple[str, ...], rules: tuple[DoseRule, ...]) -> dict[int, str]:
    """Return what every code of a fate means, in words."""
    reasons = {
        int(Fate.GIVEN): "given",
        int(Fate.MISSED): "missed",
        int(Fate.NEVER_STARTED): "never started",
        int(Fate.AFTER_END): "after death",
        int(Fate.PUT_OFF): "put off beyond the end of follow-up",
    }
    reasons |= {int(Fate.EVENT) + index: f"after {name.replace('_', ' ')}" for index, name in enumerate(events)}
    return reasons | {int(Fate.RULE) + index: _rule_words(rule) for index, rule in enumerate(rules)}


def intensities(doses: Doses, trajectories: Trajectories, chosen: Booleans) -> Floats:
    """Return given over planned amount of chosen doses, (n,); NaN where there are none.

    Parameters
    ----------
    doses : Doses
        What was planned, for n patients.
    trajectories : Trajectories
        What was given.
    chosen : (d,), 1
        Which doses count, such as those of the drug that is studied.
    """
    planned = doses.amounts[:, chosen].sum(axis=1)
    given = trajectories.given[:, chosen].sum(axis=1)
    share = np.divide(given, planned, out=np.full(planned.size, np.nan), where=planned > 0.0)
    return np.asarray(share, dtype=np.float64)


def intensities_per_time(doses: Doses, trajectories: Trajectories, chosen: Booleans) -> Floats:
    """Return `intensities` over how much longer than planned the doses took, (n,).

    A course planned over T days whose last dose given came d days later, counted from the first one given, has
    T / (T + d) of its intensity left: what is given in a longer time is less a week.
    """
    length = np.ptp(doses.times[chosen]) if chosen.any() else 0.0
    given, late = trajectories.given[:, chosen] > 0.0, trajectories.put_off[:, chosen]
    first = np.where(given, late, np.inf).min(axis=1, initial=np.inf)
    last = np.where(given, late, -np.inf).max(axis=1, initial=-np.inf)
    longer = np.where(given.any(axis=1), last - first, 0.0)
    share = np.divide(length, length + longer, out=np.ones(longer.size), where=longer > 0.0)
    return np.asarray(intensities(doses, trajectories, chosen) * share)


def adherence_of(
    doses: Doses, trajectories: Trajectories, rules: tuple[DoseRule, ...], studied: Booleans
) -> Adherence | None:
    """Return what became of the treatment of the valid patients; None where none was planned.

    ``studied`` are the doses whose intensity counts.
    """
    if doses.times.size == 0:
        return None
    valid = ~trajectories.failed
    fates = trajectories.fates[valid]
    never, stopped = dispositions(trajectories, rules)
    never, stopped = never[valid], stopped[valid]
    reasons = dose_reasons(trajectories.events, rules)
    codes, counts = np.unique(fates[fates != Fate.GIVEN], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    delays = any(rule.action is Action.DELAY for rule in rules)
    return Adherence(
        never_started=float(never.mean()),
        stopped=float(stopped.mean()),
        completed=float((~never & ~stopped).mean()),
        reasons=tuple((reasons[int(codes[place])], float(counts[place] / fates.size)) for place in order),
        intensity=spread(intensities(doses, trajectories, studied)[valid]),
        put_off=spread(_put_off(trajectories)[valid]) if delays else None,
        per_time=spread(intensities_per_time(doses, trajectories, studied)[valid]) if delays else None,
    )


def dispositions(trajectories: Trajectories, rules: tuple[DoseRule, ...]) -> tuple[Booleans, Booleans]:
    """Return who never got a dose, and who got one and stopped early, (n,) each; the others completed the regimen.

    Early is before the last planned dose: any of them fell to an event such as a relapse, a stop rule or death, each of
    which takes all that follow, but for those that the patient would have missed anyway.
    """
    never = ~((trajectories.given > 0.0) | (trajectories.fates == Fate.GIVEN)).any(axis=1)
    return never, ~never & _ends(trajectories.fates, rules).any(axis=1)


def _put_off(trajectories: Trajectories) -> Floats:
    """Return by how much each patient's last dose came later than planned, (n,), day; zero for who got none."""
    late = np.where(trajectories.given > 0.0, trajectories.put_off, 0.0).max(axis=1)
    return np.asarray(late, dtype=np.float64)


def discontinued(doses: Doses, trajectories: Trajectories, rules: tuple[DoseRule, ...]) -> Floats:
    """Return when each patient's regimen is refused, given up or stopped by a rule, (n,), month; infinity for never.

    A stop counts from when the first dose that it takes is due. An early end by relapse or death is none: it is what a
    trial counts. ``doses`` are one schedule that all share.
    """
    fates = trajectories.fates
    if doses.times.size == 0:
        return np.full(fates.shape[0], np.inf)
    given_up = [Fate.EVENT + place for place, name in enumerate(trajectories.events) if name == GIVEN_UP]
    taken = np.isin(fates, [*given_up, *_stops(rules)])
    first = np.where(taken, doses.times + trajectories.put_off, np.inf).min(axis=1)
    return np.where((fates == Fate.NEVER_STARTED).all(axis=1), 0.0, first / DAYS_A_MONTH)


def _stops(rules: tuple[DoseRule, ...]) -> list[int]:
    """Return the fates of doses that rules which stop have taken."""
    return [Fate.RULE + index for index, rule in enumerate(rules) if rule.action in STOPS]


def _ends(fates: Integers, rules: tuple[DoseRule, ...]) -> Booleans:
    by_event = (fates == Fate.AFTER_END) | (fates == Fate.PUT_OFF) | ((fates >= Fate.EVENT) & (fates < Fate.RULE))
    return np.asarray(by_event | np.isin(fates, _stops(rules)))


def _rule_words(rule: DoseRule) -> str:
    condition = condition_words(rule.condition)
    match rule.action:
        case Action.HOLD:
            return f"held or reduced: {condition}"
        case Action.DELAY:
            return f"stopped, put off for too long: {condition}"
        case Action.REDUCE:
            return f"reduced: {condition}"
        case Action.STOP:
            return f"stopped: {condition}"
