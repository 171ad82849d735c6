"""Sensitivities against closed forms and against central differences of the plain engine."""

import math
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
import sympy

from trialeukin.core.errors import InputError
from trialeukin.engine.cpu import solve_on_cpu
from trialeukin.engine.derivatives import state_derivatives
from trialeukin.engine.differences import STEP
from trialeukin.engine.equations import equations_of
from trialeukin.engine.problem import Exposure, Manner, Problem, Resets, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.tangents import Tangents
from trialeukin.engine.trajectories import Slopes, Trajectories
from trialeukin.model.system import Definition, Event, Switch, System, Term, Watch, symbol
from trialeukin.model.whole import MODELS, model

Pose = Callable[..., Problem]
Make = Callable[..., System]
TIGHT = Tolerance(relative=1e-8)
CLOSE = 1e-5  # errors of single steps, ten times as large as those of states may be, add up along a trajectory
DIFFERENCED = 2e-4  # of the largest slope: the square of the step of differences, 1e-3, times higher derivatives
DOUBT = 1e-8  # of a quantity: the plain engine's error, from which differences take noise
SMALL = 1e-3  # of a quantity's unit: below, its absolute error counts
PARTS = tuple(field.name for field in fields(Slopes) if field.name != "sensitive_to")
AMOUNT, LOSS = symbol("amount"), symbol("loss")


def slopes_of(found: Trajectories) -> Slopes:
    assert found.slopes is not None
    return found.slopes


def worst(problem: Problem, found: Trajectories, exact: Trajectories, part: str) -> float:
    """Return the largest difference of slopes, over what differences of the plain engine are good to."""
    places = [list(problem.system.parameters).index(name) for name in problem.sensitive_to]
    ours, theirs, quantity = getattr(slopes_of(found), part), getattr(slopes_of(exact), part), getattr(exact, part)
    over_time = tuple(range(1, quantity.ndim - 1))
    slope = np.nanmax(np.abs(theirs), axis=over_time, keepdims=True, initial=0.0)
    size = np.nanmax(np.abs(quantity), axis=over_time, keepdims=True, initial=SMALL)[..., np.newaxis]
    width = STEP * np.abs(problem.parameters[:, places]).reshape(-1, *[1] * (quantity.ndim - 1), len(places))
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    return float(np.nanmax(np.abs(ours - theirs) / (DIFFERENCED * slope + DOUBT * size / width)))


def entering(linear_system: Make) -> System:
    """Return one compartment with loss, of whose doses a share enters after a lag, over a span or as said."""
    system = linear_system(CL=0.5, V=1.0, available=0.4, delay=0.75, span=2.0)
    return replace(system, inputs=tuple(replace(each, duration=symbol("span")) for each in system.inputs))


def left(time: float, loss: float, share: float, lag: float, length: float) -> float:
    """Return what is left of 10 pmol given at 1 day, of which a share enters at an even rate after a lag."""
    inside, after = min(max(0.0, time - 1.0 - lag), length), max(0.0, time - 1.0 - lag - length)
    return 10.0 * share / length / loss * (1.0 - math.exp(-loss * inside)) * math.exp(-loss * after)


@pytest.mark.parametrize(
    ("manner", "length"),
    [
        (Manner.PLAIN, lambda _share, _span: 1.5),
        (Manner.AT_RATE, lambda share, _span: 1.5 * share),
        (Manner.MODELLED, lambda _share, span: span),
    ],
    ids=lambda each: each.name if isinstance(each, Manner) else "",
)
def test_an_infusion_is_sensitive_to_loss_share_lag_and_duration_as_its_closed_form_is(
    manner: Manner, length: Callable[[float, float], float], pose: Pose, linear_system: Make
) -> None:
    times = np.array([1.0, 1.9, 3.0, 6.0])
    problem = pose(
        entering(linear_system),
        [(1.0, 1, 10.0, 0.0 if manner is Manner.MODELLED else 1.5, manner)],
        horizon=6.0,
        save_times=times,
        save=("central",),
        sensitive_to=("CL", "available", "delay", "span"),
        tolerance=TIGHT,
    )

    found = slopes_of(solve(problem)).values[0, :, 0]

    at, step = np.array([0.5, 0.4, 0.75, 2.0]), 1e-5

    def exact(time: float, parameter: int) -> float:
        ends = []
        for sign in (-1.0, 1.0):
            loss, share, lag, span = at + sign * step * np.eye(4)[parameter]
            ends.append(left(time, loss, share, lag, length(share, span)))
        return (ends[1] - ends[0]) / (2.0 * step)

    expected = [[exact(time, parameter) for parameter in range(4)] for time in times]
    assert found == pytest.approx(np.array(expected), abs=1e-6)
    assert np.abs(found).max(axis=0)[:3] == pytest.approx(np.abs(expected).max(axis=0)[:3], rel=1e-5)


def test_a_lagged_bolus_moves_all_that_follows(pose: Pose, decaying: Make) -> None:
    problem = pose(
        decaying(initial=1),
        [(1.0, 2, 3.0, 0.0)],
        horizon=4.0,
        save_times=np.array([1.5, 4.0]),
        save=("amount",),
        exposures=(Exposure(quantity="amount", threshold=2.0),),
        sensitive_to=("loss", "delay"),
        tolerance=TIGHT,
    )

    found = slopes_of(solve(problem))

    # amount = exp(-t/2) + 3 exp(-(t - 2)/2) after the dose enters at 2
    early, late, since = math.exp(-0.75), math.exp(-2.0), 3.0 * math.exp(-1.0)
    assert found.values[0, 0, 0] == pytest.approx([-1.5 * early, 0.0], rel=CLOSE)
    assert found.values[0, 1, 0] == pytest.approx([-4.0 * late - 2.0 * since, 0.5 * since], rel=CLOSE)
    assert found.last[0, 0] == pytest.approx(found.values[0, 1, 0], rel=CLOSE)
    peak = math.exp(-1.0)  # of what was there when the dose entered
    assert found.highest[0, 0, 0] == pytest.approx([-2.0 * peak, -0.5 * peak], rel=CLOSE)
    assert found.lowest[0, 0, 0] == pytest.approx([-2.0 * peak, -0.5 * peak], rel=CLOSE)
    # the area is 2 (1 - exp(-2)) and, since the dose, 6 (1 - exp(-1))
    area = [2.0 * (4.0 * late - 2.0 * (1 - late)) + 6.0 * (2.0 * math.exp(-1.0) - 2.0 * (1 - math.exp(-1.0)))]
    assert found.area[0, 0, 0] == pytest.approx([*area, -since], rel=CLOSE)
    # above 2 from the dose until exp(-u/2) (exp(-1) + 3) = 2, u after it: u = 2 log((exp(-1) + 3) / 2)
    whole = peak + 3.0
    above = [-4.0 * math.log(whole / 2.0) + 2.0 * -2.0 * peak / whole, -0.5 * peak * 2.0 / whole]
    assert found.above[0, 0, 0] == pytest.approx(above, rel=CLOSE)


def test_an_event_moves_and_takes_its_consequences_along(pose: Pose, decaying: Make) -> None:
    system = decaying(
        initial=4,
        switches=(Switch(name="seen", initial=0.0, meaning="a mark"),),
        events=(Event(name="fall", trigger=1 - AMOUNT, sets={"amount": 3 * AMOUNT + LOSS, "seen": 2 * LOSS}),),
    )
    more = Term(state="amount", name="entry", rate=symbol("seen"))
    problem = pose(
        replace(system, terms=(*system.terms, more)),
        horizon=8.0,
        save_times=np.array([2.0, 5.0]),
        save=("amount", "seen"),
        sensitive_to=("loss",),
        tolerance=TIGHT,
    )

    found = slopes_of(solve(problem))

    fall, loss = 2.0 * math.log(4.0), 0.5  # fall = log(4) / loss
    moved = -fall / loss
    assert found.event_times[0, 0] == pytest.approx([moved], rel=CLOSE)
    assert found.values[0, 0] == pytest.approx(np.array([[-2.0 * 4.0 * math.exp(-1.0)], [0.0]]), rel=CLOSE)
    # afterwards amount' = -loss amount + 2 loss from 3 + loss: amount = 2 + (1 + loss) exp(-loss (t - fall))
    after = math.exp(-loss * (5.0 - fall))
    slope = after * (1.0 - (1.0 + loss) * (5.0 - fall) + (1.0 + loss) * loss * moved)
    assert found.values[0, 1] == pytest.approx(np.array([[slope], [2.0]]), rel=CLOSE)


def test_dosing_that_an_event_stops_ends_with_the_event(pose: Pose, decaying: Make) -> None:
    system = decaying(events=(Event(name="high", trigger=AMOUNT - 1, sets={}, stops_dosing=True),))
    problem = pose(
        system,
        [(0.0, 0, 10.0, 10.0)],
        horizon=9.0,
        save_times=np.array([4.0]),
        save=("amount",),
        sensitive_to=("loss",),
        tolerance=TIGHT,
    )

    found = slopes_of(solve(problem))

    # (1 - exp(-loss t)) / loss = 1 at t = -log(1 - loss) / loss; afterwards exp(-loss (4 - t))
    loss = 0.5
    time = -math.log(1.0 - loss) / loss
    moved = (1.0 / (1.0 - loss) - time) / loss
    assert found.event_times[0, 0] == pytest.approx([moved], rel=CLOSE)
    after = math.exp(-loss * (4.0 - time))
    assert found.values[0, 0, 0] == pytest.approx([after * (-(4.0 - time) + loss * moved)], rel=CLOSE)


def test_a_trajectory_that_an_event_ends_moves_with_its_end(pose: Pose, decaying: Make) -> None:
    system = decaying(initial=4, events=(Event(name="low", trigger=LOSS - AMOUNT, sets={}, ends=True),))
    problem = pose(
        system, horizon=9.0, exposures=(Exposure(quantity="amount"),), sensitive_to=("loss",), tolerance=TIGHT
    )

    found = slopes_of(solve(problem))

    # amount = 4 exp(-loss t) reaches loss at t = log(4 / loss) / loss; the area until then is (4 - loss) / loss
    assert found.event_times[0, 0] == pytest.approx([(-1.0 - math.log(8.0)) / 0.25], rel=CLOSE)
    assert found.last[0, 0] == pytest.approx([1.0], rel=CLOSE)
    assert found.area[0, 0, 0] == pytest.approx([-4.0 / 0.25], rel=CLOSE)


def test_a_reset_forgets_sensitivities_or_keeps_them_as_it_does_states(pose: Pose, decaying: Make) -> None:
    problem = pose(
        decaying(initial=4),
        patients=2,
        horizon=2.0,
        save_times=np.array([2.0]),
        save=("amount",),
        sensitive_to=("loss",),
        tolerance=TIGHT,
    )
    resets = Resets(times=np.ones((2, 1)), keeps=np.array([[0.0], [1.0]]), states=np.full((2, 1, 1), 7.0))

    found = slopes_of(solve(replace(problem, resets=resets))).values[:, 0, 0, 0]

    after = 7.0 * math.exp(-0.5)
    assert found == pytest.approx([-after, -after - 8.0 * math.exp(-1.0)], rel=CLOSE)


def test_a_power_is_sensitive_to_its_exponent_also_where_its_base_is_zero(pose: Pose, decaying: Make) -> None:
    system = decaying()
    power = Term(state="amount", name="entry", rate=1 - AMOUNT ** (1 + LOSS))
    problem = pose(
        replace(system, terms=(power,)), horizon=1.0, sensitive_to=("loss",), save_times=np.ones(1), save=("amount",)
    )

    found, exact = (slopes_of(solve(problem, backend=each)) for each in (Backend.CPU, Backend.REFERENCE))

    assert found.values[0, 0, 0] == pytest.approx(exact.values[0, 0, 0], rel=1e-4)


def everything(pose: Pose, system: System, **others: object) -> Problem:
    """Return a problem in which doses, events, examinations and infusions all happen to somebody."""
    lagged = tuple(replace(each, lag=symbol("delay"), bioavailability=symbol("share")) for each in system.inputs)
    extra = {
        name: replace(system.parameters["growth"], value=value) for name, value in (("delay", 0.2), ("share", 0.8))
    }
    daily = [(1.0 + day, 0, 40.0, 0.0) for day in range(8)]
    pulses = [(12.0 + 0.5 * part, 1, 30.0, 0.75) for part in range(3)]
    return pose(
        replace(system, inputs=lagged, parameters={**system.parameters, **extra}),
        daily + pulses,
        patients=6,
        spread=0.3,
        horizon=90.0,
        save_times=np.arange(0.1, 90.0, 3.7),
        save=(*(state.name for state in system.states), "occupancy", "log_blasts", "relapsed"),
        exposures=tuple(Exposure(quantity=name, threshold=0.2) for name in ("plasma", "active")),
        windows=((0.0, 90.0), (1.05, 4.3)),
        examinations=np.arange(0.0, 91.0, 25.0),
        sensitive_to=("hill", "growth", "delay", "share", "killers_start", "tolerance_of_hazard"),
        tolerance=TIGHT,
        **others,
    )


def alone(problem: Problem, patient: int) -> Problem:
    one = slice(patient, patient + 1)
    doses = replace(problem.doses, amounts=problem.doses.amounts[one], fates=problem.doses.fates[one])
    return replace(problem, parameters=problem.parameters[one], doses=doses)


def test_sensitivities_agree_with_central_differences_of_the_plain_engine_when_everything_happens(
    pose: Pose, immune_system: Make
) -> None:
    problem = alone(everything(pose, immune_system()), 3)

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    assert np.isfinite(exact.event_times).any(axis=0).all()
    for part in PARTS:
        assert worst(problem, found, exact, part) <= 1.0, part


def test_the_course_is_the_same_with_and_without_sensitivities_but_for_the_tolerance(
    pose: Pose, immune_system: Make
) -> None:
    problem = everything(pose, immune_system())

    found, plain = solve(problem), solve(replace(problem, sensitive_to=()))

    for name in ("values", "event_times", "highest", "area", "above"):
        close = pytest.approx(getattr(plain, name), rel=100.0 * TIGHT.relative, abs=1e-8, nan_ok=True)
        assert getattr(found, name) == close, name
    assert np.array_equal(found.fates, plain.fates)
    assert plain.slopes is None


@pytest.mark.parametrize("relative", [5e-6, 1e-7])
def test_sensitivities_follow_the_tolerance_also_to_a_lag_through_a_curve_without_a_slope_at_zero(
    relative: float, pose: Pose, immune_system: Make
) -> None:
    problem = everything(pose, immune_system())

    found, exact = (
        slopes_of(solve(replace(problem, tolerance=Tolerance(relative=each)))).values for each in (relative, 1e-10)
    )

    largest = np.nanmax(np.abs(exact), axis=(1, 3), keepdims=True)
    assert (np.nan_to_num(np.abs(found - exact)) <= 1000.0 * relative * largest).all()  # ten a step, a hundred steps


def test_sensitivities_to_a_parameter_that_is_zero_follow_the_tolerance_also_where_the_states_rest(
    pose: Pose, decaying: Make
) -> None:
    towards = Term(state="amount", name="towards", rate=50 * (symbol("delay") - AMOUNT))
    times = np.array([0.01, 0.05, 0.2])
    problem = pose(
        replace(decaying(), terms=(towards,)),
        horizon=1.0,
        save_times=times,
        save=("amount",),
        sensitive_to=("delay",),
        tolerance=TIGHT,
    )
    problem.parameters[0, 1] = 0.0  # so that the amount is zero for ever

    found = slopes_of(solve(problem))

    assert found.values[0, :, 0, 0] == pytest.approx(1.0 - np.exp(-50.0 * times), rel=CLOSE)


def test_sensitivities_have_the_same_bits_for_any_lanes_threads_and_company(pose: Pose, immune_system: Make) -> None:
    problem = everything(pose, immune_system())
    found = slopes_of(solve(problem, threads=1))

    for other in (solve(problem, threads=2), *(solve_on_cpu(problem, width=width) for width in (1, 2, 4))):
        assert all(np.array_equal(getattr(slopes_of(other), p), getattr(found, p), equal_nan=True) for p in PARTS)
    lonely = slopes_of(solve(alone(problem, 3)))
    assert all(np.array_equal(getattr(lonely, p), getattr(found, p)[3:4], equal_nan=True) for p in PARTS)


@pytest.mark.parametrize("name", MODELS)
def test_sensitivities_of_named_models_agree_with_central_differences(name: str, pose: Pose) -> None:
    system = replace(model(name), events=())
    entries = [entry.state for entry in system.inputs]
    into = ("il2_depot", "il2_central") if "il2_depot" in entries else ("cytarabine_central", "daunorubicin_central")
    first, second = (entries.index(state) for state in into)
    doses = [(1.0 + day, first, 2000.0, 0.0) for day in range(3)]
    doses += [(5.0, second, 4000.0, 2.0)]
    unknown = [key for key, each in system.parameters.items() if each.uncertainty > 0.0 and each.value > 0.0]
    problem = pose(
        system,
        doses,
        horizon=12.0,
        save_times=np.arange(0.25, 12.0, 0.75),
        save=tuple(state.name for state in system.states),
        sensitive_to=tuple(unknown[:: max(1, len(unknown) // 6)][:6]),
        tolerance=TIGHT,
    )

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    assert np.abs(slopes_of(exact).values).max() > 0.0
    assert worst(problem, found, exact, "values") <= 1.0


def test_nothing_is_computed_of_states_that_a_parameter_cannot_reach() -> None:
    system = model("aml-maintenance")
    names = [state.name for state in system.states]

    def reached(parameter: str, events: tuple[Event, ...]) -> set[str]:
        followed = replace(system, events=events)
        equations = equations_of(followed)
        by_state = state_derivatives(equations.graph, len(names))
        tangents = Tangents(followed, equations, (parameter,), by_state)
        return {names[place] for place in tangents.reached[0]}

    assert reached("il2_linear_clearance", ()) > {"il2_central", "nk_bright", "treg"}
    assert reached("platelet_loss", ()) == {"platelets"}


def test_an_unknown_parameter_is_refused_with_the_nearest(pose: Pose, decaying: Make) -> None:
    with pytest.raises(InputError, match=r"no parameter 'lost'; did you mean 'loss'"):
        solve(pose(decaying(), horizon=1.0, sensitive_to=("lost",)))


def test_examined_events_do_not_move(pose: Pose, decaying: Make) -> None:
    low = Event(name="low", trigger=1 - AMOUNT, sets={"amount": AMOUNT + 1}, watch=Watch.AT_EXAMINATIONS)
    double = Definition(name="double", unit="pmol", expression=LOSS * AMOUNT, meaning="times loss")
    problem = pose(
        decaying(initial=4, events=(low,), definitions=(double,)),
        horizon=6.0,
        examinations=np.array([2.0, 5.0]),
        save_times=np.array([6.0]),
        save=("double",),
        sensitive_to=("loss",),
        tolerance=TIGHT,
    )

    found = slopes_of(solve(problem))

    assert found.event_times[0, 0].tolist() == [0.0]
    start, after = 4.0 * math.exp(-2.5), math.exp(-0.5)
    amount, slope = (start + 1.0) * after, -5.0 * start * after - (start + 1.0) * after
    assert found.values[0, 0, 0] == pytest.approx([amount + 0.5 * slope], rel=CLOSE)


def test_initial_states_are_sensitive_to_their_parameters(pose: Pose, decaying: Make) -> None:
    problem = pose(
        decaying(initial=sympy.exp(LOSS)),
        horizon=1.0,
        save_times=np.array([0.0, 1.0]),
        save=("amount",),
        sensitive_to=("loss",),
        tolerance=TIGHT,
    )

    found = slopes_of(solve(problem)).values[0, :, 0, 0]

    assert found == pytest.approx([math.exp(0.5), 0.0], abs=1e-7)


@pytest.mark.parametrize(
    "doses",
    [
        [(0.0, 1, 10.0, 0.0), (2.0, 1, 10.0, 1.0)],
        [(0.0, 1, 10.0, 1.5)],
        [(0.0, 1, 10.0, 2.0, Manner.AT_RATE)],
        [(0.0, 1, 10.0, 0.0, Manner.MODELLED)],
        [(0.0, 1, 10.0, 0.0), (2.0, 1, 5.0, 0.0), (2.0, 1, 5.0, 0.0)],
    ],
    ids=["trough before an infusion", "its peak", "at a rate", "modelled", "two boluses at once"],
)
def test_peaks_and_troughs_at_instants_that_move_agree_with_central_differences(
    doses: list[tuple[float, ...]], pose: Pose, linear_system: Make
) -> None:
    problem = pose(
        entering(linear_system),
        doses,
        horizon=5.0,
        exposures=(Exposure(quantity="central", threshold=1.0),),
        windows=((1.0, 5.0),),
        sensitive_to=("CL", "available", "delay", "span"),
        tolerance=TIGHT,
    )

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    for part in ("lowest", "highest", "area", "above"):
        assert worst(problem, found, exact, part) <= 1.0, part


def test_an_event_whose_trigger_jumps_has_no_slope_and_leaves_the_rest_numbers(pose: Pose, decaying: Make) -> None:
    low = Event(name="low", trigger=sympy.Piecewise((1, AMOUNT < 1), (-1, True)), sets={})
    problem = pose(
        decaying(initial=4, events=(low,)),
        horizon=6.0,
        save_times=np.array([6.0]),
        save=("amount",),
        sensitive_to=("loss",),
        tolerance=TIGHT,
    )

    found = solve(problem)

    assert found.event_times[0, 0] == pytest.approx(2.0 * math.log(4.0), rel=CLOSE)
    assert np.isnan(slopes_of(found).event_times[0, 0, 0])
    assert slopes_of(found).values[0, 0, 0, 0] == pytest.approx(-24.0 * math.exp(-3.0), rel=CLOSE)
