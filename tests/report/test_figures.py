"""Single figures: what stands in their words, their tables and their bytes."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from trialeukin.report.axes import month_ticks
from trialeukin.report.curve import EndLabel, until, value_at, write_end_labels
from trialeukin.report.exposure_section import exposure_section
from trialeukin.report.fan_figure import FanOfArm, Panel, fan_figure
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Picture, Screen, Words, sheet
from trialeukin.report.ratio_figure import RatioWithInterval, ratio_figure, ratio_text
from trialeukin.report.study_wording import arms_in_order
from trialeukin.report.survival_figure import SurvivalOfArm, TimeAxis, survival_figure
from trialeukin.report.toxicity_figure import GradesOfArm, toxicity_figure
from trialeukin.report.variance_figure import variance_figure
from trialeukin.trial.arm_result import Curve
from trialeukin.trial.result import StudyResult

WORDS = Words(name="one", title="A <title>", description="What it shows", caption="Caption")
STEPS = Curve(
    times=np.array([2.0, 5.0, 9.0]),
    values=np.array([0.8, 0.5, 0.3]),
    lower=np.array([0.7, 0.4, 0.2]),
    upper=np.array([0.9, 0.6, 0.4]),
    risk_times=np.array([0.0, 6.0, 12.0]),
    at_risk=np.array([10, 4, 1]),
)


def survival() -> Picture:
    arm = SurvivalOfArm(label="control", colour=Colour.ARM_1, curve=STEPS, published=((6.0, 0.45),))
    return survival_figure(WORDS, (arm,), 12.0, "survival")


def words_of(svg: str) -> list[str]:
    return [text.strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_a_drawing_is_well_formed_scales_and_follows_the_theme(screen: str) -> None:
    svg = getattr(survival(), screen)
    root = ElementTree.fromstring(svg)
    colours = set(re.findall(r"(?<!,)#[0-9a-f]{6}", svg))

    assert "width" not in root.attrib
    assert root.attrib["viewBox"].split()[2] == f"{Screen[screen.upper()].value:g}"
    assert colours == set()  # every colour is a token of the page
    assert "font-family" not in svg
    assert "A &lt;title&gt;" in svg


def test_the_same_figure_has_the_same_bytes() -> None:
    assert survival() == survival()


def test_numbers_at_risk_stand_in_the_drawing() -> None:
    words = words_of(survival().desk)

    start = words.index("At risk")

    assert words[start + 1] == "control"
    assert {"10", "4", "1"} <= set(words[start:])


def test_at_risk_reads_the_count_of_its_month() -> None:
    arm = SurvivalOfArm(label="control", colour=Colour.ARM_1, curve=STEPS)

    assert [arm.at_risk(month) for month in (0.0, 6.0, 12.0)] == [10, 4, 1]


@pytest.mark.parametrize(("month", "value"), [(0.0, 1.0), (1.9, 1.0), (2.0, 0.8), (8.9, 0.5), (100.0, 0.3)])
def test_a_step_curve_holds_its_value_from_each_jump_on(month: float, value: float) -> None:
    assert value_at(STEPS, month, before=1.0) == value


def test_a_curve_is_cut_at_the_horizon_with_its_last_value() -> None:
    times, values, lower, upper = until(STEPS, 6.0, before=1.0)

    assert times.tolist() == [0.0, 2.0, 5.0, 6.0]
    assert values.tolist() == [1.0, 0.8, 0.5, 0.5]
    assert lower[-1] == 0.4
    assert upper[-1] == 0.6


@pytest.mark.parametrize(("horizon", "last"), [(3.0, 3.0), (84.0, 84.0), (85.5, 84.0), (600.0, 600.0)])
@pytest.mark.parametrize("screen", list(Screen))
def test_month_ticks_are_few_even_and_inside(horizon: float, last: float, screen: Screen) -> None:
    ticks = month_ticks(horizon, screen)

    assert ticks[0] == 0.0
    assert ticks[-1] <= last
    assert 3 <= len(ticks) <= 9
    assert len(set(np.diff(ticks))) == 1


def test_end_labels_of_lines_that_meet_do_not_touch() -> None:
    page = sheet(Screen.DESK, 300.0)
    axes = page.axes(left=50.0, top=10.0, right=100.0, bottom=40.0)
    labels = [EndLabel(height=0.5 + 0.001 * index, text=f"arm {index}", colour=Colour.INK) for index in range(3)]

    write_end_labels(page, axes, labels)

    heights = sorted(text.get_position()[1] * page.height for text in page.figure.texts)
    assert min(np.diff(heights)) >= 15.0 - 1e-9  # one line of text
    assert np.mean(heights) == pytest.approx(40.0 + 0.501 * 250.0)


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [(None, None, "0.75"), (0.52, None, "0.75 (0.52 to ?)"), (0.52, 1.08, "0.75 (0.52 to 1.08)")],
)
def test_a_limit_that_is_not_known_is_a_question_mark(lower: float | None, upper: float | None, text: str) -> None:
    assert ratio_text(RatioWithInterval(label="published", value=0.75, lower=lower, upper=upper)) == text


def test_the_ratio_figure_names_what_was_published_and_its_table_holds_both() -> None:
    ratios = np.exp(np.linspace(-0.5, 0.4, 200))
    predicted = RatioWithInterval(label="Predicted", value=0.95, lower=0.6, upper=1.4)
    published = RatioWithInterval(label="Published", value=0.75, lower=0.52)

    drawn = ratio_figure(WORDS, ratios, predicted, (published,))

    assert drawn.table is not None
    assert drawn.table.rows == (("Predicted", "0.95", "0.60", "1.40"), ("Published", "0.75", "0.52", "–"))
    assert "Published: 0.75 (0.52 to ?)" in words_of(drawn.phone)


def test_the_histogram_of_ratios_counts_trials_on_its_axis() -> None:
    predicted = RatioWithInterval(label="Predicted", value=0.9)

    drawn = ratio_figure(WORDS, np.full(3000, 0.9), predicted, ())  # all in one class

    for screen in (drawn.desk, drawn.phone):
        assert {"trials", "0", "800", "2,400"} <= set(words_of(screen))


def test_a_share_below_zero_is_shown_as_it_is() -> None:
    drawn = variance_figure(WORDS, (("parameters", 1.02), ("patients", -0.02)))

    assert "−2 %" in words_of(drawn.desk)


def test_the_toxicity_table_has_a_row_for_each_bar() -> None:
    bars = tuple(
        GradesOfArm(item="platelets", arm=arm, colour=Colour.ARM_1, fractions=(0.5, 0.4, 0.3, 0.2))
        for arm in ("control", "treatment")
    )

    drawn = toxicity_figure(WORDS, bars)

    assert drawn.table is not None
    assert drawn.table.rows[1] == ("platelets", "treatment", "50.0 %", "40.0 %", "30.0 %", "20.0 %")


def test_the_control_comes_first_and_keeps_the_first_colour(result: StudyResult) -> None:
    ordered = arms_in_order(result)

    assert result.arms[1].control
    assert [(arm.name, colour) for arm, colour in ordered] == [
        ("observation", Colour.ARM_1),
        ("interleukin-2", Colour.ARM_2),
    ]


def test_names_of_arms_that_do_not_fit_abreast_stand_under_each_other_cut_at_the_edge() -> None:
    times, quantiles = np.arange(10.0), np.ones((5, 10))
    names = ("observation", "low-dose interleukin-2 by subcutaneous injection, 1.5 MIU/m2 a day", "histamine + IL-2")
    fans = tuple(FanOfArm(label=name, colour=Colour.ARM_1, times=times, quantiles=quantiles) for name in names)
    panels = (Panel(title="NK cells in blood", fans=fans), Panel(title="Treg in blood", fans=fans[:1]))

    svg = fan_figure(WORDS, panels, "months").desk

    places = {text: (float(x), float(y)) for x, y, text in re.findall(r'x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)<', svg)}
    first, last = (places[name] for name in (names[0], names[2]))
    cut = next(text for text in places if text.startswith("low-dose"))
    assert (places[cut][0], first[0]) == (last[0], last[0])
    assert places[cut][1] - first[1] == pytest.approx(last[1] - places[cut][1])
    assert cut.endswith("…")
    assert len(cut) < len(names[1])


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_a_long_name_of_an_arm_is_cut_where_its_numbers_at_risk_begin(screen: str) -> None:
    name = "low-dose interleukin-2 by subcutaneous injection, 1.5 MIU/m2 a day"
    arm = SurvivalOfArm(label=name, colour=Colour.ARM_1, curve=STEPS)

    picture = survival_figure(WORDS, (arm,), 12.0, "survival")

    shown = {word for word in words_of(getattr(picture, screen)) if word.startswith("low-dose")}
    assert len(shown) == 1
    assert shown.pop().endswith("…")
    assert picture.table is not None
    assert picture.table.rows[0][0] == name


def test_pictures_of_exposure_have_addresses_of_their_own_whatever_the_arms_are_called(result: StudyResult) -> None:
    named = (
        replace(
            arm,
            name=name,
            exposure_fans=arm.exposure_fans or result.arms[0].exposure_fans,
            planned=(result.arms[0].planned),
        )
        for arm, name in zip(result.arms, ("IL-2 (1,5 MIU/m²/jour)", "対照"), strict=True)
    )

    section = exposure_section(replace(result, arms=tuple(named)))

    names = [block.name for block in section.blocks if isinstance(block, Picture)]
    assert len(set(names)) == len(names) == 2
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in names)


def test_a_table_of_curves_ends_with_follow_up_and_gives_none_and_all_no_limits() -> None:
    whole = replace(STEPS, values=np.array([1.0, 1.0, 1.0]), lower=np.ones(3), upper=np.ones(3))
    gone = replace(STEPS, values=np.array([0.8, 0.5, 0.0]), lower=np.array([0.7, 0.4, 0.0]))
    arms = tuple(
        SurvivalOfArm(label=label, colour=Colour.ARM_1, curve=curve, followed=6.0)
        for label, curve in (("no event", whole), ("some", STEPS), ("all", gone))
    )
    axis = TimeAxis(label="t", unit="", ticks=lambda *_: [0.0, 12.0], shown=(1.0, 6.0, 12.0), caption="{measure}")

    table = survival_figure(WORDS, arms, 12.0, "survival", axis=axis).table

    assert table is not None
    assert table.rows == (
        ("no event", "100 %", "100 %", "–"),
        ("some", "100 %", "50.0 % (40.0 to 60.0)", "–"),
        ("all", "100 %", "50.0 % (40.0 to 60.0)", "0 %"),
    )
