"""A study by its fields: the form and the text are two views of one study file."""

import html
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Route, expect

from trialeukin.trial.section import LONGEST_FOLLOW_UP
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import study_from_text
from trialeukin.trial.toml_model import model_from_text
from trialeukin.web.forms.given import Given
from trialeukin.web.forms.study_fields import study_fields
from trialeukin.web.forms.study_form import content_of, digest, fields_digest, only_in_text, with_fields, written
from trialeukin.web.published_studies import published_studies, published_study

STUDY = published_study("ccg-2961")
PHONE = {"width": 390, "height": 844}
HX = {"HX-Request": "true"}
SETTLES = 200  # ms; an answer that is here is in the page


def fields_of(text: str) -> dict[str, str]:
    return study_fields(content_of(text) or {}).items()


def sent(text: str, **changed: str) -> dict[str, str]:
    """Return what a browser sends of the page, with fields changed; ``__`` stands for a dot of a name."""
    own = fields_of(text)
    marks = {"was_text": digest(text), "was_fields": fields_digest(own)}
    return own | marks | {"text": text} | {name.replace("__", "."): value for name, value in changed.items()}


@pytest.mark.parametrize("name", published_studies())
def test_a_form_that_nobody_touched_writes_an_equal_study_with_every_comment(name: str) -> None:
    text = published_study(name)

    again = written(text, fields_of(text))

    assert study_from_text(again) == study_from_text(text)
    assert content_of(again) == content_of(text)
    assert again.count("#") == text.count("#")


LINES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool)
NUMBERS = st.integers(1, 9_999) | st.floats(0.001, 9_999.0).filter(lambda value: "e" not in repr(value))
MONTHS = NUMBERS.filter(lambda months: months <= LONGEST_FOLLOW_UP)


@given(
    names=st.lists(LINES, min_size=3, max_size=5, unique=True),
    sizes=st.lists(st.integers(1, 10_000), min_size=5, max_size=5),
    spans=st.tuples(MONTHS, st.floats(61.0, 1_000.0)),
    question=LINES,
    milestones=st.lists(st.integers(1, 60), min_size=1, max_size=4, unique=True),
    control=st.integers(0, 2),
)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_study_that_fields_describe_comes_back_from_its_text(
    names: list[str],
    sizes: list[int],
    spans: tuple[float, float],
    question: str,
    milestones: list[int],
    control: int,
) -> None:
    months, horizon = spans
    typed = {
        "study.name": "a",
        "study.title": question,
        "study.question": question,
        "study.source": question,
        "population.cohort": "aml-cr1-under-60",
        "population.start_after_days": "7",
        "accrual.months": repr(months),
        "accrual.pace.0.relative_rate": "2.5",
        "accrual.pace.0.until_months": repr(months),
        "follow_up.after_last_entry_months": repr(months),
        "follow_up.horizon_months": repr(horizon),
        "follow_up.drop_out_per_year": "0.02",
        "follow_up.examinations.0.every_months": repr(horizon / 10.0),
        "follow_up.examinations.0.until_months": repr(horizon),
        "analysis.milestones_months": ", ".join(map(str, milestones)),
        "analysis.estimands": "while on treatment, composite",
        "monitoring.looks": "0.5, 0.75; 1",
        "monitoring.futility": "hsd:-2",
        "monitoring.binding": "true",
        "control": str(control),
        "compared": str((control + 1) % 3),
    }
    for place, name in enumerate(names):
        typed |= {f"arms.{place}.name": name, f"arms.{place}.n": str(sizes[place]), f"arms.{place}.regimen": ""}

    text = written("", typed)
    study = model_from_text(Study, text, name="written")

    assert [arm.name for arm in study.arms] == names
    assert [arm.n for arm in study.arms] == sizes[: len(names)]
    assert (study.control.name, study.treatment.name) == (names[control], names[(control + 1) % 3])
    assert (study.accrual.months, study.follow_up.horizon_months) == (months, horizon)
    assert study.analysis.milestones_months == tuple(milestones)
    assert study.study.question == question
    assert [(each.relative_rate, each.until_months) for each in study.accrual.pace] == [(2.5, months)]
    assert [each.value for each in study.analysis.estimands] == ["while on treatment", "composite"]
    assert study.monitoring is not None
    assert (study.monitoring.looks, study.monitoring.binding) == ((0.5, 0.75, 1.0), True)
    assert model_from_text(Study, written(text, fields_of(text)), name="again") == study
    assert fields_digest(fields_of(text)) == fields_digest(fields_of(written(text, fields_of(text))))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-1.0, 1.0) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "n", "arm", "x"]), inner),
    max_leaves=6,
)
TABLES = (
    "study",
    "population",
    "arms",
    "accrual",
    "follow_up",
    "analysis",
    "monitoring",
    "laboratory",
    "published",
    "assumed",
)


@given(st.dictionaries(st.sampled_from(TABLES), JSON))
@settings(max_examples=200, deadline=None)
def test_no_text_of_whatever_shape_breaks_the_form(content: dict[str, object]) -> None:
    fields = study_fields(content)

    after = with_fields(content, fields.items())

    assert set(after) <= {*content, *TABLES}
    only_in_text("", content)


LOOKED_AT = STUDY.replace("[analysis]", '[monitoring]\nlooks = [0.5, 1.0]\nfutility = "hsd:-2"\n\n[analysis]')


def test_emptied_fields_take_the_looks_and_the_pace_away() -> None:
    paced = written(STUDY, sent(STUDY, accrual__pace__0__relative_rate="1", accrual__pace__0__until_months="36"))
    emptied = {"accrual.pace.0.relative_rate": "", "accrual.pace.0.until_months": ""}

    assert content_of(written(LOOKED_AT, sent(LOOKED_AT, monitoring__looks="", monitoring__futility=""))) == content_of(
        STUDY
    )
    assert content_of(paced)["accrual"]["pace"] == [{"relative_rate": 1, "until_months": 36}]
    assert content_of(written(paced, fields_of(paced) | emptied)) == content_of(STUDY)


def test_faults_of_looks_and_of_the_pace_are_shown_beside_their_fields(client: TestClient) -> None:
    looks = client.post("/trial/form", data=sent(LOOKED_AT, monitoring__looks="0.5, 0.9"), headers=HX).text
    pace = client.post(
        "/trial/form",
        data=sent(STUDY, accrual__pace__0__relative_rate="1", accrual__pace__0__until_months="7"),
        headers=HX,
    ).text

    assert "0.9: let the last look be 1" in _beside(looks, "monitoring-looks")
    assert "until_months 7: let it be the accrual&#39;s" in _beside(pace, "accrual-pace")


def _beside(answer: str, place: str) -> str:
    return answer.split(f'id="at-{place}"')[1].split("</div>", maxsplit=1)[0]


def test_the_plan_shows_the_looks_of_the_study(client: TestClient) -> None:
    answer = client.post("/trial/reading", data={"text": LOOKED_AT}).text
    usual = client.post("/trial/reading", data={"text": STUDY}).text

    assert "<dt>Looks</dt><dd>at 50 %, 100 % of the events" in answer
    assert "looks at 50 and 100 % of events" in answer
    assert "stop for futility" in answer
    assert "<dt>Looks</dt>" not in usual
    assert "As an example, since the study has no looks" in usual


def test_what_the_fields_do_not_show_stays_in_the_text_and_is_named(client: TestClient) -> None:
    page = client.get("/trial", params={"study": "ccg-2961"}).text
    before = study_from_text(STUDY)

    answer = client.post("/trial/form", data=sent(STUDY, arms__0__n="321"))
    after = study_from_text(_text(answer.text))

    assert re.search(r"Only in the text.*\d+ published results?, \d+ reasons? for what is assumed, \d+ comments?", page)
    assert after.arms[0].n == 321
    assert after.published == before.published
    assert after.assumptions("") == before.assumptions("")


def test_changed_parameters_stay_in_the_text_and_are_counted() -> None:
    changed = "[[parameters]]\nname = 'receptor_access'\ntimes = 2\nassumed.times = 'what if'\n"

    text = written(STUDY + changed, sent(STUDY, arms__0__n="321"))

    assert study_from_text(text).parameters == study_from_text(STUDY + changed).parameters
    assert "1 changed parameter" in only_in_text(text, content_of(text) or {})


def test_an_arm_that_is_renamed_is_renamed_in_the_published_results(client: TestClient) -> None:
    old = study_from_text(STUDY).arms[0].name

    after = study_from_text(_text(client.post("/trial/form", data=sent(STUDY, arms__0__name="renamed")).text))

    assert after.arms[0].name == "renamed"
    assert old not in {name for _, name in after.published.arms_named()}
    assert after.analysis.treatment in {None, *(arm.name for arm in after.arms)}


def test_an_arm_is_added_and_taken_away_and_one_of_the_library_is_picked(client: TestClient) -> None:
    added = _text(client.post("/trial/form", data=sent(STUDY, act="add-arm")).text)
    picked = _text(client.post("/trial/form", data=sent(added, arms__2__picked="library:calgb-19808")).text)
    taken = _text(client.post("/trial/form", data=sent(picked, act="remove-arm.2")).text)

    assert len(study_from_text(added).arms) == 3
    assert study_from_text(picked).arms[2].regimen == "library:calgb-19808"
    assert study_from_text(taken).arms == study_from_text(STUDY).arms


@pytest.mark.parametrize(
    ("name", "value", "place", "said"),
    [
        ("arms.0.n", "many", "arms-0-n", "&#39;many&#39; is not understood here: give a whole number of patients"),
        ("accrual.months", "", "accrual-months", "missing: give months from the first entry to the last, 0 to 1,200"),
        ("population.cohort", "mars", "population-cohort", "no cohort is called &#39;mars&#39;: there are"),
        ("analysis.alpha", "5", "analysis-alpha", "5 is not understood here: give the two-sided level"),
        (
            "follow_up.horizon_months",
            "1",
            "analysis-milestones_months",
            "lies beyond the horizon of 1 month: give milestones up to it",
        ),
        ("arms.0.regimen", "aldesleukin 1 MUI/m2/day sc days 1-5", "arms-0-regimen", "did you mean"),
    ],
)
def test_a_fault_stands_beside_its_field_with_the_value_and_the_way_out(
    client: TestClient, name: str, value: str, place: str, said: str
) -> None:
    data = sent(STUDY) | {name: value}

    whole = client.post("/trial/form", data=data).text
    part = client.post("/trial/form", data=data, headers=HX).text

    for answer in (whole, part):
        beside = answer[answer.index(f'id="at-{place}"') :]
        assert said in beside[: beside.index("</div>")]
    field = whole[whole.index(f'id="{name.replace(".", "-")}"') :]
    assert value in field[: field.index("</div>")]
    assert re.search(rf'id="{place}"[^>]*aria-invalid="true"', whole)


def test_a_fault_of_a_regimen_has_its_line_and_character_in_its_own_field(client: TestClient) -> None:
    data = sent(STUDY) | {"arms.0.regimen": "aldesleukin 1 MIU/m2/day sc\ndays one-5"}

    answer = client.post("/trial/form", data=data, headers=HX).text

    beside = answer[answer.index('id="at-arms-0-regimen"') :]
    assert 'data-line="2" data-column="6" data-width="5"' in beside[: beside.index("</div>")]


def test_a_text_that_is_changed_refills_the_fields(client: TestClient) -> None:
    text = STUDY.replace(f"n = {study_from_text(STUDY).arms[0].n}", "n = 77", 1)

    answer = client.post("/trial/reading", data=sent(STUDY) | {"text": text}, headers=HX).text
    broken = client.post("/trial/reading", data=sent(STUDY) | {"text": text + "\n= 3"}, headers=HX).text

    assert 'id="fields" hx-swap-oob="innerHTML"' in answer
    assert 'name="arms.0.n" value="77"' in answer
    assert 'id="fields"' not in broken
    assert "not TOML" in broken


def test_a_run_takes_whichever_of_text_and_fields_was_changed_and_asks_where_both_were() -> None:
    by_fields = Given(text=STUDY, sent=sent(STUDY, arms__0__n="55"))
    text = STUDY.replace("drop_out_per_year = ", "drop_out_per_year = 0.0")
    by_text = Given(text=text, sent=sent(STUDY))
    untouched = Given(text=STUDY.replace("\n", "\r\n").replace("\r\n", "\n"), sent=sent(STUDY))
    both = Given(text=text, sent=sent(STUDY, arms__0__n="55"))

    assert study_from_text(by_fields.settled()).arms[0].n == 55
    assert by_text.settled() == text
    assert untouched.settled() == STUDY
    with pytest.raises(Exception, match="both the fields and the text were changed"):
        both.settled()


def test_a_rate_of_accrual_sets_its_months(client: TestClient) -> None:
    patients = sum(arm.n for arm in study_from_text(STUDY).arms)

    after = study_from_text(_text(client.post("/trial/form", data=sent(STUDY, rate="4")).text))

    assert after.accrual.months == patients / 4


def _text(page: str) -> str:
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found.group(1))


def test_fields_and_text_follow_each_other_while_they_are_filled(server: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{server}/trial?study=ccg-2961")
    text, patients = page.get_by_label("Study file"), page.locator("#arms-0-n")

    patients.fill("123")
    patients.press("Tab")
    expect(text).to_have_value(re.compile(r"n = 123\b"))
    expect(page.locator("#reading")).to_contain_text("123")
    page.get_by_role("button", name="Add an arm").click()
    expect(page.get_by_role("group", name="Arm 3")).to_be_visible()
    page.locator("#library-2").select_option("library:calgb-19808")
    expect(page.locator("#arms-2-regimen")).to_have_value("library:calgb-19808")
    expect(text).to_have_value(re.compile("library:calgb-19808"))
    text.fill(text.input_value().replace("n = 123", "n = 124"))
    expect(page.locator("#arms-0-n")).to_have_value("124")


@pytest.mark.parametrize("first", ["of a field", "of the text"])
def test_what_is_typed_while_an_answer_is_on_its_way_stays(server: str, browser_page: Page, first: str) -> None:
    page = browser_page
    held: list[Route] = []
    page.goto(f"{server}/trial?study=ccg-2961")
    text, title = page.get_by_label("Study file"), page.locator("#study-title")
    registration = page.locator("#study-registration")
    answer = re.compile(r"/trial/(form|reading)$")

    def hold(route: Route) -> None:
        held.append(route)

    page.route(answer, hold, times=1)

    if first == "of a field":
        title.fill("Typed first")
        title.press("Tab")
    else:
        text.fill(re.sub(r"^title = .*$", 'title = "Typed first"', text.input_value(), count=1, flags=re.MULTILINE))
    while not held:
        page.wait_for_timeout(20)
    registration.fill("NCT01234567")
    with page.expect_response(answer):
        held.pop().continue_()
    page.wait_for_timeout(SETTLES)

    expect(title).to_have_value("Typed first")
    expect(registration).to_have_value("NCT01234567")
    registration.blur()
    expect(text).to_have_value(re.compile('title = "Typed first"(.|\n)*NCT01234567'))


def test_a_field_that_is_changed_leaves_the_others_as_they_stand(client: TestClient) -> None:
    answer = client.post("/trial/form", data=sent(STUDY, study__title="Another"), headers=HX).text
    normalised = client.post("/trial/form", data=sent(STUDY, arms__0__n="77.0"), headers=HX).text
    broken = client.post("/trial/form", data=sent(STUDY) | {"text": "= 3"}, headers=HX).text

    assert 'id="fields"' not in answer
    assert "title = &#34;Another&#34;" in answer
    assert ('id="fields"' in normalised) == ('value="77"' in normalised)
    assert 'id="fields"' in broken  # which said that the text is not TOML


def test_a_wrong_field_is_marked_where_it_stands_and_its_regimen_within(server: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{server}/trial?study=ccg-2961")

    page.locator("#arms-0-regimen").fill("aldesleukin 1 MUI/m2/day sc days 1-14")
    page.locator("#arms-0-regimen").press("Tab")

    expect(page.locator("#at-arms-0-regimen")).to_contain_text("did you mean 'MIU/m2/day'?")
    expect(page.locator("#fields .editor mark", has_text="MUI/m2/day")).to_have_count(1)
    expect(page.locator("#arms-0-regimen")).to_have_attribute("aria-invalid", "true")
    page.locator("#at-arms-0-regimen button").click()
    expect(page.locator("#arms-0-regimen")).to_be_focused()


def test_the_form_is_filled_without_a_script(server: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/trial?study=ccg-2961")

    page.get_by_label("Two-sided alpha").fill("0.1")
    page.get_by_role("button", name="Write the text from the fields").click()

    expect(page.get_by_label("Study file")).to_have_value(re.compile(r"alpha = 0\.1\n"))
    page.get_by_label("Two-sided alpha").fill("7")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#at-analysis-alpha")).to_contain_text("7 is not understood here: give the two-sided level")
    context.close()


@pytest.mark.parametrize("study", ["calgb-19808", "ccg-2961"])
def test_axe_finds_nothing_serious_in_a_form_with_faults_and_a_phone_scrolls_down_only(
    server: str, browser_page: Page, study: str
) -> None:
    page = browser_page
    page.set_viewport_size(PHONE)
    page.goto(f"{server}/trial?study={study}")
    page.locator("#accrual-months").fill("soon")
    page.locator("#accrual-months").press("Tab")
    expect(page.locator("#at-accrual-months")).to_contain_text("'soon' is not understood here")

    found = Axe().run(page).response["violations"]

    assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
