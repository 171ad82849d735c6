"""The page of the evidence in a study's report: real trials first, the run below and in no pool."""

from dataclasses import replace
from pathlib import Path

import pytest

from trialeukin.report.evidence_section import evidence_section, pool_of
from trialeukin.report.picture import Picture
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.result import StudyResult
from trialeukin.trial.study_file import load_study

STUDIES = Path(__file__).parents[2] / "studies"


@pytest.mark.parametrize(
    ("study", "pool"),
    [("calgb-19808", "aml-cr1-all"), ("ccg-2961", "aml-cr1-all"), ("mp-ma-0201", "aml-cr1-histamine")],
)
def test_a_study_is_set_beside_the_pool_of_its_own_treatment(study: str, pool: str) -> None:
    assert pool_of(load_study(STUDIES / f"{study}.toml")) == pool


def test_the_run_stands_below_the_pool_of_real_trials_and_changes_it_not(result: StudyResult) -> None:
    section = evidence_section(result)

    (drawn,) = section.blocks
    assert isinstance(drawn, Picture)
    assert drawn.table is not None
    kinds = [row[1] for row in drawn.table.rows]
    assert kinds.index("total") < kinds.index("simulated") == len(kinds) - 1
    assert "k = 6; random effects" in section.words[0]
    assert "certainty: not assessed" in section.words[0]
    total = drawn.table.rows[kinds.index("total")]
    assert total[2] == "0.96 (0.84 to 1.11)"  # as `trialeukin evidence pool --pool aml-cr1-all` has it


def test_without_a_pool_of_the_question_it_says_so(result: StudyResult) -> None:
    other = result.study.model_copy(
        update={"population": result.study.population.model_copy(update={"model": "aml-refractory"})}
    )

    section = evidence_section(replace(result, study=other))

    assert section.blocks == ()
    assert "No pool of published trials" in section.words[0]


def test_the_decision_of_real_trials_stands_beside_what_a_trial_of_this_size_would_add(result: StudyResult) -> None:
    events = round(next(each.events.median for each in result.endpoints if each.endpoint is Endpoint.LFS))

    _, decided, added = evidence_section(result).words

    assert "A benefit worth having is excluded" in decided
    assert f"After one more trial of {events} events" in added
