"""IL-2 in plasma: conservation, limits that have a closed form, and routes."""

from collections.abc import Callable

import numpy as np
import pytest
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.model.system import System, symbol
from trialeukin.model.whole import model
from trialeukin.regimen.administration import Route
from trialeukin.regimen.products import product, to_pmol

AMOUNTS = ("il2_depot", "il2_transit", "il2_cavity", "il2_central", "il2_peripheral")
SOLVER = 1e-4  # a relative tolerance of 1e-7 a step, over some hundred steps
NO_RECEPTORS = 1e-12
MODEL = "il2-pharmacokinetics"
Follow = Callable[..., dict[str, Floats]]


def value(system: System, name: str) -> float:
    return system.parameters[name].value


def linear_clearance(system: System) -> float:
    return value(system, "il2_linear_clearance") * 1.44 * value(system, "body_surface_area")  # L/day


def test_what_leaves_the_body_is_cleared_and_nothing_else() -> None:
    system = model("il2-immune")
    concentration, surface = symbol("il2_concentration"), symbol("body_surface_area")

    change = sympy.Add(*(term.rate for term in system.terms if term.state in AMOUNTS))

    litres_a_day = sympy.Rational(36, 25) * symbol("il2_linear_clearance") * surface + symbol("il2_receptor_clearance")
    assert sympy.simplify(change + litres_a_day * concentration) == 0


def test_every_route_of_every_il2_drug_enters_once() -> None:
    entries = [(entry.drug, route) for entry in model(MODEL).inputs for route in entry.routes]

    assert len(entries) == len(set(entries))
    assert set(entries) == {(drug, route) for drug in ("aldesleukin", "teceleukin", "RU 49637") for route in Route}


@pytest.mark.parametrize(
    ("route", "share"),
    [
        ("iv bolus", None),
        ("iv over 6 h", None),
        ("sc", "il2_bioavailability_sc"),
        ("im", "il2_bioavailability_im"),
        ("ip", "il2_bioavailability_ip"),
    ],
)
def test_without_receptors_exposure_is_dose_times_share_over_clearance(
    follow: Follow, route: str, share: str | None
) -> None:
    system = model(MODEL)
    reaching = to_pmol(18.0, "MIU", product("aldesleukin")) * (1.0 if share is None else value(system, share))

    course = follow(
        MODEL, f"aldesleukin 18 MIU {route} day 1", np.array([0.0, 12.0]), ["il2_auc"], receptor_access=NO_RECEPTORS
    )

    assert course["il2_auc"][1] == pytest.approx(reaching / linear_clearance(system), rel=SOLVER)


def test_a_bolus_starts_at_dose_over_volume(follow: Follow) -> None:
    system = model(MODEL)
    volume = value(system, "il2_central_volume") * value(system, "body_surface_area")
    expected = to_pmol(6.0, "MIU", product("aldesleukin")) / volume
    a_second = 1.0 / 86400.0

    course = follow(MODEL, "aldesleukin 6 MIU iv bolus day 1", np.array([a_second]), ["il2_concentration"])

    assert course["il2_concentration"][0] == pytest.approx(expected, rel=2e-3)  # at some 80 losses a day it loses 1e-3


def test_without_receptors_a_bolus_has_the_half_lives_its_rates_were_solved_from(follow: Follow) -> None:
    clearance = 122.0 / value(model(MODEL), "body_surface_area")
    times = np.array([180.0, 240.0]) / 1440.0

    levels = follow(
        MODEL,
        "aldesleukin 6 MIU iv bolus day 1",
        times,
        ["il2_concentration"],
        receptor_access=NO_RECEPTORS,
        il2_linear_clearance=clearance,
    )["il2_concentration"]

    half_life = np.log(2.0) * 60.0 / np.log(levels[0] / levels[1])
    assert half_life == pytest.approx(85.0, rel=0.02)  # Konrad 1990, to 4 h; 1 % of the first phase is left


def test_receptor_clearance_without_drug_is_the_sum_of_sites_over_affinity(follow: Follow) -> None:
    system = model(MODEL)
    counts = {"treg": 58.0, "cd4": 803.0, "cd8": 505.0}
    sites = {"treg": 657.0, "cd4": 158.0, "cd8": 22.0}
    high = 50.0 * sum(counts[cell] * sites[cell] for cell in counts) + 20.0 * 21.7 * 1200.0
    low = 50.0 * 505.0 * 489.0 + 20.0 * (21.7 * 9600.0 + 195.3 * 9000.0)
    picomoles = 5.04e6 * (high / 25.0 + low / 1900.0) / 6.02214076e11  # 5.04 L of blood

    seen = follow(MODEL, "aldesleukin 1 IU sc day 1", np.array([0.0]), ["il2_receptor_clearance"])

    by_hand = value(system, "receptor_access") * picomoles * np.log(2.0) / 12.5 * 1440.0
    assert seen["il2_receptor_clearance"][0] == pytest.approx(by_hand, rel=1e-6)


def test_receptors_saturate(follow: Follow) -> None:
    low, high = (
        follow(MODEL, f"aldesleukin {dose} MIU/m2 iv over 2 h day 1", np.array([1 / 12, 2.0]), ["il2_auc"])
        for dose in (0.1, 60.0)
    )

    assert high["il2_auc"][1] / low["il2_auc"][1] > 1.1 * 600.0  # a linear model gives the ratio of doses, 600


def test_more_drug_is_more_exposure_on_every_route(follow: Follow) -> None:
    doses = (0.1, 1.0, 5.0, 20.0)

    for route in ("iv bolus", "civ", "sc", "im", "ip"):
        areas = [
            follow("il2-immune", f"aldesleukin {dose} MIU/m2 {route} days 1-3", np.array([4.0]), ["il2_auc"])[
                "il2_auc"
            ][0]
            for dose in doses
        ]

        assert (np.diff(areas) > 0.0).all(), route


def test_a_dose_per_square_metre_gives_every_body_the_same_exposure(follow: Follow) -> None:
    times = np.linspace(0.0, 3.0, 13)
    large = follow("il2-immune", "aldesleukin 5 MIU/m2 sc days 1-2", times, ["il2_concentration"])

    # half the surface with half the dose
    small = follow(
        "il2-immune", "aldesleukin 2.5 MIU/m2 sc days 1-2", times, ["il2_concentration"], body_surface_area=0.9
    )

    np.testing.assert_allclose(small["il2_concentration"], large["il2_concentration"], rtol=SOLVER, atol=1e-9)
