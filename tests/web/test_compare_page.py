import re
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

SHORT = "aldesleukin 1 MIU/m2/day sc days 1-14"
WRONG = "aldesleukin 1 MUI/m2 sc days 1-14"
PHONE = {"width": 390, "height": 844}
CLIPBOARD = "navigator.clipboard.writeText = async (text) => { window.copied = text; }"  # that of a machine is not ours
LONGEST_WAIT = 90_000  # ms; some seconds a regimen, on a busy machine many more
COLOURS = ("blue", "orange", "green", "purple")


def address(*texts: str, path: str = "/compare", **more: str) -> str:
    pairs = [
        pair for text, colour in zip(texts, COLOURS, strict=False) for pair in (("text", text), ("colour", colour))
    ]
    return f"{path}?{urlencode([*pairs, *more.items()])}"


def test_an_empty_page_offers_an_example_that_works(client: TestClient) -> None:
    page = client.get("/compare").text

    example = re.search(r'Try <a href="([^"]+)"', page)
    assert example
    answer = client.get(example[1].replace("&amp;", "&"))
    assert answer.status_code == 200
    assert "calgb-19808" in answer.text
    assert 'class="fault"' not in answer.text


def test_a_reading_holds_every_regimen_and_the_address_that_shows_it_again(client: TestClient) -> None:
    answer = client.get(address("none", SHORT, "library:ccg-2961", path="/compare/reading"))

    assert SHORT in answer.text
    again = client.get(answer.headers["HX-Replace-Url"])
    assert [label in again.text for label in ("observation", "regimen 2", "ccg-2961")] == [True] * 3


def test_each_fault_goes_to_its_own_editor_and_the_earlier_reading_stays(client: TestClient) -> None:
    answer = client.get(address("none", WRONG, "nothing", path="/compare/reading"))

    boxes = dict(re.findall(r'<div id="faults-(\d)"[^>]*>(.*?)</div>\s*(?=<div id="faults|$)', answer.text, re.S))
    assert answer.headers["HX-Reswap"] == "none"
    assert 'data-line="1" data-column="15" data-width="6"' in boxes["2"]
    assert "fault" in boxes["3"]
    assert [boxes[number].strip() for number in ("0", "1", "4")] == ["", "", ""]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("text=none&text=none", "label &#39;observation&#39; is that of an earlier regimen: give another"),
        ("text=none&colour=pink", "colour &#39;pink&#39;: there are blue, orange, green, purple"),
        (
            f"text=none&colour=blue&text={SHORT}&colour=blue",
            "blue is the colour of &#39;observation&#39;: free are orange, green, purple",
        ),
        (f"text=none&label={'x' * 41}", "the label has 41 characters: give at most 40"),
        ("text=none&place=mars", "no background &#39;mars&#39;"),
        (f"text={SHORT}&place=new-aml", "enters nowhere in model"),
    ],
)
def test_a_wrong_label_colour_or_background_is_said_with_the_way_out(client: TestClient, query: str, said: str) -> None:
    assert said in client.get(f"/compare?{query}").text


def test_more_regimens_than_places_are_refused(client: TestClient) -> None:
    answer = client.get("/compare?" + "&".join(["text=none"] * 5))

    assert answer.status_code == 422
    assert "5 regimens, some in places after the fourth: give at most 4" in answer.text


def test_a_label_is_shown_and_never_obeyed(client: TestClient) -> None:
    answer = client.get("/compare", params={"text": "none", "label": "<script>alert(1)</script>"})

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_a_published_regimen_is_added_by_a_link_until_four_are_there(client: TestClient) -> None:
    three = client.get(address("none", SHORT, "library:ccg-2961", path="/compare/library", q="mp-ma"))
    four = client.get(address("none", SHORT, "library:ccg-2961", "library:calgb-19808", path="/compare/library"))

    assert "text=library%3Amp-ma-0201&amp;label=&amp;colour=purple" in three.text
    assert "All four places are taken" in four.text


def test_exposure_and_cells_stand_on_common_axes_with_a_table_behind_each_chart(client: TestClient) -> None:
    answer = client.get(address("none", SHORT, path="/compare/response"), headers={"hx-request": "true"})

    charts = answer.text.count('<figure class="chart"')
    assert charts >= 8
    assert answer.text.count("<summary>Table and downloads") == charts
    nk = answer.text.partition('id="chart-nk-count"')[2].partition("</figure>")[0]
    assert '"name":"observation"' in nk
    assert '"name":"regimen 2"' in nk


def test_a_fan_says_that_the_dead_have_left_it_and_that_leukaemia_falls_as_they_do(client: TestClient) -> None:
    answer = client.get(address("none", SHORT, path="/compare/response"), headers={"hx-request": "true"}).text

    captions = dict(re.findall(r'id="chart-([\w-]+)".*?<figcaption>(.*?)</figcaption>', answer, re.S))
    assert "Dosing ends with a discontinuation, a relapse during follow-up or death." in answer
    assert all("of those alive each day" in caption for caption in captions.values())
    first = [name for name, caption in captions.items() if "Shown are the first 21 of" in caption]
    assert first == ["il2-concentration"]
    falling = [name for name, caption in captions.items() if "falls as those with most leukaemia die" in caption]
    assert falling == ["leukaemia-burden"]


def test_without_javascript_each_part_is_a_page_of_its_own(client: TestClient) -> None:
    page = client.get(address("none", SHORT, path="/compare/response")).text

    assert "<!doctype html>" in page
    assert "Show what differs" in page


def test_differences_keep_patients_and_what_is_not_known_apart(client: TestClient) -> None:
    page = client.get(address("none", SHORT, path="/compare/differences"), headers={"hx-request": "true"}).text

    assert "95 % interval from what is not known" in page
    assert "between patients, 5th to 95th percentile" in page
    assert re.search(r"[\d.]+ % only with observation, [\d.]+ % only here", re.sub(r"<[^>]+>", "", page))
    assert 'id="chart-alive-without-relapse"' in page
    assert 'id="chart-tolerability"' in page


def test_what_few_draws_leave_unknown_is_a_dash(client: TestClient) -> None:
    deadly = "aldesleukin 600000 IU/kg iv over 15 min every 8 h days 1-5, 15-19"

    answer = client.get(address(deadly, "none", path="/compare/differences"), headers={"hx-request": "true"})

    assert answer.status_code == 200
    assert "<td>–</td>" in answer.text or ">–<" in answer.text


def test_a_comparison_is_the_same_for_programs(client: TestClient) -> None:
    asked = {"regimens": ["none", SHORT], "patients": 20, "draws": 4}

    found = client.post("/api/comparisons", json=asked).json()

    area = next(each for each in found["measures"] if each["name"].startswith("area under the curve"))
    assert found["regimens"] == ["none", SHORT]
    assert area["levels"][0]["mean"] == 0.0
    assert area["differences"][0]["lower"] > 0.0


def test_programs_ask_what_if_a_parameter_were_another_and_the_usual_answer_stays(client: TestClient) -> None:
    asked = {"regimens": ["none", SHORT], "patients": 20, "draws": 0}

    answers = [
        client.post("/api/comparisons", json=asked | more).json()
        for more in ({}, {"changed": ["il2_bioavailability_sc=x0.5"]}, {})
    ]
    usual, half, again = (
        next(each["levels"][1]["mean"] for each in found["measures"] if each["name"].startswith("area under the curve"))
        for found in answers
    )

    assert usual == again
    assert 0.4 < half / usual < 0.6  # what receptors clear saturates
    assert [each["changed"] for each in answers] == [
        [],
        [{"name": "il2_bioavailability_sc", "value": 0.2726535, "usual": 0.545307, "unit": "1"}],
        [],
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"changed": ["il2_linear_clearance=2"]},
            "give the value's unit too, such as mL/min/m^2",
        ),
        ({"regimens": ["none", WRONG]}, "regimens.1: "),
        ({"patients": 10_000}, "patients 10000: give at most 500 here, or a run"),
        ({"draws": 51}, "draws 51: give at most 50 here"),
        ({"draws": 2}, "draws 2: give 0 for none, or 4 or more"),
        ({"regimens": []}, "regimens: list should have at least 1 item"),
    ],
)
def test_a_wrong_comparison_is_a_problem_with_the_way_out(
    client: TestClient, more: dict[str, object], said: str
) -> None:
    answer = client.post("/api/comparisons", json={"regimens": ["none"], "patients": 20, "draws": 0} | more)

    assert answer.status_code == 422
    assert said in answer.json()["faults"][0]["message"]


def test_a_field_that_was_left_as_it_was_changes_nothing_on_the_page(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/compare")
    text = browser_page.get_by_label("Text of regimen 1")
    with browser_page.expect_response("**/compare/reading*"):
        text.fill("none")
    expect(browser_page).to_have_url(re.compile("text=none"))
    expect(browser_page.locator("#chart-nk-count .main-svg").first).to_be_visible(timeout=LONGEST_WAIT)
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))

    text.blur()
    with browser_page.expect_response("**/compare/reading*"):
        browser_page.get_by_label("Population").select_option(index=1)

    assert len([url for url in asked if "/compare/reading" in url]) == 1


def test_typing_two_regimens_shows_both_and_then_what_differs(server: str, browser_page: Page) -> None:
    browser_page.add_init_script(CLIPBOARD)
    browser_page.goto(f"{server}/compare")

    browser_page.get_by_label("Text of regimen 1").fill("none")
    browser_page.get_by_label("Text of regimen 2").press_sequentially(SHORT)

    expect(browser_page).to_have_url(re.compile(r"text=none.*text=aldesleukin.*1-14&"), timeout=LONGEST_WAIT)
    expect(browser_page.locator("#chart-nk-count .main-svg").first).to_be_visible(timeout=LONGEST_WAIT)
    expect(browser_page.locator("#chart-alive .main-svg").first).to_be_visible(timeout=LONGEST_WAIT)
    browser_page.get_by_role("button", name="Copy the table").click()
    expect(browser_page.locator("#chart-differences [role='status']")).to_contain_text("Copied")
    copied = str(browser_page.evaluate("window.copied"))
    assert copied.startswith("measure\tunit\tregimen\tmean\t")
    assert {line.count("\t") for line in copied.strip().split("\n")} == {7}


def test_a_fault_is_marked_in_its_own_text_alone(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}{address('none', SHORT)}")
    first, second = (browser_page.get_by_label(f"Text of regimen {number}") for number in (1, 2))

    second.fill(WRONG)

    expect(browser_page.locator(".editor mark")).to_have_text("MUI/m2")
    expect(second).to_have_attribute("aria-invalid", "true")
    expect(first).to_have_attribute("aria-invalid", "false")
    browser_page.get_by_role("button", name="line 1, character 15").click()
    assert second.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)") == "MUI/m2"
    second.fill(SHORT)
    expect(second).to_have_attribute("aria-invalid", "false")


def test_the_whole_way_can_be_gone_by_keyboard(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/compare")

    browser_page.get_by_role("link", name="Skip to the page").focus()
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_label("Text of regimen 1")).to_be_focused()
    browser_page.keyboard.type("none")
    for _ in range(3):
        browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_label("Text of regimen 2")).to_be_focused()
    browser_page.keyboard.type(SHORT)

    expect(browser_page.locator("#chart-treg-count")).to_be_visible(timeout=LONGEST_WAIT)


def test_a_phone_opens_one_measure_under_all_regimens_and_lists_what_it_can_jump_to(
    server: str, browser_page: Page
) -> None:
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{server}{address('none', SHORT)}")
    table = browser_page.locator("#chart-differences table")
    measure = table.get_by_role("button", name="Details of highest NK cells in blood")
    expect(measure).to_be_visible(timeout=LONGEST_WAIT)
    expect(table.get_by_role("cell", name="regimen 2")).to_have_count(0)

    measure.click()

    expect(table.get_by_role("cell", name="regimen 2")).to_have_count(1)
    expect(table.get_by_role("cell", name="regimen observation")).to_have_count(1)
    places = browser_page.get_by_role("navigation", name="Figures of this part").get_by_role("link").all()
    targets = [str(link.get_attribute("href")) for link in places]
    assert targets[-1] == "#differences"
    assert all(browser_page.locator(target).count() == 1 for target in targets)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_scrolls_down_only(server: str, browser_page: Page, scheme: str) -> None:
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{server}{address('none', SHORT)}")
    expect(browser_page.locator("#chart-alive .main-svg").first).to_be_visible(timeout=LONGEST_WAIT)

    found = Axe().run(browser_page).response["violations"]

    assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []
    assert browser_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
