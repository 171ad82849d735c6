"""Numbers of a chart: rounded as a format rounds them, and JSON whatever they are."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.web.charts.chart import DIGITS, Chart, numbers

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
