"""Parameters at other values than their own, for one run."""

import pytest

from trialeukin.core.errors import StudyError
from trialeukin.model.whole import model
from trialeukin.population.changed_parameters import with_changed_parameters, with_changes
from trialeukin.population.cohort import adapted
from trialeukin.population.description import ChangedParameter, load_description

CLEARANCE = "il2_linear_clearance"


def test_a_value_may_have_any_unit_that_measures_the_same() -> None:
    system, adults = model("il2-immune"), load_description("aml-cr1-adults")
    change = ChangedParameter(name=CLEARANCE, reason="of the label", value=6.0, unit="L/h/m^2")

    found = adapted(system, with_changes(adults, system, (change,)))

    before, after = system.parameters[CLEARANCE], found.parameters[CLEARANCE]
    assert after.value == pytest.approx(100.0)  # mL/min/m^2
    assert (after.unit, after.between_patients, after.uncertainty) == (
        before.unit,
        before.between_patients,
        before.uncertainty,
    )
    assert str(after.source) == "assumed: of the label"
    assert {name: each for name, each in found.parameters.items() if name != CLEARANCE} == {
        name: each for name, each in system.parameters.items() if name != CLEARANCE
    }


def test_a_multiple_is_of_what_the_cohort_has_and_keeps_its_spreads() -> None:
    system, children = model("aml-refractory"), load_description("aml-refractory-8-to-15")
    name, own = next((name, each) for name, each in children.parameters.items() if each.value > 0.0)
    change = ChangedParameter(name=name, reason="what if", times=0.5)

    found = with_changes(children, system, (change,)).parameters[name]

    assert found.value == 0.5 * own.value != 0.5 * system.parameters[name].value
    assert (found.between_patients, found.uncertainty) == (own.between_patients, own.uncertainty)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ChangedParameter(name="il2_clearance", reason="x"),
            r"no parameter 'il2_clearance'.*did you mean 'il2_linear_cl",
        ),
        (ChangedParameter(name="body_surface_area", reason="x", times=2.0), "is a covariate, drawn for every patient"),
        (ChangedParameter(name=CLEARANCE, reason="x", value=2.0, unit="h"), "2 h cannot be given in mL/min/m.2"),
        (ChangedParameter(name=CLEARANCE, reason="x", value=2.0), "2 without a unit cannot be given in mL/min/m.2"),
        (
            ChangedParameter(name="il2_bioavailability_sc", reason="x", times=2.0),
            "a fraction between 0 and 1; it is 0.5453$",
        ),
    ],
)
def test_a_change_that_means_nothing_is_refused_by_name(change: ChangedParameter, said: str) -> None:
    system, adults = model("il2-immune"), load_description("aml-cr1-adults")

    with pytest.raises(StudyError, match=said):
        with_changes(adults, system, (change,))


def test_a_model_without_patients_has_the_value_and_the_reason_too() -> None:
    system = model("il2-pharmacokinetics")
    changes = (
        ChangedParameter(name=CLEARANCE, reason="of the label", value=6.0, unit="L/h/m^2"),
        ChangedParameter(name="body_surface_area", reason="a child", times=0.5),
    )

    found = with_changed_parameters(system, changes)

    assert found.parameters[CLEARANCE].value == pytest.approx(100.0)  # mL/min/m^2
    assert found.parameters["body_surface_area"].value == 0.5 * system.parameters["body_surface_area"].value
    assert str(found.parameters[CLEARANCE].source) == "assumed: of the label"
    assert system.parameters[CLEARANCE].value < 100.0
    for name, words in (("clearance", "has no parameter 'clearance'"), (CLEARANCE, f"{CLEARANCE}: 1 kg cannot be")):
        change = ChangedParameter(name=name, reason="what if", value=1.0, unit="kg")
        with pytest.raises(StudyError, match=words):
            with_changed_parameters(system, (change,))
