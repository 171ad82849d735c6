import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.whole import model
from trialeukin.population.cohort import typical_values
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.regimen.products import product, to_pmol

sys.path.insert(0, str(Path(__file__).parents[2] / "validation"))

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
