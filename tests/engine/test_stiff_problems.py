import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from trialeukin.engine.problem import Problem, Resets, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.system import State, System, Term, symbol

CASES: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("data").joinpath("stiff_problems.toml").read_text(encoding="utf-8")
)
ALLOWED = 100.0  # errors at the end, in relative tolerances


def system_of(name: str, rates: list[sympy.Expr], *, positive: bool = True) -> System:
    case = CASES[name]
    names = [f"y{place}" for place in range(1, len(rates) + 1)]
    return System(
        name=name,
        states=tuple(
            State(name=each, unit="1", initial=sympy.Float(start), size=size, meaning=each, positive=positive)
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


def van_der_pol() -> System:
    first, second = symbol("y1"), symbol("y2")
    return system_of("van_der_pol", [second, 1e6 * ((1 - first**2) * second - first)], positive=False)


def pollution() -> System:
    y = [None, *(symbol(f"y{place}") for place in range(1, 21))]
    k = [None, *CASES["pollution"]["constants"]]
    reacting = [
        *((1,), (2, 4), (5, 2), (7,), (7,), (7, 6), (9,), (9, 6), (11, 2), (11, 1), (13,), (10, 2), (14,), (1, 6)),
        *((3,), (4,), (4,), (16,), (16,), (17, 6), (19,), (19,), (1, 4), (19, 1), (20,)),
    ]
    r = [None, *(k[place] * sympy.Mul(*(y[each] for each in of)) for place, of in enumerate(reacting, start=1))]
    return system_of(
        "pollution",
        [
            r[2] + r[3] + r[9] + r[11] + r[12] + r[22] + r[25] - r[1] - r[10] - r[14] - r[23] - r[24],
            r[1] + r[21] - r[2] - r[3] - r[9] - r[12],
            r[1] + r[17] + r[19] + r[22] - r[15],
            r[15] - r[2] - r[16] - r[17] - r[23],
            2 * r[4] + r[6] + r[7] + r[13] + r[20] - r[3],
            r[3] + 2 * r[18] - r[6] - r[8] - r[14] - r[20],
            r[13] - r[4] - r[5] - r[6],
            r[4] + r[5] + r[6] + r[7],
            -r[7] - r[8],
            r[7] + r[9] - r[12],
            r[8] + r[11] - r[9] - r[10],
            r[9],
            r[10] - r[11],
            r[12] - r[13],
            r[14],
            r[16] - r[18] - r[19],
            -r[20],
            r[20],
            r[23] + r[25] - r[21] - r[22] - r[24],
            r[24] - r[25],
        ],
    )


def pleiades() -> System:
    x, y, across, up = ([symbol(f"y{7 * part + star}") for star in range(1, 8)] for part in range(4))

    def pull(of: list[sympy.Symbol], star: int) -> sympy.Expr:
        others = [each for each in range(7) if each != star]
        return sympy.Add(
            *(
                (each + 1) * (of[each] - of[star]) / ((x[each] - x[star]) ** 2 + (y[each] - y[star]) ** 2) ** 1.5
                for each in others
            )
        )

    pulls = [pull(of, star) for of in (x, y) for star in range(7)]
    return system_of("pleiades", [*across, *up, *pulls], positive=False)


def arenstorf() -> System:
    moon = 0.012277471
    earth = 1 - moon
    x, y, across, up = (symbol(f"y{place}") for place in range(1, 5))
    to_earth, to_moon = ((x + moon) ** 2 + y**2) ** 1.5, ((x - earth) ** 2 + y**2) ** 1.5
    return system_of(
        "arenstorf",
        [
            across,
            up,
            x + 2 * up - earth * (x + moon) / to_earth - moon * (x - earth) / to_moon,
            y - 2 * across - earth * y / to_earth - moon * y / to_moon,
        ],
        positive=False,
    )


PROBLEMS = {
    "robertson": robertson,
    "hires": hires,
    "van_der_pol": van_der_pol,
    "pollution": pollution,
}


@pytest.mark.parametrize("relative", [1e-6, 1e-8, 1e-10])
@pytest.mark.parametrize(("name", "make"), PROBLEMS.items())
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


@pytest.mark.parametrize("relative", [1e-6, 1e-8, 1e-10])
def test_seven_stars_end_no_further_off_than_errors_of_one_tolerance_at_their_start_would_take_them(
    relative: float, pose: Callable[..., Problem]
) -> None:
    """Two stars nearly meet: a relative error of a start grows some 650 times, for whatever follows them exactly."""
    case, system, small = CASES["pleiades"], pleiades(), 1e-7
    start, reference = np.array(case["start"]), np.array(case["reference"])
    count = start.size
    moved = start + small * np.diag(np.maximum(np.abs(start), 1e-3))
    zeros = np.zeros((count, 1))
    shaken = pose(system, patients=count, horizon=case["end"], tolerance=Tolerance(relative=1e-12))
    shaken = replace(shaken, resets=Resets(times=zeros, keeps=zeros, states=moved[:, np.newaxis]))
    growth = (np.abs(solve(shaken).last - reference) / np.abs(reference)).max() / small

    found = solve(pose(system, horizon=case["end"], tolerance=Tolerance(relative=relative, absolute=1e-8))).last[0]

    assert 500.0 < growth < 800.0
    assert found == pytest.approx(reference, rel=growth * relative)


def test_a_satellite_of_earth_and_moon_comes_back(pose: Callable[..., Problem]) -> None:
    """A relative error of the start grows 4e5 times on the way, so that 1e-4 is what a tolerance of 1e-10 can give."""
    case = CASES["arenstorf"]

    found = solve(pose(arenstorf(), horizon=case["end"], tolerance=Tolerance(relative=1e-10))).last[0]

    assert found == pytest.approx(case["reference"], abs=1e-4)


def test_robertson_on_the_way_meets_the_printed_states_and_keeps_its_mass(pose: Callable[..., Problem]) -> None:
    printed = CASES["robertson"]["printed"]
    problem = pose(
        robertson(),
        horizon=printed["times"][-1],
        save_times=np.array(printed["times"]),
        save=("y1", "y2", "y3"),
        tolerance=Tolerance(relative=1e-8, absolute=1e-8),
    )

    found = solve(problem).values[0]

    assert found == pytest.approx(np.array(printed["states"]), rel=ALLOWED * 1e-8)
    assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-12)  # a linear invariant is kept to rounding
