"""Problems written as records and read again make the same trajectories."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy

from trialeukin.core.errors import InputError
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.planned_records import recorded
from trialeukin.engine.problem import Doses, Fate, Manner, Problem, Resets, Tolerance
from trialeukin.engine.recorded_doses import scheduled
from trialeukin.engine.records import Evid, TimeUnit
from trialeukin.engine.records_text import parse_records, render_records
from trialeukin.engine.solve import solve
from trialeukin.model.system import Input, System, symbol
from trialeukin.regimen.administration import Route
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.regimen.rules import Action, Comparison, Condition, DoseRule

Pose = Callable[..., Problem]
Make = Callable[..., System]
TIGHT = Tolerance(relative=1e-8)
CLOSE = 100.0 * TIGHT.relative  # errors of single steps add up along a trajectory


def again(problem: Problem, unit: TimeUnit) -> tuple[np.ndarray, np.ndarray]:
    """Return what is saved of a problem, and of what its records say."""
    text = render_records(recorded(problem, unit=unit))
    records = parse_records(text, unit=unit)
    read = scheduled(problem.system, records, problem.parameters, tolerance=problem.tolerance)
    observed = np.array([records.rows[row].evid is Evid.OBSERVATION for row in read.rows.tolist()])
    values = read.answers(solve(read.problem(problem.save)).values)[observed]
    return solve(problem).values.reshape(values.shape), values


@pytest.mark.parametrize("unit", TimeUnit)
def test_every_manner_schedule_and_fate_comes_back(unit: TimeUnit, pose: Pose, linear_system: Make) -> None:
    system = linear_system(CL=0.5, V=1.0, available=0.4, delay=0.75, span=2.0)
    depot, central = system.inputs
    spanned = replace(central, duration=symbol("span"), lag=sympy.S.Zero)
    system = replace(system, inputs=(depot, spanned))
    problem = pose(system, patients=2, spread=0.2, horizon=9.0, tolerance=TIGHT, save=("depot", "central"))
    plain, at_rate, modelled, direct = (int(each) for each in Manner)
    problem = replace(
        problem,
        save_times=np.array([0.1, 1.3, 4.4, 8.9]),
        doses=Doses(
            times=np.array([[0.3, 0.3, 1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 1.0, 1.0, 10.0, np.inf]]),
            durations=np.array([[0.0, 1.5, 1.2, 0.0, 0.0, 0.5], [0.0, 3.0, 1.0, 0.5, 0.0, 0.0]]),
            inputs=np.array([[0, 0, 1, 1, 1, 1], [1, 0, 0, 1, 1, 0]]),
            manners=np.array(
                [[plain, plain, at_rate, modelled, direct, direct], [plain, at_rate, plain] + [plain] * 3]
            ),
            amounts=np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [7.0, 8.0, 0.0, 9.0, 10.0, 0.0]]),
            fates=np.array([[0, 0, 0, 0, 0, 0], [0, 0, 0, int(Fate.MISSED), 0, 0]]),
        ),
        resets=Resets(times=np.array([[2.5], [np.inf]]), keeps=np.zeros((2, 1)), states=np.zeros((2, 1, 2))),
    )

    before, after = again(problem, unit)

    assert after == pytest.approx(before, rel=CLOSE, abs=CLOSE)


def test_a_regimen_of_the_library_can_be_handed_on(pose: Pose, linear_system: Make) -> None:
    system = linear_system(CL=100.0, V=7.0)
    routes = (Route.SC, Route.CIV, Route.IV_INFUSION, Route.IV_BOLUS)
    into_depot = Input(drug="aldesleukin", routes=routes[:1], state="depot")
    system = replace(system, inputs=(into_depot, Input(drug="aldesleukin", routes=routes[1:], state="central")))
    doses = planned_doses(
        system,
        [dose for dose in expand(load("calgb-9720")) if dose.drug == "aldesleukin"],
        bsa=np.array([1.6, 2.0]),
        weight=np.array([60.0, 80.0]),
    )
    problem = pose(
        system, patients=2, horizon=40.0, save_times=np.arange(0.6, 40.0), save=("central",), tolerance=TIGHT
    )
    problem = replace(problem, doses=doses)

    before, after = again(problem, TimeUnit.HOUR)

    assert before.max() > 0.0
    assert after == pytest.approx(before, rel=CLOSE, abs=CLOSE * before.max())


def test_a_course_begins_and_ends_with_a_record(pose: Pose, linear_system: Make) -> None:
    problem = pose(linear_system(CL=1.0, V=1.0), [(1.0, 1, 48.0, 2.0)], horizon=3.0)

    text = render_records(recorded(problem, unit=TimeUnit.HOUR))

    assert text.splitlines() == [
        "ID,TIME,EVID,AMT,RATE,II,ADDL,SS,CMT,MDV",
        "1,0,2,0,0,0,0,0,0,1",
        "1,24,1,48,1,0,0,0,2,1",
        "1,72,2,0,0,0,0,0,0,1",
    ]


def test_what_no_record_can_say_is_refused(pose: Pose, linear_system: Make, decaying: Make) -> None:
    lagged = pose(linear_system(CL=1.0, V=1.0, delay=0.5), [(1.0, 1, 5.0, 0.0, Manner.DIRECT)], horizon=3.0)
    low = Condition(quantity="central", comparison=Comparison.BELOW, threshold=1.0, unit="pmol")
    rule = DoseRule(drug=None, action=Action.STOP, condition=low)
    elsewhere = Resets(times=np.array([[1.0]]), keeps=np.ones((1, 1)), states=np.ones((1, 1, 2)))

    with pytest.raises(InputError, match=r"the dose at 1 day enters directly, past lag 0.5 day and bioavailability 1"):
        recorded(lagged, unit=TimeUnit.DAY)
    with pytest.raises(InputError, match=r"records cannot say dose rules \(stop by central\)"):
        recorded(replace(lagged, rules=(rule,)), unit=TimeUnit.DAY)
    with pytest.raises(InputError, match=r"patient 0: the reset at 1 day is not to the initial states"):
        recorded(replace(lagged, resets=elsewhere), unit=TimeUnit.DAY)
    with pytest.raises(InputError, match=r"no compartment number for input 0: say it in 'compartments'"):
        recorded(pose(decaying(), [(0.0, 0, 1.0, 0.0)], horizon=1.0), unit=TimeUnit.DAY)
