"""Studies and assessments of a server's user, as its pages and its interface for programs show them."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from trialeukin.core.errors import StudyError
from trialeukin.evidence.assessments import FILE

JUDGED = """
[[studies]]
study = "KOLITZ2014"
risk_of_bias = { judge = "A. Reader", date = 2026-01-31, judgement = "some concerns", reasons = "limits lost" }

[[pools]]
pool = "aml-cr1"
endpoint = "lfs"
certainty = { judge = "A. Reader", date = 2026-02-01, level = "low", reasons = "wide interval" }
"""
Idle = Callable[..., TestClient]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory of a user's own studies and assessments."""
    kept = tmp_path / "evidence"
    kept.mkdir()
    return kept


def test_nobody_has_judged_a_study_or_a_pool_where_no_file_of_the_user_says_so(idle: Idle, directory: Path) -> None:
    client = idle(evidence=directory)

    study, pool = client.get("/evidence/studies/KOLITZ2014").text, client.get("/evidence/pools/forest").text
    judged = client.get("/api/evidence/pools/aml-cr1").json()["certainty"]

    assert "<dt>Risk of bias</dt><dd>not assessed" in study
    assert "(GRADE): not assessed, until a judge, a date and reasons are recorded" in pool
    assert judged == {"level": "not assessed", "judge": None, "date": None, "reasons": None}


def test_what_judges_recorded_in_the_users_file_shows_on_pages_and_to_programs(idle: Idle, directory: Path) -> None:
    directory.joinpath(FILE).write_text(JUDGED, encoding="utf-8")
    client = idle(evidence=directory)

    study, pool = client.get("/evidence/studies/KOLITZ2014").text, client.get("/evidence/pools/forest").text
    found = client.get("/api/evidence/pools/aml-cr1").json()
    of_another = client.get("/api/evidence/pools/aml-cr1", params={"outcome": "os"}).json()["certainty"]
    listed = client.get("/api/evidence/studies", params={"q": "kolitz2014"}).json()

    assert "some concerns (A. Reader, 2026-01-31): limits lost" in study
    assert "(GRADE): low (A. Reader, 2026-02-01): wide interval" in pool
    assert found["certainty"] == {
        "level": "low",
        "judge": "A. Reader",
        "date": "2026-02-01",
        "reasons": "wide interval",
    }
    assert [each["risk_of_bias"] for each in found["trials"]].count("some concerns") == 1
    assert of_another["level"] == "not assessed"
    assert listed[0]["risk_of_bias"] == "some concerns"


def test_a_users_own_study_stands_among_those_of_the_package(idle: Idle, directory: Path) -> None:
    text = resources.files("trialeukin.evidence").joinpath("studies", "lange2008.toml").read_text(encoding="utf-8")
    directory.joinpath("mine.toml").write_text(text.replace("LANGE2008", "MINE2026"), encoding="utf-8")
    client = idle(evidence=directory)

    listed = client.get("/evidence/list", params={"q": "MINE2026"}).text
    page = client.get("/evidence/studies/MINE2026")

    assert "/evidence/studies/MINE2026" in listed
    assert page.status_code == 200
    assert client.get("/api/evidence/studies/MINE2026").json()["study"]["id"] == "MINE2026"


def test_a_server_does_not_start_with_a_record_that_is_not_complete(idle: Idle, directory: Path) -> None:
    directory.joinpath(FILE).write_text(JUDGED.replace('judge = "A. Reader", ', "", 1), encoding="utf-8")

    with pytest.raises(StudyError, match="judge"):
        idle(evidence=directory)
