"""Every regimen of the library, followed by the fast engine and the plain one."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.whole import model
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load, names

MODEL = "aml-maintenance"
DAYS = 14.0  # of each regimen; the plain engine takes half a second for them
AGREEMENT = 1e-4  # relative, where a state exceeds a thousandth of its own largest value


def can_be_given(name: str) -> bool:
    taken = {(entry.drug, route) for entry in model(MODEL).inputs for route in entry.routes}
    return all(dose.amount is not None and (dose.drug, dose.route) in taken for dose in expand(load(name)))


@pytest.mark.parametrize("name", [name for name in names() if can_be_given(name)])
def test_all_states_agree_under_a_library_regimen(name: str) -> None:
    system = model(MODEL)
    first = min(dose.start for dose in expand(load(name)))
    administrations = [replace(dose, start=dose.start - first) for dose in expand(load(name))]
    problem = Problem(
        system=system,
        parameters=np.array([[each.value for each in system.parameters.values()]]),
        doses=planned_doses(
            system,
            [dose for dose in administrations if dose.start < 24.0 * DAYS],
            bsa=np.array([1.84]),
            weight=np.array([70.0]),
        ),
        rules=load(name).rules,
        horizon=DAYS,
        save_times=np.arange(0.1, DAYS, 0.3),
        save=tuple(state.name for state in system.states),
        examinations=np.array([0.0, DAYS]),
    )

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    size = np.abs(exact.values)
    counts = size > 1e-3 * size.max(axis=1, keepdims=True)
    logarithms = [state.startswith("log_") for state in exact.save]
    size[:, :, logarithms] = np.maximum(size[:, :, logarithms], 1.0)  # an error there is a relative one of cells
    assert exact.given.any()
    assert found.status.tolist() == exact.status.tolist() == [0]
    assert np.array_equal(found.fates, exact.fates)
    assert (np.abs(found.values - exact.values) / np.where(counts, size, np.inf)).max() < AGREEMENT
