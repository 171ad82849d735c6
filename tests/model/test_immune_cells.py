"""What holds of blood cells and toxicity whatever the parameters, and at rest."""

from collections.abc import Callable

import numpy as np
import pytest
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.model.system import System, symbol
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_typical

Follow = Callable[..., dict[str, Floats]]
ROUNDING = 1e-12
MODEL = "il2-immune"


def numeric_rates(system: System) -> Callable[[Floats, Floats], Floats]:
    """Return the right-hand side as a function of states and parameters, with definitions written out."""
    written = {}
    for definition in system.definitions:
        written[symbol(definition.name)] = definition.expression.xreplace(written)
    arguments = [[symbol(state.name) for state in system.states], [symbol(name) for name in system.parameters]]
    return sympy.lambdify(arguments, [rate.xreplace(written) for rate in system.rates()], "numpy")


def starts(system: System, row: Floats) -> Floats:
    known = dict(zip([symbol(name) for name in system.parameters], row, strict=True))
    return np.array([float(sympy.sympify(state.initial).subs(known)) for state in system.states])


@pytest.fixture(scope="module")
def drawn() -> Floats:
    return draw_typical(model(MODEL), seed=11, draws=np.arange(6))


def test_without_drug_nothing_moves(drawn: Floats) -> None:
    system = model(MODEL)
    rates = numeric_rates(system)
    sizes = np.array([state.size for state in system.states])

    for row in drawn:
        moving = np.array(rates(starts(system, row), row))

        assert np.abs(moving / sizes).max() < ROUNDING


def test_no_state_that_cannot_be_negative_is_pushed_below_zero(drawn: Floats) -> None:
    system = model(MODEL)
    rates = numeric_rates(system)
    generator = np.random.default_rng(3)
    induction = [state.name for state in system.states].index("cd25_induction")  # it starts at one and only rises
    positive = [place for place, state in enumerate(system.states) if state.positive]

    for row in drawn:
        for place in positive:
            sizes = np.array([state.size for state in system.states])
            state = sizes * generator.lognormal(0.0, 1.5, sizes.size)
            state[induction] += 1.0
            state[place] = 0.0

            assert rates(state, row)[place] >= 0.0, system.states[place].name


def test_relative_quantities_are_one_and_grades_zero_at_rest(follow: Follow) -> None:
    ones = ["nk_killing", "cd8_killing", "treg_suppression", "circulating_share"]
    zeros = ["capillary_leak_grade", "constitutional_grade", "il2_concentration"]

    seen = follow(MODEL, "aldesleukin 1 MIU sc day 1", np.array([0.0]), [*ones, *zeros])

    assert [seen[name][0] for name in ones] == [1.0] * len(ones)
    assert [seen[name][0] for name in zeros] == [0.0] * len(zeros)


def test_counts_add_up(follow: Follow) -> None:
    names = ["lymphocyte_count", "cd4_count", "treg_count", "cd8_count", "nk_count"]

    seen = follow(MODEL, "aldesleukin 9 MIU/m2/day civ days 1-4", np.array([0.5, 3.0, 6.0]), names)

    np.testing.assert_allclose(sum(seen[name] for name in names[1:]), seen[names[0]], rtol=ROUNDING)


def test_a_large_dose_empties_the_blood_of_lymphocytes_and_a_rebound_follows(follow: Follow) -> None:
    times = np.array([0.0, 1.0, 7.0])

    count = follow(MODEL, "aldesleukin 18 MIU/m2/day civ days 1-5", times, ["lymphocyte_count"])["lymphocyte_count"]

    assert count[1] < 0.5 * count[0]  # Thompson 1987: marked lymphopenia at 24 h
    assert count[2] > 2.0 * count[0]  # Thompson 1992: rebound on days 7 to 9


def test_everything_returns_to_baseline_after_treatment(follow: Follow) -> None:
    names = [state.name for state in model(MODEL).states if state.name not in {"il2_auc", "cd8", "cd4"}]
    sizes = np.array([state.size for state in model(MODEL).states if state.name in names])

    seen = follow(MODEL, "aldesleukin 9 MIU/m2/day civ days 1-4", np.array([0.0, 200.0]), names)

    away = np.array([seen[name][1] - seen[name][0] for name in names]) / sizes
    assert np.abs(away).max() < 1e-3  # 196 days at 0.069 a day, the slowest rate, leave 1e-6; four T cell months do not


def test_long_high_infusions_stay_within_what_was_ever_seen(follow: Follow) -> None:
    names = ["treg_suppression", "nk_count", "il2_receptor_clearance"]

    seen = follow(MODEL, "aldesleukin 18 MIU/m2/day civ days 1-60", np.array([0.0, 60.0]), names)

    assert seen["treg_suppression"][1] < 17.0  # Fanton 2022
    assert seen["nk_count"][1] / seen["nk_count"][0] < 40.0  # Soiffer 1992
    assert seen["il2_receptor_clearance"][1] / 1.44 < 3_000.0  # mL/min; 760 is the most that was measured


def test_plasma_il2_falls_on_constant_daily_doses_as_clearance_is_induced(follow: Follow) -> None:
    peaks = np.array([0.2, 6.2, 27.2])  # 5 h after a dose

    level = follow(MODEL, "aldesleukin 1 MIU/m2/day sc days 1-56", peaks, ["il2_concentration"])["il2_concentration"]

    assert (np.diff(level) < 0.0).all()  # Whangbo 2019: rises, then falls on constant dosing


def test_activation_of_nk_cells_needs_more_than_low_doses(follow: Follow) -> None:
    low, high = (
        follow(MODEL, text, np.array([3.0]), ["nk_activation"])["nk_activation"][0]
        for text in ("aldesleukin 1 MIU/m2/day sc days 1-3", "aldesleukin 18 MIU/m2/day civ days 1-3")
    )

    assert low < 0.1
    assert high > 0.5


def test_a_marrow_after_chemotherapy_makes_fewer_nk_cells(follow: Follow) -> None:
    text = "aldesleukin 1 MIU/m2/day sc days 1-28"

    full = follow("il2-immune", text, np.array([28.0]), ["nk_count"])
    aml = follow("aml-maintenance", text, np.array([28.0]), ["nk_count"])

    assert aml["nk_count"][0] < full["nk_count"][0]


def test_a_longer_course_is_more_toxic_and_platelets_recover(follow: Follow) -> None:
    times = np.array([0.0, 1.0, 3.0, 30.0])

    seen = follow(
        MODEL, "aldesleukin 9 MIU/m2/day civ days 1-4", times, ["platelets", "capillary_leak_grade", "soluble_receptor"]
    )

    assert seen["capillary_leak_grade"][2] > seen["capillary_leak_grade"][1] > 0.0
    assert seen["platelets"][2] < 0.5 * seen["platelets"][0]
    assert seen["platelets"][3] == pytest.approx(seen["platelets"][0], rel=0.1)  # 26 days at 0.1 a day leave 7 %
    assert seen["soluble_receptor"][2] > 5.0 * seen["soluble_receptor"][0]  # Lange 2008: 9-fold on day 4
