"""Risk of bias and certainty: not assessed until a judge, a date and reasons are recorded."""

from datetime import date
from pathlib import Path

import pytest

from trialeukin.core.errors import StudyError
from trialeukin.evidence.assessments import FILE, Level, assessments_with
from trialeukin.evidence.catalogue import own_studies, studies_with
from trialeukin.evidence.selection import named_pool
from trialeukin.evidence.synthesis import Method, judged, synthesis_of_pool
from trialeukin.report.evidence_figures import forest_of
from trialeukin.report.forest_figure import RowKind
from trialeukin.trial.endpoint import Endpoint

WHOLE = """
[[studies]]
study = "KOLITZ2014"
risk_of_bias = { judge = "A. Reader", date = 2026-01-31, judgement = "some concerns", reasons = "limits lost" }

[[pools]]
pool = "aml-cr1"
endpoint = "lfs"
certainty = { judge = "A. Reader", date = 2026-02-01, level = "low", reasons = "imprecision; indirect doses" }
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    tmp_path.joinpath(FILE).write_text(WHOLE, encoding="utf-8")
    return tmp_path


def test_nobody_has_judged_the_base() -> None:
    found = assessments_with(None)

    assert found.studies == found.pools == ()
    assert all(study.risk_of_bias is None for study in own_studies().values())


def test_a_whole_record_shows_in_the_forest_of_that_study_and_pool_and_in_no_other(directory: Path) -> None:
    studies = studies_with(directory)
    pooled = synthesis_of_pool(studies, named_pool("aml-cr1"), Endpoint.LFS, Method())

    forest = forest_of(judged(pooled, "aml-cr1", assessments_with(directory)))

    by_label = {row.label: row.bias for row in forest.rows if row.kind is RowKind.STUDY}
    assert by_label.pop("KOLITZ2014") == "some concerns"
    assert set(by_label.values()) == {"not assessed"}
    total = next(row for row in forest.rows if row.kind is RowKind.TOTAL)
    assert total.bias == "certainty: low (A. Reader, 2026-02-01)"
    assert assessments_with(directory).certainty("aml-cr1", Endpoint.OS) is None


def test_what_was_judged_is_not_of_the_pool_without_one_of_its_studies(directory: Path) -> None:
    studies, found = studies_with(directory), assessments_with(directory)
    without = synthesis_of_pool(studies, named_pool("aml-cr1"), Endpoint.LFS, Method(), ("KOLITZ2014",))

    judgement = judged(without, "aml-cr1", found)

    assert judgement.certainty is None
    total = next(row for row in forest_of(judgement).rows if row.kind is RowKind.TOTAL)
    assert total.bias == "certainty: not assessed without KOLITZ2014"


def test_what_was_judged_keeps_its_words(directory: Path) -> None:
    certainty = assessments_with(directory).certainty("aml-cr1", Endpoint.LFS)

    assert certainty is not None
    assert certainty.level is Level.LOW
    assert certainty.date == date(2026, 2, 1)
    assert certainty.reasons == "imprecision; indirect doses"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (', reasons = "limits lost"', "", "risk_of_bias.reasons: missing: give the reasons"),
        ('judge = "A. Reader", date = 2026-01-31', "date = 2026-01-31", "risk_of_bias.judge: missing: give who"),
        ("date = 2026-01-31, ", "", "risk_of_bias.date: missing: give a day"),
        ("date = 2026-01-31", 'date = "2026-02-31"', "risk_of_bias.date"),
        ('reasons = "limits lost"', 'reasons = ""', "risk_of_bias.reasons"),
        ('"some concerns"', '"fine"', "risk_of_bias.judgement: 'fine' is not understood"),
        ('level = "low"', 'level = "so so"', "certainty.level: 'so so' is not understood"),
        ('study = "KOLITZ2014"', 'study = "NOBODY"', "no study 'NOBODY' in the base"),
        ('pool = "aml-cr1"', 'pool = "mine"', "no pool 'mine': there are aml-cr1-ipd"),
    ],
)
def test_a_record_that_is_not_complete_or_of_nothing_is_refused(
    old: str, new: str, words: str, directory: Path
) -> None:
    assert old in WHOLE
    directory.joinpath(FILE).write_text(WHOLE.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(StudyError, match=words):
        studies_with(directory)


def test_a_second_record_of_one_study_is_refused(directory: Path) -> None:
    directory.joinpath(FILE).write_text(WHOLE + WHOLE.split("[[pools]]", maxsplit=1)[0], encoding="utf-8")

    with pytest.raises(StudyError, match="KOLITZ2014 is judged twice"):
        assessments_with(directory)
