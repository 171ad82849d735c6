"""What a prediction must meet, and the shares that do."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.inference.case import Bound, Case, Group, Use
from trialeukin.inference.prediction import Part, Prediction
from trialeukin.inference.score import Share, Yardstick, inside, meets, ratio, scoreboard, yardstick


def predicted(case: Case, value: float, low: float = 0.0, high: float = math.inf) -> Prediction:
    return Prediction(case=case, value=value, low=low, high=high, part=Part.PARAMETERS, draws=40)


@pytest.mark.parametrize(("value", "met"), [(8.0, True), (8.01, False), (2.0, True), (1.99, False)])
def test_a_count_of_4_is_met_from_2_to_8(case: Callable[..., Case], value: float, met: bool) -> None:
    prediction = predicted(case(), value)

    assert yardstick(prediction) is Yardstick.TWO_FOLD
    assert meets(prediction) is met
    assert ratio(prediction) == value / 4.0


@pytest.mark.parametrize(("value", "met"), [(50.0, True), (50.1, False), (30.0, True), (29.9, False)])
def test_a_share_of_40_percent_is_met_from_30_to_50(share: Callable[..., Case], value: float, met: bool) -> None:
    prediction = predicted(share(), value)

    assert yardstick(prediction) is Yardstick.POINTS
    assert meets(prediction) is met


@pytest.mark.parametrize(
    ("bound", "value", "met"),
    [("at least", 4.0, True), ("at least", 3.99, False), ("at most", 4.0, True), ("at most", 4.01, False)],
)
def test_a_limit_is_met_on_its_side_only(case: Callable[..., Case], bound: str, value: float, met: bool) -> None:
    prediction = predicted(case(bound=bound), value)

    assert yardstick(prediction) is Yardstick.BOUND
    assert meets(prediction) is met


@pytest.mark.parametrize(
    ("bound", "low", "high", "holds"),
    [
        (Bound.NONE, 3.0, 5.0, True),
        (Bound.NONE, 4.1, 5.0, False),
        (Bound.AT_LEAST, 1.0, 4.0, True),
        (Bound.AT_LEAST, 1.0, 3.9, False),
        (Bound.AT_MOST, 4.0, 9.0, True),
        (Bound.AT_MOST, 4.1, 9.0, False),
    ],
)
def test_an_interval_holds_a_number_or_a_part_of_what_a_limit_allows(
    case: Callable[..., Case], bound: Bound, low: float, high: float, holds: bool
) -> None:
    assert inside(predicted(replace(case(), bound=bound), 4.0, low, high)) is holds


def test_a_course_that_failed_meets_nothing(case: Callable[..., Case], share: Callable[..., Case]) -> None:
    for each in (case(), case(bound="at most"), share()):
        assert not meets(predicted(each, math.nan, math.nan, math.nan))
        assert not inside(predicted(each, math.nan, math.nan, math.nan))


def test_the_interval_of_a_share_is_wilsons() -> None:
    # Newcombe, Stat Med 1998;17:857, table I, method 3: 81 of 263 and 0 of 20
    assert Share(hits=81, count=263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Share(hits=0, count=20).interval == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_and_mirrors(counted: tuple[int, int]) -> None:
    hits, count = counted
    low, high = Share(hits=hits, count=count).interval
    mirrored = Share(hits=count - hits, count=count).interval

    assert 0.0 <= low <= hits / count + 1e-12
    assert hits / count - 1e-12 <= high <= 1.0
    assert mirrored == pytest.approx((1.0 - high, 1.0 - low), abs=1e-12)


def test_the_scoreboard_counts_by_group_and_use_and_over_all(
    case: Callable[..., Case], share: Callable[..., Case]
) -> None:
    board = scoreboard(
        [
            predicted(case(), 4.0),
            predicted(case(), 40.0),
            predicted(case(study="Koreth 2016", use="held out"), 4.0),
            predicted(share(group="toxicity"), 40.0),
        ]
    )

    found = {(line.group, line.use): (line.met.hits, line.met.count) for line in board}
    assert found == {
        (Group.CELL_COUNTS, Use.FITTED): (1, 2),
        (Group.CELL_COUNTS, Use.HELD_OUT): (1, 1),
        (Group.TOXICITY, Use.FITTED): (1, 1),
        (None, Use.FITTED): (2, 3),
        (None, Use.HELD_OUT): (1, 1),
    }
