"""By what patients are split: what a study may ask for, and who is on which side."""

import numpy as np
import pytest

from trialeukin.core.errors import StudyError
from trialeukin.population.cohort import Cohort
from trialeukin.population.description import load_description
from trialeukin.trial.divisions import FEWEST, SAID_BY_OTHERS, Subgroup, divisions, subgroups_of
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import load_study

PATIENTS = 400


def asking(*subgroups: str) -> Study:
    study = load_study("studies/mp-ma-0201.toml")
    return study.model_copy(update={"analysis": study.analysis.model_copy(update={"subgroups": subgroups})})


def read(*subgroups: str) -> tuple[Subgroup, ...]:
    return subgroups_of(asking(*subgroups), load_description("aml-cr1-adults"))


@pytest.fixture
def cohort() -> Cohort:
    age = 20.0 + np.arange(PATIENTS) * 60.0 / PATIENTS
    covariates = {
        "age": age,
        "height": age,
        "monocytic": (np.arange(PATIENTS) % 3 == 0).astype(np.float64),
        "child": np.zeros(PATIENTS),
        "female": (np.arange(PATIENTS) < FEWEST - 1).astype(np.float64),
    }
    return Cohort(
        name="made-up", patients=np.arange(PATIENTS), covariates=covariates, parameters=np.empty((PATIENTS, 0))
    )


def test_a_study_asks_for_covariates_with_or_without_a_number() -> None:
    assert read() == ()
    assert read("monocytic", "age", "age >= 50", " age≥62.5 ") == (
        Subgroup(name="monocytic"),
        Subgroup(name="age"),
        Subgroup(name="age", cut=50.0),
        Subgroup(name="age", cut=62.5),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("monocitic", "'monocitic' is no covariate of the cohort: choose .*; did you mean 'monocytic'?"),
        ("monocytic >= 1", "monocytic is one or zero: write it without a number"),
        ("age > 50", "'age > 50' is not understood: write a covariate, or a number of one as 'age >= 50'"),
        ("age >= old", "is not understood"),
        ("age >= -1", "is not understood"),
        ("age >= 1e999", "is not understood"),
        ("unrelated_donor", "is no covariate of the cohort"),
        ("", "is not understood"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        read("monocytic", text)


def test_without_asking_patients_divide_by_all_that_tells_enough_of_them_apart(cohort: Cohort) -> None:
    found = {each.name: each for each in divisions((), cohort)}
    assert set(found) == {"age", "monocytic"}
    assert "height" in SAID_BY_OTHERS
    assert found["age"].cut == pytest.approx(np.median(cohort.covariates["age"]))
    assert found["age"].having.sum() == PATIENTS // 2
    assert found["monocytic"].cut is None
    assert found["monocytic"].having.sum() == cohort.covariates["monocytic"].sum()


def test_what_is_asked_for_is_done_or_refused_and_never_skipped(cohort: Cohort) -> None:
    (young,) = divisions((Subgroup(name="age", cut=50.0),), cohort)
    assert young.having.sum() == (cohort.covariates["age"] >= 50.0).sum()
    with pytest.raises(StudyError, match=r"'age >= 79': 6 of 400 virtual patients are on one side: 20 are needed"):
        divisions((Subgroup(name="monocytic"), Subgroup(name="age", cut=79.0)), cohort)
    with pytest.raises(StudyError, match=r"'female': 19 of 400 virtual patients"):
        divisions((Subgroup(name="female"),), cohort)
