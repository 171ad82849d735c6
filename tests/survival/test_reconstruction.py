"""Patients from published curves: reference case 17 (lung, veteran), a plateau, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import cox
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.reconstruction import digitised, reconstruct

NAMES = ["lung", "veteran"]
ROOT_MEAN_SQUARE, LARGEST = 0.01, 0.03  # of case 17-ipd-reconstruction, as all below
EVENTS_WITH_TOTAL, EVENTS_WITH_TABLE = 0.03, 0.08  # of the patients
LOG_RATIO_WITH_TABLE, LOG_RATIO_WITHOUT = 0.06, 0.15
PIXEL = 1 / 500


def arms(table, reference, name, *, with_table=True, with_total=True):
    points, truth = table(f"{name}_digitised"), reference(f"{name}_truth")["truth"]
    for arm in (0, 1):
        true, mine = truth[f"arm{arm}"], points["arm"] == arm
        printed = {float(time): count for time, count in true["risk_table"].items()} if with_table else {0.0: true["n"]}
        curve = digitised(
            points["time"][mine],
            points["surv_digitised"][mine],
            printed,
            events=true["events"] if with_total else None,
        )
        yield true, reconstruct(curve)


def log_ratio(found) -> float:
    times = np.concatenate([each.times for each in found])
    events = np.concatenate([each.events for each in found])
    return float(cox(times, events, np.repeat([0, 1], [each.times.size for each in found])).coefficients[0])


@pytest.mark.parametrize("with_total", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_curve_deaths_medians_and_numbers_at_risk_are_those_of_the_data(table, reference, name, with_total) -> None:
    original = table(name)
    for arm, (true, found) in enumerate(arms(table, reference, name, with_total=with_total)):
        share = EVENTS_WITH_TOTAL if with_total else EVENTS_WITH_TABLE

        assert found.root_mean_square_error <= ROOT_MEAN_SQUARE
        assert found.largest_error <= LARGEST
        assert found.times.size == true["n"]
        assert abs(int(found.events.sum()) - true["events"]) <= share * true["n"]
        assert (found.excess_at_risk == 0).all()
        deaths = np.unique(original["time"][(original["trt"] == arm) & (original["status"] == 1)])
        place = int(np.searchsorted(deaths, true["median"]))
        assert deaths[place - 1] <= kaplan_meier(found.times, found.events).median <= deaths[place + 1]


@pytest.mark.parametrize(("with_table", "tolerance"), [(True, LOG_RATIO_WITH_TABLE), (False, LOG_RATIO_WITHOUT)])
@pytest.mark.parametrize("name", NAMES)
def test_the_hazard_ratio_is_that_of_the_data(table, reference, name, with_table, tolerance) -> None:
    expected = np.log(reference(f"{name}_truth")["truth"]["cox_hr"])

    found = [each for _, each in arms(table, reference, name, with_table=with_table)]

    assert log_ratio(found) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("with_total", [True, False])
def test_no_death_is_invented_on_a_plateau_with_late_censoring(with_total) -> None:
    rng = np.random.default_rng(7)
    times = np.where(rng.random(300) < 0.6, rng.exponential(8.0, 300), np.inf)
    ends = rng.uniform(48.0, 84.0, 300)  # months: all are followed past the last relapse, near 45
    follow_up, events = np.minimum(times, ends), times <= ends
    last = follow_up[events].max()
    curve, grid = kaplan_meier(follow_up, events), np.linspace(0.0, follow_up.max(), 400)
    read = np.clip(curve.at(grid) + rng.integers(-1, 2, 400) * PIXEL, 0.0, 1.0)
    printed = {float(time): int((follow_up >= time).sum()) for time in range(0, 84, 12)}

    found = reconstruct(digitised(grid, read, printed, events=int(events.sum()) if with_total else None))

    assert found.times[found.events].max() <= last + np.diff(grid)[0]
    assert found.times[~found.events].max() > 75.0
    assert abs(int(found.events.sum()) - int(events.sum())) <= EVENTS_WITH_TOTAL * 300
    assert (found.excess_at_risk == 0).all()
    assert found.reading_error == pytest.approx(PIXEL)  # neighbours one up, one down


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000), st.integers(20, 120))
def test_an_exact_curve_with_a_full_table_comes_back(seed, patients) -> None:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.choice(np.arange(1, 400), patients, replace=False)).astype(float)
    curve = kaplan_meier(times, np.ones(patients))
    grid = np.arange(0.0, times[-1] + 1.0)

    found = reconstruct(digitised(grid, curve.at(grid), {0.0: patients}, events=patients))

    assert found.events.all()
    np.testing.assert_allclose(found.times, times, atol=0.5)  # a death lies between two points a unit apart


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"survival": [1.0, 62.0, 0.5]}, r"survival\[1\] is 62: give a fraction .*0.62, not 62"),
        ({"times": [0.0, 2.0, 1.0]}, "give times that rise"),
        ({"risk_table": {6.0: 4}}, "the risk table starts at 6: it starts at time zero"),
        ({"risk_table": {0.0: 4, 1.0: 5}}, r"numbers at risk \[4 5\]: .* falling"),
        ({"events": 9}, "events 9 of 4 patients"),
        ({"risk_table": {0: 100.7, 12: 30.9}}, r"100\.7 patients at risk at time 0: give a whole number, as the paper"),
        ({"risk_table": {0.0: 4, 1.0: float("nan")}}, "nan patients at risk at time 1: give a whole number"),
        ({"risk_table": {0: 0}}, "0 patients at risk at time zero: give the size of the arm there, one patient or"),
        ({"events": 1.5}, r"1\.5 patients with the event: give a whole number"),
    ],
)
def test_curves_without_a_meaning_are_refused(changes, message) -> None:
    given_curve = {
        "times": [0.0, 1.0, 2.0],
        "survival": [1.0, 0.75, 0.5],
        "risk_table": {0.0: 4},
        "events": 2,
    } | changes

    with pytest.raises(AnalysisError, match=message):
        digitised(
            given_curve["times"], given_curve["survival"], given_curve["risk_table"], events=given_curve["events"]
        )
