import json
import re

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.selection import named_pools
from trialeukin.report.forest_figure import Forest, ForestRow, RowKind
from trialeukin.web.charts.forest_chart import forest_chart
from trialeukin.web.charts.point_names import LINE
from trialeukin.web.search import matches

MARGINS = 56  # px that charts.js leaves above and below the axes


def found(client: TestClient, **asked: str) -> set[str]:
    return set(re.findall(r'/evidence/studies/(\w+)"', client.get("/evidence/list", params=asked).text))


@pytest.mark.parametrize("name", own_studies())
def test_every_study_of_the_base_has_a_page_with_its_sources_and_its_quality(client: TestClient, name: str) -> None:
    answer = client.get(f"/evidence/studies/{name}")

    assert answer.status_code == 200
    assert "not assessed" in answer.text
    assert answer.text.count("<dt>From</dt>") == len(own_studies()[name].arms)


def test_without_a_word_all_studies_are_listed(client: TestClient) -> None:
    assert found(client) == set(own_studies())


@pytest.mark.parametrize(
    ("asked", "one_in", "one_out"),
    [
        ({"disease": "CML"}, "VEY1999", "KOLITZ2014"),
        ({"disease": "ALL"}, "ATTAL1995", "FC_IL2_2005"),
        ({"setting": "gvhd"}, "KORETH2016", "KOLITZ2014"),
        ({"route": "civ"}, "BLAISE2000", "KOLITZ2014"),
        ({"schedule": "pulses of higher doses"}, "KOLITZ2014", "KORETH2016"),
        ({"schedule": "continuous infusion"}, "LANGE2008", "KOLITZ2014"),
        ({"design": "randomised"}, "KOLITZ2014", "KORETH2016"),
        ({"q": "thrombocytopenia"}, "SIEVERS1998", "KOLITZ2014"),
    ],
)
def test_a_filter_takes_what_it_names_and_nothing_else(
    client: TestClient, asked: dict[str, str], one_in: str, one_out: str
) -> None:
    names = found(client, **asked)

    assert one_in in names
    assert one_out not in names


@pytest.mark.parametrize(
    ("british", "american"),
    [("leukaemia", "leukemia"), ("haematological", "hematological"), ("acute myeloid leukaemia", "AML")],
)
def test_both_spellings_and_the_short_name_find_the_same_studies(
    client: TestClient, british: str, american: str
) -> None:
    names = found(client, q=british)

    assert names == found(client, q=american)
    assert len(names) > 1


def test_all_in_capitals_is_a_disease_and_in_small_letters_a_word() -> None:
    assert matches("ALL", "adult ALL in remission")
    assert not matches("ALL", "all patients with AML")


def test_the_address_follows_the_filter(client: TestClient) -> None:
    answer = client.get("/evidence/list", params={"disease": "AML", "route": "sc"})

    assert answer.headers["HX-Replace-Url"] == "/evidence?disease=AML&route=sc"


def test_nothing_found_says_what_to_do(client: TestClient) -> None:
    assert "No study is all of this" in client.get("/evidence", params={"q": "unobtainium"}).text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/evidence?route=oral", "route &#39;oral&#39;: there are iv bolus, iv, civ, sc, im, ip"),
        ("/evidence?disease=gout", "disease &#39;gout&#39;: there are AML, ALL, CML, CLL, hairy cell"),
        ("/evidence/pools?disease=gout", "disease &#39;gout&#39;: there are AML, ALL, CML, CLL, hairy cell"),
        ("/evidence/exposure?measure=areas", "there are dose, area, above-treg"),
        ("/evidence/pools?pool=aml-cr3", "did you mean"),
        ("/evidence/pools?outcome=pfs", "outcome &#39;pfs&#39;: there are lfs, os; did you mean &#39;lfs&#39;?"),
    ],
)
def test_a_word_that_is_no_choice_is_refused_with_those_there_are(client: TestClient, path: str, said: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 422
    assert said in answer.text


def test_a_study_that_is_not_there_is_not_found_and_the_nearest_is_named(client: TestClient) -> None:
    answer = client.get("/evidence/studies/KOLITZ2013")

    assert answer.status_code == 404
    assert "did you mean &#39;KOLITZ2014&#39;?" in answer.text


@pytest.mark.parametrize("name", named_pools())
def test_a_pool_is_never_without_k_method_and_heterogeneity(client: TestClient, name: str) -> None:
    text = client.get("/evidence/pools/forest", params={"pool": name}).text

    caption = re.search(r"<figcaption>(.*?)</figcaption>", text, re.DOTALL)
    assert caption is not None
    plain = re.sub("<[^>]+>", "", caption.group(1))
    assert re.search(r"k = (\d; random effects.*I² = \d+ %|1; its own effect and interval.*nothing can be said)", plain)


@pytest.mark.parametrize("part", ["pools/forest", "exposure/chart"])
def test_a_pool_without_a_study_says_why_each_is_left_out(client: TestClient, part: str) -> None:
    """An answer, not a fault of who asks: the form offers every pool with every outcome."""
    answer = client.get(f"/evidence/{part}", params={"pool": "aml-cr1-histamine", "outcome": "os"})

    assert answer.status_code == 200
    assert "The evidence cannot answer" in answer.text
    assert "The input is wrong" not in answer.text
    assert re.search(r"no hazard ratio of OS[^<]*: [^<]*BRUNE2006", answer.text)


def test_a_study_that_is_left_out_is_in_no_pool_of_the_page_and_of_the_interface(client: TestClient) -> None:
    without = {"pool": "aml-cr1", "exclude": "kolitz2014, PAUTAS2010"}
    asked = [("exclude", "KOLITZ2014"), ("exclude", "PAUTAS2010")]

    page = client.get("/evidence/pools", params=without).text
    part = client.get("/evidence/pools/forest", params=without)
    found = client.get("/api/evidence/pools/aml-cr1", params=asked).json()
    decided = client.get("/api/evidence/pools/aml-cr1/decision", params=asked).json()

    assert 'name="exclude" size="14" value="KOLITZ2014 PAUTAS2010"' in page
    assert "exclude=KOLITZ2014+PAUTAS2010" in page
    assert part.headers["HX-Replace-Url"].endswith("exclude=KOLITZ2014+PAUTAS2010")
    caption = re.search(r"<figcaption>(.*?)</figcaption>", part.text, re.DOTALL)
    assert caption is not None
    assert f"k = {found['pooled']['k']}" in re.sub("<[^>]+>", "", caption.group(1))
    assert not {"KOLITZ2014", "PAUTAS2010"} & {each["study"] for each in found["trials"]}
    assert {each["study"] for each in found["left_out"]} == {"KOLITZ2014", "PAUTAS2010"}
    assert not any("KOLITZ2014" in each["seen_as"] for each in decided["views"])


@pytest.mark.parametrize(
    ("path", "name", "said"),
    [
        (
            "/api/evidence/pools/aml-cr1",
            "KOLITZ2013",
            "did you mean 'KOLITZ2014'?; pool 'aml-cr1' is of BLAISE",
        ),
        (
            "/api/evidence/pools/aml-cr1",
            "STEIN2003",
            "STEIN2003 cannot be excluded: pool 'aml-cr1' is of BLAISE",
        ),
        ("/api/evidence/pooled", "NOBODY", "cannot leave out 'NOBODY': no study of the base has that name"),
        ("/api/evidence/pools/aml-cr1/exposure", "NOBODY", "cannot leave out 'NOBODY'"),
        ("/api/evidence/pools/aml-cr1/decision", "NOBODY", "cannot leave out 'NOBODY'"),
    ],
)
def test_leaving_out_who_is_not_there_is_refused_with_who_is(
    client: TestClient, path: str, name: str, said: str
) -> None:
    answer = client.get(path, params={"exclude": name})

    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_a_page_refuses_to_leave_out_a_study_that_is_not_there(client: TestClient) -> None:
    answer = client.get("/evidence/pools/forest", params={"exclude": "KOLITZ2013"})

    assert answer.status_code == 422
    assert "did you mean &#39;KOLITZ2014&#39;" in answer.text


def test_the_line_of_no_effect_runs_through_no_words_of_a_row() -> None:
    row = {"value": 0.9, "lower": 0.7, "upper": 1.2}
    labels = ("SHORT", "with a trial of unknown sign, taken to favour the control arm of it")
    rows = tuple(ForestRow(kind=RowKind.STUDY, label=label, **row) for label in labels)
    better = ("IL-2 better", "control better")

    chart = forest_chart(Forest(title="pool", better=better, rows=rows, prediction=None, foot=("k = 2",)), "forest")

    words = [
        (each["y"] - 16 * (each["text"].count("<br>") + 1) / 60, each["y"]) for each in chart.layout["annotations"]
    ]
    assert words[1][1] - words[1][0] == pytest.approx(32 / 60)  # two lines of 16 in a row of 60
    for line in chart.layout["shapes"]:
        assert line["y0"] < line["y1"]
        assert all(line["y1"] <= top + 1e-9 or line["y0"] >= bottom for top, bottom in words)


def test_a_simulated_row_has_a_glyph_and_a_colour_of_its_own_and_says_so_in_the_table() -> None:
    row = {"value": 0.9, "lower": 0.7, "upper": 1.2}
    kinds = (RowKind.STUDY, RowKind.TOTAL, RowKind.SIMULATED)
    forest = Forest(
        title="pool",
        better=("IL-2 better", "control better"),
        rows=tuple(ForestRow(kind=kind, label=kind.value, **row) for kind in kinds),
        prediction=None,
        foot=("k = 1",),
    )

    chart = forest_chart(forest, "forest")

    real, _, simulated = chart.traces
    assert real["marker"]["symbol"] != simulated["marker"]["symbol"]
    assert real["marker"]["color"] != simulated["marker"]["color"]
    assert chart.table.rows[2][1] == "simulated, in no pool of trials"


@pytest.mark.parametrize(
    ("page", "chart"), [("/evidence/pools/forest", "forest"), ("/evidence/decision/answer", "views")]
)
def test_the_words_of_a_forests_row_keep_off_the_glyph_and_the_prediction_interval_above_them(
    client: TestClient, page: str, chart: str
) -> None:
    text = client.get(page).text
    figure = re.search(rf'id="chart-{chart}" data-height="(\d+)".*?json">(.*?)</script>', text, re.DOTALL)
    assert figure is not None
    layout = json.loads(figure.group(2))["layout"]
    bottom, top = layout["yaxis"]["range"]

    row = (int(figure.group(1)) - MARGINS) / (bottom - top)  # px
    above, below = 0.2 * row, 0.2 * row  # from a glyph to its words and to the interval under it

    assert "left of 1: IL-2 better" in layout["xaxis"]["title"]["text"]
    for each in layout["annotations"]:
        assert above + LINE * (1 + each["text"].count("<br>")) < row - below


def test_a_forest_that_is_saved_is_as_high_as_on_the_page_and_takes_its_caption_along(
    server: str, browser_page: Page
) -> None:
    browser_page.goto(f"{server}/evidence/pools")
    figure = browser_page.locator("#chart-forest")
    expect(figure.locator(".main-svg").first).to_be_visible()
    figure.get_by_text("Table and downloads").click()

    with browser_page.expect_download() as saved:
        figure.get_by_role("button", name="SVG").click()

    text = saved.value.path().read_text(encoding="utf-8")
    height = re.search(r'<svg[^>]* height="(\d+)"', text)
    assert height is not None
    assert int(height.group(1)) > int(figure.get_attribute("data-height") or 0)
    words = " ".join(re.sub("<[^>]+>", " ", text).split())
    assert "random effects, restricted maximum likelihood" in words
    assert "frozen 2026" in words


def test_dose_response_refuses_a_slope_of_few_trials_in_words(client: TestClient) -> None:
    text = client.get("/evidence/exposure/chart", params={"measure": "dose"}).text

    assert "cannot be told" in text
    assert "at least 10 are asked for" in text
    assert "BAER2008</a> (the sign" in text


def test_biologic_effects_say_what_cannot_be_concluded_and_from_how_many(client: TestClient) -> None:
    text = client.get("/evidence/effects").text

    marked = sum(bool(study.markers) for study in own_studies().values())
    assert "What cannot be concluded" in text
    assert f"{marked} report a biologic effect" in text


def test_words_and_choices_narrow_the_list_and_the_address(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/evidence")

    browser_page.get_by_label("Words").press_sequentially("leukemia")
    browser_page.get_by_label("Schedule").select_option("pulses of higher doses")

    expect(browser_page.get_by_role("status")).to_contain_text(re.compile(r"^\d of \d+ studies"))
    expect(browser_page).to_have_url(re.compile(r"q=leukemia.*schedule=pulses"))
    browser_page.get_by_role("link", name="KOLITZ2014").click()
    expect(browser_page.locator(".canonical").first).to_contain_text("aldesleukin 1 MIU/m2/day sc")
    browser_page.get_by_role("link", name="Doses, exposure and cells").first.click()
    expect(browser_page.get_by_label("Regimen", exact=True)).to_have_value(re.compile("aldesleukin 1 MIU"))


def test_a_study_is_reached_by_keyboard_alone(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/evidence")

    browser_page.get_by_label("Words").focus()
    browser_page.keyboard.type("kolitz2014")
    expect(browser_page.get_by_role("status")).to_contain_text("1 of")
    browser_page.get_by_role("link", name="KOLITZ2014").focus()
    browser_page.keyboard.press("Enter")

    expect(browser_page.get_by_role("heading", level=1)).to_have_text("KOLITZ2014")


def test_words_that_were_left_as_they_were_leave_the_list_as_it_is(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/evidence")
    words = browser_page.get_by_label("Words")
    with browser_page.expect_response("**/evidence/list*"):
        words.press_sequentially("kolitz2014")
    expect(browser_page.get_by_role("status")).to_contain_text("1 of")
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))

    words.blur()
    with browser_page.expect_response("**/evidence/list*"):
        browser_page.get_by_label("Design").select_option("randomised")

    assert len([url for url in asked if "/evidence/list" in url]) == 1


def test_a_pool_is_drawn_and_changes_with_its_choices(server: str, browser_page: Page) -> None:
    browser_page.goto(f"{server}/evidence/pools")
    expect(browser_page.locator("#chart-forest .main-svg").first).to_be_visible()

    browser_page.get_by_label("Outcome").select_option("os")

    expect(browser_page.locator("#chart-forest h2")).to_contain_text("overall survival")
    expect(browser_page).to_have_url(re.compile("outcome=os"))


def test_programs_get_the_same_studies_as_people(client: TestClient) -> None:
    asked = {"disease": "AML", "route": "sc"}

    listed = client.get("/api/evidence/studies", params=asked).json()

    assert {each["name"] for each in listed} == found(client, **asked)


def test_programs_get_a_study_with_the_place_of_every_number(client: TestClient) -> None:
    study = client.get("/api/evidence/studies/kolitz2014").json()

    assert study["study"]["id"] == "KOLITZ2014"
    assert all(effect["place"] for effect in study["effects"])


def test_programs_get_a_pool_with_k_method_and_heterogeneity(client: TestClient) -> None:
    pool = client.get("/api/evidence/pools/aml-cr1", params={"method": "DL"}).json()

    assert pool["pooled"]["k"] == 5
    assert pool["pooled"]["method"] == "random effects, DerSimonian-Laird"
    assert pool["pooled"]["heterogeneity"]["degrees_of_freedom"] == 4
    assert [each["weight"] for each in pool["trials"] if each["hazard_ratio"] is None] == [None]
    for each in (pool["pooled"], *pool["trials"], *(other["pooled"] for other in pool["sensitivity"])):
        if (ratio := each["hazard_ratio"]) is not None:
            assert ratio["lower"] < ratio["value"] < ratio["upper"]


def test_programs_get_the_tests_of_a_slope_and_of_what_it_leaves(client: TestClient) -> None:
    found = client.get("/api/evidence/pools/aml-cr1-all/exposure", params={"measure": "dose"}).json()

    low, high = (found["slope_per_sd"][limit] for limit in ("lower", "upper"))
    assert found["test_of_slope"]["degrees_of_freedom"] == [1, found["k"] - 2]
    assert (found["test_of_slope"]["p_value"] < 0.05) == (low * high > 0.0)
    assert found["residual_heterogeneity"]["degrees_of_freedom"] == found["k"] - 2


def test_exposure_is_set_against_all_studies_that_meet_criteria_too(client: TestClient) -> None:
    criteria = {"role": "il2", "lineage": "myeloid", "setting": "cr1"}
    asked = criteria | {"measure": "dose", "outcome": "lfs"}

    page = client.get("/evidence/exposure", params=asked).text
    part = client.get("/evidence/exposure/chart", params=asked | {"pool": "by criteria"})
    told = client.get("/api/evidence/pooled/exposure", params=asked).json()
    pool = client.get("/api/evidence/pooled", params=criteria).json()

    assert '<option value="by criteria" selected>' in page
    assert f"{told['k']} trials have a hazard ratio" in part.text
    assert "lineage=myeloid" in part.headers["HX-Replace-Url"]
    known = {each["study"] for each in pool["trials"] if each["hazard_ratio"] is not None}
    assert {each["study"] for each in told["trials"]} == known - {each["study"] for each in told["left_out"]}


def test_authors_cut_short_end_in_one_full_stop(client: TestClient) -> None:
    text = client.get("/evidence/studies/KOLITZ2014").text

    assert "et al. Cancer" in text
