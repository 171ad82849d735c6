"""Published models meet their papers' numbers, trajectories and closed forms, a second implementation, and laws."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from published_models import (
    PAGE,
    follow,
    kirschner_panetta_fold,
    kirschner_panetta_hopf,
    page,
    rates,
    typical,
)
from scipy.integrate import solve_ivp

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import ModelError
from trialeukin.core.sources import ASSUMED
from trialeukin.engine.problem import Tolerance
from trialeukin.engine.solve import Backend
from trialeukin.model.published.library import PUBLISHED, published_model, published_models
from trialeukin.model.whole import MODELS

DATA = Path(__file__).with_name("data")
REFERENCE = 1e-6  # the trajectories' own honest tolerance: two solvers, and ten digits written
BIFURCATION = 1e-5  # of the onset of cycles computed outside this project
USUAL = Tolerance(relative=1e-7)
AGREEMENT = 100 * USUAL.relative  # two methods may each err by many tolerances along a growing solution
SCIPY = 1e-6  # SciPy's LSODA at 1e-10 errs by less over the courses below
KIRSCHNER_PANETTA, MOORE_LI, FRIBERG = "kirschner-panetta-1998", "moore-li-2004", "friberg-2002"
CLAPP, STIEHL, JOST, STEIN, DE_PILLIS = "clapp-2015", "stiehl-2015", "jost-2019", "stein-2019", "de-pillis-2009"

FILE_662 = {  # BIOMD0000000662: another set of values of Moore and Li
    "naive_supply": 0.071,
    "naive_loss": 0.05,
    "effector_loss": 0.12,
    "leukaemia_loss": 0.68,
    "naive_activation": 0.063,
    "leukaemia_of_half_activation": 43.0,
    "effectors_per_activation": 0.56,
    "effector_recruitment": 0.53,
    "leukaemia_capacity": 190000.0,
    "leukaemia_growth": 0.23,
    "effector_exhaustion": 0.0077,
    "leukaemia_kill": 0.047,
}
REST = {  # what is changed so that nothing should move; the three others have no such state
    KIRSCHNER_PANETTA: {"effector_at_start": 0.0, "tumour_at_start": 0.0, "il2_at_start": 0.0},
    FRIBERG: {"docetaxel_dose": 0.0},
    CLAPP: {f"{name}_at_start": 0.0 for name in ("resting", "cycling", "progenitors", "mature")},
    STIEHL: {"leukaemic_at_start": 0.0},
    JOST: {"blasts_at_start": 0.0},
}


def states(name: str) -> tuple[str, ...]:
    return tuple(state.name for state in published_model(name).states)


def table(name: str) -> Floats:
    return np.genfromtxt(DATA / name, delimiter=",", skip_header=1)


def test_published_models_are_eight_and_none_is_a_model_of_the_project() -> None:
    assert len(published_models()) == 8
    assert not set(PUBLISHED) & set(MODELS)
    with pytest.raises(ModelError, match="unknown published model 'stein': there are kirschner-panetta-1998"):
        published_model("stein")


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_number_of_a_published_model_says_what_it_is_and_where_it_was_read(name: str) -> None:
    for parameter in published_model(name).parameters.values():
        assert parameter.meaning
        assert parameter.between_patients == parameter.uncertainty == 0.0
        assert parameter.source.key != ASSUMED or "the unit in which" in parameter.source.place


@pytest.mark.parametrize(
    ("file", "antigenicity"), [("kirschner_panetta_damped.csv", 0.035), ("kirschner_panetta_cycle.csv", 0.025)]
)
def test_kirschner_panetta_meets_trajectories_computed_elsewhere(file: str, antigenicity: float) -> None:
    wanted = table(file)

    found = follow(KIRSCHNER_PANETTA, wanted[:, 0], states(KIRSCHNER_PANETTA), {"antigenicity": antigenicity})

    assert found == pytest.approx(wanted[:, 1:], rel=REFERENCE)


def test_a_large_tumour_of_kirschner_panetta_can_rest_up_to_the_published_antigenicity() -> None:
    antigenicity, there = kirschner_panetta_fold()

    rate, jacobian = rates(KIRSCHNER_PANETTA, there, {"antigenicity": antigenicity})

    assert f"{antigenicity:.2e}" == "8.55e-05"  # the threshold said to be the paper's; elsewhere 8.548e-5 was computed
    assert np.abs(rate / there).max() < 1e-12  # at rest, and a fold: one eigenvalue is zero, the next is -0.17
    assert np.sort(np.abs(np.linalg.eigvals(jacobian)))[0] < 1e-6


def test_kirschner_panetta_begins_to_cycle_where_published() -> None:
    assert kirschner_panetta_hopf() == pytest.approx(
        0.03246437913549703, rel=BIFURCATION
    )  # said to be 0.032 in the paper


@pytest.mark.parametrize(("factor", "grows"), [(0.99, True), (1.01, False)])
def test_effector_cells_clear_a_small_tumour_from_540_cells_a_day_on(factor: float, grows: bool) -> None:
    infused = factor * 540.0  # s1 = r2 g2 mu2 / a, the closed form
    there = np.array([infused / 0.03, 0.0, 0.0])  # E = s1 / mu2

    rate, jacobian = rates(KIRSCHNER_PANETTA, there, {"effector_infusion": infused})

    assert rate == pytest.approx(np.zeros(3), abs=1e-9)
    assert bool(jacobian[1, 1] > 0.0) is grows


def test_moore_li_meets_figure_6_computed_elsewhere() -> None:
    wanted = table("moore_li_figure_6.csv")

    found = follow(MOORE_LI, wanted[:, 0], states(MOORE_LI))

    assert found == pytest.approx(wanted[:, 1:4], rel=REFERENCE)


def test_the_sign_of_the_kill_in_the_biomodels_file_is_not_the_one_here() -> None:
    wanted = table("moore_li_figure_6.csv")
    kill = published_model(MOORE_LI).parameters["leukaemia_kill"].value

    right = follow(MOORE_LI, wanted[:, 0], ("leukaemia",))[:, 0]
    wrong = follow(MOORE_LI, wanted[:, 0], ("leukaemia",), {"leukaemia_kill": -kill})[:, 0]

    assert wrong == pytest.approx(wanted[:, 4], rel=REFERENCE)
    assert np.abs(wrong / right - 1.0).max() == pytest.approx(7e-4, rel=0.1)  # said of figure 6: 0.07 %


def test_the_sign_of_the_kill_matters_on_the_other_files_values() -> None:
    days = np.arange(0.0, 760.0, 10.0)

    right = follow(MOORE_LI, days, ("leukaemia",), FILE_662)[:, 0]
    wrong = follow(MOORE_LI, days, ("leukaemia",), FILE_662 | {"leukaemia_kill": -0.047})[:, 0]

    assert np.abs(wrong / right - 1.0).max() == pytest.approx(0.14, abs=0.005)  # said: 14 %, at every tenth day
    assert right[-1] == pytest.approx(9879.89943466213, rel=1e-3)  # Cmax exp(-dc/rc), nearly reached


def test_the_immune_window_of_each_patient_of_clapp_is_where_t_cells_multiply() -> None:
    names = (DATA / "clapp_patients.csv").read_text(encoding="utf-8").splitlines()[0].split(",")[1:]
    shares = {0.99: (-1, 1), 1.0: (0, 0), 1.01: (1, -1)}  # of an edge, and the sign of growth at the lower and upper
    for row in table("clapp_patients.csv"):
        patient = dict(zip(names, row[1:], strict=True))
        for share, signs in shares.items():
            for edge, sign in zip(("window_lower_edge", "window_upper_edge"), signs, strict=True):
                start = patient | {"mature_at_start": share * patient[edge]}
                growth = follow(CLAPP, np.array([0.0, 1e-3]), ("t_cell_net_growth",), start)[0, 0]
                assert np.sign(np.round(growth, 12)) == sign


def test_clapp_without_drug_keeps_stem_cells_and_progenitors_but_not_mature_cells_of_the_start() -> None:
    drugless = {"first_inhibition": 1.0, "second_inhibition": 1.0, "t_cell_kill": 0.0}
    found = follow(CLAPP, np.array([0.0, 8000.0]), states(CLAPP), drugless)

    assert found[-1, 1:3] == pytest.approx([4.1667, 1.6667e4], rel=1e-3)  # the start, as published
    assert found[-1, 3] == pytest.approx(899.982 * 1.6667e4 / 0.0375, rel=1e-3)  # by hand; the start is 1.5e8


def test_healthy_cells_of_stiehl_keep_their_counts_and_leukaemic_ones_start_at_their_rate() -> None:
    early = follow(STIEHL, np.array([0.0, 1.0]), states(STIEHL))

    # (2 * 1.6 * 0.85 / (2 * 0.85) - 1) * 2 * 0.1 a day, the signal at rest being 1 / (2 * 0.85)
    assert early[1, 3] == pytest.approx(np.exp(0.12), rel=REFERENCE)
    assert early[1, :3] == pytest.approx([1e7, 2e9, 4e8], rel=REFERENCE)


def test_half_the_marrow_is_leukaemic_when_the_source_of_the_values_of_stiehl_says() -> None:
    days = np.arange(0.0, 301.0)

    blasts = follow(STIEHL, days, ("marrow_blasts",))[:, 0]

    assert np.interp(0.5, blasts, days) == pytest.approx(175.0, abs=5.0)  # its words: about 175; figure 3A: 200


def test_white_cells_of_jost_settle_where_division_balances_the_drug() -> None:
    effect = 7.94 * np.log(1.05)

    late = follow(JOST, np.array([0.0, 400.0]), ("white_cells",), {"cytarabine": 0.05})[-1, 0]

    assert late == pytest.approx(4.67 * (1.0 - effect) ** (1.0 / 0.651), rel=1e-4)  # (1 - E) (B/W)^gamma = 1


@pytest.mark.parametrize("cytarabine", [0.0, 0.05, 2.0])
def test_blasts_of_jost_start_at_their_rate(cytarabine: float) -> None:
    effect = 7.94 * np.log(1.0 + cytarabine)
    growth = 0.1 * (2 * 0.875 / (1.0 + 0.01 * 4.67) - 1.0 - effect)

    early = follow(JOST, np.array([0.0, 1e-3]), ("dividing_blasts",), {"cytarabine": cytarabine})[-1, 0]

    assert early == pytest.approx(0.04 * np.exp(1e-3 * growth), rel=REFERENCE)


def test_neutrophils_of_friberg_fall_and_recover_when_the_figure_says() -> None:
    days = np.arange(0.0, 25.0, 0.05)

    cells = follow(FRIBERG, days, ("circulating",))[:, 0]

    assert 7.0 <= days[cells.argmin()] <= 9.0  # figure 4 for docetaxel, read by eye: day 7 (a note), 9 (the points)
    assert cells.min() == pytest.approx(0.6, abs=0.3)  # the same; an eye errs by a twentieth of the axis of 6
    assert days[cells.argmax()] == pytest.approx(20.0, abs=1.0)  # the same: the overshoot


def test_car_t_cells_of_stein_meet_their_closed_form() -> None:
    days = np.array([0.0, 3.0, 9.3, 9.4, 28.0, 100.0, 400.0, 1000.0])
    after = days - 9.3
    contracting = 24000.0 * (0.9921 * np.exp(-0.16 * after) + 0.0079 * np.exp(-0.0032 * after))
    expected = np.where(after < 0.0, 24000.0 / 3900.0 * 3900.0 ** (np.minimum(days, 9.3) / 9.3), contracting)

    found = follow(STEIN, days, ("transgene",))[:, 0]

    assert found == pytest.approx(expected, rel=REFERENCE)


def test_the_equilibrium_of_de_pillis_with_a_large_tumour_is_the_start_of_its_file() -> None:
    late = follow(DE_PILLIS, np.array([0.0, 100.0]), ("nk", "t_cells", "lymphocytes"))[-1]

    assert late == pytest.approx([2.5e8, 5.268e5, 2.25e9], rel=0.005)  # published to two digits at least


def test_the_drug_of_de_pillis_settles_and_kills() -> None:
    given_drug = {"drug_infusion": 0.5}
    late = follow(DE_PILLIS, np.array([0.0, 60.0]), ("drug", "tumour"), given_drug)[-1]
    lymphocytes = follow(DE_PILLIS, np.array([0.0, 2000.0]), ("lymphocytes",), given_drug)[-1, 0]
    kill = 0.034 * (1.0 - np.exp(-1.8328 * 0.5 / 0.5199))

    assert late[0] == pytest.approx(0.5 / 0.5199, rel=REFERENCE)  # v / gamma
    assert late[1] < follow(DE_PILLIS, np.array([0.0, 60.0]), ("tumour",))[-1, 0]
    assert lymphocytes == pytest.approx(2.25e9 * 0.0063 / (0.0063 + kill), rel=REFERENCE)


def clapp(_: float, y: Floats) -> list[float]:
    lower, upper, loss = 6.001e4, 1.754e5, 0.187
    shape = 1.0 / (1.0 + y[3] ** 2 / (lower * upper))
    kill = 4.021e-8 * y[4] * shape
    return [
        0.0247 * y[1] - 0.0027 * y[0] - kill * y[0],
        0.0027 * y[0] - 0.0247 * y[1] + 0.08 * y[1] * (1 - y[1] / 4.2872) - 0.00225 * y[1] - kill * y[1],
        24.0005 / 9.944 * y[1] - 0.006 * y[2] - kill * y[2],
        899.982 / 131.016 * y[2] - 0.0375 * y[3] - kill * y[3],
        120.0 * loss - loss * y[4] + loss * (1 / lower + 1 / upper) * y[3] * y[4] * shape,
    ]


def stiehl(_: float, y: Floats) -> list[float]:
    x = 2.3 * 4e8 / (0.1 * 1e7)
    later = 0.85 * (2 - x) / (1 - x)
    speed = 0.1 * (1e7 / 2e9) / (1 - later / 0.85)
    signal = 1 / (1 + 0.7 / 4e8 * (y[2] + y[5]))
    found: list[float] = []
    for (first, second, third), renewal, division, slow, loss in (
        (y[:3], 0.85, 0.1, speed, 2.3),
        (y[3:], 1.36, 0.2, speed / 2, 0.575),
    ):
        found += [
            (2 * renewal * signal - 1) * division * first,
            2 * (1 - renewal * signal) * division * first + (2 * later * signal - 1) * slow * second,
            2 * (1 - later * signal) * slow * second - loss * third,
        ]
    return found


def friberg(_: float, y: Floats) -> list[float]:
    k12, k21, k13, k31, k10 = (24 * each for each in (1.06, 1.51, 1.26, 0.084, 5.2))
    step = 24 * 4 / 88.7
    plasma, second, third, dividing, *chain = y
    feedback = (5.05 / chain[-1]) ** 0.161
    before = [dividing, *chain]
    return [
        -(k12 + k13 + k10) * plasma + k21 * second + k31 * third,
        k12 * plasma - k21 * second,
        k13 * plasma - k31 * third,
        step * dividing * ((1 - 8.58 * plasma / 7.4) * feedback - 1),
        *(step * (one - other) for one, other in zip(before, chain, strict=False)),
    ]


def de_pillis(_: float, y: Floats) -> list[float]:
    tumour, nk, cells, lymphocytes, drug, il2 = y
    ratio = (cells / tumour) ** 2.09
    half = il2 / (2503.6 + il2)
    return [
        0.431 * tumour * (1 - 1.02e-9 * tumour) - 2.9077e-13 * nk * tumour - 2.34 * ratio / (3.8e-3 + ratio) * tumour,
        0.0125 * (0.111 * lymphocytes - nk) - 2.794e-13 * nk * tumour + 0.0668 * nk * il2 / (2.5036e5 + il2),
        -2.5036e-3 * 9e-3 * cells / (2.5036e-3 + il2)
        + 0.01245 * tumour / (2.019e7 + tumour) * cells
        - 3.422e-10 * cells * tumour
        + (2.9077e-11 * nk + 5.8467e-13 * lymphocytes) * tumour
        - 4.417e-14 * cells**2 * lymphocytes * half
        + 2.971 * cells * half,
        0.0063 * (2.25e9 - lymphocytes),
        -0.5199 * drug,
        -11.7427 * il2 + 2.38405e-7 * lymphocytes + 0.07874 * cells * half,
    ]


@pytest.mark.parametrize(
    ("name", "right_hand_side", "days"),
    [(CLAPP, clapp, 400.0), (STIEHL, stiehl, 150.0), (FRIBERG, friberg, 25.0), (DE_PILLIS, de_pillis, 60.0)],
)
def test_a_second_implementation_in_plain_numbers_agrees(
    name: str, right_hand_side: Callable[[float, Floats], list[float]], days: float
) -> None:
    times = np.linspace(0.0, days, 11)
    found = follow(name, times, states(name))

    with np.errstate(under="ignore"):
        other = solve_ivp(
            right_hand_side, (0.0, days), found[0], method="LSODA", t_eval=times, rtol=1e-10, atol=1e-10
        ).y.T

    scale = np.array([state.size for state in published_model(name).states])
    assert (np.abs(found - other) <= SCIPY * (np.abs(other) + 1e-2 * scale)).all()


@pytest.mark.parametrize("name", REST)
def test_a_state_of_rest_stays_and_no_drug_changes_nothing(name: str) -> None:
    found = follow(name, np.array([0.0, 1.0, 30.0]), states(name), REST[name])

    assert found[1:] == pytest.approx(found[[0, 0]], rel=REFERENCE, abs=1e-12)


def moved(name: str, by: float, seed: int) -> dict[str, float]:
    """Return a model's parameters, each moved at random; what is zero stays zero."""
    system = published_model(name)
    chance = np.random.default_rng(seed)
    return {key: value * float(np.exp(by * chance.standard_normal())) for key, value in typical(system, {}).items()}


@pytest.mark.parametrize("name", PUBLISHED)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), by=st.floats(0.0, 0.1))
def test_states_stay_positive_and_the_fast_engine_agrees_with_the_plain_one(name: str, seed: int, by: float) -> None:
    times = np.linspace(0.0, 30.0, 7)
    sizes = np.array([state.size for state in published_model(name).states])

    fast, plain = (
        follow(name, times, states(name), moved(name, by, seed), tolerance=USUAL, backend=backend)
        for backend in (Backend.CPU, Backend.REFERENCE)
    )

    assert np.isfinite(fast).all()
    assert (fast >= -USUAL.relative * sizes).all()
    assert (np.abs(fast - plain) <= AGREEMENT * (np.abs(plain) + 1e-2 * sizes)).all()


def test_the_page_of_published_models_is_of_the_models_as_they_stand() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python validation/published_models.py"
