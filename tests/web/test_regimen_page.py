import csv
import re
from io import StringIO
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from trialeukin.regimen.library import names
from trialeukin.regimen.parse import parse
from trialeukin.web.charts.calendar_picture import calendar_strips
from trialeukin.web.charts.dose_chart import dose_chart

SHORT = "aldesleukin 1 MIU/m2/day sc days 1-14"
WRONG = "aldesleukin 1 MUI/m2 sc days 1-14"
TYPED_WITHIN = 600  # ms; twice the delay after which a page reads what was typed


@pytest.mark.parametrize("name", names())
def test_every_regimen_of_the_library_has_a_page(client: TestClient, name: str) -> None:
    answer = client.get("/regimen", params={"name": name})

    assert answer.status_code == 200
    assert "What it says" in answer.text


def test_a_reading_shows_canonical_text_doses_and_total(client: TestClient) -> None:
    answer = client.get("/regimen/reading", params={"text": "Aldesleukin 1 MIU/m2/day SC days 1-14"})

    assert SHORT in answer.text
    assert "25.76 MIU" in answer.text  # 14 days x 1.84 m2
    assert answer.headers["HX-Replace-Url"].startswith("/regimen?text=")


def test_a_drug_has_one_colour_in_the_calendar_and_in_the_cumulative_dose() -> None:
    regimen = parse("histamine 0.5 mg sc days 1-14 + aldesleukin 1 MIU sc days 1-14")

    chart, strips = dose_chart(regimen, bsa=1.84, weight=70.0), calendar_strips(regimen)

    assert chart is not None
    assert {strip.turn: strip.drug for strip in strips} == {
        place: trace["name"] for place, trace in enumerate(chart.traces)
    }


def test_a_dose_far_beyond_the_library_has_a_warning(client: TestClient) -> None:
    text = "aldesleukin 1000000 MIU/m2 sc day 1"
    answer = client.get("/regimen/reading", params={"text": text})
    read = client.post("/api/readings", json={"text": text})

    assert "<strong>Warning:</strong> one dose of aldesleukin is 1.84e6 MIU" in answer.text
    assert "blaise-1990" in read.json()["warnings"][0]


@pytest.mark.parametrize("path", ["/regimen/response", "/compare"])
def test_a_rule_that_the_population_of_the_drugs_lacks_asks_for_another(client: TestClient, path: str) -> None:
    asked = {"text": f"{SHORT}; hold while ANC < 1 G/L"}

    refused = client.get(path, params=asked).text
    assert "has no marker for &#39;neutrophils &lt; 1 G/L&#39;" in refused
    assert "20 to 90 % blasts (refractory)" in refused
    assert "has no marker for" not in client.get(path, params=asked | {"place": "refractory"}).text


def test_a_rule_on_no_marker_is_a_fault_at_its_spot(client: TestClient) -> None:
    answer = client.get("/regimen/reading", params={"text": f"{SHORT}; hold while serum rhubarb > 3 mg/dL"})

    assert "has no marker &#39;serum rhubarb&#39;" in answer.text
    assert 'data-line="1" data-column="40"' in answer.text


def test_a_fault_goes_to_its_own_place_with_line_and_character(client: TestClient) -> None:
    answer = client.get("/regimen/reading", params={"text": WRONG})

    assert answer.headers["HX-Retarget"] == "#faults"
    assert 'data-line="1" data-column="15" data-width="6"' in answer.text
    assert "did you mean &#39;MIU/m2&#39;?" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("bsa", "ten", "body surface &#39;ten&#39;: give a number of m2 from 0.1 to 4"),
        ("weight", "-3", "body weight -3 kg: give a number from 1 to 400"),
        ("bsa", "nan", "body surface nan m2: give a number from 0.1 to 4"),
    ],
)
def test_a_wrong_size_is_refused_with_what_is_allowed(client: TestClient, field: str, value: str, said: str) -> None:
    answer = client.get("/regimen/reading", params={"text": SHORT, field: value})

    assert said in answer.text


def test_every_wrong_field_is_said_beside_itself_at_once(client: TestClient) -> None:
    answer = client.get("/regimen/reading", params={"text": WRONG, "bsa": "1,7", "weight": "-3"})

    beside = {field: answer.text.split(f'id="at-{field}"')[1].split("</div>")[0] for field in ("bsa", "weight")}
    assert "write decimals with a point" in beside["bsa"]
    assert "give a number from 1 to 400" in beside["weight"]
    assert "body" not in answer.text.split('id="at-bsa"')[0]
    assert "did you mean &#39;MIU/m2&#39;" in answer.text.split('id="at-bsa"')[0]


def test_a_dose_that_is_unknown_is_read_and_said_not_to_be_followed(client: TestClient) -> None:
    answer = client.get("/regimen/reading", params={"text": "aldesleukin dose unknown sc days 1-5"})

    assert "A dose of aldesleukin is unknown, so exposure and cells are not computed" in answer.text
    assert "/regimen/response" not in answer.text
    assert "Dose table" in answer.text


def test_a_text_is_shown_and_never_obeyed(client: TestClient) -> None:
    answer = client.get("/regimen", params={"text": "<script>alert(1)</script>"})

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_british_american_and_trade_names_find_the_same_regimens(client: TestClient) -> None:
    found = [
        set(re.findall(r"name=([\w.-]+)", client.get("/regimen/library", params={"q": word}).text))
        for word in ("leukaemia", "leukemia")
    ]
    trade, generic = (
        set(re.findall(r"name=([\w.-]+)", client.get("/regimen/library", params={"q": word}).text))
        for word in ("Proleukin", "aldesleukin")
    )

    assert found[0] == found[1]
    assert trade == generic
    assert "calgb-19808" in trade


def test_the_response_of_typical_and_virtual_patients_is_drawn_with_a_table_behind_each_chart(
    client: TestClient,
) -> None:
    answer = client.get("/regimen/response", params={"text": SHORT})

    charts = answer.text.count('<figure class="chart"')
    assert charts >= 6
    assert answer.text.count("<summary>Table and downloads") == charts
    assert "200 virtual ones" in answer.text


def test_a_drug_that_no_model_takes_is_said_with_the_reason(client: TestClient) -> None:
    answer = client.get("/regimen/response", params={"text": "bempegaldesleukin 6 ug/kg iv over 30 min day 1"})

    assert answer.status_code == 422
    assert "enters nowhere in model" in answer.text


def test_typing_shows_doses_and_then_the_response(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/regimen")

    browser_page.get_by_label("Regimen", exact=True).press_sequentially(SHORT)

    expect(browser_page.locator(".canonical")).to_have_text(SHORT)
    expect(browser_page.locator("#chart-nk-count .main-svg").first).to_be_visible()
    expect(browser_page).to_have_url(re.compile(r"text=aldesleukin"))


def test_a_fault_is_marked_in_the_text_and_the_earlier_reading_stays(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/regimen?text={quote(SHORT)}")
    area = browser_page.get_by_label("Regimen", exact=True)

    area.fill(WRONG)

    expect(browser_page.locator(".editor mark")).to_have_text("MUI/m2")
    expect(area).to_have_attribute("aria-invalid", "true")
    expect(browser_page.locator(".canonical")).to_have_text(SHORT)
    browser_page.get_by_role("button", name="line 1, character 15").click()
    assert area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)") == "MUI/m2"
    area.fill(SHORT)
    expect(browser_page.locator("#faults .fault")).to_have_count(0)
    expect(area).to_have_attribute("aria-invalid", "false")


def test_a_table_opened_after_typing_stays_open_until_a_field_has_another_value(
    server: str, browser_page: Page
) -> None:
    browser_page.goto(f"{server}/regimen")
    area = browser_page.get_by_label("Regimen", exact=True)
    area.press_sequentially(SHORT)
    table = browser_page.locator("#chart-nk-count details")
    expect(browser_page.locator("#chart-nk-count .main-svg").first).to_be_visible()
    expect(area).to_be_focused()
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))

    table.locator("summary").click()
    area.blur()
    browser_page.wait_for_timeout(TYPED_WITHIN)
    stays = table.get_attribute("open")
    with browser_page.expect_response("**/regimen/reading*"):
        browser_page.get_by_label("Weight").fill("80")
    with browser_page.expect_response("**/regimen/reading*"):
        browser_page.get_by_label("Population").select_option(index=1)

    assert stays == ""
    assert len([url for url in asked if "/regimen/reading" in url]) == 2


def test_the_whole_way_can_be_gone_by_keyboard(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/regimen")

    browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_role("link", name="Skip to the page")).to_be_focused()
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_label("Regimen", exact=True)).to_be_focused()
    browser_page.keyboard.type(SHORT)

    expect(browser_page.locator("#chart-treg-count")).to_be_visible()


def test_a_table_and_a_picture_of_a_chart_can_be_saved(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/regimen?text={quote(SHORT)}")
    figure = browser_page.locator("#chart-nk-count")
    expect(figure.locator(".main-svg").first).to_be_visible()
    figure.locator("summary").click()

    saved = {}
    for kind in ("CSV", "SVG"):
        with browser_page.expect_download() as download:
            figure.get_by_role("button", name=kind).click()
        saved[kind] = download.value.path().read_text(encoding="utf-8")

    assert saved["CSV"].startswith('"days since the start of treatment","median","typical patient"')
    assert saved["SVG"].startswith("<svg")


def test_numbers_in_a_saved_table_are_such_as_programs_read(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/regimen?text={quote('donor lymphocytes 1e8 CD3/kg iv day 0')}")
    figure = browser_page.locator("#chart-leukaemia-burden")
    figure.locator("summary").click()
    shown = figure.locator("details table").inner_text()

    with browser_page.expect_download() as download:
        figure.get_by_role("button", name="CSV").click()
    rows = list(csv.reader(StringIO(download.value.path().read_text(encoding="utf-8"))))

    assert " × 10" in shown
    for row in rows[1:]:
        for cell in row:
            for number in re.split(r" \(| to |\)$", cell):
                assert number in {"", "–"} or float(number) >= 0.0


def test_cells_of_a_donor_are_not_said_to_fall_as_leukaemia_does(client: TestClient) -> None:
    text = client.get("/regimen/response", params={"text": "donor lymphocytes 1e8 CD3/kg iv day 0"}).text

    captions = dict(re.findall(r'id="chart-([\w-]+)".*?<figcaption>(.*?)</figcaption>', text, re.S))
    assert [name for name, caption in captions.items() if "Who dies leaves the fan" in caption] == ["leukaemia-burden"]
    assert len(captions) > 1
