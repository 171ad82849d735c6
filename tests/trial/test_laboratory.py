"""What the laboratory reports: right on average, as imprecise as stated, cut at the limits, of those who came."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import ParameterError, StudyError
from trialeukin.core.random import Stream
from trialeukin.model.whole import model
from trialeukin.trial.laboratory.assay import Results, rounded
from trialeukin.trial.laboratory.catalogue import ASSAYS, assay
from trialeukin.trial.laboratory.collect import LaboratoryTable
from trialeukin.trial.laboratory.plan import laboratory_plan
from trialeukin.trial.laboratory.sampling import STEP, visits_of
from trialeukin.trial.run import run_study
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import study_from_text

TEXT = """
[study]
name = "small"
title = "A small trial"
question = "Does it help?"
source = "made up"

[population]
cohort = "aml-cr1-adults"
start_after_days = 7

[[arms]]
name = "rIL-2"
n = 40
regimen = "aldesleukin 1 MIU/m2/day sc days 1-84"

[[arms]]
name = "observation"
n = 30
control = true

[accrual]
months = 6

[follow_up]
after_last_entry_months = 18
horizon_months = 24
drop_out_per_year = 0.02
examinations = [{ every_months = 3, until_months = 24 }]

[analysis]
milestones_months = [12, 24]

[laboratory]
tests = ["NK cells", "IL-2 immunoassay", "IL-2 bioassay", "soluble IL-2 receptor"]
days = [0, 29, 84]
window_days = 2
missing = 0.1
"""
TESTS = '"NK cells", "IL-2 immunoassay", "IL-2 bioassay", "soluble IL-2 receptor"'
PATIENTS = 120
MANY = 200_000
FOUR_ERRORS = 4.0  # standard errors of a mean or of a standard deviation of normal numbers


def study(**changes: str) -> Study:
    text = TEXT
    for old, new in changes.items():
        text = text.replace(old, new)
    return study_from_text(text)


@pytest.fixture(scope="module")
def tables() -> tuple[LaboratoryTable, ...]:
    return run_study(study(), patients=PATIENTS, replicates=10, draws=0, seed=5).laboratory


def of(table: LaboratoryTable, name: str) -> Results:
    return table.results[assay(name)]


def test_results_are_right_on_average_and_have_the_stated_coefficient_of_variation() -> None:
    test = replace(assay("LAK activity"), lower_limit=None, digits=12)
    variation = test.imprecision.value
    deviations = Stream(1, "test").normal(np.arange(MANY))[:, 0]

    results = test.measured(np.full(MANY, 8.0), deviations).values

    assert results.mean() == pytest.approx(8.0, abs=FOUR_ERRORS * 8.0 * variation / np.sqrt(MANY))
    assert results.std() / 8.0 == pytest.approx(variation, rel=2.0 * FOUR_ERRORS / np.sqrt(2.0 * MANY))


def test_results_beyond_a_limit_are_reported_as_such_and_have_no_value() -> None:
    upper = replace(assay("NK cells").imprecision, value=500.0, unit="cell/uL")
    test = replace(assay("NK cells"), upper_limit=upper)

    results = test.measured(np.array([0.2, 100.0, 900.0]), np.zeros(3))

    assert results.below.tolist() == [True, False, False]
    assert results.above.tolist() == [False, False, True]
    assert np.isnan(results.values).tolist() == [True, False, True]


def test_limits_in_the_wrong_order_are_refused_with_both() -> None:
    lower = assay("NK cells").lower_limit

    with pytest.raises(ParameterError, match="lower limit 1 is not below upper limit 1 cells/uL"):
        replace(assay("NK cells"), upper_limit=lower)


@given(st.floats(1e-6, 1e6), st.integers(1, 6))
def test_rounding_to_significant_digits_errs_by_half_of_the_last_one(value: float, digits: int) -> None:
    shown = rounded(np.array([value]), digits)[0]

    assert abs(shown - value) <= 0.5 * 10.0 ** (np.floor(np.log10(value)) - digits + 1) * (1.0 + 1e-9)


def test_a_nanogram_of_aldesleukin_reads_16_units_in_the_bioassay_and_1000_picograms_in_the_other() -> None:
    picomoles = 1e3 / 15.3  # a nanogram in a millilitre is 65.4 pmol/L at 15,300 g/mol (Proleukin label)

    mass = assay("IL-2 immunoassay").measured(np.array(picomoles), np.array(0.0))
    activity = assay("IL-2 bioassay")

    spread = np.log1p(assay("IL-2 immunoassay").imprecision.value ** 2)
    assert mass.values == pytest.approx(1e3 * np.exp(-spread / 2.0), rel=5e-3)  # printed with three digits
    assert activity.scale * picomoles == pytest.approx(18.0 / 1.1, rel=1e-12)  # MIU/mg are IU/ng (Proleukin label)


def test_the_bioassay_misses_what_the_immunoassay_sees_a_hundred_times_below() -> None:
    mass, activity = assay("IL-2 immunoassay"), assay("IL-2 bioassay")
    assert mass.lower_limit is not None
    assert activity.lower_limit is not None

    ratio = (activity.lower_limit.value / activity.scale) / (mass.lower_limit.value / mass.scale)

    assert ratio == pytest.approx(100.0)  # enzyme-immunoassay for human IL-2, abstract


def test_every_assay_measures_a_quantity_of_the_model_of_maintenance() -> None:
    named = ", ".join(f'"{test.name}"' for test in ASSAYS)

    plan = laboratory_plan(study(**{TESTS: named}), model("aml-maintenance"))

    assert plan is not None
    assert plan.tests == ASSAYS


def test_samples_are_drawn_in_the_window_at_four_times_of_a_day_and_some_are_missing() -> None:
    plan = laboratory_plan(study(), model("aml-maintenance"))
    assert plan is not None

    visits = visits_of(plan, seed=3, patients=np.arange(4_000))

    late = visits.drawn - plan.days
    assert plan.days.tolist() == [6.0, 35.0, 90.0]
    assert (np.abs(late) <= 2.0).all()
    assert (late % STEP == 0.0).all()
    assert np.unique(late).size == 17  # from two days before to two days after in quarters
    assert visits.missed.mean() == pytest.approx(0.1, abs=FOUR_ERRORS * np.sqrt(0.09 / visits.missed.size))


def test_patients_have_no_sample_after_a_relapse_was_found_or_death(tables: tuple[LaboratoryTable, ...]) -> None:
    found = run_study(study(), patients=PATIENTS, replicates=10, draws=0, seed=5)
    months = 365.25 / 12.0

    for place, table in enumerate(tables):
        end = np.minimum(found.patients.relapse[place], found.patients.death[place]) * months
        assert not (table.sampled & (table.drawn > end[:, None] + 1e-9)).any()
        assert 0.7 < table.sampled.mean() < 0.93


def test_the_same_patient_has_the_same_errors_and_visits_under_every_arm(tables: tuple[LaboratoryTable, ...]) -> None:
    treated, control = tables
    before = (treated.sampled & control.sampled)[:, 0] & (treated.drawn[:, 0] < 7.0)  # the first dose

    assert np.array_equal(treated.drawn, control.drawn)
    assert np.array_equal(of(treated, "NK cells").values[before, 0], of(control, "NK cells").values[before, 0])


def test_low_doses_are_seen_by_the_immunoassay_and_hardly_by_the_bioassay(tables: tuple[LaboratoryTable, ...]) -> None:
    treated, control = tables
    on_drug = treated.sampled[:, 1]

    seen = ~of(treated, "IL-2 immunoassay").below[on_drug, 1]
    active = ~of(treated, "IL-2 bioassay").below[on_drug, 1]

    assert seen.mean() > active.mean()
    assert of(control, "IL-2 immunoassay").below[control.sampled].all()


def test_nk_cells_and_soluble_receptor_rise_on_drug_alone(tables: tuple[LaboratoryTable, ...]) -> None:
    treated, control = tables

    for name in ("NK cells", "soluble IL-2 receptor"):
        rise = [
            np.nanmedian(np.where(table.sampled, of(table, name).values, np.nan)[:, 2])
            / np.nanmedian(np.where(table.sampled, of(table, name).values, np.nan)[:, 0])
            for table in (treated, control)
        ]
        assert rise[0] > 1.5
        assert rise[1] == pytest.approx(1.0, abs=0.15)  # medians of about a hundred results


def test_samples_that_are_all_drawn_at_randomisation_are_reported() -> None:
    at_entry = study(**{"[0, 29, 84]": "[-6]", "window_days = 2": "window_days = 0.1", "missing = 0.1": "missing = 0"})

    treated, _ = run_study(at_entry, patients=PATIENTS, replicates=10, draws=0).laboratory

    assert treated.sampled.all()
    assert (treated.drawn == 0.0).all()
    assert (of(treated, "NK cells").values > 0.0).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"NK cells"', '"NK cell"', "no laboratory test is called 'NK cell'.*did you mean 'NK cells'"),
        ("[0, 29, 84]", "[-9, 29]", "day -9 lies before randomisation, which is day -6 of the regimen"),
        ("[0, 29, 84]", "[0, 800]", "day 800 with a window of 2 days ends beyond the horizon, 730.5 days"),
        ("[0, 29, 84]", "[29, 0]", "day 0 is not after 29"),
        ('"NK cells", ', '"NK cells", "NK cells", ', "'NK cells' is said twice"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_its_line(old: str, new: str, message: str) -> None:
    with pytest.raises(StudyError, match=rf"study, line 3\d: laboratory\..*{message}"):
        study(**{old: new})
