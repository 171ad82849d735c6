"""What failing kidneys do to clearance, and to nothing else."""

from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import StudyError
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_cohort, draw_typical
from trialeukin.population.description import Description, parse_description
from trialeukin.population.kidneys import LINEAR_CLEARANCE, WITHOUT_KIDNEYS, clearance_factors

ADULTS = resources.files("trialeukin.population").joinpath("cohorts/aml-cr1-adults.toml").read_text(encoding="utf-8")
KIDNEYS = '\n[kidneys]\nfunction = {}\nsource = {{ key = "assumed", place = "an example" }}\n'


def with_kidneys(function: str) -> Description:
    return parse_description(ADULTS + KIDNEYS.format(function), place="mine.toml")


@pytest.fixture(scope="module")
def system() -> System:
    return model("il2-pharmacokinetics")


def test_without_kidneys_linear_clearance_is_what_was_seen_on_dialysis(system: System) -> None:
    """Kamikawa 2008: about 40 % of the clearance with normal kidneys."""
    assert clearance_factors(system, 0.0) == {LINEAR_CLEARANCE: 0.4}
    assert clearance_factors(system, 1.0) == {LINEAR_CLEARANCE: 1.0}


@given(st.floats(0.0, 1.0))
def test_clearance_lies_between_the_two_states_that_were_observed(function: float) -> None:
    (factor,) = clearance_factors(model("il2-pharmacokinetics"), function).values()

    assert WITHOUT_KIDNEYS.value <= factor <= 1.0


def test_every_patient_clears_less_at_any_draw_and_is_otherwise_the_same(system: System) -> None:
    who = np.arange(8)
    healthy, failing = parse_description(ADULTS, place="mine.toml"), with_kidneys("0.5")
    column = list(system.parameters).index(LINEAR_CLEARANCE)

    for typical in (None, draw_typical(system, seed=3, draws=np.arange(1))[0]):
        usual, less = (draw_cohort(each, system, seed=3, patients=who, typical=typical) for each in (healthy, failing))
        ratios = less.parameters / np.where(usual.parameters == 0.0, 1.0, usual.parameters)

        assert ratios[:, column] == pytest.approx(0.7)  # 0.4 + 0.6 / 2
        np.testing.assert_array_equal(np.delete(less.parameters, column, 1), np.delete(usual.parameters, column, 1))


def test_a_function_above_the_usual_is_refused_at_its_spot() -> None:
    with pytest.raises(StudyError, match=r"mine\.toml, kidneys\.function: .*less than or equal to 1.*1\.5"):
        with_kidneys("1.5")


def test_a_model_without_the_clearance_says_so(system: System) -> None:
    with pytest.raises(StudyError, match=r"kidneys\.function 0\.5: model bare has no parameter 'il2_linear_clearance'"):
        clearance_factors(replace(system, name="bare", parameters={}), 0.5)
