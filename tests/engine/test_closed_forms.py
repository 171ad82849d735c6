import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.system import System

CASES: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("data").joinpath("linear_pharmacokinetics.toml").read_text(encoding="utf-8")
)
INPUT = {"depot": 0, "central": 1}
TOLERANCE = Tolerance(relative=1e-8)
GLOBAL_ERROR = 100.0 * TOLERANCE.relative  # errors of single steps add up along a trajectory


@pytest.mark.parametrize("backend", Backend)
@pytest.mark.parametrize("name", CASES)
def test_linear_kinetics_meet_their_matrix_exponentials(
    name: str, backend: Backend, pose: Callable[..., Problem], linear_system: Callable[..., System]
) -> None:
    case = CASES[name]
    times = np.array(case["times"])
    doses = [(dose["time"], INPUT[dose["into"]], dose["amount"], dose["duration"]) for dose in case["doses"]]
    problem = pose(
        linear_system(**case["parameters"]),
        doses,
        horizon=times[-1],
        save_times=times,
        save=("concentration",),
        tolerance=TOLERANCE,
    )

    found = solve(problem, backend=backend).value("concentration")[0]

    assert found == pytest.approx(np.array(case["concentrations"]), rel=GLOBAL_ERROR)


@pytest.mark.parametrize("backend", Backend)
def test_bioavailability_scales_and_lag_delays_a_bolus_and_an_infusion(
    backend: Backend, pose: Callable[..., Problem], linear_system: Callable[..., System]
) -> None:
    system = linear_system(CL=2.0, V=10.0, available=0.4, delay=0.75)
    bolus, rate, elimination = 100.0 * 0.4, 60.0 * 0.4 / 2.0, 0.2
    problem = pose(
        system,
        [(0.0, 1, 100.0, 0.0), (1.0, 1, 60.0, 2.0)],
        horizon=6.0,
        save_times=np.array([0.5, 1.0, 2.5, 6.0]),
        save=("central",),
        tolerance=TOLERANCE,
    )

    found = solve(problem, backend=backend).value("central")[0]

    def left(time: float) -> float:
        inside = max(0.0, min(time, 3.75) - 1.75)
        after = max(0.0, time - 3.75)
        infused = rate / elimination * (1 - math.exp(-elimination * inside)) * math.exp(-elimination * after)
        return (bolus * math.exp(-elimination * (time - 0.75)) if time > 0.75 else 0.0) + infused

    assert found == pytest.approx([left(t) for t in (0.5, 1.0, 2.5, 6.0)], rel=GLOBAL_ERROR)


@pytest.mark.parametrize("backend", Backend)
def test_overlapping_infusions_add_up_and_may_outlast_the_horizon(
    backend: Backend, pose: Callable[..., Problem], decaying: Callable[..., System]
) -> None:
    problem = pose(
        decaying(),
        [(0.0, 0, 6.0, 3.0), (1.0, 1, 40.0, 4.0)],
        horizon=2.0,
        save_times=np.array([2.0]),
        save=("amount",),
        tolerance=TOLERANCE,
    )

    found = solve(problem, backend=backend)

    expected = 2.0 / 0.5 * (1 - math.exp(-1.0)) + 10.0 / 0.5 * (1 - math.exp(-0.5))
    assert found.values[0, 0, 0] == pytest.approx(expected, rel=GLOBAL_ERROR)
    assert found.given.tolist() == [[6.0, 40.0]]
