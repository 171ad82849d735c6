import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from trialeukin.inference.cases import all_cases
from trialeukin.inference.prediction import Part, Prediction
from trialeukin.model.named import all_names, components_of, system_of
from trialeukin.web.charts.observed_chart import observed_charts

PHONE = {"width": 390, "height": 844}
MODEL = "il2-immune"
PARAMETER = "nk_activation_half_signal"
DESK, PAPER = {"width": 1280, "height": 900}, {"width": 688, "height": 1000}  # px; paper is A4 less its margins
WIDTHS = "() => [...document.querySelectorAll('.equations math')].map((each) => each.getBoundingClientRect().width)"
CUT = """() => [...document.querySelectorAll(".equations, .equations *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 120))"""
FIRST = 30_000  # ms; a model is composed and compiled on a busy machine


@pytest.mark.parametrize("name", all_names())
def test_every_model_has_a_page_with_its_equations_diagram_and_parameters(client: TestClient, name: str) -> None:
    text = client.get(f"/models/{name}").text

    assert text.count("<math") > len(system_of(name).states)
    assert text.count('class="component"') == len(components_of(name))
    assert f"{len(system_of(name).parameters)} parameters</p>" in text
    assert re.search(r"<svg[^>]*viewBox", text)


@pytest.mark.parametrize("name", all_names())
def test_the_policy_against_inline_styles_is_kept_by_every_model(client: TestClient, name: str) -> None:
    text = client.get(f"/models/{name}").text

    assert not re.search(r"\sstyle=|<style", text)


@pytest.mark.parametrize("name", all_names())
def test_the_first_effect_of_every_model_is_computed_without_a_choice(client: TestClient, name: str) -> None:
    answer = client.get(f"/models/{name}/effect")

    assert answer.status_code == 200
    assert "<figure" in answer.text


def test_the_usual_value_tried_changes_nothing(client: TestClient) -> None:
    usual = system_of(MODEL).parameters[PARAMETER].value

    text = client.get(f"/models/{MODEL}/effect", params={"parameter": PARAMETER, "value": repr(usual)}).text

    rows = re.findall(r'<tr><th scope="row">(?:lowest|highest).*?</tr>', text)
    assert rows
    assert all(re.findall(r'class="number">([^<]*)', row)[2] == "0" for row in rows)


def test_a_half_signal_out_of_reach_lowers_the_nk_cells(client: TestClient) -> None:
    asked = {"parameter": PARAMETER, "value": "1e5", "quantity": "nk_count", "text": "library:calgb-19808"}

    text = client.get(f"/models/{MODEL}/effect", params=asked).text

    row = re.search(r"highest NK count.*?</tr>", text)
    assert row is not None
    assert float(re.findall(r'class="number">([^<]*)', row.group())[3]) < 1.0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"parameter": "nk_activation_halfsignal"}, "did you mean &#39;nk_activation_half_signal&#39;?"),
        ({"parameter": PARAMETER, "value": "much"}, "give a number of pmol/L"),
        ({"parameter": PARAMETER, "value": "-1"}, "on the log scale: give more than 0"),
        ({"quantity": "nk_cuont"}, "did you mean &#39;nk_count&#39;?"),
        ({"text": "cytarabine 1 g/m2 iv over 1 h day 1"}, "enters nowhere in model il2-immune"),
        ({"text": "aldesleukin 1 MUI/m2 sc day 1"}, "did you mean &#39;MIU/m2&#39;?"),
        ({"days": "0"}, "days 0 day: give a number from 1 to"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_the_way_out(
    client: TestClient, asked: dict[str, str], said: str
) -> None:
    answer = client.get(f"/models/{MODEL}/effect", params=asked)

    assert answer.status_code == 422
    assert said in answer.text


def test_there_is_nothing_at_a_name_that_no_model_has(client: TestClient) -> None:
    answer = client.get("/models/il2-imune")

    assert answer.status_code == 404
    assert "did you mean &#39;il2-immune&#39;?" in answer.text


def test_parameters_are_found_by_words_of_name_source_and_verdict(client: TestClient) -> None:
    by_name, by_source, by_verdict, nothing = (
        client.get(f"/models/{MODEL}/parameters", params={"q": q}).text
        for q in ("nk activation", "Konrad", "weakly identified", "unobtainium")
    )

    assert "NK activation half signal" in by_name
    assert "Konrad 1990" in by_source
    assert "weakly identified, shrinkage" in by_verdict
    assert "No parameter has these words" in nothing


def test_another_parameter_drops_the_value_of_the_one_before(client: TestClient) -> None:
    text = client.get(f"/models/{MODEL}/slider", params={"parameter": PARAMETER, "value": "12345"}).text

    assert "12345" not in text


def test_the_slider_and_the_number_go_together_and_draw_the_effect(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/models/{MODEL}?parameter={PARAMETER}")
    expect(browser_page.locator("#chart-effect .main-svg").first).to_be_visible(timeout=FIRST)
    slider, number = browser_page.get_by_role("slider"), browser_page.get_by_label("Tried value")

    slider.focus()
    for _ in range(20):
        browser_page.keyboard.press("ArrowLeft")

    value = number.input_value()
    expect(browser_page.locator("#effect figcaption")).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", f"{value} pmol/L")
    expect(browser_page).to_have_url(re.compile(f"value={re.escape(value)}"))
    number.fill("175")
    number.press("Enter")
    expect(browser_page).to_have_url(re.compile("value=175"))
    assert 95 <= int(slider.input_value()) <= 105


def test_leaving_the_regimen_as_it_was_typed_follows_nobody_again(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/models/{MODEL}?parameter={PARAMETER}")
    expect(browser_page.locator("#chart-effect .main-svg").first).to_be_visible(timeout=FIRST)
    area = browser_page.get_by_label("Regimen of the typical patient")
    with browser_page.expect_response("**/effect?*"):
        area.fill("aldesleukin 1 MIU/m2/day sc days 1-14")
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))

    area.blur()
    with browser_page.expect_response("**/effect?*"):
        browser_page.get_by_label("What is followed").select_option(index=1)

    assert len([url for url in asked if "/effect?" in url]) == 1


def test_another_parameter_brings_its_own_slider(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/models/{MODEL}?parameter={PARAMETER}")
    expect(browser_page.locator("#chart-effect .main-svg").first).to_be_visible(timeout=FIRST)

    browser_page.get_by_label("Parameter", exact=True).select_option("il2_linear_clearance")

    expect(browser_page.locator("label[for=range]")).to_contain_text("IL-2 linear clearance")
    expect(browser_page).to_have_url(re.compile("parameter=il2_linear_clearance"))
    expect(browser_page.locator("#effect figcaption")).to_contain_text("IL-2 linear clearance")


def test_an_equation_is_drawn_as_mathematics(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/models/friberg-2002")

    fraction = browser_page.locator("math mfrac").first

    box = fraction.bounding_box()
    assert box is not None
    line = browser_page.locator("math mfrac > *").first.bounding_box()
    assert line is not None
    assert box["height"] > 1.5 * line["height"]  # numerator over denominator


@pytest.mark.parametrize("name", ["il2-products", "aml-maintenance", "stiehl-2015"])
def test_long_equations_are_broken_on_paper_cut_nowhere_and_as_they_were_on_the_screen_again(
    server: str, browser_page: Page, name: str
) -> None:
    browser_page.set_viewport_size(DESK)
    browser_page.goto(f"{server}/models/{name}")
    browser_page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    before = browser_page.evaluate(WIDTHS)

    browser_page.emulate_media(media="print")
    browser_page.set_viewport_size(PAPER)
    expect(browser_page.locator(".equations .broken").first).to_be_visible()
    cut = browser_page.evaluate(CUT)
    browser_page.emulate_media(media="null")
    browser_page.set_viewport_size(DESK)

    assert max(before) > PAPER["width"]
    assert cut == []
    assert browser_page.evaluate(WIDTHS) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_scrolls_down_only(server: str, browser_page: Page, scheme: str) -> None:
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{server}/models/aml-maintenance")
    expect(browser_page.locator(".loading")).to_have_count(0, timeout=FIRST)
    for each in browser_page.locator("details.component:not([open]) > summary").all()[:5]:
        each.click()

    violations = Axe().run(browser_page).response["violations"]

    assert [each["id"] for each in violations if each["impact"] in {"serious", "critical"}] == []
    assert browser_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_programs_get_equations_parameters_and_courses(client: TestClient) -> None:
    model = client.get(f"/api/models/{MODEL}").json()
    parameters = client.get(f"/api/models/{MODEL}/parameters", params={"q": "nk activation"}).json()
    asked = {"parameter": PARAMETER, "value": 1e5, "quantity": "nk_count"}
    courses = client.post(f"/api/models/{MODEL}/courses", json=asked).json()

    assert model["components"][0]["equations"][0].startswith(r"\begin{aligned}")
    assert PARAMETER in {each["name"] for each in parameters}
    assert len(courses["days"]) == len(courses["usual_course"]) == len(courses["tried_course"])
    assert courses["extremes"][0]["highest"][1] < courses["extremes"][0]["highest"][0]


def test_a_value_that_no_course_follows_is_the_fault_of_the_request(client: TestClient) -> None:
    asked = {"parameter": "renewal", "value": 0.425}

    answer = client.post("/api/models/stiehl-2015/courses", json=asked)

    assert answer.status_code == 422
    assert "could not be followed to its end (negative_state)" in answer.json()["detail"]


def test_an_interval_of_a_prediction_is_not_called_that_of_the_observation() -> None:
    case = all_cases()[0]
    made = Prediction(case=case, value=2.0, low=1.0, high=2.1, part=Part.PARAMETERS, draws=40)

    (chart,) = observed_charts([made])

    assert "95 % prediction interval of the published number" in chart.words.caption
    assert "need not lie in its middle" in chart.words.caption
    assert chart.layout["yaxis"]["title"]["text"] in {"predicted, % of patients", "predicted, in the unit of each"}
