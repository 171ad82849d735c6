from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.errors import ParameterError
from trialeukin.model.joint import JointUncertainty
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_typical

DRAWS = 4_000
FOUR_ERRORS = 4.0 / np.sqrt(DRAWS)  # of a correlation or a standard deviation of one
TIED = JointUncertainty(
    names=("receptor_access", "cd4_high_sites"), spreads=(0.5, 0.6), correlation=((1.0, -0.8), (-0.8, 1.0))
)


def test_tied_deviations_have_the_correlation_asked_for_and_stay_standard_normal() -> None:
    generator = np.random.default_rng(5)
    independent = {name: generator.standard_normal(DRAWS) for name in TIED.names}

    access, sites = TIED.tied(independent).values()

    assert np.corrcoef(access, sites)[0, 1] == pytest.approx(-0.8, abs=FOUR_ERRORS)
    assert access.std() == pytest.approx(1.0, abs=FOUR_ERRORS)
    assert sites.std() == pytest.approx(1.0, abs=FOUR_ERRORS)


def test_what_is_not_known_is_drawn_tied_together_and_with_the_spread_printed() -> None:
    system = model("il2-immune")
    places = [list(system.parameters).index(name) for name in TIED.names]

    drawn = np.log(draw_typical(replace(system, joint=TIED), seed=1, draws=np.arange(DRAWS)))[:, places]

    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(-0.8, abs=FOUR_ERRORS)
    spread = system.parameters["receptor_access"].uncertainty
    assert drawn[:, 0].std() == pytest.approx(spread, rel=FOUR_ERRORS)


def test_a_part_of_a_joint_distribution_is_its_margin() -> None:
    part = TIED.of(frozenset({"cd4_high_sites", "something_else"}))

    assert part == JointUncertainty(names=("cd4_high_sites",), spreads=(0.6,), correlation=((1.0,),))


def test_nothing_tied_moves_nothing() -> None:
    assert JointUncertainty().tied({}) == {}


@pytest.mark.parametrize(
    ("correlation", "message"),
    [
        (((1.0, 0.5), (0.4, 1.0)), "symmetric"),
        (((2.0, 0.5), (0.5, 1.0)), "ones on its diagonal"),
        (((1.0, 1.5), (1.5, 1.0)), "no distribution"),
        (((1.0,),), "square matrix"),
    ],
)
def test_what_is_no_correlation_is_refused(correlation: tuple[tuple[float, ...], ...], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        JointUncertainty(names=("a", "b"), spreads=(1.0, 1.0), correlation=correlation)


def test_the_spread_of_every_tied_parameter_is_that_of_the_joint_distribution() -> None:
    system = model("aml-maintenance")

    shown = [system.parameters[name].uncertainty for name in system.joint.names]

    assert shown == list(system.joint.spreads)
    assert "receptor_access" in system.joint.names


def test_two_distributions_beside_each_other_are_not_tied() -> None:
    other = JointUncertainty(names=("age_effect",), spreads=(0.1,), correlation=((1.0,),))

    both = TIED.beside(other)

    assert both.names == (*TIED.names, "age_effect")
    np.testing.assert_array_equal(both.matrix(), [[1.0, -0.8, 0.0], [-0.8, 1.0, 0.0], [0.0, 0.0, 1.0]])
