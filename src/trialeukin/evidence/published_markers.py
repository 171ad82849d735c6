"""What published trials say of markers beside leukaemia-free survival: effects of both, and what went together."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.published_study import Marker, PublishedStudy
from trialeukin.evidence.selection import Criteria, Taken, select
from trialeukin.evidence.trial_level import FEWEST, TrialLevel, trial_level
from trialeukin.evidence.vocabulary import Role, Sign
from trialeukin.trial.endpoint import Endpoint

NOT_COUNTED = "no marker reported"
ONE_ARM = "marker of one arm alone, or in words"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerEffect:
    """The effect of one trial on one marker.

    Attributes
    ----------
    trial, marker : str
        Which.
    log_ratio : float, 1
        Logarithm of the marker's change on treatment over that on control.
    times : str
        When it was measured in either arm.
    place : str
        Source and place.
    """

    trial: str
    marker: str
    log_ratio: float
    times: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BothEffects:
    """Which trials report an effect on a marker and one on survival.

    Attributes
    ----------
    looked_at : int
        Randomised trials with a log hazard ratio, of known sign or not.
    found : tuple of MarkerEffect
        Of the marker that most of them report, one a trial.
    without : tuple of (trial, reason)
        The others.
    level : TrialLevel or None
        Surrogacy over trials; None where it is refused.
    refusal : str
        Why it is refused; empty where it is not.
    """

    looked_at: int
    found: tuple[MarkerEffect, ...]
    without: tuple[tuple[str, str], ...]
    level: TrialLevel | None
    refusal: str


def marker_effects(taken: Taken) -> tuple[MarkerEffect, ...]:
    """Return a trial's effects on markers that both of its arms report as numbers; the last reading of each counts."""
    study = taken.study
    rows: dict[tuple[str, str], Marker] = {}
    for row in study.markers:
        if row.value is not None and row.value > 0.0:
            rows[(row.marker, row.arm)] = row
    found = []
    for (marker, arm), treated in rows.items():
        control = rows.get((marker, taken.effect.control))
        if arm == taken.effect.treated and control is not None and _are_alike(treated, control):
            found.append(
                MarkerEffect(
                    trial=taken.name,
                    marker=marker,
                    log_ratio=_change(treated) - _change(control),
                    times=f"{treated.time or 'time not told'} v {control.time or 'time not told'}",
                    place=f"{treated.source}, {treated.place}",
                )
            )
    return tuple(found)


def _are_alike(one: Marker, other: Marker) -> bool:
    """Whether two readings are in one unit and both, or neither, have a baseline."""
    return one.unit == other.unit and (one.baseline is None) == (other.baseline is None)


def _change(row: Marker) -> float:
    """Return the log change from baseline, or the log value where no baseline is printed."""
    return math.log(row.value or 1.0) - (math.log(row.baseline) if row.baseline else 0.0)


def trials_of(studies: Mapping[str, PublishedStudy], endpoint: Endpoint) -> tuple[Taken, ...]:
    """Return every trial with a log hazard ratio of IL-2, alone or with histamine, whatever its sign."""
    found = [select(studies, endpoint, Criteria(role=role)) for role in (Role.IL2, Role.IL2_HISTAMINE)]
    return tuple(each for selection in found for each in (*selection.taken, *selection.unsigned))


def both_effects(trials: Sequence[Taken]) -> BothEffects:
    """Return which trials report both effects, and surrogacy over them where five or more do.

    Trials whose hazard ratio has no known sign are counted and named, and cannot take part.
    """
    by_trial = {each.name: marker_effects(each) for each in trials}
    marker = _most_reported(effect.marker for found in by_trial.values() for effect in found)
    found = tuple(effect for each in by_trial.values() for effect in each if effect.marker == marker)
    signed = {each.name: each for each in trials if each.effect.sign is Sign.KNOWN}
    usable = tuple(effect for effect in found if effect.trial in signed)
    names = {effect.trial for effect in found}
    without = tuple((each.name, _reason(each.study)) for each in trials if each.name not in names)
    level, refusal = _level(usable, signed) if len(usable) >= FEWEST else (None, _too_few(usable, len(trials)))
    return BothEffects(looked_at=len(trials), found=found, without=without, level=level, refusal=refusal)


def _level(found: Sequence[MarkerEffect], trials: Mapping[str, Taken]) -> tuple[TrialLevel | None, str]:
    """Return surrogacy over trials; None, and why, where they do not define it."""
    effects = [trials[each.trial].effect for each in found]
    hazards = Effects(
        labels=tuple(each.trial for each in found),
        estimates=np.array([effect.log_hazard_ratio for effect in effects]),
        variances=np.array([(effect.se or np.nan) ** 2 for effect in effects]),
    )
    try:
        return trial_level(hazards, np.array([each.log_ratio for each in found])), ""
    except AnalysisError as fault:
        return None, str(fault)


def _too_few(found: Sequence[MarkerEffect], trials: int) -> str:
    return (
        f"{len(found)} of {trials} randomised trials with a hazard ratio also report numbers of one marker in both "
        f"arms{_names(found)}; surrogacy over trials asks for {FEWEST}, so that R2 and the surrogate threshold effect "
        "are not computed"
    )


def _names(found: Sequence[MarkerEffect]) -> str:
    return f" ({'; '.join(f'{each.trial}: {each.marker}' for each in found)})" if found else ""


def _most_reported(markers: Iterable[str]) -> str | None:
    names = list(markers)
    return max(dict.fromkeys(names), key=names.count) if names else None


def _reason(study: PublishedStudy) -> str:
    if not study.markers:
        return NOT_COUNTED
    return f"{ONE_ARM}: {'; '.join(dict.fromkeys(row.marker for row in study.markers))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WentTogether:
    """One published statement on whether a marker went with the clinical effect."""

    study: str
    row: Marker


def went_together(studies: Iterable[PublishedStudy]) -> tuple[WentTogether, ...]:
    """Return every published statement on a marker and the clinical effect that the base could classify.

    What a study says of one marker more than once, such as at two times, counts once.
    """
    found: dict[tuple[object, ...], WentTogether] = {}
    for study in studies:
        for row in study.markers:
            if row.goes_with is not None:
                key = (study.study.id, row.marker, row.goes_with, row.judged_on)
                found.setdefault(key, WentTogether(study=study.study.id, row=row))
    return tuple(found.values())
