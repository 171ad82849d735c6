"""The page of decisions, its file, and the same over HTTP."""

import re

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page


def text_of(client: TestClient, address: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(address).text))


def test_the_answer_has_its_grounds_its_views_and_its_tables(client: TestClient) -> None:
    text = text_of(client, "/evidence/decision/answer")

    assert "A benefit worth having is excluded" in text
    assert "On average a hazard ratio below 0.8 has a probability of" in text
    for head in ("still open", "just worth having", "without KOLITZ2014", "did not complete assigned therapy"):
        assert head in text


def test_where_nothing_can_be_pooled_the_page_says_why(client: TestClient) -> None:
    text = text_of(client, "/evidence/decision/answer?pool=aml-cr1-histamine&outcome=os")

    assert "The evidence cannot answer" in text
    assert "no hazard ratio of OS printed or to be solved for: BRUNE2006" in text


@pytest.mark.parametrize("query", ["relevant=1", "relevant=x", "certainty=0.4", "outcome=pfs", "pool=aml-cr3"])
def test_what_cannot_be_meant_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/evidence/decision?{query}").status_code == 422


def test_the_decision_can_be_kept_as_one_file(client: TestClient) -> None:
    kept = client.get("/evidence/decision/file?outcome=os")

    assert kept.headers["content-disposition"] == 'attachment; filename="decision-aml-cr1-all-os.html"'
    assert "not a medical device" in kept.text


def test_programs_get_the_same_decision(client: TestClient) -> None:
    found = client.get("/api/evidence/pools/aml-cr1-all/decision", params={"relevant": 0.8}).json()

    assert found["verdict"] == "a benefit worth having is excluded"
    assert found["firm"] is False
    for each in found["one_more_trial"]:
        assert each["shown"] + each["excluded"] + each["harm"] + each["open"] == pytest.approx(1.0)
    assert client.get("/api/evidence/pools/aml-cr9/decision").status_code == 404


def test_another_standard_changes_the_verdict_in_place(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/evidence/decision")
    browser_page.get_by_role("heading", name="A benefit worth having is excluded").wait_for()

    browser_page.get_by_label("Hazard ratio just worth having").fill("0.9")
    browser_page.get_by_label("Hazard ratio just worth having").press("Tab")

    browser_page.get_by_role("heading", name="Open", exact=True).wait_for()
    assert "relevant=0.9" in browser_page.url


def test_all_studies_that_meet_criteria_are_weighed_instead_of_a_pool(client: TestClient) -> None:
    text = text_of(client, "/evidence/decision/answer?setting=after+autologous+transplantation")

    assert "average over 2 trials" in text
    assert "ATTAL1995" in text
    kept = client.get("/evidence/decision/file?setting=after+autologous+transplantation")
    assert 'filename="decision-by-criteria-lfs.html"' in kept.headers["content-disposition"]


def test_programs_ask_for_all_studies_that_meet_criteria_too(client: TestClient) -> None:
    criteria = {"role": "il2", "lineage": "myeloid", "setting": "cr1"}

    found = client.get("/api/evidence/pooled/decision", params=criteria | {"relevant": 0.8}).json()
    page = text_of(
        client, "/evidence/decision/answer?pool=by+criteria&role=il2&lineage=myeloid&setting=cr1&relevant=0.8"
    )
    pool = client.get("/api/evidence/pooled", params=criteria).json()

    assert found["pool"] is None
    assert found["title"] == pool["title"]
    assert found["verdict"] == "a benefit worth having is excluded"
    assert "A benefit worth having is excluded" in page
    assert all(each["seen_as"] in page for each in found["views"])
    assert client.get("/api/evidence/pooled/decision", params={"lineage": "plant"}).status_code == 422
