"""What stands beside a pool's forest on its page: funnel, Baujat and drapery charts, the certainty, and the answer."""

import json
import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from trialeukin.core.arrays import Floats
from trialeukin.evidence.arm_exposure import ExposureMeasure
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.pooling import Pooled, pool
from trialeukin.evidence.selection import named_pool, named_pools
from trialeukin.evidence.surrogacy_answers import surrogacy_answers
from trialeukin.evidence.synthesis import Method, synthesis_of_pool
from trialeukin.evidence.vocabulary import Role, Setting
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.charts.baujat_chart import baujat_chart
from trialeukin.web.charts.drapery_chart import drapery_chart
from trialeukin.web.charts.funnel_chart import funnel_chart
from trialeukin.web.charts.point_names import INNER, LETTER, LINE, names, overlap

PHONE = {"width": 390, "height": 844}
CHARTS = (funnel_chart, baujat_chart, drapery_chart)
SHOWN = 5e-4  # tables print three digits after the point


@pytest.fixture(scope="module")
def found() -> Pooled:
    return synthesis_of_pool(own_studies(), named_pool("aml-cr1-all"), Endpoint.LFS, Method()).pooled


@pytest.mark.parametrize("make", CHARTS, ids=lambda make: make.__name__)
def test_every_chart_has_its_trials_in_its_table_and_k_method_and_heterogeneity_below(
    make: object, found: Pooled
) -> None:
    chart = make("leukaemia-free survival", found)  # type: ignore[operator]

    assert [row[0] for row in chart.table.rows][: found.k] == list(found.effects.labels)
    assert re.search(r"k = 6; random effects.*I² = \d+ %", chart.words.caption)
    assert len(json.loads(chart.json())["data"]) == len(chart.traces)


def test_the_parts_of_the_baujat_table_add_up_to_q(found: Pooled) -> None:
    rows = baujat_chart("lfs", found).table.rows

    assert found.heterogeneity is not None
    assert sum(float(part) for _, part, _, _ in rows) == pytest.approx(found.heterogeneity.q, abs=SHOWN * found.k)


def test_the_drapery_table_has_the_limits_of_the_pool_and_its_p(found: Pooled) -> None:
    rows = {row[0]: row[1:] for row in drapery_chart("lfs", found).table.rows}
    limits = found.prediction()

    assert limits is not None
    assert rows["the pool"][1] == f"{np.exp(found.lower):.2f} and {np.exp(found.upper):.2f}"
    assert rows["the pool"][2] == f"{found.p_value:.3f}"
    assert rows["a new trial"][1] == f"{np.exp(limits[0]):.2f} and {np.exp(limits[1]):.2f}"


def test_the_curve_of_the_pool_that_is_drawn_crosses_five_per_cent_at_its_limits(found: Pooled) -> None:
    (curve,) = [each for each in drapery_chart("lfs", found).traces if each["name"] == "the pool"]
    ratios, p = np.log(curve["x"]), np.array(curve["y"])
    above = ratios[p >= 0.05]
    step = float(np.diff(ratios).max())

    assert [above.min(), above.max()] == pytest.approx([found.lower, found.upper], abs=step)


def test_a_trial_outside_the_limits_of_the_funnel_is_said_to_be() -> None:
    far = Effects(labels=("near", "also near", "far"), estimates=np.array([0.0, 0.02, 1.0]), variances=np.full(3, 0.01))

    rows = funnel_chart("lfs", pool(far)).table.rows

    assert [row[3] for row in rows] == ["no", "no", "no"]  # the far one pulls the pool away from the others, too
    assert [row[3] for row in funnel_chart("lfs", pool(far.without(2))).table.rows] == ["yes", "yes"]


def boxes_of(placed: list[dict[str, Any]], points: Floats) -> list[tuple[float, float, float, float]]:
    """Return what names take, px, of points that are parts of the axes."""
    boxes = []
    for each, (x, y) in zip(placed, points * np.array(INNER), strict=True):
        wide = LETTER * len(each["text"])
        right, up = (each["ax"], -each["ay"]) if each["showarrow"] else (each["xshift"], each["yshift"])
        left = x + right - {"left": 0.0, "center": wide / 2.0, "right": wide}[each["xanchor"]]
        low = y + up - {"bottom": 0.0, "middle": LINE / 2.0, "top": LINE}[each["yanchor"]]
        boxes.append((left, low, left + wide, low + LINE))
    return boxes


def test_a_name_keeps_off_the_interval_of_another_point_where_there_is_room() -> None:
    points = np.array([[0.3, 0.5], [0.5, 0.5]])
    level = np.array([[0.3, 0.5, 0.9, 0.5]])

    free, kept_off = (boxes_of(names(("ONE", "TWO"), points, points, lines), points) for lines in (level[:0], level))

    (line,) = (level * np.array((*INNER, *INNER))).tolist()
    assert any(overlap(box, line) for box in free)
    assert not any(overlap(box, line) for box in kept_off)


@pytest.mark.parametrize("measure", list(ExposureMeasure))
def test_names_of_trials_against_their_exposure_stand_apart_on_a_phone(
    client: TestClient, measure: ExposureMeasure
) -> None:
    text = client.get("/evidence/exposure/chart", params={"measure": measure.value}).text
    layout = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text).group(1))["layout"]

    ends = [layout[axis]["range"] for axis in ("xaxis", "yaxis")]
    placed = layout["annotations"]
    points = np.array(
        [[(each[key] - low) / (high - low) for key, (low, high) in zip("xy", ends, strict=True)] for each in placed]
    )
    boxes = boxes_of(placed, points)
    assert len(boxes) == 6
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
    assert "below 1 favours IL-2" in layout["yaxis"]["title"]["text"]


def test_names_of_points_in_one_corner_stand_apart() -> None:
    points = np.array([[0.05, 0.05], [0.09, 0.05], [0.06, 0.09], [0.1, 0.1], [0.9, 0.9]])
    labels = ("AML12_06991", "PAUTAS2010", "PETIT2018", "BLAISE2000", "KOLITZ2014")

    placed = names(labels, points, points)

    boxes = boxes_of(placed, points)
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
    assert all(box[0] >= 0.0 and box[1] >= 0.0 and box[2] <= INNER[0] and box[3] <= INNER[1] for box in boxes)


@pytest.mark.parametrize("name", named_pools())
def test_charts_stand_beside_a_pool_of_two_trials_or_more_and_beside_no_single_one(
    client: TestClient, name: str
) -> None:
    text = client.get("/evidence/pools/forest", params={"pool": name}).text
    k = client.get(f"/api/evidence/pools/{name}").json()["pooled"]["k"]

    for chart in ("funnel", "baujat", "drapery"):
        assert (f'id="chart-{chart}"' in text) == (k > 1)


def test_charts_beside_a_pool_are_drawn_and_a_phone_scrolls_down_only(server: str, browser_page: Page) -> None:
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{server}/evidence/pools?pool=aml-cr1-all")

    for chart in ("funnel", "baujat", "drapery"):
        expect(browser_page.locator(f"#chart-{chart} .main-svg").first).to_be_visible()
    assert browser_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    violations = Axe().run(browser_page).response["violations"]
    assert [each["id"] for each in violations if each["impact"] in {"serious", "critical"}] == []


def test_programs_get_baujats_contributions_which_add_up_to_q_and_the_risk_of_bias_of_each_trial(
    client: TestClient,
) -> None:
    found = client.get("/api/evidence/pools/aml-cr1").json()

    parts = found["contributions"]
    assert sum(each["part_of_q"] for each in parts) == pytest.approx(found["pooled"]["heterogeneity"]["q"])
    assert {each["risk_of_bias"] for each in found["trials"]} == {"not assessed"}
    assert client.get("/api/evidence/pools/all-autologous").json()["contributions"] == []


def test_the_plain_answer_and_what_would_refute_it_stand_on_the_page_and_in_the_interface(client: TestClient) -> None:
    text = re.sub(r"\s+", " ", client.get("/evidence/effects").text)
    said = client.get("/api/evidence/surrogacy").json()

    assert "Why do biologic and clinical effects not go together?" in text
    for each in surrogacy_answers().studies:
        assert each.title in text
        for line in (*each.answer, *each.refutation):
            assert line.replace("'", "&#39;") in text
    assert said["over_trials"] in text
    assert [each["answer"] for each in said["answers"]] == [list(each.answer) for each in surrogacy_answers().studies]
    assert {each["judged_on"] for each in said["published"]} >= {"patients", "group"}


def test_no_code_word_of_the_base_stands_where_people_read(client: TestClient) -> None:
    listed, study = client.get("/evidence").text, client.get("/evidence/studies/KOLITZ2014").text

    words = re.sub("<[^>]+>", " ", listed.partition("<tbody>")[2])
    assert not re.search(r"\b(cr1|gvhd|il2)\b", words)
    assert "first remission" in words
    assert '<option value="cr1">first remission</option>' in listed
    assert "<dt>Setting</dt><dd>first remission" in study
    assert '<h3>IL-2<span class="quiet">, n =' in study
    assert not re.search(r"\b(cr1|gvhd|il2)\b", re.sub("<[^>]+>", " ", study.partition('id="table-1"')[2]))
    assert all(re.fullmatch(r"[A-Z]?[A-Za-z0-9 -]+", each.label) for kind in (Setting, Role) for each in kind)
