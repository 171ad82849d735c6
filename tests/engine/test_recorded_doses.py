"""What records do, each rule against a closed form or against the same course written out."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.engine.problem import Fate, Manner, Tolerance
from trialeukin.engine.recorded_doses import Scheduled, compartments_of, scheduled
from trialeukin.engine.records import TimeUnit
from trialeukin.engine.records_text import parse_records
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trains import Train
from trialeukin.model.system import Event, State, System, Term, symbol
from trialeukin.model.whole import model

Make = Callable[..., System]
TIGHT = Tolerance(relative=1e-8)
CLOSE = 100.0 * TIGHT.relative  # errors of single steps add up along a trajectory
on_both = pytest.mark.parametrize("backend", Backend)


@pytest.fixture(name="one")
def one_compartment(linear_system: Make) -> Make:
    """Return a maker of one compartment, CL/V 0.5 a day, whose input has lag, share and duration as asked."""

    def make(**numbers: float) -> System:
        system = linear_system(**({"CL": 0.5, "V": 1.0, "span": 0.0} | numbers))
        return replace(
            system,
            states=system.states[1:],
            terms=system.terms[:1],
            inputs=(replace(system.inputs[1], duration=symbol("span")),),
        )

    return make


def asked(system: System, rows: str, *, unit: TimeUnit = TimeUnit.DAY, **others: object) -> Scheduled:
    """Return what rows of ID,TIME,EVID,AMT,RATE,II,ADDL,SS ask of a system with its typical parameters."""
    lines = [line.strip() for line in rows.strip().splitlines()]
    full = [line + ",." * (7 - line.count(",")) for line in lines]
    records = parse_records("\n".join(["ID,TIME,EVID,AMT,RATE,II,ADDL,SS", *full]), unit=unit)
    typical = [each.value for each in system.parameters.values()]
    return scheduled(system, records, np.tile(typical, (len(records.patients), 1)), tolerance=TIGHT, **others)


def answers(system: System, rows: str, backend: Backend = Backend.CPU, unit: TimeUnit = TimeUnit.DAY) -> Floats:
    """Return the central amount at every record that asks."""
    found = asked(system, rows, unit=unit, backend=backend)
    return found.answers(solve(found.problem(("central",)), backend=backend).values)[:, 0]


@on_both
def test_what_comes_first_at_one_instant_is_what_stands_first(backend: Backend, one: Make) -> None:
    left = math.exp(-0.5)
    rows = """
        1,0,0
        1,0,1,8,0,1,1
        1,0,0
        1,1,0
        1,1,1,4
        1,1,2
        1,1,1,2
        1,1,0
    """

    found = answers(one(), rows, backend)

    trough = 8 * left + 8  # the additional dose comes before the records of its instant
    assert found == pytest.approx([0, 8, trough, trough + 4, trough + 6], rel=CLOSE, abs=CLOSE)


@on_both
@pytest.mark.parametrize("steadiness", ["", ",0,1,0,1"])
def test_a_dose_given_after_a_look_is_seen_by_who_looks_when_its_lag_ends(
    steadiness: str, backend: Backend, one: Make
) -> None:
    system, left = one(delay=0.25), math.exp(-0.5)
    dose = f"1,1,1,4{steadiness}"
    before = 4.0 * left**0.75 / (1.0 - left) if steadiness else 0.0

    found = answers(system, f"1,0,0\n 1,1,0\n {dose}\n 1,1.25,0\n 1,1.25,1,2\n 1,1.5,0\n 1,1.5,2", backend)

    trough = before * left**0.25
    peak = trough + 4.0
    assert found == pytest.approx([0, 0, peak, *[peak * left**0.25 + 2.0] * 2], rel=CLOSE, abs=CLOSE)


@on_both
def test_a_reset_undoes_infusions_lagged_and_additional_doses(backend: Backend, one: Make) -> None:
    system = one(delay=0.75)
    rows = """
        1,0,1,8,2,1,5
        1,1.5,1,100
        1,2,3
        1,2,0
        1,2.5,1,3
        1,4.25,0
    """

    found = asked(system, rows, backend=backend)
    course = solve(found.problem(("central",)), backend=backend)

    assert found.cancelled.tolist() == [4]
    assert course.fates.tolist() == [[Fate.RESET, Fate.RESET, Fate.RESET, Fate.GIVEN]]
    after = 3 * math.exp(-0.5)
    assert found.answers(course.values)[:, 0] == pytest.approx([0.0, after], rel=CLOSE, abs=CLOSE)


def test_a_reset_undoes_what_stands_before_it_at_its_own_instant_and_not_what_stands_after(one: Make) -> None:
    found = answers(one(), "1,0,1,5\n 1,1,1,100\n 1,1,3\n 1,1,1,7\n 1,1,0\n 1,2,0")

    assert found == pytest.approx([7, 7 * math.exp(-0.5)], rel=CLOSE)


def test_a_reset_may_set_the_clock_back_and_what_follows_is_as_if_of_another_patient(one: Make) -> None:
    first = ["0,1,8,2,1,1", "0.5,0", "3,0"]
    second = ["-1,4,6,0,2,3", "-1,0", "0,0", "2,0"]
    together = answers(one(), "\n".join(f"1,{row}" for row in first + second))

    apart = answers(one(), "\n".join([f"1,{row}" for row in first] + [f"2,{row}" for row in second]))

    assert together == pytest.approx(apart, rel=CLOSE)


def test_a_reset_brings_back_the_initial_states(decaying: Make) -> None:
    system = decaying(initial=symbol("delay") * 6)

    found = asked(system, "1,0,0\n 1,2,0\n 1,2,3\n 1,2,0", compartments={1: 0})

    values = solve(found.problem(("amount",))).values
    assert found.answers(values)[:, 0] == pytest.approx([6, 6 * math.exp(-1.0), 6], rel=CLOSE)


def test_a_patients_clock_starts_at_the_first_record(decaying: Make) -> None:
    system = decaying(initial=4)
    both = asked(system, "1,100,0\n 1,101,0\n 2,-3,0\n 2,-2,0", compartments={1: 0})

    values = both.answers(solve(both.problem(("amount",))).values)[:, 0]

    assert values == pytest.approx(2 * [4, 4 * math.exp(-0.5)], rel=CLOSE)
    assert both.save_times.size == 2


def test_hours_and_days_are_the_same_course(one: Make) -> None:
    system = one(delay=0.25, available=0.5)
    hours = "1,0,1,8,2,24,3\n 1,6,0\n 1,30,0\n 1,100,0"
    days = f"1,0,1,8,48,1,3\n 1,0.25,0\n 1,1.25,0\n 1,{100 / 24},0"

    assert answers(system, hours, unit=TimeUnit.HOUR) == pytest.approx(answers(system, days), rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("duration", [0.0, 0.3, 1.0, 2.6])
@pytest.mark.parametrize("lag", [0.0, 0.4, 1.0, 2.7])
def test_steady_state_is_that_of_the_same_doses_written_out(lag: float, duration: float, one: Make) -> None:
    """A hundred intervals before, what is left is a number of 1e-22."""
    system = one(delay=lag, available=0.8, span=duration)
    dose = f"1,7,{-2 if duration else 0},1"
    looks = [0.0, 0.1, 0.4, 0.75, 1.0, 2.2, 4.05]

    steady = answers(system, f"1,0,{dose},3,1\n" + "\n".join(f"1,{time},0" for time in looks))
    written = answers(system, f"1,-100,{dose},103\n" + "\n".join(f"1,{time},0" for time in looks))

    assert steady == pytest.approx(written, rel=CLOSE)


def test_pieces_of_a_train_add_up_to_one_dose_an_interval() -> None:
    for lag, duration in [(0.0, 0.0), (0.3, 2.6), (5.0, 0.9), (1.9, 0.2), (1.0, 3.0)]:
        train = Train(interval=1.0, amount=6.0, duration=duration, lag=lag)

        assert sum(piece.amount for piece in train.in_each_interval()) == pytest.approx(6.0)
        assert all(0.0 <= piece.start <= piece.start + piece.duration <= 1.0 for piece in train.in_each_interval())
        assert sum(piece.amount for piece in train.afterwards()) <= 6.0 * (lag + duration) + 1e-12


def test_steady_states_may_be_added_and_replace_what_was_given_before(one: Make) -> None:
    def trough(amount: float) -> float:
        return amount / math.expm1(0.5)

    added = answers(one(), "1,0,1,9\n 1,0,1,4,0,1,0,2\n 1,0,0\n 1,1,0")
    alone = answers(one(), "1,0,1,9,0,1,5\n 1,1,1,4,0,1,0,1\n 1,1,0\n 1,3,0")

    assert added == pytest.approx([9 + 4 + trough(4), (13 + trough(4)) * math.exp(-0.5)], rel=CLOSE)
    assert alone == pytest.approx([4 + trough(4), trough(4) * math.exp(-0.5)], rel=CLOSE)


def test_an_endless_infusion_ends_at_its_record_and_one_of_nothing_is_the_models_own_steady_state(one: Make) -> None:
    system = one(delay=3.0, available=0.5)
    made = replace(system, terms=(*system.terms, Term(state="central", name="production", rate=sympy.Integer(2))))

    assert answers(system, "1,0,1,0,6,0,0,1\n 1,0,0\n 1,2,0") == pytest.approx([12, 12 / math.e], rel=CLOSE)
    assert answers(made, "1,0,1,0,0,0,0,1\n 1,0,0\n 1,2,0") == pytest.approx([4, 4], rel=CLOSE)


def test_equal_courses_share_a_schedule_and_others_have_their_own(one: Make) -> None:
    shared = asked(one(), "1,0,1,8,2,1,5\n 2,0,1,3,0.75,1,5").doses
    own = asked(one(), "1,0,1,8,2\n 2,0,1,8\n 2,1,1,8").doses

    assert shared.times.tolist() == [0, 1, 2, 3, 4, 5]
    assert shared.amounts.tolist() == [6 * [8], 6 * [3]]
    assert own.times.tolist() == [[0, math.inf], [0, 1]]
    assert own.manners.tolist() == [[Manner.AT_RATE, Manner.PLAIN], [Manner.PLAIN, Manner.PLAIN]]
    assert own.durations.tolist() == [[4, 0], [0, 0]]


def test_each_patient_has_parameters_of_his_own_also_in_steady_state(one: Make) -> None:
    system = one()
    records = parse_records("ID,TIME,AMT,SS,II\n8,0,4,1,1\n8,0,.,.,.\n3,0,4,1,1\n3,0,.,.,.\n", unit=TimeUnit.DAY)
    rows = np.tile([each.value for each in system.parameters.values()], (2, 1))
    rows[1, list(system.parameters).index("CL")] = 2.0

    found = scheduled(system, records, rows, tolerance=TIGHT)
    peaks = found.answers(solve(found.problem(("central",))).values)[:, 0]

    assert peaks == pytest.approx([4 / -math.expm1(-0.5), 4 / -math.expm1(-2.0)], rel=CLOSE)
    assert found.rows.tolist() == [1, 3]


def test_answers_are_what_is_measured_at_observations(one: Make) -> None:
    system = one()
    records = parse_records("ID,TIME,EVID,AMT\n1,0,1,8\n1,1,0,.\n1,2,2,.\n1,3,0,.\n", unit=TimeUnit.DAY)
    found = scheduled(system, records, np.array([[each.value for each in system.parameters.values()]]), tolerance=TIGHT)

    measured = found.observed(records, solve(found.problem(("central",))).value("central"))

    assert [row.observed for row in measured.rows] == [
        None,
        pytest.approx(8 * math.exp(-0.5), rel=CLOSE),
        None,
        pytest.approx(8 * math.exp(-1.5), rel=CLOSE),
    ]
    with pytest.raises(InputError, match="1 records that ask, where 3 were scheduled: give those"):
        found.observed(replace(records, rows=records.rows[:2]), np.zeros((1, 3)))


def test_compartments_are_numbered_by_states_where_one_input_enters(linear_system: Make, decaying: Make) -> None:
    assert compartments_of(linear_system(CL=1.0, V=1.0)) == {1: 0, 2: 1}
    assert compartments_of(decaying()) == {}


def test_records_that_a_system_cannot_follow_are_refused(one: Make, decaying: Make) -> None:
    event = Event(name="death", trigger=symbol("amount") - 9, sets={}, ends=True)
    mortal = decaying(events=(event,))
    unlagged = one()
    unlagged = replace(unlagged, inputs=(replace(unlagged.inputs[0], duration=sympy.S.Zero),))

    with pytest.raises(InputError, match=r"ID 1, TIME 0: CMT 0: known are none; .*such as \{1: 0\} for amount"):
        asked(decaying(), "1,0,1,5")
    with pytest.raises(InputError, match=r"CMT 0: known are none; say in 'compartments' which input it is$"):
        asked(replace(decaying(), inputs=()), "1,0,1,5")
    with pytest.raises(InputError, match=r"compartments: 1 is input 7; give numbers from 1 on, and inputs from 0 to 2"):
        asked(decaying(), "1,0,1,5", compartments={1: 7})
    with pytest.raises(InputError, match=r"TIME 2: EVID 3 starts the patient anew, but events of decaying \(death\)"):
        asked(mortal, "1,0,0\n 1,2,3", compartments={1: 0})
    with pytest.raises(InputError, match=r"TIME 0: SS 1 starts the patient anew.*give what follows another ID"):
        asked(mortal, "1,0,1,5,0,1,0,1", compartments={1: 0})
    with pytest.raises(InputError, match=r"RATE -2, but the input to central of linear has no duration of its own"):
        asked(unlagged, "1,0,1,5,-2")
    with pytest.raises(InputError, match=r"a dose with SS has lag -1: its input must yield zero or more"):
        asked(one(delay=-1.0), "1,0,1,5,0,1,0,1")
    two = parse_records("ID,TIME\n1,0\n2,0\n", unit=TimeUnit.DAY)
    with pytest.raises(InputError, match=r"parameters of shape \(1, 6\): linear needs one row of 6 for each of the 2"):
        scheduled(one(), two, np.ones((1, 6)))


def with_area(system: System) -> System:
    """Return a system that also has the area under the central amount, and the area under that."""
    area = State(name="area", unit="pmol", initial=sympy.S.One, size=1.0, meaning="under the amount, from one on")
    second = replace(area, name="area_of_area", meaning="under the area, from one on")
    return replace(
        system,
        states=(area, *system.states, second),
        terms=(
            *system.terms,
            Term(state="area", name="amount", rate=symbol("central")),
            Term(state="area_of_area", name="area", rate=symbol("area")),
        ),
    )


@on_both
def test_what_only_counts_starts_anew_at_a_steady_state_and_goes_on_where_one_is_added(
    backend: Backend, one: Make
) -> None:
    """In an interval of a train, the area is what is given over the rate of loss."""
    counting = with_area(one())
    alone = asked(counting, "1,0,1,8\n 1,3,1,5,0,1,0,1\n 1,3,0\n 1,4,0", backend=backend)
    added = asked(counting, "1,0,1,8\n 1,3,1,5,0,1,0,2\n 1,3,0\n 1,4,0", backend=backend)

    anew, on = (
        each.answers(solve(each.problem(("area", "central")), backend=backend).values) for each in (alone, added)
    )

    left = 8 * math.exp(-1.5)
    assert anew[:, 0] == pytest.approx([1.0, 1.0 + 5 / 0.5], rel=CLOSE)
    assert on[:, 0] == pytest.approx([17 - 2 * left, 17 + 5 / 0.5 - 2 * left * math.exp(-0.5)], rel=CLOSE)
    assert on[0, 1] == pytest.approx(anew[0, 1] + left, rel=CLOSE)


def test_every_model_of_il2_alone_has_a_steady_state() -> None:
    """A day's area at steady state, by records, is the dose that enters over clearance where that is linear."""
    system = model("il2-pharmacokinetics")
    numbers = {name: each.value for name, each in system.parameters.items()} | {"receptor_access": 1e-9}
    plasma = next(place for place, each in enumerate(system.inputs) if each.state == "il2_central")
    records = parse_records("ID,TIME,AMT,II,SS,CMT\n1,0,4000,1,1,1\n1,1,.,.,.,.\n", unit=TimeUnit.DAY)

    found = scheduled(system, records, np.array([list(numbers.values())]), compartments={1: plasma}, tolerance=TIGHT)
    area = found.answers(solve(found.problem(("il2_auc",))).values)[0, 0]

    clearance = numbers["il2_linear_clearance"] * numbers["body_surface_area"] * 1.44  # mL/min to L/day
    assert area == pytest.approx(4000 / clearance, rel=1e-6)  # of which receptors take a part in 1e8


def test_a_steady_state_that_does_not_exist_is_refused_with_the_state_that_does_not_settle(one: Make) -> None:
    system = one()
    kept = with_area(replace(system, terms=()))

    with pytest.raises(InputError, match=r"ID 1, TIME 3: SS 1: no steady state, central still changes by .* of itself"):
        asked(kept, "1,0,0\n 1,3,1,5,0,1,0,1", compartments={1: 0})
