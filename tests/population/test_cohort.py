from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError, StudyError
from trialeukin.core.parameter import Scale
from trialeukin.model.component import parameters_of
from trialeukin.model.components.death_after_relapse import DeathAfterRelapse
from trialeukin.model.components.death_in_remission import DeathInRemission
from trialeukin.model.components.leukaemia import Leukaemia
from trialeukin.model.components.residual_leukaemia import ResidualLeukaemia
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import Cohort, adapted, draw_cohort, draw_cohorts, draw_typical, typical_values
from trialeukin.population.description import Description, Disease, Override, cohort_names, load_description

SEED = 5
FOUR_ERRORS = 4.0


@pytest.fixture(scope="module")
def system() -> System:
    components = (ResidualLeukaemia(), Leukaemia(), DeathInRemission(), DeathAfterRelapse())
    parameters = {name: value for component in components for name, value in parameters_of(component).items()}
    return System(name="remission", states=(), terms=(), definitions=(), parameters=parameters)


@pytest.fixture(scope="module")
def adults() -> Description:
    return load_description("aml-cr1-adults")


def drawn(description: Description, system: System, patients: Floats | range, **options: object) -> Cohort:
    return draw_cohort(description, system, seed=SEED, patients=np.asarray(patients), **options)  # type: ignore[arg-type]


def column(cohort: Cohort, system: System, name: str) -> Floats:
    return cohort.parameters[:, list(system.parameters).index(name)]


def test_a_patient_is_the_same_person_in_any_cohort_size_and_order(adults: Description, system: System) -> None:
    hundred = drawn(adults, system, range(100))
    shard = drawn(adults, system, [99, 17])

    np.testing.assert_array_equal(shard.parameters, hundred.parameters[[99, 17]])
    for name, values in hundred.covariates.items():
        np.testing.assert_array_equal(shard.covariates[name], values[[99, 17]])


def test_another_seed_draws_other_people(adults: Description, system: System) -> None:
    first = draw_cohort(adults, system, seed=1, patients=np.arange(5))
    second = draw_cohort(adults, system, seed=2, patients=np.arange(5))

    assert not np.isin(first.covariates["age"], second.covariates["age"]).any()


def test_a_parameter_named_as_a_covariate_is_that_covariate(adults: Description, system: System) -> None:
    cohort = drawn(adults, system, range(50))

    for name in ("age", "from_60", "favourable_risk", "adverse_risk", "conventional", "child"):
        np.testing.assert_array_equal(column(cohort, system, name), cohort.covariates[name])


def test_a_patient_deviates_equally_from_any_typical_value(adults: Description, system: System) -> None:
    draws = draw_typical(system, seed=SEED, draws=np.arange(2))
    cohorts = [drawn(adults, system, range(40), typical=typical) for typical in draws]

    logs = [np.log(column(cohort, system, "leukaemia_doubling_time")) for cohort in cohorts]
    burdens = [column(cohort, system, "residual_burden_log10") for cohort in cohorts]

    assert np.ptp(logs[1] - logs[0]) == pytest.approx(0.0, abs=1e-12)
    assert np.ptp(burdens[1] - burdens[0]) == pytest.approx(0.0, abs=1e-12)
    assert logs[0][0] != logs[1][0]


def test_several_typical_values_meet_the_patients_whom_one_meets(adults: Description, system: System) -> None:
    draws, patients = draw_typical(system, seed=SEED, draws=np.arange(3)), np.array([4, 2, 40])

    cohorts = draw_cohorts(adults, system, seed=SEED, patients=patients, typical=draws)

    alone = [drawn(adults, system, patients, typical=typical) for typical in draws]
    assert len(cohorts) == 3
    for several, one in zip(cohorts, alone, strict=True):
        np.testing.assert_array_equal(several.parameters, one.parameters)
        np.testing.assert_array_equal(several.patients, patients)


def test_spreads_between_patients_are_those_of_the_parameters(adults: Description, system: System) -> None:
    patients = 20_000
    error_of_spread = 1.0 / np.sqrt(2.0 * patients)

    cohort = drawn(adults, system, range(patients))

    for name, transform in (("leukaemia_doubling_time", np.log), ("residual_burden_log10", np.asarray)):
        expected = system.parameters[name].between_patients
        spread = transform(column(cohort, system, name)).std()
        assert spread == pytest.approx(expected, rel=FOUR_ERRORS * error_of_spread)


def test_hazard_thresholds_are_exponential_with_mean_one(adults: Description, system: System) -> None:
    patients = 20_000
    error = 0.5 / np.sqrt(patients)  # the largest standard error of a fraction

    thresholds = column(drawn(adults, system, range(patients)), system, "death_in_remission_threshold")

    assert thresholds.mean() == pytest.approx(1.0, abs=FOUR_ERRORS / np.sqrt(patients))
    for quantile in (0.1, 1.0, 3.0):
        assert np.mean(thresholds > quantile) == pytest.approx(np.exp(-quantile), abs=FOUR_ERRORS * error)


def test_what_is_known_exactly_is_not_drawn(system: System) -> None:
    draws = draw_typical(system, seed=SEED, draws=np.arange(30))

    for place, (name, parameter) in enumerate(system.parameters.items()):
        moved = np.ptp(draws[:, place]) > 0.0
        assert moved == (parameter.uncertainty > 0.0), name
        if not moved:
            assert (draws[:, place] == parameter.value).all(), name


def test_typical_values_spread_as_their_uncertainty_says(system: System) -> None:
    count = 4_000
    error_of_spread = 1.0 / np.sqrt(2.0 * count)

    draws = draw_typical(system, seed=SEED, draws=np.arange(count))

    for place, (name, parameter) in enumerate(system.parameters.items()):
        if parameter.uncertainty > 0.0 and parameter.scale is Scale.LOG:
            spread = np.log(draws[:, place]).std()
            assert spread == pytest.approx(parameter.uncertainty, rel=FOUR_ERRORS * error_of_spread), name


def test_a_cohort_may_override_a_parameter_with_a_source(adults: Description, system: System) -> None:
    override = Override.model_validate(
        {"value": 20.0, "between_patients": 0.0, "source": {"key": "assumed", "place": "to test"}}
    )
    slow = adults.model_copy(update={"parameters": {"leukaemia_doubling_time": override}})

    cohort = drawn(slow, system, range(10))
    changed = adapted(system, slow).parameters["leukaemia_doubling_time"]

    assert (column(cohort, system, "leukaemia_doubling_time") == 20.0).all()
    assert changed.source.assumed
    assert changed.uncertainty == system.parameters["leukaemia_doubling_time"].uncertainty


def test_how_many_patients_is_no_index(adults: Description, system: System) -> None:
    with pytest.raises(InputError, match=r"patients 100: give the index of each, such as np.arange\(100\)"):
        draw_cohort(adults, system, seed=1, patients=100)  # type: ignore[arg-type]


def test_overriding_what_the_model_lacks_is_refused(adults: Description, system: System) -> None:
    override = Override.model_validate({"value": 1.0, "source": {"key": "assumed", "place": "to test"}})
    wrong = adults.model_copy(update={"parameters": {"no_such_number": override}})

    with pytest.raises(StudyError, match="no parameter 'no_such_number'"):
        drawn(wrong, system, range(2))


@pytest.mark.parametrize("name", cohort_names())
def test_every_cohort_of_the_package_holds_the_people_it_describes(name: str, system: System) -> None:
    description = load_description(name).model_copy(update={"parameters": {}})  # those belong to other models
    patients = 4_000
    error = 0.5 / np.sqrt(patients)

    overrides = set(description.parameters)
    whole = system if overrides <= set(system.parameters) else model("aml-nk-infusion")  # which has all that are given
    whole = whole if description.transplant is None else model("donor-lymphocytes")

    cohort = drawn(description, whole, range(patients))
    covariates = cohort.covariates

    assert description.cohort.name == name
    assert covariates["age"].min() >= description.age.lowest
    assert covariates["age"].max() <= description.age.highest
    if description.risk is not None and description.monocytic is not None:
        favourable, monocytic = covariates["favourable_risk"], covariates["monocytic"]
        assert favourable.mean() == pytest.approx(description.risk.favourable, abs=FOUR_ERRORS * error)
        assert monocytic.mean() == pytest.approx(description.monocytic.fraction, abs=FOUR_ERRORS * error)
        assert (favourable * covariates["adverse_risk"]).max() == 0.0
    if description.transplant is not None:
        transplant, chimerism = description.transplant, covariates["donor_chimerism"]
        unrelated, months = covariates["unrelated_donor"], covariates["months_since_transplant"]
        assert unrelated.mean() == pytest.approx(transplant.unrelated, abs=FOUR_ERRORS * error)
        assert np.median(months) == pytest.approx(transplant.months_median, rel=0.1)
        assert (chimerism < transplant.chimerism_median).mean() == pytest.approx(0.5, abs=FOUR_ERRORS * error)
        assert covariates["aml"].mean() == float(description.cohort.disease is Disease.AML)
    assert (covariates["child"] * covariates["from_60"]).max() == 0.0
    assert 0.2 < cohort.bsa.min() < cohort.bsa.max() < 3.5
    assert 2.5 < cohort.weight.min() < cohort.weight.max() < 250.0
    if not description.cohort.child:
        assert np.median(cohort.bsa) == pytest.approx(1.84, abs=0.07)  # the evidence tables convert doses with it


def test_typical_values_come_in_the_order_of_the_system(system: System) -> None:
    values = typical_values(replace(system, parameters=dict(system.parameters)))

    np.testing.assert_array_equal(values, [parameter.value for parameter in system.parameters.values()])


def test_typical_values_of_the_control_arms_are_drawn_as_their_fit_ties_them() -> None:
    whole = model("aml-maintenance")
    count = 4_000
    error = 1.0 / np.sqrt(count)
    names = ("residual_burden_log10", "burden_shift_child")
    places = [list(whole.parameters).index(name) for name in names]
    expected = whole.joint.matrix()[tuple(whole.joint.names.index(name) for name in names)]

    draws = draw_typical(whole, seed=SEED, draws=np.arange(count))

    assert expected < -0.3
    assert np.corrcoef(draws[:, places].T)[0, 1] == pytest.approx(expected, abs=FOUR_ERRORS * error)


def test_a_parameter_that_a_cohort_overrides_is_tied_to_no_other(adults: Description) -> None:
    override = Override.model_validate(
        {"value": 20.0, "uncertainty": 0.0, "source": {"key": "assumed", "place": "to test"}}
    )
    certain = adults.model_copy(update={"parameters": {"leukaemia_doubling_time": override}})

    changed = adapted(model("aml-maintenance"), certain)
    draws = draw_typical(changed, seed=SEED, draws=np.arange(3))

    assert "leukaemia_doubling_time" not in changed.joint.names
    assert (draws[:, list(changed.parameters).index("leukaemia_doubling_time")] == 20.0).all()


def test_nobody_without_a_transplant_is_given_its_donor(adults: Description) -> None:
    with pytest.raises(StudyError, match=r"aml-cr1-adults has no \[transplant\]: model donor-lymphocytes"):
        adapted(model("donor-lymphocytes"), adults)
