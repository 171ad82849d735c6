"""Engineered interleukin-2 beside aldesleukin in one model."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import ModelError, RegimenError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.component import parameters_of
from trialeukin.model.components.engineered_kinetics import EngineeredIl2, engineered, rezpegaldesleukin
from trialeukin.model.compose import compose
from trialeukin.model.system import System
from trialeukin.model.whole import model, of_products
from trialeukin.population.cohort import typical_values
from trialeukin.regimen.administration import Route
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse
from trialeukin.regimen.products import amount_in, product

Follow = Callable[..., dict[str, Floats]]
MODEL = "il2-products"
SOLVER = 1e-6  # two systems of one solution, each followed to 1e-7 a step, relative to a state's largest value
DAYS = np.array([0.0, 0.3, 1.0, 2.0, 4.9, 8.0, 15.0, 27.9, 40.0])
ALONE = {
    "low": "aldesleukin 1 MIU/m2/day sc days 1-28",
    "infused": "aldesleukin 18 MIU/m2/day civ days 1-5",
    "high": "aldesleukin 720000 IU/kg iv bolus three times daily days 1-4",
    "another name": "teceleukin 1 MIU/m2/day counted as 3 IU sc days 1-14",
}


def number(value: float, unit: str) -> Parameter:
    return Parameter(
        value=value, unit=unit, between_patients=0.0, uncertainty=0.0, source=assumed("to try"), meaning="x"
    )


def candidate(prefix: str, drug: str, *, alpha: float | None, beta_gamma: float = 1.9) -> EngineeredIl2:
    return EngineeredIl2(
        prefix=prefix,
        drug=drug,
        half_life=number(1.0, "day"),
        alpha_constant=None if alpha is None else number(alpha, "nmol/L"),
        beta_gamma_constant=number(beta_gamma, "nmol/L"),
        routes=(Route.SC, Route.IV_BOLUS),
    )


def course(system: System, text: str, names: tuple[str, ...]) -> dict[str, Floats]:
    """Follow a typical adult; whatever its drug, a mass of it is taken for that of aldesleukin."""
    doses = planned_doses(
        system,
        expand(parse(text)),
        bsa=np.array([1.8]),
        weight=np.array([70.0]),
        amount_in=lambda _, amount, source, target: amount_in("aldesleukin", amount, source, target),
    )
    problem = Problem(
        system=system,
        parameters=typical_values(system)[None, :],
        doses=doses,
        horizon=41.0,
        save_times=DAYS,
        save=names,
        examinations=np.zeros(0),
        tolerance=Tolerance(relative=1e-7),
    )
    values = solve(problem).values[0]
    return {name: values[:, place] for place, name in enumerate(names)}


@pytest.mark.parametrize("text", ALONE.values(), ids=ALONE)
def test_aldesleukin_alone_does_what_it_does_in_the_fitted_model(follow: Follow, text: str) -> None:
    names = [state.name for state in model("il2-immune").states]

    fitted, found = (follow(name, text, DAYS, names) for name in ("il2-immune", MODEL))

    for name in names:
        scale = np.abs(fitted[name]).max()
        np.testing.assert_allclose(found[name], fitted[name], atol=SOLVER * scale, rtol=0.0, err_msg=name)


def test_every_cell_feels_aldesleukin_alone_as_the_plasma_has_it(follow: Follow) -> None:
    felt = [f"il2_at_{cell}" for cell in ("treg", "cd4", "cd8", "nk_bright", "nk_dim")]

    found = follow(MODEL, ALONE["infused"], np.array([0.3, 3.0, 5.5]), [*felt, "il2_concentration"])

    for name in felt:
        np.testing.assert_allclose(found[name], found["il2_concentration"], rtol=1e-8)


def test_the_affinity_that_clears_aldesleukin_is_the_one_its_product_states() -> None:
    known = product("aldesleukin").pharmacology
    assert known is not None

    clearing = model(MODEL).parameters["intermediate_affinity_constant"]

    assert isinstance(known.beta_gamma, Parameter)
    assert (clearing.value, clearing.unit) == (known.beta_gamma.value, known.beta_gamma.unit)
    assert clearing.source == known.beta_gamma.source


def test_without_a_dose_of_an_engineered_drug_its_numbers_change_nothing(follow: Follow) -> None:
    names = ["treg", "cd8", "nk_dim"]
    tighter = {"rezpegaldesleukin_alpha_constant": 0.01, "rezpegaldesleukin_half_life": 100.0}

    plain, changed = (follow(MODEL, ALONE["low"], DAYS, names, **numbers) for numbers in ({}, tighter))

    for name in names:
        np.testing.assert_allclose(changed[name], plain[name], rtol=1e-12)


def test_two_products_that_bind_alike_do_what_one_does_at_the_sum_of_doses() -> None:
    both = compose(
        "both",
        of_products(
            candidate("first_", "rezpegaldesleukin", alpha=10.0), candidate("second_", "efavaleukin", alpha=10.0)
        ),
    )
    names = ("treg", "cd4", "cd8", "nk_bright", "nk_dim", "il2_at_treg", "il2_at_cd8")

    together = course(both, "rezpegaldesleukin 20 ug sc day 1 + efavaleukin 40 ug sc day 1", names)
    alone = course(both, "rezpegaldesleukin 60 ug sc day 1", names)

    for name in names:
        scale = np.abs(alone[name]).max()
        np.testing.assert_allclose(together[name], alone[name], atol=SOLVER * scale, rtol=0.0, err_msg=name)


def test_a_product_that_does_not_bind_cd25_is_felt_more_by_cd8_and_nk_than_by_treg() -> None:
    blind, native = (compose("one", of_products(candidate("one_", "THOR-707", alpha=alpha))) for alpha in (None, 10.0))
    names = ("il2_at_treg", "il2_at_cd8", "il2_at_nk_dim", "one_concentration")

    without, with_cd25 = (course(system, "THOR-707 100 ug iv bolus day 1", names) for system in (blind, native))

    at_a_day = list(DAYS).index(1.0)
    level = without["one_concentration"][at_a_day]
    assert without["il2_at_treg"][at_a_day] < 0.1 * level  # Treg lose what CD25 gave them
    assert without["il2_at_nk_dim"][at_a_day] == pytest.approx(level, rel=0.05)  # 22 CD25 beside 9,000 CD122
    assert with_cd25["il2_at_treg"][at_a_day] == pytest.approx(level, rel=1e-8)


def test_an_engineered_product_has_the_half_life_of_its_source(follow: Follow) -> None:
    times = np.array([20.0, 29.8])

    found = follow(MODEL, "rezpegaldesleukin 28 ug/kg sc day 1", times, ["rezpegaldesleukin_concentration"])

    first, second = found["rezpegaldesleukin_concentration"]
    assert second == pytest.approx(first / 2.0, rel=1e-3)  # 9.8 days; what is absorbed last weighs 2^-20


def test_more_of_a_product_is_more_response(follow: Follow) -> None:
    rises = [
        follow(MODEL, f"rezpegaldesleukin {dose} ug/kg sc day 1", np.array([0.0, 10.0]), ["treg", "nk_dim", "cd8"])
        for dose in (0.3, 3.0, 28.0)
    ]

    for name in ("treg", "nk_dim", "cd8"):
        values = [rise[name][1] for rise in rises]
        assert values == sorted(values)
        assert values[0] > rises[0][name][0]


@pytest.mark.parametrize(
    ("regimen", "lacks"),
    [
        ("artistry-1", "nemvaleukin iv enters nowhere in model il2-products: no source at hand gives its half-life"),
        ("hammer", "THOR-707 iv enters nowhere .* gives its half-life in people, molar mass"),
        ("bentebibel-2019", "bempegaldesleukin iv .* gives its affinity to CD25, affinity to CD122/CD132, half-life"),
    ],
)
def test_a_product_of_unknown_kinetics_is_refused_with_what_is_missing(regimen: str, lacks: str) -> None:
    one = np.array([1.0])

    with pytest.raises(ModelError, match=lacks):
        planned_doses(model(MODEL), expand(load(regimen)), bsa=one, weight=one)


def test_a_product_by_a_route_it_was_not_given_by_is_refused_for_its_route() -> None:
    one = np.array([1.0])

    with pytest.raises(RegimenError, match=r"rezpegaldesleukin is not given 'iv bolus' by any source at hand"):
        parse("rezpeg 1 mg iv bolus day 1")
    with pytest.raises(ModelError, match=r"histamine sc enters nowhere in model il2-products: it takes"):
        planned_doses(model(MODEL), expand(parse("histamine 0.5 mg sc day 1")), bsa=one, weight=one)


def test_kinetics_are_made_of_a_product_only_where_its_sources_give_all() -> None:
    known = product("nemvaleukin")
    assert known.pharmacology is not None
    complete = replace(
        known,
        molar_mass=number(15300.0, "g/mol"),
        pharmacology=replace(known.pharmacology, half_life=number(5.0, "hour")),
    )

    made = engineered(complete)

    assert made.alpha_constant is None
    assert set(parameters_of(made)) == {
        "nemvaleukin_half_life",
        "nemvaleukin_beta_gamma_constant",
        "nemvaleukin_volume",
        "nemvaleukin_absorption_half_life",
    }
    with pytest.raises(ModelError, match="nemvaleukin cannot be followed: no source at hand gives its half-life"):
        engineered(known)
    with pytest.raises(ModelError, match="cytarabine is not known as an engineered interleukin-2"):
        engineered(product("cytarabine"))
    with pytest.raises(ModelError, match="prefix 'two words_'"):
        replace(made, prefix="two words_")


def test_what_is_assumed_of_rezpegaldesleukin_is_marked_and_far_from_certain() -> None:
    numbers = parameters_of(rezpegaldesleukin())

    for name in ("rezpegaldesleukin_alpha_constant", "rezpegaldesleukin_beta_gamma_constant"):
        assert numbers[name].source.assumed
        assert numbers[name].uncertainty > 1.0
    assert not numbers["rezpegaldesleukin_half_life"].source.assumed
