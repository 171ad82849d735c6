"""Binding of one or more ligands to two receptors of a cell, in closed form."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import fsolve

from trialeukin.core.errors import ModelError
from trialeukin.model.components.receptor_numbers import CROSS_LINKING_ON_NK
from trialeukin.model.components.ternary_binding import (
    Constants,
    Loads,
    bridged,
    engaged,
    equivalent,
    free_cd122,
    hold,
    load,
)

ALPHA, BETA_GAMMA, CROSS_LINKING = 10_000.0, 1_900.0, 23.0  # pM, pM, sites a cell
NATIVE = Constants(
    alpha=sympy.Float(ALPHA), beta_gamma=sympy.Float(BETA_GAMMA), cross_linking=sympy.Float(CROSS_LINKING)
)
CELLS = {
    "Treg": (3476.0, 657.0),
    "CD4": (329.0, 158.0),
    "CD8": (22.0, 511.0),
    "NK": (22.0, 8503.0),
    "none": (0.0, 500.0),
}
ROUNDING = 1e-9  # relative: differences of nearly equal sites lose up to six of sixteen digits
EXACT = 1e-12

concentrations = st.floats(-4.0, 5.5).map(lambda exponent: 10.0**exponent)  # 0.1 fM to 0.3 uM
cells = st.sampled_from(sorted(CELLS))
weakening = st.floats(-2.0, 3.0).map(lambda exponent: 10.0**exponent)


def ligand(weaker_alpha: float, weaker_beta_gamma: float) -> Constants:
    return Constants(
        alpha=sympy.Float(ALPHA * weaker_alpha),
        beta_gamma=sympy.Float(BETA_GAMMA * weaker_beta_gamma),
        cross_linking=sympy.Float(CROSS_LINKING * weaker_beta_gamma),
    )


def numbers(loads: Loads, cell: str) -> tuple[float, float, float, float]:
    """Return bridging complexes, free CD122, engagement and equivalent of a cell."""
    cd25, cd122 = CELLS[cell]
    complexes = bridged(loads, cd25, cd122)
    free, ratio = free_cd122(loads, cd122, complexes), engaged(loads, cd25, complexes)
    felt = equivalent(ratio, hold(free, NATIVE), sympy.Float(cd25), NATIVE)
    return tuple(float(each) for each in (complexes, free, ratio, felt))


@pytest.mark.parametrize("cell", ["Treg", "CD4", "NK"])
@pytest.mark.parametrize("concentration", [1.0, 50.0, 2_000.0, 80_000.0])
def test_the_closed_form_solves_the_balance_of_sites(cell: str, concentration: float) -> None:
    cd25, cd122 = CELLS[cell]

    def imbalance(logs: np.ndarray) -> np.ndarray:
        a, b = np.exp(logs)
        x = a * b * concentration / (ALPHA * CROSS_LINKING)
        return np.array(
            [
                (a * (1.0 + concentration / ALPHA) + x) / cd25 - 1.0,
                (b * (1.0 + concentration / BETA_GAMMA) + x) / cd122 - 1.0,
            ]
        )

    free_cd25, free = np.exp(fsolve(imbalance, np.log([0.5 * cd25, 0.5 * cd122]), xtol=1e-13))

    complexes, found, ratio, _ = numbers(load(sympy.Float(concentration), NATIVE), cell)

    assert complexes == pytest.approx(free_cd25 * free * concentration / (ALPHA * CROSS_LINKING), rel=1e-8)
    assert found == pytest.approx(free, rel=1e-8)
    assert ratio * found == pytest.approx(cd122 - free, rel=1e-8)  # what is engaged is what is not free


@settings(max_examples=60, deadline=None)
@given(concentration=concentrations, cell=cells)
def test_aldesleukin_alone_is_felt_as_it_is(concentration: float, cell: str) -> None:
    *_, felt = numbers(load(sympy.Float(concentration), NATIVE), cell)

    assert felt == pytest.approx(concentration, rel=ROUNDING)


@settings(max_examples=60, deadline=None)
@given(concentration=concentrations, share=st.floats(0.0, 1.0), cell=cells)
def test_two_ligands_that_bind_alike_are_felt_as_their_sum(concentration: float, share: float, cell: str) -> None:
    first, second = (sympy.Float(concentration * part) for part in (share, 1.0 - share))

    *_, felt = numbers(load(first, NATIVE) + load(second, ligand(1.0, 1.0)), cell)

    assert felt == pytest.approx(concentration, rel=ROUNDING)


@settings(max_examples=60, deadline=None)
@given(concentration=concentrations, alpha=weakening, beta_gamma=weakening, cell=cells)
def test_no_more_is_bound_than_there_is_and_more_ligand_engages_more(
    concentration: float, alpha: float, beta_gamma: float, cell: str
) -> None:
    cd25, cd122 = CELLS[cell]
    loads = [load(sympy.Float(dose), ligand(alpha, beta_gamma)) for dose in (concentration, 1.5 * concentration)]

    (complexes, free, ratio, felt), (*_, more, more_felt) = (numbers(each, cell) for each in loads)

    assert 0.0 <= complexes <= min(cd25, cd122)
    assert 0.0 < free <= cd122
    assert more > ratio
    assert more_felt > felt


@settings(max_examples=60, deadline=None)
@given(
    concentration=st.floats(-4.0, 0.0).map(lambda exponent: 10.0**exponent),
    weaker=st.floats(-2.0, 2.0).map(lambda exponent: 10.0**exponent),
    cell=cells,
)
def test_a_ligand_that_binds_cd122_weaker_is_weaker_on_every_cell_alike(
    concentration: float, weaker: float, cell: str
) -> None:
    """As long as little of CD25 is taken, here at most 1 %: selectivity lies in the affinity to CD25 alone."""
    *_, felt = numbers(load(sympy.Float(concentration * weaker), ligand(1.0, weaker)), cell)

    taken = concentration * max(1.0, weaker) / ALPHA
    assert felt == pytest.approx(concentration, rel=ROUNDING + 2.0 * taken)  # what is taken is missing for bridges


def test_without_cd25_a_ligand_that_does_not_bind_it_is_felt_by_the_ratio_of_affinities() -> None:
    blind = Constants(alpha=None, beta_gamma=sympy.Float(3.0 * BETA_GAMMA), cross_linking=NATIVE.cross_linking)

    complexes, _, ratio, felt = numbers(load(sympy.Float(300.0), blind), "none")

    assert complexes == 0.0
    assert ratio == pytest.approx(300.0 / (3.0 * BETA_GAMMA), rel=EXACT)
    assert felt == pytest.approx(100.0, rel=EXACT)


def test_without_cd25_binding_all_cells_have_one_ec50() -> None:
    blind = Constants(alpha=None, beta_gamma=sympy.Float(BETA_GAMMA), cross_linking=NATIVE.cross_linking)

    for cell in CELLS:
        assert numbers(load(sympy.Float(BETA_GAMMA), blind), cell)[2] == pytest.approx(1.0, rel=EXACT)


def test_the_cross_linking_constant_before_any_fit_gives_the_high_affinity_it_was_taken_from() -> None:
    """Nagler 1990: 1,200 high-affinity sites beside 9,600 of intermediate affinity; half are bound at 25 pM."""
    native = Constants(
        alpha=sympy.Float(ALPHA),
        beta_gamma=sympy.Float(BETA_GAMMA),
        cross_linking=sympy.Float(CROSS_LINKING_ON_NK.value),
    )

    complexes = float(bridged(load(sympy.Float(25.0), native), sympy.Float(1200.0), sympy.Float(10_800.0)))

    assert complexes == pytest.approx(600.0, rel=2e-3)  # the constant is kept to three digits


def test_an_equivalent_in_a_reference_without_cd25_binding_is_refused() -> None:
    blind = Constants(alpha=None, beta_gamma=sympy.Float(1.0), cross_linking=sympy.Float(1.0))

    with pytest.raises(ModelError, match="must bind CD25"):
        hold(sympy.Float(1.0), blind)
