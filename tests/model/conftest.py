from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Doses, Fate, Manner, Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.model.published.library import PUBLISHED
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import typical_values
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.regimen.products import product, to_pmol

BSA = 1.8
Follow = Callable[..., dict[str, Floats]]


@pytest.fixture(scope="session")
def follow() -> Follow:
    """Follow the typical adult of a model under a regimen's text: quantities by name at times in days."""

    def course(name: str, text: str, times: Floats, quantities: Sequence[str], **changed: float) -> dict[str, Floats]:
        system = model(name)
        one = np.array([BSA])
        doses = planned_doses(
            system,
            expand(parse(text)),
            bsa=one,
            weight=np.array([70.0]),
            amount_in=lambda drug, amount, source, _: to_pmol(amount, source, product(drug)),
        )
        row = dict(zip(system.parameters, typical_values(system), strict=True)) | changed
        problem = Problem(
            system=system,
            parameters=np.array([list(row.values())]),
            doses=doses,
            horizon=float(times[-1]) + 1e-6,
            save_times=np.asarray(times, dtype=np.float64),
            save=tuple(quantities),
            examinations=np.zeros(0),
            tolerance=Tolerance(relative=1e-7),
        )
        values = solve(problem).values[0]
        return {quantity: values[:, place] for place, quantity in enumerate(quantities)}

    return course


@pytest.fixture(scope="session")
def some_patients() -> Callable[..., Floats]:
    """Draw patients of a system from the declared spreads of its parameters, both together, within three of them.

    Published models declare none: their numbers are moved by a tenth at one standard deviation.
    """

    def draw(system: System, seed: int, patients: int, **held: float) -> Floats:
        rng = np.random.default_rng(seed)
        columns = []
        for name, parameter in system.parameters.items():
            declared = float(np.hypot(parameter.between_patients, parameter.uncertainty))
            published = system.name in PUBLISHED and parameter.scale is Scale.LOG
            deviations = np.clip(rng.standard_normal(patients), -3.0, 3.0) * (0.1 if published else declared)
            middle = np.full(patients, parameter.value)
            moved = middle if declared == 0.0 and not published else parameter.scale.shift(middle, deviations)
            columns.append(np.full(patients, held[name]) if name in held else moved)
        return np.stack(columns, axis=1)

    return draw


Given = tuple[float, int, float, float]


@pytest.fixture(scope="session")
def go() -> Callable[..., Trajectories]:
    """Follow patients, each under doses (start, input, amount, duration) of its own, and expect all at the horizon."""

    def course(
        system: System, parameters: Floats, courses: Sequence[Sequence[Given]], times: Floats, **asked: Any
    ) -> Trajectories:
        most = max(len(course) for course in courses)
        table = np.zeros((len(courses), most, 4))
        table[:, :, 0] = np.inf
        for patient, doses in enumerate(courses):
            table[patient, : len(doses)] = np.array(sorted(doses), dtype=np.float64).reshape(len(doses), 4)
        kinds = table[:, :, 1].astype(np.int64)
        problem = Problem(
            system=system,
            parameters=parameters,
            doses=Doses(
                times=table[:, :, 0],
                durations=table[:, :, 3],
                inputs=kinds,
                manners=np.full_like(kinds, int(Manner.PLAIN)),
                amounts=table[:, :, 2],
                fates=np.full_like(kinds, int(Fate.GIVEN)),
            ),
            horizon=float(times[-1]),
            save_times=times,
            examinations=np.zeros(0),
            **({"save": tuple(state.name for state in system.states)} | asked),
        )
        found = solve(problem)
        assert (found.status == Status.REACHED_HORIZON).all(), [Status(each).name for each in found.status]
        return found

    return course
