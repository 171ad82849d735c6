"""Events of a log-rank test: against gsDesign and rpact, against simulated trials, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.required_events import Contrast, EventsFormula, events_needed, power_of_events
from trialeukin.survival.two_arm import two_arms

PRINTED = 5e-7  # the reference prints six decimals
ROUNDING = 1e-9


def test_events_by_both_formulas_equal_gsdesign_and_rpact(table) -> None:
    designs = table("events_needed")

    for row in range(designs["hr"].size):
        contrast = Contrast(hazard_ratio=designs["hr"][row], allocation=designs["ratio"][row])
        errors = {"power": designs["power"][row], "alpha": designs["alpha"][row]}
        schoenfeld = events_needed(contrast, **errors, formula=EventsFormula.SCHOENFELD)
        freedman = events_needed(contrast, **errors, formula=EventsFormula.FREEDMAN)
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
    contrast = Contrast(hazard_ratio=hazard_ratio, allocation=allocation)

    events = events_needed(contrast, power=power, alpha=alpha, formula=formula)

    again = power_of_events(contrast, events=events, alpha=alpha, formula=formula)
    assert again == pytest.approx(power, rel=ROUNDING)


@given(st.floats(0.3, 3.0).filter(lambda ratio: abs(ratio - 1) > 0.01), st.sampled_from(EventsFormula))
def test_equal_arms_may_be_swapped(hazard_ratio, formula) -> None:
    swapped = events_needed(Contrast(hazard_ratio=1.0 / hazard_ratio), power=0.8, formula=formula)

    assert swapped == pytest.approx(
        events_needed(Contrast(hazard_ratio=hazard_ratio), power=0.8, formula=formula), rel=ROUNDING
    )


@given(st.floats(10.0, 1000.0), st.floats(1.01, 2.0))
def test_more_events_give_more_power(events, factor) -> None:
    contrast = Contrast(hazard_ratio=0.75)

    assert power_of_events(contrast, events=events * factor) > power_of_events(contrast, events=events)


@given(st.floats(0.5, 0.9), st.floats(0.2, 1.0), st.floats(1.01, 5.0))
def test_uneven_allocation_needs_more_events(hazard_ratio, allocation, farther) -> None:
    # (1 + r)^2 / r is least at r = 1 and rises on both sides
    near = Contrast(hazard_ratio=hazard_ratio, allocation=allocation)
    far = Contrast(hazard_ratio=hazard_ratio, allocation=allocation / farther)

    assert events_needed(far, power=0.9) > events_needed(near, power=0.9)


def test_non_inferiority_moves_the_null_and_nothing_else() -> None:
    same = Contrast(hazard_ratio=1.0, margin=1.3)

    # a hazard ratio of 1 against a margin of 1.3 is as far as one of 1/1.3 against 1
    expected = events_needed(Contrast(hazard_ratio=1.0 / 1.3), power=0.8)
    assert events_needed(same, power=0.8) == pytest.approx(expected, rel=ROUNDING)
    with pytest.raises(AnalysisError, match=r"margin 1\.3 with Freedman's formula: it is of superiority"):
        events_needed(same, power=0.8, formula=EventsFormula.FREEDMAN)


def test_simulated_trials_with_all_events_have_the_power_of_the_formula() -> None:
    rng, trials = np.random.default_rng(9), 4000
    arms = np.arange(130) % 2 == 1
    times = rng.exponential(1.0, (trials, 130)) / np.where(arms, 0.6, 1.0)

    share = (two_arms(times, np.ones_like(times), arms).p_value < 0.05).mean()

    expected = power_of_events(Contrast(hazard_ratio=0.6), events=130)
    four_errors = 4.0 * np.sqrt(expected * (1.0 - expected) / trials)
    assert share == pytest.approx(expected, abs=four_errors)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hazard_ratio": 1.0}, r"hazard ratio 1\.0: it is that of the null hypothesis.*give one that is not 1"),
        ({"hazard_ratio": -0.5}, "give one above zero"),
        ({"alpha": 0.0}, r"alpha 0\.0, one-sided: give a fraction between 0 and 0\.5"),
        ({"alpha": 1.0}, r"alpha 1\.0"),
        ({"power": 0.025}, r"power 0\.025: give a fraction above alpha \(0\.025\)"),
        ({"power": 1.0}, r"power 1\.0"),
        ({"allocation": 0.0}, r"allocation 0\.0: give treated patients for one control"),
        ({"margin": 0.0}, r"margin 0\.0: give one above zero"),
    ],
)
def test_designs_without_an_answer_are_refused(changes, message) -> None:
    asked = {"hazard_ratio": 0.75, "power": 0.8, "alpha": 0.025, "allocation": 1.0, "margin": 1.0} | changes
    errors = {"power": asked.pop("power"), "alpha": asked.pop("alpha")}

    with pytest.raises(AnalysisError, match=message):
        events_needed(Contrast(**asked), **errors)


def test_no_events_have_no_power() -> None:
    with pytest.raises(AnalysisError, match="events 0: give more than zero"):
        power_of_events(Contrast(hazard_ratio=0.75), events=0)
