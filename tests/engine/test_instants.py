"""What happens first at one instant, to whom, and what the log says."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import sympy

from trialeukin.core.errors import InputError, ModelError, UnitError
from trialeukin.engine.problem import Exposure, Fate, Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Status
from trialeukin.model.system import Definition, Event, Switch, System, Watch, symbol
from trialeukin.regimen.rules import Action, Comparison, Condition, DoseRule

TIGHT = Tolerance(relative=1e-9)
CLOSE = 1e-7  # a hundred times the tolerance of a step
AMOUNT = symbol("amount")
Pose = Callable[..., Problem]
Make = Callable[..., System]
on_both = pytest.mark.parametrize("backend", Backend)


def rule(action: Action, threshold: float, fraction: float = 1.0, drug: str | None = None, **other: str) -> DoseRule:
    condition = Condition(
        quantity=other.get("quantity", "amount"),
        comparison=Comparison.AT_LEAST,
        threshold=threshold,
        unit=other.get("unit", "pmol"),
    )
    return DoseRule(drug=drug, action=action, condition=condition, fraction=fraction)


@on_both
def test_saved_values_are_those_before_a_dose_and_doses_at_zero_and_the_horizon_are_given(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (2.0, 0, 1.0, 0.0), (2.0, 1, 1.0, 0.0), (4.0, 0, 1.0, 0.0), (5.0, 0, 1.0, 0.0)]
    problem = pose(
        decaying(),
        doses,
        horizon=4.0,
        save_times=np.array([0.0, 2.0, 4.0]),
        save=("amount",),
        exposures=(Exposure(quantity="amount"),),
        tolerance=TIGHT,
    )

    found = solve(problem, backend=backend)

    two, four = math.exp(-1.0), (math.exp(-1.0) + 2.0) * math.exp(-1.0)
    assert found.values[0, :, 0] == pytest.approx([0.0, two, four], rel=CLOSE, abs=1e-12)
    assert found.highest[0, 0, 0] == pytest.approx(two + 2.0, rel=CLOSE)
    assert found.lowest[0, 0, 0] == pytest.approx(two, rel=CLOSE)  # the instant before the first dose has no length
    assert found.fates[0].tolist() == [Fate.GIVEN] * 4 + [Fate.AFTER_END]
    assert found.given[0].tolist() == [1.0, 1.0, 1.0, 1.0, 0.0]
    assert found.status[0] == Status.REACHED_HORIZON


@on_both
@pytest.mark.parametrize("apart", [5e-324, 1e-17])
def test_instants_may_be_as_close_as_numbers_can(backend: Backend, apart: float, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (apart, 0, 1.0, 0.0), (0.3, 0, 1.0, 0.0), (0.1 + 0.2, 0, 1.0, 0.0)]
    problem = pose(decaying(), doses, horizon=1.0, save_times=np.array([1.0]), save=("amount",), tolerance=TIGHT)

    found = solve(problem, backend=backend)

    expected = 2.0 * math.exp(-0.5) + 2.0 * math.exp(-0.35)
    assert found.values[0, 0, 0] == pytest.approx(expected, rel=CLOSE)


@on_both
def test_an_event_is_found_at_its_root_and_changes_states_and_switches(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying(
        initial=4,
        switches=(Switch(name="seen", initial=0.0, meaning="a mark"),),
        events=(Event(name="fall", trigger=1 - AMOUNT, sets={"amount": AMOUNT + 2, "seen": symbol("seen") + 1}),),
    )
    times = np.array([0.0, 2.0, 3.0, 8.0])
    problem = pose(system, horizon=8.0, save_times=times, save=("amount", "seen"), tolerance=TIGHT)

    found = solve(problem, backend=backend)

    fall = 2.0 * math.log(4.0)
    assert found.event_time("fall")[0] == pytest.approx(fall, rel=CLOSE)
    after = [3.0 * math.exp(-0.5 * (time - fall)) for time in (3.0, 8.0)]
    assert found.value("amount")[0] == pytest.approx([4.0, 4.0 * math.exp(-1.0), *after], rel=CLOSE)
    assert found.value("seen")[0].tolist() == [0.0, 0.0, 1.0, 1.0]


@on_both
def test_an_event_that_holds_at_zero_happens_at_zero_and_lifts_another_with_it(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying(
        initial=2,
        events=(
            Event(name="chained", trigger=AMOUNT - 5, sets={}),
            Event(name="first", trigger=AMOUNT - 1, sets={"amount": 3 * AMOUNT}),
            Event(name="never", trigger=AMOUNT - 7, sets={}),
        ),
    )

    found = solve(pose(system, horizon=1.0), backend=backend)

    assert found.event_times[0, :2].tolist() == [0.0, 0.0]
    assert math.isnan(found.event_times[0, 2])


@on_both
def test_a_dose_that_lifts_a_trigger_makes_the_event_happen_with_it(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying(events=(Event(name="high", trigger=AMOUNT - 1.5, sets={}, ends=True),))
    doses = [(1.0, 0, 1.0, 0.0), (2.0, 0, 1.0, 0.0), (3.0, 0, 1.0, 0.0)]
    problem = pose(system, doses, horizon=5.0, save_times=np.array([2.0, 2.5]), save=("amount",))

    found = solve(problem, backend=backend)

    assert found.event_times[0, 0] == 2.0
    assert found.end_times[0] == 2.0
    assert found.status[0] == Status.ENDED_BY_EVENT
    assert np.isfinite(found.values[0, 0, 0])
    assert math.isnan(found.values[0, 1, 0])
    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.GIVEN, Fate.AFTER_END]


@on_both
def test_an_examination_dates_its_event_and_comes_before_the_doses_of_that_instant(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying(
        initial=4,
        events=(
            Event(name="crossing", trigger=1 - AMOUNT, sets={}),
            Event(name="relapse", trigger=1 - AMOUNT, sets={}, watch=Watch.AT_EXAMINATIONS, stops_dosing=True),
        ),
    )
    doses = [(2.0, 0, 0.1, 0.0), (5.0, 0, 1.0, 0.0), (6.0, 0, 1.0, 0.0)]
    problem = pose(system, doses, horizon=8.0, examinations=np.array([1.0, 5.0, 7.0]), tolerance=TIGHT)

    found = solve(problem, backend=backend)

    crossing = 2.0 * math.log(4.0 + 0.1 * math.e)
    assert found.event_time("crossing")[0] == pytest.approx(crossing, rel=CLOSE)
    assert found.event_time("relapse")[0] == 5.0
    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.EVENT + 1, Fate.EVENT + 1]
    assert found.given[0].tolist() == [0.1, 0.0, 0.0]


@on_both
def test_an_event_that_stops_dosing_cuts_a_running_infusion_and_logs_what_had_run(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying(events=(Event(name="high", trigger=AMOUNT - 1, sets={}, stops_dosing=True),))
    problem = pose(
        system, [(0.0, 0, 10.0, 10.0)], horizon=9.0, exposures=(Exposure(quantity="amount"),), tolerance=TIGHT
    )

    found = solve(problem, backend=backend)

    reached = 2.0 * math.log(2.0)  # 2 (1 - exp(-t/2)) = 1
    assert found.event_times[0, 0] == pytest.approx(reached, rel=CLOSE)
    assert found.given[0, 0] == pytest.approx(reached, rel=CLOSE)
    assert found.fates[0, 0] == Fate.EVENT
    assert found.highest[0, 0, 0] == pytest.approx(1.0, rel=CLOSE)


@on_both
def test_what_was_given_before_dosing_stopped_still_enters_after_its_lag(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying(initial=1, events=(Event(name="low", trigger=0.5 - AMOUNT, sets={}, stops_dosing=True),))
    problem = pose(system, [(1.0, 2, 3.0, 0.0)], horizon=3.0, save_times=np.array([3.0]), save=("amount",))

    found = solve(problem, backend=backend)

    assert found.event_times[0, 0] == pytest.approx(2.0 * math.log(2.0), rel=1e-4)
    assert found.values[0, 0, 0] == pytest.approx(math.exp(-1.5) + 3.0 * math.exp(-0.5), rel=1e-4)
    assert found.fates[0, 0] == Fate.GIVEN


@on_both
def test_extremes_leave_out_what_is_no_number(backend: Backend, pose: Pose, decaying: Make) -> None:
    inverse = sympy.Piecewise((1 / AMOUNT, sympy.Rational(1, 2) < AMOUNT))
    system = decaying(
        initial=1, definitions=(Definition(name="inverse", unit="1/pmol", expression=inverse, meaning="while it can"),)
    )
    problem = pose(
        system, [(2.5, 0, 1.0, 0.0)], horizon=4.0, exposures=(Exposure(quantity="inverse"),), tolerance=TIGHT
    )

    found = solve(problem, backend=backend)

    assert found.lowest[0, 0, 0] == pytest.approx(1.0 / (1.0 + math.exp(-1.25)), rel=CLOSE)
    assert 1.5 < found.highest[0, 0, 0] < 2.0  # looked at after steps only


@on_both
def test_a_held_dose_is_skipped_and_given_at_its_fraction_once_released(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    doses = [(float(day), 0, 1.0, 0.0) for day in (0, 1, 2, 6)]
    problem = pose(decaying(), doses, horizon=7.0, rules=(rule(Action.HOLD, 0.5, 0.5),))

    found = solve(problem, backend=backend)

    # before the doses: 0, 0.61, 0.37, then 0.05 + 0.07
    assert found.given[0].tolist() == [1.0, 0.0, 0.5, 0.5]
    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.RULE, Fate.RULE, Fate.RULE]


@on_both
def test_reductions_last_do_not_multiply_and_the_smallest_counts(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(float(day), 0, 0.9, 0.0) for day in (0, 1, 2, 9)]
    rules = (rule(Action.REDUCE, 0.5, 0.75), rule(Action.REDUCE, 1.0, 0.25))

    found = solve(pose(decaying(), doses, horizon=9.0, rules=rules), backend=backend)

    # after the doses: 0.9 (first rule); 0.546 + 0.675 = 1.22 (both); low before the last, but reductions last
    assert found.given[0].tolist() == [0.9, 0.675, 0.225, 0.225]
    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.RULE, Fate.RULE + 1, Fate.RULE + 1]


@on_both
def test_a_stop_ends_its_drug_only_and_rules_see_one_instant_as_it_was_before_its_doses(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (0.0, 1, 1.0, 0.0), (1.0, 1, 1.0, 0.0), (1.0, 0, 1.0, 0.0), (20.0, 0, 1.0, 0.0)]
    rules = (rule(Action.STOP, 0.5, drug="first"),)

    found = solve(pose(decaying(), doses, horizon=21.0, rules=rules), backend=backend)

    assert found.given[0].tolist() == [1.0, 1.0, 1.0, 0.0, 0.0]
    assert found.fates[0].tolist() == [Fate.GIVEN] * 3 + [Fate.RULE] * 2


@on_both
def test_missed_doses_and_patients_who_never_start_keep_their_reason(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    problem = pose(decaying(), [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0)], patients=2, horizon=2.0)
    problem.doses.fates[:] = [[Fate.MISSED, Fate.GIVEN], [Fate.NEVER_STARTED, Fate.NEVER_STARTED]]

    found = solve(problem, backend=backend)

    assert found.given.tolist() == [[0.0, 1.0], [0.0, 0.0]]
    assert found.fates.tolist() == [[Fate.MISSED, Fate.GIVEN], [Fate.NEVER_STARTED, Fate.NEVER_STARTED]]


@on_both
def test_a_threshold_is_converted_to_the_unit_of_its_quantity(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0)]
    rules = (rule(Action.HOLD, 0.0005, unit="nmol"),)

    found = solve(pose(decaying(), doses, horizon=1.0, rules=rules), backend=backend)

    assert found.given[0].tolist() == [1.0, 0.0]


def test_a_rule_on_an_unknown_quantity_names_those_that_exist(pose: Pose, decaying: Make) -> None:
    system = decaying(definitions=(Definition(name="double", unit="pmol", expression=2 * AMOUNT, meaning="twice"),))

    with pytest.raises(ModelError, match=r"'amonut': there are such as amount, double, .*did you mean 'amount'"):
        solve(pose(system, horizon=1.0, rules=(rule(Action.HOLD, 1.0, quantity="amonut"),)))
    with pytest.raises(ModelError, match=r"save: .*'tumour'"):
        solve(pose(system, horizon=1.0, save=("tumour",)))
    with pytest.raises(ModelError, match=r"'third'.*first, late, second"):
        solve(pose(system, horizon=1.0, rules=(rule(Action.HOLD, 1.0, drug="third"),)))
    with pytest.raises(UnitError, match="amount is counted in pmol, and day measures something else"):
        solve(pose(system, horizon=1.0, rules=(rule(Action.HOLD, 1.0, unit="day"),)))


def test_a_problem_without_meaning_is_refused(pose: Pose, decaying: Make) -> None:
    with pytest.raises(InputError, match="horizon"):
        solve(pose(decaying(), horizon=0.0))
    with pytest.raises(InputError, match=r"save_times\[1\] is 0.5: give finite days from zero on, not decreasing"):
        solve(pose(decaying(), horizon=2.0, save_times=np.array([1.0, 0.5])))
    with pytest.raises(InputError, match=r"save_times: list \[1.0\]: give a NumPy array"):
        solve(pose(decaying(), horizon=2.0, save_times=[1.0]))
    with pytest.raises(InputError, match=r"save: 'amount' is one text: give a tuple of names, such as \('amount',\)"):
        solve(pose(decaying(), horizon=2.0, save="amount"))
    with pytest.raises(InputError, match=r"exposures: 'amount': give Exposure\(quantity=...\)"):
        solve(pose(decaying(), horizon=2.0, exposures=("amount",)))
    with pytest.raises(InputError, match=r"tolerance: 1e-06: give Tolerance\(relative=...\)"):
        solve(pose(decaying(), horizon=2.0, tolerance=1e-6))
    with pytest.raises(InputError, match=r"backend 'gpu': give one of Backend.CPU, Backend.GPU, Backend.REFERENCE"):
        solve(pose(decaying(), horizon=2.0), backend="gpu")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="after the horizon"):
        solve(pose(decaying(), horizon=2.0, save_times=np.array([3.0])))
    with pytest.raises(InputError, match=r"doses.amounts\[0, 0\] is -1: give zero or more"):
        solve(pose(decaying(), [(0.0, 0, -1.0, 0.0)], horizon=2.0))
    with pytest.raises(ModelError, match=r"trigger of event odd uses nothing"):
        solve(pose(decaying(events=(Event(name="odd", trigger=symbol("nothing"), sets={}),)), horizon=2.0))
    with pytest.raises(ModelError, match=r"event odd changes 'loss'"):
        solve(pose(decaying(events=(Event(name="odd", trigger=AMOUNT, sets={"loss": sympy.S.One}),)), horizon=2.0))
    with pytest.raises(InputError, match="0 steps at most: give one or more"):
        Tolerance(most_steps=0)
    with pytest.raises(InputError, match="tolerance 1e-06, inf: give positive numbers"):
        Tolerance(relative=1e-6, absolute=np.inf)
    many = tuple(Event(name=f"e{number}", trigger=AMOUNT, sets={}) for number in range(17))
    with pytest.raises(ModelError, match="17 events; doses tell at most 16 of them apart"):
        solve(pose(decaying(events=many), horizon=2.0))


def test_asking_for_what_was_not_kept_says_what_was(pose: Pose, decaying: Make) -> None:
    found = solve(pose(decaying(), horizon=1.0, save=("amount",), save_times=np.ones(1)))

    with pytest.raises(InputError, match="'loss' is not among the saved quantities: amount"):
        found.value("loss")
    with pytest.raises(InputError, match="'death' is not among the events: there are none"):
        found.event_time("death")
