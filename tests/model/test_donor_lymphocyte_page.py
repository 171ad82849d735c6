"""The page of donor lymphocytes is of the models as they stand; the fit keeps the split and its scaling."""

import hashlib
import json

import numpy as np
import pytest
from donor_lymphocyte_arms import Course, Target, read_targets, reading
from donor_lymphocyte_figure import exact_interval
from donor_lymphocyte_page import PAGE, RESULTS, digest
from donor_lymphocyte_text import page
from fit_donor_lymphocytes import TABLES, entries, fitted_targets, misses, unknowns

from trialeukin.model.fitted import fitted, fitted_joint, names_in

TENTHS = 0.1


def target(name: str) -> Target:
    return next(each for each in read_targets() if each.name == name)


def test_the_page_of_donor_lymphocytes_is_of_the_models_as_they_stand() -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))

    assert found["digest"] == digest(), "stale: run validation/donor_lymphocyte_page.py"
    assert PAGE.read_text(encoding="utf-8") == page(found)
    assert set(found["growth"]["targets"]) == {each.name for each in read_targets()}


def test_no_study_that_its_name_holds_out_is_seen_by_the_fit() -> None:
    """The split: studies whose name's SHA-256 begins with 0 to 4 are never fitted."""
    for each in read_targets():
        held = hashlib.sha256(each.study.encode()).hexdigest()[0] in "01234"
        assert (each.use == "held out") == held, each.name
    assert all(each.use == "fitted" for each in fitted_targets())


@pytest.mark.parametrize("structure", TABLES)
def test_the_fit_leaves_conventions_alone_and_never_knows_less_than_before(structure: str) -> None:
    table = TABLES[structure]

    assert names_in(table) == set(entries(structure))
    assert not names_in(table) & {"expansion_fold", "donor_half_saturation"}
    for unknown in unknowns(structure):
        if not unknown.spread:
            assert fitted(table, unknown.name).uncertainty <= unknown.width * (1.0 + TENTHS)
    assert set(fitted_joint(table).names) == names_in(table)


def test_early_and_haematological_relapse_answer_a_low_dose_as_published_and_the_rest_lies_in_its_interval() -> None:
    """Simula 2007: 56 and 20 % at up to 1e7 CD3/kg, each within 10 points; Dazzi 2000 and Porter 2000 by chance."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))

    for structure in TABLES:
        rows = found[structure]["targets"]
        for name in ("simula_early_low_dose", "simula_haematological_low_dose"):
            assert rows[name][0] == pytest.approx(target(name).value, abs=10.0)
        for name in ("porter_aml", "porter_all", "dazzi_bulk_gvhd", "dazzi_escalating_gvhd"):
            low, high = exact_interval(target(name))
            assert low <= rows[name][0] <= high


def test_an_exact_interval_is_that_of_the_tables() -> None:
    """Clopper and Pearson 1934: 2 of 4 gives 6.8 to 93.2 %."""
    assert exact_interval(target("porter_all")) == pytest.approx((6.8, 93.2), abs=0.05)


def test_a_reading_counts_those_in_whom_it_happens_in_time() -> None:
    never = np.full(4, np.inf)
    times = dict.fromkeys(("death_of_leukaemia", "death_of_gvhd", "relapse", "cytogenetic_remission"), never)
    course = Course(
        times=times
        | {
            "molecular_remission": np.array([70.0, 140.0, 2_000.0, np.inf]),
            "molecular_relapse": np.array([100.0, np.inf, np.inf, np.inf]),
            "death_of_gvhd": np.array([np.inf, 900.0, np.inf, 500.0]),
            "gvhd_onset": np.array([10.0, np.inf, np.inf, 20.0]),
        },
        cytogenetic=np.array([True, True, True, False]),
        unrelated=np.array([True, False, True, False]),
    )

    def read(name: str) -> float:
        return reading(target(name), [course] * len(target(name).arms))

    assert read("simula_early_low_dose") == 50.0
    assert read("simula_unrelated_low_dose") == 50.0
    assert read("simula_sibling_low_dose") == 50.0
    assert read("dazzi_bulk_gvhd") == pytest.approx(100.0 / 3.0)  # of the three in cytogenetic relapse
    assert read("durability_reversion") == pytest.approx(100.0 / 3.0)
    assert read("durability_survival_remitters") == pytest.approx(200.0 / 3.0)
    assert read("durability_survival_others") == 0.0
    assert read("alyea_time_molecular") == 20.0  # one sibling donor, 140 days


def test_a_miss_is_counted_in_standard_errors_of_chance_and_of_series() -> None:
    dazzi = target("dazzi_escalating_gvhd")
    error = np.sqrt(1.0 / 2.5 + 1.0 / 18.5 + 0.4**2)

    assert dazzi.error == pytest.approx(error)
    assert misses(dazzi, dazzi.value) == 0.0
    assert misses(dazzi, 50.0) == pytest.approx((0.0 - np.log(2.5 / 18.5)) / error)


def test_the_page_says_why_predicted_responses_are_not_in_the_middle_of_their_intervals() -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))

    text = " ".join(page(found).split())

    assert "Of predicted responses 31 of 32 lie in the upper half of their intervals" in text
    assert "worse draws take away more than better ones add" in text
