"""What the model says of cases: at its fitted values, and over what is not known of its parameters.

Cases of one scenario (model, patients, regimen, start) are read off one batch of courses. An interval is that of the
published number, not of the model alone: its draws come from the joint uncertainty of the parameters, and on top of
each draw lies the error of the observation where that is known (`Part`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.stats import binom, norm

from trialeukin.core.arrays import Floats, Integers
from trialeukin.inference.case import Case, Scenario
from trialeukin.inference.follow import Rows, follow
from trialeukin.inference.reading import read, summary_of
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import Cohort, adapted, draw_cohort, draw_cohorts, draw_typical, typical_values
from trialeukin.population.description import load_description

SEED, DRAWS, PATIENTS, PATIENTS_A_DRAW = 1_992, 40, 300, 100
LEVELS = (np.arange(21) + 0.5) / 21.0  # equal shares of the error of an observation
LOW, HIGH = 0.025, 0.975
Tell = Callable[[str, float], None]


class Part(Enum):
    """What an interval is made of, beside the joint uncertainty of the parameters."""

    PARAMETERS = "parameters alone"
    SAMPLING = "parameters and the sampling of as many patients"
    OBSERVATION = "parameters and the stated error of the observation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the model says of one case.

    Attributes
    ----------
    case : Case
        The observation.
    value : float, the case's unit
        At the fitted values of the parameters; NaN where the course failed.
    low, high : float, the case's unit
        95 % interval of the published number.
    part : Part
        What the interval is made of.
    draws : int
        Draws of the parameters that gave a number.
    """

    case: Case
    value: float
    low: float
    high: float
    part: Part
    draws: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is simulated.

    Attributes
    ----------
    draws : int
        Of the parameters, from what is not known of them.
    patients : int
        Of a cohort, at the fitted values.
    patients_a_draw : int
        Of those, at every draw; the same people each time, who stand for all (`stood_for`).
    seed : int
        Of all random numbers.
    """

    draws: int = DRAWS
    patients: int = PATIENTS
    patients_a_draw: int = PATIENTS_A_DRAW
    seed: int = SEED


def predict(cases: Sequence[Case], effort: Effort = Effort(), tell: Tell | None = None) -> tuple[Prediction, ...]:
    """Return a prediction of every case, in their order; ``tell`` hears of the progress."""
    scenarios = scenarios_of(cases)
    found: dict[str, Prediction] = {}
    for place, (scenario, mine) in enumerate(scenarios.items()):
        if tell is not None:
            tell(mine[0].study, place / len(scenarios))
        made = _typical(scenario, mine, effort) if scenario.population.typical else _cohort(scenario, mine, effort)
        found |= {each.case.name: each for each in made}
    return tuple(found[case.name] for case in cases)


def scenarios_of(cases: Sequence[Case]) -> dict[Scenario, tuple[Case, ...]]:
    """Return the cases of every scenario, scenarios in the order of their first case."""
    return {
        scenario: tuple(case for case in cases if case.scenario == scenario)
        for scenario in dict.fromkeys(case.scenario for case in cases)
    }


def predict_typical(cases: Sequence[Case], rows: Sequence[Mapping[str, float]]) -> Floats:
    """Return readings of typical patients at r rows of changed parameters, (r, c), each case's unit.

    Parameters
    ----------
    cases : sequence of c Case
        Of typical patients.
    rows : sequence of r mappings
        Parameters by name that differ from the model's. A model keeps those that it holds as known.
    """
    predicted = np.empty((len(rows), len(cases)))
    places = {case.name: place for place, case in enumerate(cases)}
    for scenario, mine in scenarios_of(cases).items():
        system = model(scenario.model)
        parameters = np.tile(typical_values(system), (len(rows), 1))
        for column, (name, parameter) in enumerate(system.parameters.items()):
            if parameter.uncertainty > 0.0:
                parameters[:, column] = [row.get(name, parameter.value) for row in rows]
        courses = follow(scenario, mine, system, Rows(parameters=parameters))
        for case in mine:
            predicted[:, places[case.name]] = read(case, courses)
    return predicted


def _typical(scenario: Scenario, cases: Sequence[Case], effort: Effort) -> list[Prediction]:
    system = model(scenario.model)
    drawn = draw_typical(system, seed=effort.seed, draws=np.arange(effort.draws))
    rows = Rows(parameters=np.concatenate([typical_values(system)[None, :], drawn]))
    courses = follow(scenario, cases, system, rows)
    lived = ~courses.trajectories.failed
    made = []
    for case in cases:
        readings = np.where(lived, read(case, courses), np.nan)
        made.append(_with_interval(case, float(readings[0]), readings[1:]))
    return made


def _cohort(scenario: Scenario, cases: Sequence[Case], effort: Effort) -> list[Prediction]:
    """Read cohorts, as many patients of each, at the fitted values, and the first of them at every draw.

    How these few differ from the many is seen at the fitted values, and does not move the interval (`stood_for`).
    """
    names = scenario.population.cohorts
    many = np.array_split(np.arange(effort.patients), len(names))
    wanted = np.array_split(np.arange(effort.patients_a_draw), len(names))
    few = [whole[: part.size] for whole, part in zip(many, wanted, strict=True)]
    drawn = [_draw(scenario.model, *each, effort) for each in zip(names, many, few, strict=True)]
    together = tuple(zip(*(cohorts for _, cohorts in drawn), strict=True))  # at the fitted values, then draw by draw
    rows = Rows.of([cohort for each in together for cohort in each], seed=effort.seed)
    courses = follow(scenario, cases, drawn[0][0], rows)
    lived = ~courses.trajectories.failed
    made = []
    for case in cases:
        readings = np.where(lived, read(case, courses), np.nan)
        fitted, at_draws = readings[: effort.patients], readings[effort.patients :].reshape(effort.draws, -1)
        weights = stood_for(fitted[np.concatenate(few)], fitted)
        numbers = np.array([summary_of(case, at_draw, weights) for at_draw in at_draws])
        made.append(_with_interval(case, summary_of(case, fitted), numbers))
    return made


def stood_for(few: Floats, many: Floats) -> Floats:
    """Return how many of the many each of a few stands for, (f,): all whose readings are nearest to its own.

    So weighted, a share of the few at the fitted values is that of the many, as long as some of the few have the event
    and some have not, and their median is the reading among theirs that is nearest to that of the many. What a draw
    of the parameters changes in one of the few then counts for all who are like it (post-stratification on the outcome
    at the fitted values).

    Parameters
    ----------
    few, many : (f,) and (m,), one unit
        Readings at the fitted values, the few being among the many. Those with the same reading share whom they stand
        for; NaN, where the course failed, stands for nobody.
    """
    known = ~np.isnan(few)
    values, places, sharing = np.unique(few[known], return_inverse=True, return_counts=True)
    nearest = np.searchsorted(0.5 * (values[1:] + values[:-1]), many[~np.isnan(many)], side="right")
    weights = np.zeros(few.size)
    if values.size:
        weights[known] = (np.bincount(nearest, minlength=values.size) / sharing)[places]
    return weights


def _draw(name: str, cohort: str, many: Integers, few: Integers, effort: Effort) -> tuple[System, tuple[Cohort, ...]]:
    """Return a model as a cohort has it, with its patients at the fitted values and a few of them at every draw."""
    description = load_description(cohort)
    system = adapted(model(name), description)
    drawn = draw_typical(system, seed=effort.seed, draws=np.arange(effort.draws))
    whole = draw_cohort(description, system, seed=effort.seed, patients=many)
    return system, (whole, *draw_cohorts(description, system, seed=effort.seed, patients=few, typical=drawn))


def _with_interval(case: Case, value: float, drawn: Floats) -> Prediction:
    """Return a prediction with the quantiles of its draws, each spread by the error of the observation."""
    known = drawn[~np.isnan(drawn)]  # a course that failed, or the median time of an event that nobody has
    spread, part = _spread(case, known)
    low, high = np.quantile(spread, (LOW, HIGH), method="nearest") if known.size else (np.nan, np.nan)
    return Prediction(case=case, value=value, low=float(low), high=float(high), part=part, draws=known.size)


def _spread(case: Case, drawn: Floats) -> tuple[Floats, Part]:
    """Return the draws, (k,), with what an observation adds to each, at equal shares of its distribution."""
    if case.in_points and case.reading.of_patients and case.patients:
        counts = binom.ppf(LEVELS[None, :], case.patients, np.clip(drawn[:, None] / 100.0, 0.0, 1.0))
        return np.ravel(100.0 * counts / case.patients), Part.SAMPLING
    if case.spread is None:
        return drawn, Part.PARAMETERS
    errors = case.spread * norm.ppf(LEVELS)[None, :]
    moved = drawn[:, None] + errors if case.in_points else drawn[:, None] * np.exp(errors)
    return np.ravel(moved), Part.OBSERVATION
