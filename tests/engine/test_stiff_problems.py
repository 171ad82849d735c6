import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.system import State, System, Term, symbol

CASES: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("data").joinpath("stiff_problems.toml").read_text(encoding="utf-8")
)
ALLOWED = 100.0  # errors at the end, in relative tolerances


def system_of(name: str, rates: list[sympy.Expr]) -> System:
    case = CASES[name]
    names = [f"y{place}" for place in range(1, len(rates) + 1)]
    return System(
        name=name,
        states=tuple(
            State(name=each, unit="1", initial=sympy.Float(start), size=size, meaning=each)
            for each, start, size in zip(names, case["start"], case["sizes"], strict=True)
        ),
        terms=tuple(Term(state=each, name="rate", rate=rate) for each, rate in zip(names, rates, strict=True)),
        definitions=(),
        parameters={},
    )


def robertson() -> System:
    first, second, third = (symbol(f"y{place}") for place in (1, 2, 3))
    slow, middle, fast = 0.04 * first, 1e4 * second * third, 3e7 * second**2
    return system_of("robertson", [middle - slow, slow - middle - fast, fast])


def hires() -> System:
    y = [None, *(symbol(f"y{place}") for place in range(1, 9))]
    both = 280 * y[6] * y[8]
    return system_of(
        "hires",
        [
            -1.71 * y[1] + 0.43 * y[2] + 8.32 * y[3] + 0.0007,
            1.71 * y[1] - 8.75 * y[2],
            -10.03 * y[3] + 0.43 * y[4] + 0.035 * y[5],
            8.32 * y[2] + 1.71 * y[3] - 1.12 * y[4],
            -1.745 * y[5] + 0.43 * y[6] + 0.43 * y[7],
            -both + 0.69 * y[4] + 1.71 * y[5] - 0.43 * y[6] + 0.69 * y[7],
            both - 1.81 * y[7],
            -both + 1.81 * y[7],
        ],
    )


@pytest.mark.parametrize("relative", [1e-6, 1e-9])
@pytest.mark.parametrize(("name", "make"), [("robertson", robertson), ("hires", hires)])
def test_stiff_problems_meet_the_published_states_at_their_end(
    name: str, make: Callable[[], System], relative: float, pose: Callable[..., Problem]
) -> None:
    case, system = CASES[name], make()
    problem = pose(
        system,
        horizon=case["end"],
        save_times=np.array([case["end"]]),
        save=tuple(state.name for state in system.states),
        tolerance=Tolerance(relative=relative, absolute=1e-8),
    )

    found = solve(problem).values[0, 0]

    assert found == pytest.approx(case["reference"], rel=ALLOWED * relative)


def test_robertson_on_the_way_meets_the_printed_states_and_keeps_its_mass(pose: Callable[..., Problem]) -> None:
    printed = CASES["robertson"]["at_40"]
    problem = pose(
        robertson(),
        horizon=50.0,
        save_times=np.array([printed["time"]]),
        save=("y1", "y2", "y3"),
        tolerance=Tolerance(relative=1e-8, absolute=1e-8),
    )

    found = solve(problem).values[0, 0]

    assert found == pytest.approx(printed["states"], rel=ALLOWED * 1e-8)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)  # a linear invariant is kept to rounding
