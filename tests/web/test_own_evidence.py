"""Studies and assessments of a server's user, as its pages and its interface for programs show them."""

import json
import re
from collections.abc import Callable
from html import unescape
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from trialeukin.cli.main import main
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


def own_study(directory: Path) -> None:
    """Write a study of the user's own, MINE2026, with the numbers of LANGE2008."""
    text = resources.files("trialeukin.evidence").joinpath("studies", "lange2008.toml").read_text(encoding="utf-8")
    directory.joinpath("mine.toml").write_text(text.replace("LANGE2008", "MINE2026"), encoding="utf-8")


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
    of_fewer = client.get("/api/evidence/pools/aml-cr1", params={"exclude": "LANGE2008"}).json()["certainty"]
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
    assert of_another["level"] == of_fewer["level"] == "not assessed"
    assert listed[0]["risk_of_bias"] == "some concerns"


def test_a_pool_with_a_name_says_that_a_users_own_study_is_not_in_it_and_pools_it_with_its_like(
    idle: Idle, directory: Path
) -> None:
    own_study(directory)
    client = idle(evidence=directory)

    named = client.get("/evidence/pools/forest").text
    way_out = re.search(r'MINE2026</a>, of your own \(<a href="([^"]+)"', named)
    assert way_out is not None
    asked = parse_qs(urlsplit(unescape(way_out[1])).query)
    by_criteria = client.get(f"/evidence/pools/forest?{urlsplit(unescape(way_out[1])).query}").text

    assert (asked["lineage"], asked["setting"]) == (["myeloid"], ["cr1"])
    assert "MINE2026: 1.13 (0.80" in by_criteria  # that of LANGE2008, whose text it has
    assert "whose members are fixed" not in by_criteria
    assert client.get(unescape(way_out[1])).status_code == 200


def test_page_programs_and_command_pool_the_same_studies_by_criteria(
    idle: Idle, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_study(directory)
    client = idle(evidence=directory)
    criteria = {"lineage": "myeloid", "setting": "cr1"}

    page = client.get("/evidence/pools/forest", params=criteria).text
    found = client.get("/api/evidence/pooled", params=criteria).json()
    options = ["--outcome", "lfs", "--lineage", "myeloid", "--setting", "cr1", "--directory", str(directory), "--json"]
    main(["evidence", "pool", *options])
    told = json.loads(capsys.readouterr().out)

    assert found["pooled"]["k"] == told["pooled"]["k"] == 7
    assert found["pooled"]["hazard_ratio"] == told["pooled"]["hazard_ratio"]
    assert "MINE2026" in {each["study"] for each in found["trials"]}
    assert f"pooled, k = 7: {found['pooled']['hazard_ratio']['value']:.2f}" in page


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Return what a command of the terminal prints as JSON, without the names of what it wrote."""
    main(["evidence", *arguments, "--json"])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {key: value for key, value in document.items() if key not in {"file", "files"}}


def cohort(directory: Path) -> None:
    """Write a cohort of the user's own, whose control arm got another treatment."""
    text = resources.files("trialeukin.evidence").joinpath("studies", "lange2008.toml").read_text(encoding="utf-8")
    changed = text.replace("LANGE2008", "MINE2026").replace('design = "randomised"', 'design = "cohort"')
    text = changed.replace('role = "control"', 'role = "other"')
    directory.joinpath("mine.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "asked", "options"),
    [
        ("pools/aml-cr1", {}, ("--pool", "aml-cr1")),
        ("pools/all-autologous", {"outcome": "lfs"}, ("--pool", "all-autologous")),
        ("pools/aml-cr1-all", {"exclude": "KOLITZ2014"}, ("--pool", "aml-cr1-all", "--exclude", "kolitz2014")),
        ("pooled", {"disease": "AML", "setting": "cr1"}, ("--disease", "aml", "--setting", "cr1")),
        ("pooled", {"comparator": "other", "design": "cohort"}, ("--comparator", "other", "--design", "cohort")),
    ],
)
def test_the_terminal_and_the_interface_have_one_document_of_a_pool(
    path: str,
    asked: dict[str, str],
    options: tuple[str, ...],
    idle: Idle,
    directory: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cohort(directory)

    found = idle(evidence=directory).get(f"/api/evidence/{path}", params=asked).json()

    assert found == told(capsys, "pool", *options, "--directory", str(directory))
    assert (path == "pooled") == (found["pool"] is None)


def test_the_terminal_and_the_interface_have_one_document_of_exposure_and_of_a_decision(
    idle: Idle, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client, own = idle(evidence=directory), ("--pool", "aml-cr1-all", "--directory", str(directory))

    exposure = client.get("/api/evidence/pools/aml-cr1-all/exposure", params={"measure": "nk-rise"}).json()
    decision = client.get("/api/evidence/pools/aml-cr1-all/decision").json()

    assert told(capsys, "dose-response", "--measure", "nk-rise", *own)["responses"] == [exposure]
    decided = told(capsys, "decide", *own)
    assert {name: decided[name] for name in decision} == decision


def test_a_pool_is_of_another_comparator_and_design_where_the_form_asks_for_them(idle: Idle, directory: Path) -> None:
    cohort(directory)
    client, asked = idle(evidence=directory), {"comparator": "other", "design": "cohort"}

    page = client.get("/evidence/pools", params=asked).text
    part = client.get("/evidence/pools/forest", params=asked)
    wrong = client.get("/evidence/pools", params={"design": "cohorts"})

    assert '<option value="other" selected>other</option>' in page
    assert '<option value="cohort" selected>cohort</option>' in page
    assert "All studies: IL-2 v other, cohort" in part.text
    assert "MINE2026" in part.text
    assert part.headers["HX-Replace-Url"].endswith("comparator=other&design=cohort")
    assert wrong.status_code == 422
    assert "there are randomised, single arm, cohort" in unescape(wrong.text)


def test_criteria_beside_a_pool_with_a_name_are_refused_with_the_way_out(idle: Idle, directory: Path) -> None:
    answer = idle(evidence=directory).get("/evidence/pools/forest", params={"pool": "aml-cr1", "lineage": "myeloid"})

    assert answer.status_code == 422
    assert "has members of its own: clear the criteria (IL-2, myeloid)" in answer.text


def test_choosing_a_pool_leaves_the_criteria_and_a_criterion_leaves_the_pool(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/evidence/pools")
    title = browser_page.get_by_role("heading", level=2)
    expect(title).to_contain_text("all trials of BUYSE2011")
    browser_page.get_by_text("Criteria of all studies").click()

    browser_page.get_by_label("Lineage").select_option("lymphoid")
    expect(title).to_contain_text("All studies: IL-2, lymphoid")
    expect(browser_page.get_by_label("Pool", exact=True)).to_have_value("by criteria")
    browser_page.get_by_label("Pool", exact=True).select_option("aml-cr1")

    expect(title).to_contain_text("all trials of BUYSE2011")
    expect(browser_page.get_by_label("Lineage")).to_have_value("")


def test_a_users_own_study_stands_among_those_of_the_package(idle: Idle, directory: Path) -> None:
    own_study(directory)
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
