"""A finished design as the reports take it: looks, formulas beside each other, and where the inputs are from."""

import math
from dataclasses import dataclass

import numpy as np

from trialeukin.survival.design.conditional_power import conditional_power, conditional_power_under, current_trend
from trialeukin.survival.design.looks import Schedule, nominal_p
from trialeukin.survival.design.sample_size import SampleSize
from trialeukin.trial.planned_design import Stated

WHOLE = 1e-6  # what is above a whole number by less is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignResult:
    """What ``trialeukin design`` found.

    Attributes
    ----------
    name, title : str
        Short name, heading.
    endpoint : str
        What is counted; empty where no study says it.
    schedule : Schedule
        The looks.
    level : float, 1
        Of the test, as the protocol says it.
    two_sided : bool
        Whether half the level is spent on the treatment's being better.
    sized : bool
        Whether the patients were given and the power found.
    sizes : tuple of SampleSize
        Patients and events of one look for the power asked for, by each formula; empty where hazards are not
        proportional.
    powers : tuple of float, 1
        Of one look with the patients there are, by the same formulas.
    own : Schedule or None
        The same rules with the patients that the study had.
    assurance : float or None, 1
        Power averaged over a belief.
    sources : tuple of Stated
        Inputs from the study file.
    """

    name: str
    title: str
    endpoint: str
    schedule: Schedule
    level: float
    two_sided: bool
    sized: bool
    sizes: tuple[SampleSize, ...]
    powers: tuple[float, ...]
    own: Schedule | None
    assurance: float | None
    sources: tuple[Stated, ...]

    @property
    def looks(self) -> tuple["Look", ...]:
        """The looks in order."""
        return tuple(_look(self.schedule, index) for index in range(len(self.schedule.effects)))

    @property
    def effect(self) -> str:
        """The treatment effect in words."""
        trial = self.schedule.trial
        if trial.proportional:
            return f"a hazard ratio of {trial.ratios[0]:g}"
        ratio = self.schedule.effects[-1].hazard_ratio
        if trial.delayed is not None:
            months, late = trial.delayed
            return (
                f"a hazard ratio of {late:g} after {months:g} months without effect, {ratio:.3g} on average at the "
                "last analysis"
            )
        return f"hazards that are not proportional, with an average hazard ratio of {ratio:.3g} at the last analysis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One side of the boundary at a look; see `Look`.

    Attributes
    ----------
    z, p, hazard_ratio_at_limit : float, 1
        The limit as statistic, one-sided p-value and estimated hazard ratio.
    under_null, under_effect : float, 1
        Probability of having stopped for it by this look.
    """

    z: float
    p: float
    hazard_ratio_at_limit: float
    under_null: float
    under_effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a protocol says of one analysis.

    Attributes
    ----------
    fraction : float, 1
        Of the events.
    month, events, control_events, treated_events, entered : float
        Expected.
    average_hazard_ratio : float, 1
        Up to then.
    efficacy, futility : Limit or None
        None: not tested.
    conditional_power : float or None, 1
        At the futility limit, with the planned effect; with the trend that the limit shows.
    """

    fraction: float
    month: float
    events: float
    control_events: float
    treated_events: float
    entered: float
    average_hazard_ratio: float
    efficacy: Limit | None
    futility: Limit | None
    conditional_power: tuple[float, float] | None


def whole(value: float) -> int:
    """Return a number of patients or events, rounded up."""
    return math.ceil(value - WHOLE)


def shared_out(total: int, *parts: float) -> tuple[int, ...]:
    """Return parts of a rounded total as whole numbers that add up to it: those with most left over are rounded up."""
    down = [math.floor(part + WHOLE) for part in parts]
    by_rest = sorted(range(len(parts)), key=lambda place: down[place] - parts[place])
    more = set(by_rest[: total - sum(down)])
    return tuple(each + (place in more) for place, each in enumerate(down))


def _look(found: Schedule, index: int) -> Look:
    effect, limits = found.effects[index], found.boundaries
    return Look(
        fraction=float(limits.fractions[index]),
        month=effect.calendar,
        events=effect.events,
        control_events=effect.control_events,
        treated_events=effect.treated_events,
        entered=float(found.entered[index]),
        average_hazard_ratio=effect.hazard_ratio,
        efficacy=_limit(found, index, upper=True),
        futility=_limit(found, index, upper=False),
        conditional_power=_looking_ahead(found, index),
    )


def _limit(found: Schedule, index: int, *, upper: bool) -> Limit | None:
    limits = found.boundaries.upper if upper else found.boundaries.lower
    null, effect = (stops.upper if upper else stops.lower for stops in (found.null, found.alternative))
    if not np.isfinite(limits[index]):
        return None
    return Limit(
        z=float(limits[index]),
        p=float(nominal_p(limits)[index]),
        hazard_ratio_at_limit=float(found.hazard_ratios(limits)[index]),
        under_null=float(null[: index + 1].sum()),
        under_effect=float(effect[: index + 1].sum()),
    )


def _looking_ahead(found: Schedule, index: int) -> tuple[float, float] | None:
    z = float(found.boundaries.lower[index])
    if index + 1 == len(found.effects) or not np.isfinite(z):
        return None
    trend = current_trend(found.boundaries, look=index + 1, z=z)
    return (
        conditional_power_under(found.process, found.boundaries, look=index + 1, z=z),
        conditional_power(found.boundaries, look=index + 1, z=z, drift=trend),
    )
