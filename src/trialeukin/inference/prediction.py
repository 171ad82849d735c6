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

SEED, DRAWS, PATIENTS, PATIENTS_A_DRAW = 1_992, 40, 300, 40
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
        Of a cohort, at every draw; the same people each time, so that what is special about them moves the interval.
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
    """Read cohorts, as many patients of each, at the fitted values, and a few at every draw, the same each time.

    The few of one cohort are its first patients. How far their share is from that of all moves the whole interval.
    """
    names = scenario.population.cohorts
    many = np.array_split(np.arange(effort.patients), len(names))
    few = np.array_split(np.arange(effort.patients_a_draw), len(names))
    drawn = [_draw(scenario.model, *each, effort) for each in zip(names, many, few, strict=True)]
    together = tuple(zip(*(cohorts for _, cohorts in drawn), strict=True))  # at the fitted values, then draw by draw
    sizes = np.array([sum(cohort.patients.size for cohort in each) for each in together])
    rows = Rows.of([cohort for each in together for cohort in each], seed=effort.seed)
    courses = follow(scenario, cases, drawn[0][0], rows)
    ends = np.cumsum(sizes)
    lived = ~courses.trajectories.failed
    made = []
    for case in cases:
        readings = np.where(lived, read(case, courses), np.nan)
        parts = [part[~np.isnan(part)] for part in np.split(readings, ends[:-1])]
        numbers = np.array([summary_of(case, part) for part in parts])
        made.append(_with_interval(case, float(numbers[0]), numbers[1:]))
    return made


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
