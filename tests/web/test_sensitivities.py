"""Which parameters decide what a regimen does: on its page, and for programs."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from playwright.sync_api import Locator, Page, expect

from trialeukin.regimen.parse import parse
from trialeukin.store.influence_document import influence_document
from trialeukin.trial.background import background
from trialeukin.trial.changed_background import changed
from trialeukin.trial.influence import influences_of
from trialeukin.trial.response import Body

LONGEST_WAIT = 120_000  # ms
PHONE = {"width": 390, "height": 844}
SHORT = "aldesleukin 1 MIU/m2/day sc days 1-5"


def test_programs_get_what_the_library_finds(client: TestClient) -> None:
    changes = ["il2_linear_clearance=x2"]
    asked = {"text": SHORT, "bsa": 1.7, "weight": 60.0, "draws": 40, "seed": 5, "changed": changes}
    regimen = parse(SHORT)
    place = changed(background("first-remission"), changes)
    found = influences_of(regimen, place, body=Body(bsa=1.7, weight=60.0), draws=40, seed=5)

    answer = client.post("/api/sensitivities", json=asked)

    assert answer.json() == json.loads(json.dumps(influence_document(found, regimen)))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"draws": 1000}, "draws 1000: give at most 500 here"),
        ({"draws": 3}, "greater than or equal to 40"),
        ({"text": "aldesleukin 1 MUI sc day 1"}, "did you mean 'MIU'?"),
        ({"background": "nowhere"}, "nowhere"),
    ],
)
def test_a_wrong_question_is_a_problem_with_the_way_out(client: TestClient, more: dict[str, object], said: str) -> None:
    answer = client.post("/api/sensitivities", json={"text": SHORT, "draws": 40} | more)

    assert answer.status_code == 422
    assert said in answer.json()["faults"][0]["message"]


def decides(page: Page) -> Locator:
    """The part of the page, once its reader has come to it."""
    expect(page.locator("#chart-nk-count .main-svg").first).to_be_visible(timeout=LONGEST_WAIT)
    page.locator("#decides").scroll_into_view_if_needed()
    expect(page.locator("#decides table")).to_have_count(2, timeout=LONGEST_WAIT)
    return page.locator("#decides")


def test_the_page_asks_for_it_when_its_reader_comes_to_it(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/regimen?text={SHORT}")

    expect(decides(browser_page)).to_contain_text("il2_linear_clearance")

    found = Axe().run(browser_page, context="#decides").response["violations"]
    assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []
    browser_page.set_viewport_size(PHONE)
    browser_page.reload()
    decides(browser_page)
    assert browser_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
