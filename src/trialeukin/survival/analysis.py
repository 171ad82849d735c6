"""One pass over a user's survival data: curves, effects, tests, and whether their assumptions hold.

Times are in the table's own unit throughout.
"""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.arm_comparison import Comparison, compare_arms
from trialeukin.survival.columns import Patients
from trialeukin.survival.kaplan_meier import KaplanMeier, kaplan_meier
from trialeukin.survival.mixture_cure import MixtureCure, mixture_cure
from trialeukin.survival.observations import observations
from trialeukin.survival.pairwise import Pair, pairwise
from trialeukin.survival.plateau import Plateau, plateau
from trialeukin.survival.restricted_mean import RestrictedMean, restricted_mean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmAnalysis:
    """One arm.

    Attributes
    ----------
    label : str
        Its name.
    patients, events : int
        How many.
    curve : KaplanMeier
        Survival.
    restricted_mean : RestrictedMean or None
        Up to the horizon; None under late entry or where patients weigh.
    plateau : Plateau or None
        The end of the curve; None without an event, under late entry or where patients weigh.
    cure : MixtureCure or None
        Weibull mixture cure model of the arm; None where `plateau` is, or a time is zero.
    times, entry : (n,), unit of the table
        Follow-up, for the risk table.
    """

    label: str
    patients: int
    events: int
    curve: KaplanMeier
    restricted_mean: RestrictedMean | None
    plateau: Plateau | None
    cure: MixtureCure | None
    times: Floats
    entry: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """Everything found.

    Attributes
    ----------
    data : Patients
        What went in.
    arms : tuple of ArmAnalysis
        The control first.
    horizon, milestone_time : float, unit of the table
        Where restricted means end, and where survival is compared.
    chosen_here : tuple of str
        Which of the two were chosen from the data, not beforehand.
    control_taken : bool
        Whether no arm was named as the control, so that the first in order is.
    comparison : Comparison or None
        None where the table has no arms.
    pairs : tuple of Pair
        Of three arms or more: each against the control where that was named, else each against each.
    """

    data: Patients
    arms: tuple[ArmAnalysis, ...]
    horizon: float
    milestone_time: float
    chosen_here: tuple[str, ...]
    control_taken: bool
    comparison: Comparison | None
    pairs: tuple[Pair, ...]


def analyse(
    data: Patients, *, control: str | None = None, horizon: float | None = None, milestone_time: float | None = None
) -> Analysis:
    """Analyse survival data.

    Parameters
    ----------
    data : Patients
        The columns of a table.
    control : str
        The arm the others are compared with; none given: the first in sorted order.
    horizon, milestone_time : (), unit of the table
        Where restricted means end and survival is compared. None given: the last time at which every arm is
        followed, and half of it; a horizon chosen after seeing the data is no protocol's.
    """
    observed = observations(data.times, data.events, data.entry)
    labels = _ordered(data, control)
    places = np.zeros(observed.times.size, dtype=np.int64)
    for place, label in enumerate(labels):
        if data.arms is not None:
            places[data.arms == label] = place
    ends = [float(observed.times[places == place].max()) for place in range(len(labels))]
    followed = min(ends)
    if followed <= 0.0:
        whose = "everybody" if data.arms is None else f"arm {labels[ends.index(followed)]!r}"
        raise AnalysisError(
            f"{whose} is followed to time {followed:g} alone in column {data.roles.time!r}: survival later is "
            f"not known; {'correct the times' if data.arms is None else 'leave the arm out, or correct its times'}"
        )
    _refuse_beside_weights(data, horizon)
    limit = followed if horizon is None else horizon
    when = 0.5 * limit if milestone_time is None else milestone_time
    _refuse_times(limit, when, followed)
    arms = tuple(_arm(data, places == place, label, limit) for place, label in enumerate(labels))
    chosen = {"horizon": horizon is None and data.weights is None, "milestone": milestone_time is None}
    return Analysis(
        data=data,
        arms=arms,
        horizon=limit,
        milestone_time=when,
        chosen_here=tuple(name for name, here in chosen.items() if here),
        control_taken=control is None and data.arms is not None,
        comparison=None if data.arms is None else compare_arms(data, places, labels, (limit, when)),
        pairs=pairwise(data, labels, (limit, when), against_first=control is not None) if len(labels) > 2 else (),
    )


def _ordered(data: Patients, control: str | None) -> tuple[str, ...]:
    if data.arms is None:
        if control is not None:
            raise AnalysisError(f"control {control!r}, but no column of arms: name it with --arm")
        return ("all patients",)
    labels = sorted((str(label) for label in np.unique(data.arms)), key=_in_order)
    if len(labels) == 1:
        raise AnalysisError(
            f"column {data.roles.arm!r} has one arm, {labels[0]!r}: a comparison takes two; "
            "to describe one arm give a table without such a column"
        )
    if control is not None and control not in labels:
        raise AnalysisError(f"no arm {control!r}: column {data.roles.arm!r} has {', '.join(map(repr, labels))}")
    first = labels[0] if control is None else control
    return (first, *(label for label in labels if label != first))


def _in_order(label: str) -> tuple[bool, float, str]:
    """Return the key by which numbers come by their size, before words."""
    try:
        return False, float(label), label
    except ValueError:
        return True, 0.0, label


def _refuse_times(horizon: float, milestone_time: float, followed: float) -> None:
    for name, value in (("horizon", horizon), ("milestone", milestone_time)):
        if not 0.0 < value <= followed:
            raise AnalysisError(
                f"{name} {value:g}: give a time above zero and up to {followed:g}, "
                "the last at which every arm is followed"
            )


def _refuse_beside_weights(data: Patients, horizon: float | None) -> None:
    if data.weights is None:
        return
    if data.entry is not None:
        raise AnalysisError(
            f"weights {data.roles.weights!r} beside entry {data.roles.entry!r}: the weighted log-rank test takes no "
            "late entry; leave one of the two out"
        )
    if horizon is not None:
        raise AnalysisError(
            f"horizon {horizon:g} beside weights {data.roles.weights!r}: restricted means take no weights; leave the "
            "horizon out, or the weights"
        )


def _arm(
    data: Patients, members: np.ndarray[tuple[int], np.dtype[np.bool_]], label: str, horizon: float
) -> ArmAnalysis:
    times, events = data.times[members], data.events[members].astype(np.bool_)
    entry = None if data.entry is None else data.entry[members]
    weights = None if data.weights is None else data.weights.where(members)
    is_plain = entry is None and weights is None
    has_plateau = is_plain and bool(events.any())
    return ArmAnalysis(
        label=label,
        patients=int(members.sum()),
        events=int(events.sum()),
        curve=kaplan_meier(times, events, entry=entry, weights=weights),
        restricted_mean=restricted_mean(times, events, horizon) if is_plain else None,
        plateau=plateau(times, events) if has_plateau else None,
        cure=mixture_cure(times, events) if has_plateau and bool((times > 0.0).all()) else None,
        times=times,
        entry=entry,
    )
