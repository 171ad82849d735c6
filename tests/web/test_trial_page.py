import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from trialeukin.web.published_studies import published_studies, published_study
from trialeukin.web.settings import Limits

Idle = Callable[..., TestClient]
STUDY = published_study("ccg-2961")
WRONG = STUDY.replace("drop_out_per_year = ", "dropout_per_year = ")
PHONE = {"width": 390, "height": 844}
SMALL = {"patients": "100", "replicates": "10"}


@pytest.mark.parametrize("name", published_studies())
def test_every_published_study_opens_with_its_plan(client: TestClient, name: str) -> None:
    answer = client.get("/trial", params={"study": name})

    assert answer.status_code == 200
    assert 'id="plan-title"' in answer.text
    assert "What a trial of this size can find" in answer.text


def test_a_fault_of_a_study_file_is_shown_at_its_line(client: TestClient) -> None:
    answer = client.post("/trial/reading", data={"text": WRONG})

    line = WRONG[: WRONG.index("dropout_per_year")].count("\n") + 1
    assert answer.headers["HX-Retarget"] == "#faults"
    assert f'data-line="{line}"' in answer.text
    assert "unknown key" in answer.text


def test_an_uploaded_file_is_opened_and_comes_back_unchanged(client: TestClient) -> None:
    opened = client.post("/trial/upload", files={"file": ("../../etc/study.toml", STUDY.encode())})
    saved = client.post("/trial/study.toml", data={"text": STUDY})

    assert "CCG-2961" in opened.text
    assert saved.text == STUDY
    assert saved.headers["content-disposition"] == 'attachment; filename="study.toml"'


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("patients", "many", "patients &#39;many&#39;: give a whole number from 100 to 20,000"),
        ("patients", "99", "patients 99: give a whole number from 100 to 20,000"),
        ("replicates", "1000000", "replicates 1,000,000: give a whole number from 10 to 20,000"),
        ("seed", "-1", "seed &#39;-1&#39;: give a whole number"),
    ],
)
def test_a_run_that_asks_for_too_much_is_refused_and_the_form_keeps_what_was_typed(
    client: TestClient, field: str, value: str, said: str
) -> None:
    answer = client.post("/trial/run", data={"text": STUDY, field: value})

    assert answer.status_code == 422
    assert said in answer.text
    assert f'name="{field}" inputmode="numeric" size="8" placeholder=' in answer.text
    assert f'value="{value}"' in answer.text


def test_more_runs_than_may_wait_are_refused(idle: Idle) -> None:
    client = idle(limits=Limits(jobs_waiting=2))

    answers = [client.post("/api/runs", json={"text": STUDY, "patients": 100, "replicates": 10}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert "2 runs wait already" in answers[-1].json()["detail"]


def test_a_waiting_run_is_cancelled_found_and_deleted(idle: Idle) -> None:
    client = idle()
    name = client.post("/api/runs", json={"text": STUDY, "patients": 100, "replicates": 10}).json()["id"]

    waiting = client.get(f"/runs/{name}").text
    cancelled = client.post(f"/api/runs/{name}/cancellation").json()
    again = client.post(f"/api/runs/{name}/cancellation")
    found = client.get("/runs", params={"q": "CCG"}).text
    deleted = client.delete(f"/api/runs/{name}")

    assert "0 before it" in waiting
    assert cancelled["state"] == "cancelled"
    assert again.status_code == 409
    assert name in found
    assert deleted.status_code == 204
    assert client.get(f"/api/runs/{name}").status_code == 404


@pytest.mark.parametrize(
    "file", ["../catalogue.sqlite", "..%2f..%2fcatalogue.sqlite", "manifest.json/..", "nothing.csv"]
)
def test_no_path_of_a_request_leaves_a_runs_directory(client: TestClient, file: str) -> None:
    assert client.get(f"/runs/0123456789abcdef0123/files/{file}").status_code == 404


def test_a_run_goes_from_the_form_over_its_progress_to_its_results_and_files(server: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{server}/trial?study=ccg-2961")
    page.get_by_label("Virtual patients").fill(SMALL["patients"])
    page.get_by_label("Trials drawn").fill(SMALL["replicates"])

    page.get_by_role("button", name="Run", exact=True).click()

    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f]{20}$"))
    page.reload()
    expect(page.get_by_role("heading", name="What it found")).to_be_visible(timeout=120_000)
    expect(page.locator("#chart-lfs .main-svg").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="events.csv").click()
    assert download.value.path().read_text(encoding="utf-8").startswith('"STUDYID","USUBJID","TRT01P"')
    serious = [
        each["id"] for each in Axe().run(page).response["violations"] if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    page.set_viewport_size(PHONE)
    page.reload()
    expect(page.locator("#chart-lfs .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_fault_of_the_study_is_marked_while_it_is_typed(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/trial?study=ccg-2961")

    browser_page.get_by_label("Study file").fill(WRONG)

    expect(browser_page.locator(".editor mark", has_text="dropout_per_year = 0.02")).to_have_count(1)
    expect(browser_page.get_by_role("alert")).to_contain_text("drop_out_per_year")


def test_a_plan_of_one_month_one_day_and_one_event_says_one_of_each(client: TestClient) -> None:
    text = published_study("calgb-19808").replace("start_after_days = 7", "start_after_days = 1")
    text = text.replace("after_last_entry_months = 45", "after_last_entry_months = 1")
    looks = "[monitoring]\nlooks = [1.0]\nevents = 1\ndelay_months = 1\n"

    plan = client.post("/trial/reading", data={"text": f"{text}\n{looks}"}).text

    assert "1 month after the last entry, 93 months at most" in plan
    assert "treatment starts 1 day after randomisation" in plan
    assert "at 100 % of 1 event;" in plan
    assert "1 month from the data to the decision" in plan
