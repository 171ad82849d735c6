"""What a report says of whom a treatment acts in."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.population.covariates import draw_covariates
from trialeukin.population.description import cohort_names, load_description
from trialeukin.report.group_words import GROUPS, group_labels
from trialeukin.report.in_whom_section import in_whom_section
from trialeukin.report.picture import Picture
from trialeukin.report.table import Table
from trialeukin.trial.divisions import SAID_BY_OTHERS
from trialeukin.trial.result import StudyResult

PATIENTS = np.arange(400)


def test_the_words_say_who_gains_by_what_and_what_a_trial_finds(result: StudyResult) -> None:
    who, known, unknown, caution = in_whom_section(result).words
    assert "22 % are free of the event" in who
    assert "33 % later with the treatment" in who
    assert "+1.0 (−0.9 to +12.7) months, in brackets over the parameters" in who
    assert "monocytic gain +1.8 months, not monocytic +0.6" in known
    assert "in 73 % of the draws" in known
    assert "differ in 4 % of the cases" in known
    assert "about 39,000 patients" in known
    assert "4,200 of them, 34 % of all who would be asked; one of all comers 15,000" in known
    assert "own Treg growth" in unknown
    assert "one by one" in caution


def test_every_number_stands_in_a_table(result: StudyResult) -> None:
    strata, picture, splits, hidden = in_whom_section(result).blocks
    assert isinstance(strata, Table)
    assert isinstance(picture, Picture)
    assert isinstance(splits, Table)
    assert isinstance(hidden, Table)
    assert strata.rows[-1] == ("all", "100 %", "+1.04 ± 0.09")
    assert picture.table is not None
    assert picture.table.rows[-1] == (
        "monocytic", "34 %", "31 %", "33 %", "+1.8 (−0.2 to +10.8)", "0.89", "7.1 %", "4,200",
    )  # fmt: skip
    assert splits.rows[0][0] == "57 years or older less under 57 years"
    assert splits.rows[0][-1] == "–"
    assert splits.rows[1][1:] == ("+1.2 (−3.2 to +3.5)", "73 %", "0.92", "4.2 %", "1.5 %", "39,000")
    assert hidden.rows == (("Treg growth", "+3.3", "−0.3", "−3.6 ± 0.3"),)


def test_nothing_is_made_of_what_does_not_stand_out(result: StudyResult) -> None:
    age = result.in_whom.splits[0]
    alike = replace(result, in_whom=replace(result.in_whom, splits=(age,), hidden=()))
    section = in_whom_section(alike)
    assert section.words[1].startswith("By nothing that is known at randomisation")
    assert len(section.words) == 3
    assert len(section.blocks) == 3
    bare = replace(result, in_whom=replace(result.in_whom, splits=(), hidden=(), gained_by_draw=None))
    assert len(in_whom_section(bare).blocks) == 2
    assert "over the parameters" not in in_whom_section(bare).words[0]


@pytest.mark.parametrize("name", cohort_names())
def test_every_covariate_by_which_patients_of_a_cohort_differ_has_words(name: str) -> None:
    covariates = draw_covariates(load_description(name), seed=1, patients=PATIENTS)
    differing = {name for name, values in covariates.items() if np.ptp(values) > 0.0} - SAID_BY_OTHERS
    assert differing <= set(GROUPS)


def test_a_covariate_without_words_is_called_by_its_name() -> None:
    assert group_labels("kidney_function", None) == ("kidney function: no or low", "kidney function: yes or high")
