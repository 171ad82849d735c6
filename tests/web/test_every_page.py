"""Every page, looked at alike: the table below has them all, and a page that is not in it fails."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from trialeukin.model.named import system_of
from trialeukin.web import pages
from trialeukin.web.published_studies import published_study

SHORT = "aldesleukin 1 MIU/m2/day sc days 1-14"
WRONG = "aldesleukin 1 MUI/m2 sc days 1-14"
LONG = "; ".join(f"aldesleukin {day} MIU/m2/day sc days {day}-{day}" for day in range(1, 120))
WIDE = {"width": 1920, "height": 1080}
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PAPER = {"width": 688, "height": 1000}  # px: A4 less its margins
LONGEST_WAIT = 120_000  # ms; a cold model compiles on a busy machine


@dataclass(frozen=True, kw_only=True)
class Looked:
    """How a page is looked at: where, what it then shows, and a wrong address with what that says."""

    address: str
    shows: str
    wrong: str = ""
    said: str = ""
    asks: bool = True


PAGES = {
    "/regimen": Looked(
        address=f"/regimen?text={quote(SHORT)}",
        shows="#chart-nk-count .main-svg",
        wrong=f"/regimen?text={quote(WRONG)}",
        said="did you mean 'MIU/m2'?",
    ),
    "/compare": Looked(
        address=f"/compare?text=none&colour=blue&text={quote(SHORT)}&colour=orange",
        shows="#chart-differences",
        wrong="/compare?text=none&colour=pink",
        said="there are blue, orange, green, purple",
    ),
    "/trial": Looked(
        address="/trial?study=ccg-2961", shows="#chart-power .main-svg", wrong="/trial?study=ccg", said="ccg-2961"
    ),
    "/runs": Looked(
        address="/runs", shows="table", wrong="/runs?q=unobtainium", said="No run has these words", asks=False
    ),
    "/runs/comparison": Looked(
        address="/runs/comparison?first={first}&second={second}",
        shows="table",
        wrong="/runs/comparison?first={first}",
        said="mark two different runs",
    ),
    "/runs/{name}": Looked(
        address="/runs/{first}", shows="#chart-lfs .main-svg", wrong="/runs/00000000000000000000", said="no run"
    ),
    "/evidence": Looked(
        address="/evidence", shows=".studies", wrong="/evidence?route=oral", said="there are iv bolus, iv, civ"
    ),
    "/evidence/studies/{name}": Looked(
        address="/evidence/studies/LANGE2008",
        shows="table",
        wrong="/evidence/studies/LANGE2009",
        said="did you mean 'LANGE2008'?",
    ),
    "/evidence/pools": Looked(
        address="/evidence/pools",
        shows="#chart-forest .main-svg",
        wrong="/evidence/pools?pool=aml-cr3",
        said="did you mean",
    ),
    "/evidence/exposure": Looked(
        address="/evidence/exposure",
        shows="#chart-exposure-0 .main-svg",
        wrong="/evidence/exposure?outcome=pfs",
        said="there are lfs, os",
    ),
    "/evidence/effects": Looked(address="/evidence/effects", shows="#chart-exposure-1 .main-svg"),
    "/evidence/decision": Looked(
        address="/evidence/decision",
        shows="#chart-views .main-svg",
        wrong="/evidence/decision?relevant=1.2",
        said="give one above 0 and below 1",
    ),
    "/models": Looked(address="/models", shows="table"),
    "/models/{name}": Looked(
        address="/models/stein-2019",
        shows="#chart-effect .main-svg",
        wrong="/models/il2-imune",
        said="did you mean 'il2-immune'?",
    ),
    "/api": Looked(address="/api", shows="table"),
}
PARTS = {
    "/",  # goes to the first page
    "/static/plotly.min.js",
    "/static/{name:path}",
    "/theme.css",
    "/regimen/reading",
    "/regimen/response",
    "/regimen/decides",
    "/regimen/library",
    "/compare/reading",
    "/compare/response",
    "/compare/differences",
    "/compare/library",
    "/runs/{name}/now",
    "/runs/{name}/events",
    "/runs/{name}/files/{file}",
    "/runs/{name}/study.toml",
    "/evidence/list",
    "/evidence/pools/forest",
    "/evidence/exposure/chart",
    "/evidence/effects/charts",
    "/evidence/decision/answer",
    "/evidence/decision/file",
    "/models/{name}/slider",
    "/models/{name}/effect",
    "/models/{name}/parameters",
    "/models/{name}/observed",
}

START = "() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); }"
NOTE_FOCUS = """() => {
  window.stops = [];
  document.addEventListener("focusin", (event) => {
    const style = getComputedStyle(event.target);
    stops.push([event.target, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0]);
  });
}"""
CONTROLS = """() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  const radios = [...all].filter((each) => each.type === "radio" && !each.disabled);
  const grouped = (radio) => radios.filter((each) => each.name === radio.name);
  return [...all].filter((each) => {
    if (each.disabled || each.tabIndex < 0 || each.type === "hidden" || !each.checkVisibility()) return false;
    if (each.type !== "radio") return true;
    return each === (grouped(each).find((other) => other.checked) ?? grouped(each)[0]);
  });
}"""
LEFT = "() => document.activeElement === document.body || stops.length > 1 && stops.at(-1)[0] === stops[0][0]"
UNREACHED = f"""() => {{
  const reached = new Set(stops.map(([each]) => each));
  return ({CONTROLS})().filter((each) => !reached.has(each)).map((each) => each.outerHTML.slice(0, 120));
}}"""
UNSEEN = "() => stops.filter(([, seen]) => !seen).map(([each]) => each.outerHTML.slice(0, 120))"
BACKWARDS = """() => {
  const first = [...new Set(stops.map(([each]) => each))];
  const after = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING;
  return first.slice(1).filter((each, place) => after(first[place], each)).map((each) => each.outerHTML.slice(0, 120));
}"""
OUTSIDE_A_MODULE = """() => [...document.querySelectorAll("script[src]:not([type='module'])")]
  .map((each) => new URL(each.src).pathname)"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
CLOSED = "() => [...document.querySelectorAll('details')].findIndex((each) => !each.open && each.checkVisibility())"
OPEN_ALL = "() => document.querySelectorAll('details').forEach((each) => { each.open = true; })"
WIDER_THAN_THEIR_FRAME = """() => [...document.querySelectorAll(".scroll > table:not(.equations)")]
  .filter((table) => !table.closest("figure.chart"))
  .filter((table) => table.parentElement.scrollWidth > table.parentElement.clientWidth)
  .map((table) => table.textContent.slice(0, 80))"""
CUT_ON_PAPER = """() => [...document.querySelectorAll("main table:not(.equations), main svg, main p, main pre")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def runs(server: str, browser: Browser) -> dict[str, str]:
    """Two runs that are done."""
    names = {}
    page = browser.new_page()
    for seed, which in enumerate(("first", "second")):
        order = {"text": published_study("ccg-2961"), "patients": 100, "replicates": 10, "seed": seed}
        asked = Request(f"{server}/api/runs", json.dumps(order).encode(), headers={"Content-Type": "application/json"})
        with urlopen(asked) as answer:
            names[which] = json.load(answer)["id"]
    for name in names.values():
        page.goto(f"{server}/runs/{name}")
        expect(page.get_by_role("heading", name="What it found")).to_be_visible(timeout=LONGEST_WAIT)
    page.close()
    return names


@pytest.fixture(scope="module", params=PAGES)
def shown(request: pytest.FixtureRequest, server: str, lasting_page: Page, runs: dict[str, str]) -> Page:
    """A page that has shown all that it has to."""
    looked = PAGES[request.param]
    lasting_page.emulate_media(media="null", color_scheme="light")
    lasting_page.set_viewport_size(DESK)
    lasting_page.goto(server + looked.address.format(**runs))
    expect(lasting_page.locator(looked.shows).first).to_be_visible(timeout=LONGEST_WAIT)
    expect(lasting_page.locator(".loading")).to_have_count(0, timeout=LONGEST_WAIT)
    return lasting_page


@pytest.fixture
def on_a_phone(shown: Page) -> Iterator[Page]:
    shown.set_viewport_size(PHONE)
    yield shown
    shown.set_viewport_size(DESK)


@pytest.fixture
def on_paper(shown: Page) -> Iterator[Page]:
    """A page as a dark screen prints it."""
    shown.emulate_media(media="print", color_scheme="dark")
    shown.set_viewport_size(PAPER)
    yield shown
    shown.set_viewport_size(DESK)
    shown.emulate_media(media="null", color_scheme="light")


def test_the_table_of_pages_has_every_page() -> None:
    modules = [
        importlib.import_module(f"{pages.__name__}.{each.name}") for each in pkgutil.iter_modules(pages.__path__)
    ]
    routers = [module.router for module in modules if hasattr(module, "router")]
    answered = {route.path for router in routers for route in router.routes if "GET" in route.methods}

    assert answered == PAGES.keys() | PARTS


def test_a_page_has_one_heading_a_name_and_its_place_in_the_navigation(shown: Page) -> None:
    expect(shown.get_by_role("heading", level=1)).to_have_count(1)
    expect(shown).to_have_title(re.compile(r".+ · trialeukin$"))
    expect(shown.get_by_role("navigation", name="Pages").locator("[aria-current]")).to_have_count(1)


def test_our_scripts_are_modules_whose_names_are_their_own(shown: Page) -> None:
    assert set(shown.evaluate(OUTSIDE_A_MODULE)) <= {"/static/vendor/htmx.min.js", "/static/plotly.min.js"}


def test_the_keyboard_reaches_every_control_in_order_and_seen(shown: Page) -> None:
    controls = len(shown.evaluate(f"() => ({CONTROLS})().map(() => 1)"))
    shown.evaluate(START)
    shown.evaluate(NOTE_FOCUS)

    shown.keyboard.press("Tab")
    expect(shown.get_by_role("link", name="Skip to the page")).to_be_focused()
    presses = 0
    while not shown.evaluate(LEFT) and presses < 2 * controls:  # what scrolls is a stop too
        shown.keyboard.press("Tab")
        presses += 1

    assert shown.evaluate(LEFT), "the focus is caught"
    assert shown.evaluate(UNREACHED) == []
    assert shown.evaluate(UNSEEN) == []
    assert shown.evaluate(BACKWARDS) == []


def test_enter_skips_to_the_page_and_space_opens_what_is_closed(shown: Page) -> None:
    shown.get_by_role("link", name="Skip to the page").focus()
    shown.keyboard.press("Enter")
    expect(shown.locator("#main")).to_be_focused()

    closed = shown.evaluate(CLOSED)
    if closed >= 0:
        details = shown.locator("details").nth(closed)
        details.locator("> summary").focus()
        shown.keyboard.press("Space")
        expect(details).to_have_attribute("open", "")
        shown.keyboard.press("Enter")
        expect(details).not_to_have_attribute("open", "")


def test_axe_finds_nothing_serious_in_light_and_in_dark(on_a_phone: Page) -> None:
    serious = []
    for scheme in ("light", "dark"):
        on_a_phone.emulate_media(color_scheme=scheme)
        found = Axe().run(on_a_phone).response["violations"]
        serious += [(scheme, each["id"]) for each in found if each["impact"] in {"serious", "critical"}]
    on_a_phone.emulate_media(color_scheme="light")

    assert serious == []


def test_a_phone_scrolls_down_only_and_no_table_sideways(on_a_phone: Page) -> None:
    on_a_phone.evaluate(OPEN_ALL)
    on_a_phone.evaluate(SETTLED)

    on_a_phone.wait_for_function("document.documentElement.scrollWidth <= innerWidth")  # Plotly resizes a moment later
    assert on_a_phone.evaluate(WIDER_THAN_THEIR_FRAME) == []


def test_paper_has_no_navigation_light_figures_and_nothing_cut(on_paper: Page) -> None:
    text = on_paper.locator("figure.chart .main-svg .xtick text").first
    ink = on_paper.evaluate("getComputedStyle(document.body).color")

    assert ink == on_paper.evaluate("""() => {
      const probe = document.createElement("i");
      const theme = [...document.styleSheets].find((sheet) => sheet.href?.endsWith("/theme.css"));
      probe.style.color = theme.cssRules[0].style.getPropertyValue("--ink"); // light comes first
      return getComputedStyle(document.body.appendChild(probe)).color;
    }""")
    if on_paper.locator("figure.chart").count():
        expect(text).to_have_css("fill", ink)
    expect(on_paper.get_by_role("navigation", name="Pages")).to_be_hidden()
    expect(on_paper.locator("button:visible, input:visible, select:visible, textarea:visible")).to_have_count(0)
    assert on_paper.evaluate(CUT_ON_PAPER) == []


@pytest.mark.parametrize("route", [route for route, looked in PAGES.items() if looked.wrong])
def test_a_wrong_address_says_so_in_words_and_shows_the_way_on(
    server: str, browser_page: Page, runs: dict[str, str], route: str
) -> None:
    looked = PAGES[route]

    browser_page.goto(server + looked.wrong.format(**runs))

    place = browser_page.get_by_role("alert") if looked.asks else browser_page.locator(".empty")
    expect(place.first).to_contain_text(looked.said)
    expect(browser_page.get_by_role("navigation", name="Pages")).to_be_visible()


def test_a_regimen_of_many_parts_stays_on_a_phone_and_on_paper(server: str, browser_page: Page) -> None:
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{server}/regimen?text={quote(LONG)}")
    expect(browser_page.locator("#doses")).to_be_visible()
    expect(browser_page.locator(".loading")).to_have_count(0, timeout=LONGEST_WAIT)
    narrow = browser_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rows = browser_page.get_by_label("Regimen", exact=True).get_attribute("rows")

    browser_page.emulate_media(media="print")
    browser_page.set_viewport_size(PAPER)

    assert narrow
    assert rows == "14"  # as many as an editor has at most
    assert browser_page.evaluate(CUT_ON_PAPER) == []


def test_the_many_parameters_of_a_model_are_cards_on_a_phone_and_a_table_on_a_desk_and_on_paper(
    server: str, browser_page: Page
) -> None:
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{server}/models/il2-immune")
    table = browser_page.get_by_role("region", name="Parameters").get_by_role("table")
    expect(table).to_have_class("long stacked")
    table.evaluate("table => table.querySelectorAll('.fold').forEach((each) => each.click())")
    source = table.get_by_role("cell").filter(has_text="Konrad 1990").first
    label = source.evaluate("cell => getComputedStyle(cell, '::before').content")
    rows = table.get_by_role("row").count()

    browser_page.set_viewport_size(DESK)
    expect(table).to_have_class("long")
    browser_page.emulate_media(media="print")
    browser_page.set_viewport_size(PAPER)

    assert label == '"source"'
    assert rows == len(system_of("il2-immune").parameters) + 1
    assert browser_page.evaluate(CUT_ON_PAPER) == []


def test_what_a_phone_has_folded_opens_where_it_is_searched_for(server: str, browser_page: Page) -> None:
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{server}/models/il2-immune")
    table = browser_page.get_by_role("region", name="Parameters").get_by_role("table")
    source = table.get_by_text("Konrad 1990").first
    expect(source).to_be_hidden()

    source.evaluate("cell => { cell.id = 'searched'; location.hash = '#searched'; }")  # reveals as a search does

    expect(source).to_be_visible()
    row = table.get_by_role("row").filter(has_text="Konrad 1990").first
    expect(row.get_by_role("button")).to_have_attribute("aria-expanded", "true")
    assert row.evaluate("row => row.querySelectorAll('[hidden]').length") == 0


def test_a_phone_folds_a_long_table_to_names_that_the_keyboard_opens_and_paper_and_a_desk_have_all_of_it(
    server: str, browser_page: Page
) -> None:
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{server}/models/il2-immune")
    table = browser_page.get_by_role("region", name="Parameters").get_by_role("table")
    source = table.get_by_text("Konrad 1990").first
    button = table.get_by_role("button", name="Details of IL-2 central volume")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(table.get_by_role("rowheader", name="IL-2 central volume", exact=True)).to_be_visible()
    expect(source).to_be_hidden()
    expect(table.get_by_text("1.54", exact=True)).to_be_visible()  # the value stays beside the name
    expect(browser_page.locator(".loading")).to_have_count(0, timeout=LONGEST_WAIT)
    screens = browser_page.evaluate("document.documentElement.scrollHeight / innerHeight")

    button.press("Enter")

    expect(button).to_have_attribute("aria-expanded", "true")
    expect(source).to_be_visible()
    button.press("Enter")
    expect(source).to_be_hidden()
    browser_page.emulate_media(media="print")
    expect(source).to_be_visible()
    browser_page.emulate_media(media="null")
    browser_page.set_viewport_size(DESK)
    expect(source).to_be_visible()
    expect(button).to_be_hidden()
    assert screens < 15  # the cards of all rows took 37


def test_a_wide_screen_has_the_operations_of_the_interface_beside_each_other(server: str, browser_page: Page) -> None:
    browser_page.set_viewport_size(WIDE)
    browser_page.goto(f"{server}/api")

    first, second = (browser_page.locator(".operation").nth(place).bounding_box() for place in (0, 1))

    assert first["y"] == second["y"]
    assert first["x"] + first["width"] < second["x"]
    assert browser_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_sign_in_page_is_passed_by_keyboard_and_says_a_wrong_token(
    locked: tuple[str, str], browser_page: Page
) -> None:
    address, token = locked
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{address}/models")
    field = browser_page.get_by_label("Token")

    expect(field).to_be_focused()
    browser_page.keyboard.type("not the token of this server")
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("alert")).to_contain_text("not this server's token")
    violations = Axe().run(browser_page).response["violations"]
    expect(field).to_be_focused()
    browser_page.keyboard.type(token)
    browser_page.keyboard.press("Enter")

    expect(browser_page).to_have_url(re.compile("/regimen$"))
    assert [each["id"] for each in violations if each["impact"] in {"serious", "critical"}] == []
