"""Numbers of a chart: rounded as a format rounds them, and JSON whatever they are."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.report.fan_figure import FanOfArm, Panel, Ruler, Zone
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.web.charts.chart import DIGITS, Chart, numbers
from trialeukin.web.charts.fan_chart import INNER, LINE, fan_chart

NEXT = 10.0 ** (1 - DIGITS)  # a number halfway between two may go to either


@given(st.floats(min_value=1e-280, max_value=1e280), st.sampled_from([-1.0, 1.0]))
def test_a_number_is_rounded_to_what_a_screen_shows(size: float, sign: float) -> None:
    (found,) = numbers(np.array([sign * size]))

    assert abs(found - sign * size) <= 0.5 * NEXT * size * (1.0 + 1e-9)


def test_common_numbers_are_written_as_a_format_writes_them() -> None:
    values = np.random.default_rng(1).lognormal(sigma=5.0, size=2_000)

    assert numbers(values) == [float(f"{value:.{DIGITS}g}") for value in values]


def test_numbers_that_are_none_stay_and_become_null_in_json() -> None:
    found = numbers(np.array([0.0, np.nan, np.inf, -np.inf, 1e-320, 99_999.6]))
    chart = Chart(
        words=Words(name="none", title="", description="", caption=""),
        traces=({"y": found},),
        layout={"xaxis": {"range": (0.0, np.inf)}},
        table=Table(caption="", head=(), rows=()),
    )

    written = json.loads(chart.json())

    assert written["data"] == [{"y": [0.0, None, None, None, 0.0, 100_000.0]}]
    assert written["layout"] == {"xaxis": {"range": [0.0, None]}}


def test_names_of_zones_that_overlap_are_moved_apart_and_others_stay() -> None:
    times, course = np.array([0.0, 1.0]), np.ones((1, 2))
    fan = FanOfArm(label="typical", colour=Colour.ARM_1, times=times, quantiles=course)
    zones = tuple(
        Zone(label=label, colour=Colour.BAND_NK, low=low, high=high)
        for label, low, high in (("NK", 173.0, 1687.0), ("CD8", 350.0, 2913.0), ("Treg", 7.2, 28.6))
    )
    panel = Panel(title="", fans=(fan,), ruler=Ruler.LOGARITHMIC, zones=zones, low=0.1, high=1e5, floor="")

    chart = fan_chart(Words(name="none", title="", description="", caption=""), panel, "days")

    at = {each["text"]: each["y"] * INNER / 6.0 + each["yshift"] for each in chart.layout["annotations"]}
    assert at["CD8"] - at["NK"] >= LINE - 1e-9
    assert all(abs(each["yshift"]) < LINE for each in chart.layout["annotations"])
