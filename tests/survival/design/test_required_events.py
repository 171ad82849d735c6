"""Events of a log-rank test: against gsDesign and rpact, against simulated trials, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.sample_size import EventsFormula, events_needed, power_of_events
from trialeukin.survival.two_arm import two_arms

PRINTED = 5e-7  # the reference prints six decimals
ROUNDING = 1e-9


def test_events_by_both_formulas_equal_the_reference(table) -> None:
    designs = table("events_needed")

    for row in range(designs["hr"].size):
        design = {
            "power": designs["power"][row],
            "alpha": 2 * designs["alpha"][row],  # the reference gives the one-sided level
            "allocation": designs["ratio"][row],
        }
        schoenfeld = events_needed(designs["hr"][row], **design, formula=EventsFormula.SCHOENFELD)
        freedman = events_needed(designs["hr"][row], **design, formula=EventsFormula.FREEDMAN)
        assert schoenfeld == pytest.approx(designs["events_schoenfeld"][row], abs=PRINTED)
        assert freedman == pytest.approx(designs["events_freedman"][row], abs=PRINTED)


@given(
    st.floats(0.3, 0.95) | st.floats(1.05, 3.0),
    st.floats(0.1, 0.99),
    st.floats(0.001, 0.09),
    st.floats(0.25, 4.0),
    st.sampled_from(EventsFormula),
)
def test_the_power_of_the_events_needed_is_the_power_asked_for(hazard_ratio, power, alpha, allocation, formula) -> None:
    design = {"alpha": alpha, "allocation": allocation, "formula": formula}

    events = events_needed(hazard_ratio, power=power, **design)

    assert power_of_events(hazard_ratio, events=events, **design) == pytest.approx(power, rel=ROUNDING)


@given(st.floats(0.3, 3.0).filter(lambda ratio: abs(ratio - 1) > 0.01), st.sampled_from(EventsFormula))
def test_equal_arms_may_be_swapped(hazard_ratio, formula) -> None:
    swapped = events_needed(1.0 / hazard_ratio, power=0.8, formula=formula)

    assert swapped == pytest.approx(events_needed(hazard_ratio, power=0.8, formula=formula), rel=ROUNDING)


@given(st.floats(10.0, 1000.0), st.floats(1.01, 2.0))
def test_more_events_give_more_power(events, factor) -> None:
    assert power_of_events(0.75, events=events * factor) > power_of_events(0.75, events=events)


def test_simulated_trials_with_all_events_have_the_power_of_the_formula() -> None:
    rng, trials = np.random.default_rng(9), 4000
    arms = np.arange(130) % 2 == 1
    times = rng.exponential(1.0, (trials, 130)) / np.where(arms, 0.6, 1.0)

    share = (two_arms(times, np.ones_like(times), arms).p_value < 0.05).mean()

    expected = power_of_events(0.6, events=130)
    four_errors = 4.0 * np.sqrt(expected * (1.0 - expected) / trials)
    assert share == pytest.approx(expected, abs=four_errors)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hazard_ratio": 1.0}, r"hazard ratio 1\.0: give one above zero that is not 1"),
        ({"hazard_ratio": -0.5}, "give one above zero"),
        ({"alpha": 0.0}, r"alpha 0\.0: give a fraction between 0 and 1"),
        ({"alpha": 1.0}, r"alpha 1\.0"),
        ({"power": 0.05}, r"power 0\.05: give a fraction above alpha \(0\.05\)"),
        ({"power": 1.0}, r"power 1\.0"),
        ({"allocation": 0.0}, r"allocation 0\.0: give treated patients for one control"),
    ],
)
def test_designs_without_an_answer_are_refused(changes, message) -> None:
    design = {"hazard_ratio": 0.75, "power": 0.8, "alpha": 0.05} | changes

    with pytest.raises(AnalysisError, match=message):
        events_needed(design.pop("hazard_ratio"), **design)


def test_no_events_have_no_power() -> None:
    with pytest.raises(AnalysisError, match="events 0: give more than zero"):
        power_of_events(0.75, events=0)
