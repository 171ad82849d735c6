"""Which parameters decide what a regimen does: the typical patient with one of them moved at a time.

What is not known of the parameters and how patients differ are two questions, each answered by itself: how far a
measure moves with a parameter that is one standard deviation lower or higher, what share of the variance that makes,
and the measure's range when all move at once, by draws. Data tie parameters together; what knowing one exactly would
take away of the variance counts what it tells of the others, so that such shares may add up to more than one.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError, RunError
from trialeukin.core.parameter import Parameter
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.quantities import names
from trialeukin.engine.solve import solve
from trialeukin.model.joint import JointUncertainty
from trialeukin.model.system import System
from trialeukin.population.cohort import Cohort, draw_cohort, draw_typical
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.trial.background import Background, check_takes
from trialeukin.trial.patient_measures import (
    LEUKAEMIA,
    PatientMeasure,
    Topic,
    exposures_measured,
    patient_measures,
)
from trialeukin.trial.response import SEED, WHILE_WAITED_FOR, Body, days_followed, typical_row
from trialeukin.trial.shown import GRADE

DRAWS, FEWEST_DRAWS = 400, 40
EXAMINED_EVERY = 30.0
FAILURES_AT_MOST = 0.1
CENTRAL = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What one parameter does to a measure of the typical patient.

    Attributes
    ----------
    parameter : str
        Its name.
    lower, higher : float, unit of the measure
        With the parameter one standard deviation lower, and higher; NaN where the measure has no meaning then.
    share : float, 1
        Of the variance that all parameters make, each by itself.
    learned : float or None, 1
        Share of the variance of all at once that knowing this one exactly would take away, as far as the measure
        follows a straight line in it: the squared correlation of the two. None of how patients differ.
    """

    parameter: str
    lower: float
    higher: float
    share: float
    learned: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far a measure spreads for one of the two reasons.

    Attributes
    ----------
    low, high : float, unit of the measure
        Central 95 % where all parameters move at once.
    one_at_a_time : float, 1
        Standard deviation that the moves add up to, correlated as the parameters are, over that of all at once, on the
        log scale where the measure is always above zero; far from one, the shares tell little.
    influences : tuple of Influence
        By share, the largest first.
    """

    low: float
    high: float
    one_at_a_time: float
    influences: tuple[Influence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureInfluences:
    """One measure: what it is in the typical patient, and what decides it.

    Attributes
    ----------
    topic : Topic
        What it tells of.
    name, unit : str
        What it is, in words, and its unit.
    typical : float, ``unit``
        Of the typical patient.
    unknown : Spread
        What is not known of the parameters.
    between : Spread
        How patients differ; the range has their covariates too.
    """

    topic: Topic
    name: str
    unit: str
    typical: float
    unknown: Spread
    between: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Influences:
    """What decides each measure of a regimen.

    Attributes
    ----------
    background : Background
        In whom.
    system : System
        The model, with the parameters of those patients.
    days : float
        How long the typical patient is followed.
    draws : int
        Draws of what is not known, and virtual patients, that the ranges are of.
    events : mapping of str to float, day
        What happens to the typical patient, and when.
    measures : tuple of MeasureInfluences
        By topic.
    """

    background: Background
    system: System
    days: float
    draws: int
    events: Mapping[str, float]
    measures: tuple[MeasureInfluences, ...]


def influences_of(
    regimen: Regimen, place: Background, *, body: Body | None = None, draws: int = DRAWS, seed: int = SEED
) -> Influences:
    """Return which parameters decide exposure, cells and residual leukaemia under a regimen.

    Every dose that the regimen's rules let through is given; none is missed.

    Parameters
    ----------
    regimen : Regimen
        What is planned.
    place : Background
        In whom.
    body : Body
        The typical patient's.
    draws : int
        Of all parameters, and as many virtual patients; `FEWEST_DRAWS` or more.
    seed : int
        Of all random numbers.

    Raises
    ------
    InputError
        When the background's model cannot follow the regimen, or draws are too few for a range of 95 %.
    RunError
        When more than a tenth of the courses cannot be followed, or that of the typical patient.
    """
    if draws < FEWEST_DRAWS:
        raise InputError(f"draws {draws}: give {FEWEST_DRAWS} or more, so that the central 95 % are not the range")
    check_takes(place, regimen)
    system, size = place.system(), body or Body()
    typical = typical_row(system, size)
    unknown = {name: each.uncertainty for name, each in system.parameters.items() if each.uncertainty > 0.0}
    varied = {name: each.between_patients for name, each in system.parameters.items() if each.between_patients > 0.0}
    cohort = draw_cohort(place.description(), system, seed=seed, patients=np.arange(draws))
    drawn = draw_typical(system, seed=seed, draws=np.arange(draws))
    fixed = [column for column, name in enumerate(system.parameters) if name not in unknown]
    drawn[:, fixed] = typical[fixed]
    parts = (typical[None, :], _moved(system, typical, unknown), _moved(system, typical, varied), drawn)
    problem = _problem(system, regimen, parts, cohort, size)
    found = solve(problem)
    if found.failed[0] or found.failed.mean() > FAILURES_AT_MOST:
        raise RunError(
            f"{int(found.failed.sum())} of {found.failed.size} courses could not be followed: try another place"
        )
    deviations = _deviations(system, typical, unknown, drawn)
    correlation = deviations.tied(system.joint)
    edges = np.cumsum([len(part) for part in parts])
    measures = [
        _Measured(measure=each, parts=np.split(np.where(found.failed, np.nan, each.values), edges))
        for each in patient_measures(problem, found)
        if not each.is_share
    ]
    return Influences(
        background=place,
        system=system,
        days=problem.horizon,
        draws=draws,
        events={
            name: float(day) for name, day in zip(found.events, found.event_times[0], strict=True) if np.isfinite(day)
        },
        measures=tuple(
            _of_measure(each, deviations, correlation, tuple(varied)) for each in measures if each.tells_something
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A measure's values: the typical patient, both moves of what is not known, of patients, draws and patients."""

    measure: PatientMeasure
    parts: list[Floats]

    @property
    def tells_something(self) -> bool:
        """Whether it is known of the typical patient and moves at all, which the level of a drug not given does not."""
        whole = np.concatenate(self.parts)
        return bool(np.isfinite(self.parts[0][0])) and bool(np.nanmax(whole) > np.nanmin(whole))

    @property
    def is_positive(self) -> bool:
        """Whether it is compared on the log scale."""
        return bool(np.nanmin(np.concatenate(self.parts)) > 0.0) and not self.measure.unit.startswith("log10")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moves:
    """A measure with each of some parameters lowered and raised, and the scale on which it is compared."""

    names: tuple[str, ...]
    lower: Floats
    higher: Floats
    scale: Callable[[Floats], Floats]

    @property
    def halves(self) -> Floats:
        """(q,) Half of the way from lowered to raised; zero where either has no meaning."""
        return np.nan_to_num(0.5 * (self.scale(self.higher) - self.scale(self.lower)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deviations:
    """By how many of its standard deviations each of q parameters was moved in each of k draws, (k, q)."""

    names: tuple[str, ...]
    values: Floats

    def tied(self, joint: JointUncertainty) -> Floats:
        """(q, q) Return how the parameters are correlated."""
        correlation = np.eye(len(self.names))
        places = [self.names.index(name) for name in joint.names]
        correlation[np.ix_(places, places)] = joint.matrix()
        return correlation


def _deviations(system: System, typical: Floats, spreads: Mapping[str, float], drawn: Floats) -> _Deviations:
    columns = {name: column for column, name in enumerate(system.parameters)}
    moved = [
        system.parameters[name].scale.deviation(typical[columns[name]], drawn[:, columns[name]]) / spread
        for name, spread in spreads.items()
    ]
    return _Deviations(names=tuple(spreads), values=np.stack(moved, axis=1))


def _moved(system: System, typical: Floats, spreads: Mapping[str, float]) -> Floats:
    """(2 q, p) Return the typical patient with each of q parameters lowered, then with each raised."""
    rows = np.tile(typical, (2 * len(spreads), 1))
    columns = {name: column for column, name in enumerate(system.parameters)}
    for place, (name, spread) in enumerate(spreads.items()):
        parameter: Parameter = system.parameters[name]
        around = np.full(2, typical[columns[name]])
        rows[[place, len(spreads) + place], columns[name]] = parameter.scale.shift(around, np.array([-spread, spread]))
    return rows


def _problem(system: System, regimen: Regimen, parts: tuple[Floats, ...], cohort: Cohort, body: Body) -> Problem:
    days, alike = days_followed([regimen]), sum(len(part) for part in parts)
    return Problem(
        system=system,
        parameters=np.vstack([*parts, cohort.parameters]),
        doses=planned_doses(
            system,
            tuple(dose for dose in expand(regimen) if dose.start / HOURS <= days),
            bsa=np.append(np.full(alike, body.bsa), cohort.bsa),
            weight=np.append(np.full(alike, body.weight), cohort.weight),
        ),
        rules=regimen.rules,
        horizon=days,
        save_times=np.array([days]),
        save=(LEUKAEMIA,) if LEUKAEMIA in names(system) else (),
        examinations=np.arange(EXAMINED_EVERY, days, EXAMINED_EVERY),
        exposures=tuple(each for each in exposures_measured(system) if not each.quantity.endswith(GRADE)),
        tolerance=WHILE_WAITED_FOR,
    )


def _of_measure(
    found: _Measured, deviations: _Deviations, correlation: Floats, varied: tuple[str, ...]
) -> MeasureInfluences:
    typical, lacking, differing, drawn, patients = found.parts
    scale = np.log if found.is_positive else np.positive
    unknown = _moves(deviations.names, lacking, scale)
    return MeasureInfluences(
        topic=found.measure.topic,
        name=found.measure.name,
        unit=found.measure.unit,
        typical=float(typical[0]),
        unknown=_spread(unknown, drawn, correlation, _learned(unknown, drawn, correlation, deviations.values)),
        between=_spread(_moves(varied, differing, scale), patients, np.eye(len(varied)), None),
    )


def _moves(parameters: tuple[str, ...], values: Floats, scale: Callable[[Floats], Floats]) -> _Moves:
    lower, higher = np.split(values, 2)
    return _Moves(names=parameters, lower=lower, higher=higher, scale=scale)


def _learned(moves: _Moves, drawn: Floats, correlation: Floats, deviations: Floats) -> Floats:
    """(q,) Return the squared correlation of a measure with each parameter.

    What the moves tell of the covariance is taken from them, and from the draws only what is left: so it is right where
    the measure is no straight line, with little of the draws' chance where it nearly is one.
    """
    known = np.isfinite(drawn)
    seen, moved = moves.scale(drawn[known]), deviations[known]
    left = seen - moved @ moves.halves
    told = (moved - moved.mean(axis=0)).T @ (left - left.mean()) / (seen.size - 1)
    return np.minimum(_over((correlation @ moves.halves + told) ** 2, float(np.var(seen, ddof=1))), 1.0)


def _spread(moves: _Moves, at_once: Floats, correlation: Floats, learned: Floats | None) -> Spread:
    known = at_once[np.isfinite(at_once)]
    halves = moves.halves
    shares = _over(halves**2, float(halves @ halves))
    low, high = np.quantile(known, CENTRAL)
    whole = float(np.std(moves.scale(known), ddof=1))
    influences = (
        Influence(
            parameter=name,
            lower=float(moves.lower[place]),
            higher=float(moves.higher[place]),
            share=float(shares[place]),
            learned=None if learned is None else float(learned[place]),
        )
        for place, name in enumerate(moves.names)
    )
    return Spread(
        low=float(low),
        high=float(high),
        one_at_a_time=math.sqrt(float(halves @ correlation @ halves)) / whole if whole > 0.0 else math.nan,
        influences=tuple(sorted(influences, key=lambda each: -each.share)),
    )


def _over(parts: Floats, whole: float) -> Floats:
    return parts / whole if whole > 0.0 else np.zeros(parts.size)
