import math
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.system import State, System, Term, symbol

DATA = Path(__file__).with_name("data")
CASES: dict[str, Any] = tomllib.loads(DATA.joinpath("linear_pharmacokinetics.toml").read_text(encoding="utf-8"))
LAWS: dict[str, Any] = tomllib.loads(DATA.joinpath("nonlinear_laws.toml").read_text(encoding="utf-8"))
INPUT = {"depot": 0, "central": 1}
TOLERANCE = Tolerance(relative=1e-8)
TEN_TIMES = 10.0 * TOLERANCE.relative  # an error of that many tolerances is what a solver is allowed at the end


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

    assert found == pytest.approx(np.array(case["concentrations"]), rel=TEN_TIMES)


def rates_of(law: str) -> dict[str, sympy.Expr]:
    """Return the rate of change of each state under a law."""
    s = symbol
    stages = [s(f"stage{place}") for place in range(1, 5)]
    laws: dict[str, dict[str, sympy.Expr]] = {
        "saturable": {"amount": -s("vmax") * s("amount") / (s("km") + s("amount"))},
        "logistic": {"cells": s("growth") * s("cells") * (1 - s("cells") / s("most"))},
        "gompertz": {"cells": s("slowing") * s("cells") * sympy.log(s("most") / s("cells")) - s("kill") * s("cells")},
        "transit_chain": {
            **{str(now): s("rate") * (before - now) for before, now in zip([0, *stages], stages, strict=False)},
            "out": s("rate") * stages[-1],
        },
        "tumour": {
            "size": (s("growth") - s("kill") * s("sensitivity") * math.log(10.0)) * s("size"),
            "sensitivity": -s("resistance") * s("sensitivity"),
        },
        "chosen": {
            "amount": -sympy.Piecewise((s("first"), s("first") > s("second")), (s("second"), True)) * s("amount"),
        },
        "exchange": {
            "inside": s("exchange") * (s("outside") - s("inside")),
            "outside": s("exchange") * (s("inside") - s("outside")) - s("loss") * s("outside"),
        },
    }
    return laws[law]


def system_of(case: dict[str, Any]) -> System:
    rates = rates_of(case["law"])
    starts = {name: case["start"].get(name, 0.0) for name in rates}
    return System(
        name=case["law"],
        states=tuple(
            State(name=name, unit="1", initial=sympy.Float(start), size=max(1.0, start), meaning=name)
            for name, start in starts.items()
        ),
        terms=tuple(Term(state=name, name="rate", rate=rate) for name, rate in rates.items()),
        definitions=(),
        parameters={
            name: Parameter(
                value=value,
                unit="1",
                between_patients=0.0,
                uncertainty=0.0,
                source=assumed("a closed form"),
                scale=Scale.LINEAR,
            )
            for name, value in case["parameters"].items()
        },
    )


@pytest.mark.parametrize("backend", Backend)
@pytest.mark.parametrize("name", LAWS)
def test_nonlinear_laws_and_stiff_exchange_meet_their_closed_forms(
    name: str, backend: Backend, pose: Callable[..., Problem]
) -> None:
    case = LAWS[name]
    saved = tuple(state for state in rates_of(case["law"]) if state in case)
    times = np.array(case["times"])
    problem = pose(
        system_of(case),
        horizon=times[-1],
        save_times=times,
        save=saved,
        tolerance=replace(TOLERANCE, absolute=1e-8),
    )

    found = solve(problem, backend=backend)

    expected = np.array([case[state] for state in saved]).T
    assert found.values[0] == pytest.approx(expected, rel=TEN_TIMES, abs=TEN_TIMES * problem.tolerance.absolute)


@pytest.mark.parametrize("backend", Backend)
@pytest.mark.parametrize(("first", "second"), [(0.3, 0.2), (0.1, 0.2)])
def test_a_condition_that_parameters_alone_decide_chooses_for_each_patient(
    first: float, second: float, backend: Backend, pose: Callable[..., Problem]
) -> None:
    case = {"law": "chosen", "start": {"amount": 8.0}, "parameters": {"first": first, "second": second}}
    times = np.array([1.0, 5.0])

    found = solve(
        pose(system_of(case), horizon=5.0, save_times=times, save=("amount",), tolerance=TOLERANCE), backend=backend
    )

    assert found.values[0, :, 0] == pytest.approx(8.0 * np.exp(-max(first, second) * times), rel=TEN_TIMES)


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

    assert found == pytest.approx([left(t) for t in (0.5, 1.0, 2.5, 6.0)], rel=TEN_TIMES)


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
    assert found.values[0, 0, 0] == pytest.approx(expected, rel=TEN_TIMES)
    assert found.given.tolist() == [[6.0, 40.0]]
