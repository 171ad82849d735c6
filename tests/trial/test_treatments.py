"""A study of two treatments and one control, run whole: each treatment against control, and what all claim together."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.store.replicates import replicates
from trialeukin.store.summary import summary
from trialeukin.survival.many_to_one import Procedure, rejected
from trialeukin.trial.accrual import conduct_of
from trialeukin.trial.outcomes import Outcomes
from trialeukin.trial.result import StudyResult
from trialeukin.trial.run import run_study
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import study_from_text
from trialeukin.trial.treatments import pairs_of

TEXT = """
[study]
name = "doses"
title = "Two doses or none"
question = "Which dose helps?"
source = "made up"

[population]
cohort = "aml-cr1-under-60"
start_after_days = 7

[[arms]]
name = "low"
n = 30
regimen = "aldesleukin 1 MIU/m2/day sc days 1-14"

[[arms]]
name = "observation"
n = 60
control = true

[[arms]]
name = "high"
n = 40
regimen = "aldesleukin 9 MIU/m2/day sc days 1-5"

[accrual]
months = 12

[follow_up]
after_last_entry_months = 24
horizon_months = 36
drop_out_per_year = 0.0
examinations = [{ every_months = 3, until_months = 36 }]

[analysis]
milestones_months = [12, 24]
"""
EFFORT = {"patients": 150, "replicates": 60, "draws": 3, "patients_a_draw": 150, "seed": 5}


def study(**changes: str) -> Study:
    text = TEXT
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return study_from_text(text)


def with_analysis(line: str) -> Study:
    return study(**{"[analysis]\n": f"[analysis]\n{line}\n"})


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return run_study(with_analysis("multiplicity = 'dunnett'"), **EFFORT)


def test_all_arms_are_randomised_in_one_trial() -> None:
    conduct = conduct_of(study())

    assert (conduct.control, conduct.treatments, conduct.patients) == (60, (30, 40), 130)
    assert conduct.block == 6


def test_each_treatment_is_compared_in_every_endpoint(result: StudyResult) -> None:
    assert list(result.comparisons) == ["low", "high"]
    for found in result.comparisons.values():
        assert [each.endpoint.value for each in found] == ["lfs", "os"]
    assert result.endpoints is result.comparisons["low"]
    arms = [(each.arm, each.months) for each in result.milestones(result.endpoints[0].endpoint)]
    assert arms == [(name, months) for name in ("observation", "low") for months in (12.0, 24.0)] + [
        ("high", 12.0),
        ("high", 24.0),
    ]


def test_the_named_treatment_is_the_one_that_is_looked_into() -> None:
    found = with_analysis("treatment = 'high'")

    assert found.treatment.name == "high"
    assert [arm.name for arm in found.treatments] == ["low", "high"]


def test_comparisons_are_of_the_same_trials(result: StudyResult) -> None:
    low, high = (found[0].at_typical.trials for found in result.comparisons.values())

    assert (low.events[..., 0] == high.events[..., 0]).all()  # of the control


def test_the_claims_of_a_run_are_those_of_its_trials_one_by_one(result: StudyResult) -> None:
    rows = replicates(result).to_pandas()
    primary = rows[(rows["PARAMCD"] == "LFS") & (rows["parameters"] == "typical")]
    by_trial = primary.pivot(index=["patients", "randomisation"], columns="treatment", values="z")
    z = by_trial[["low", "high"]].to_numpy()
    found = rejected(z, Procedure.DUNNETT, alpha=0.05, shares=(30 / 90, 40 / 100)) & (z < 0.0)

    told = summary(result)["treatments"]
    claimed = {each["treatment"]: each["benefit_claimed"]["value"] for each in told["each"]}
    assert told["multiplicity"] == "dunnett"
    assert claimed == pytest.approx({"low": found[:, 0].mean(), "high": found[:, 1].mean()})
    assert told["any_benefit_claimed"]["value"] == pytest.approx(found.any(axis=1).mean())
    assert told["each"][0]["endpoints"] == summary(result)["endpoints"]


def test_a_patient_whose_course_failed_in_any_arm_is_in_no_comparison() -> None:
    times = np.arange(1.0, 6.0)
    whole = Outcomes(crossing=times, relapse=times, death=times, valid=np.ones(5, dtype=np.bool_), horizon=36.0)
    broken = replace(whole, valid=times != 3.0)

    pairs = pairs_of(study(), (whole, whole, broken), None)

    assert [pair.patients.tolist() for pair in pairs.values()] == [[0, 1, 3, 4]] * 2


def test_a_procedure_of_one_treatment_is_refused() -> None:
    alone = TEXT[: TEXT.index('[[arms]]\nname = "high"')] + TEXT[TEXT.index("[accrual]") :]

    with pytest.raises(InputError, match=r"analysis\.multiplicity: 'holm' of one treatment"):
        study_from_text(alone.replace("[analysis]\n", "[analysis]\nmultiplicity = 'holm'\n"))


def test_an_unknown_procedure_is_refused_with_the_choices() -> None:
    with pytest.raises(InputError, match="'holm', 'dunnett', 'bonferroni', 'fixed sequence' or 'none'"):
        with_analysis("multiplicity = 'tukey'")


def test_the_control_is_no_treatment_to_look_into() -> None:
    with pytest.raises(InputError, match="'observation' is no treatment: choose 'low', 'high'"):
        with_analysis("treatment = 'observation'")


def test_without_a_block_it_is_twice_the_arms() -> None:
    assert study().block == 6
    assert with_analysis("block = 13").block == 13
    assert with_analysis("randomisation = 'minimisation'\nstratify_by = ['monocytic']").block is None
