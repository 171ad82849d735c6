"""Records of NONMEM's users, from text to concentrations, against what NONMEM prints and against closed forms."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.engine.problem import Tolerance
from trialeukin.engine.recorded_course import SLIVER
from trialeukin.engine.recorded_doses import scheduled
from trialeukin.engine.records import TimeUnit
from trialeukin.engine.records_text import parse_records
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.system import Input, State, System, Term, symbol
from trialeukin.regimen.administration import Route

Make = Callable[..., System]
DATA = Path(__file__).with_name("data")
TIGHT = Tolerance(relative=1e-8)
TEN_TIMES = 10.0 * TIGHT.relative  # an error of that many tolerances is what a solver is allowed at the end
PRINTED = 5e-5  # five significant digits
HOURS = 24.0
FASTEST_RISE = 1.5 * HOURS * 120.0 / 20e-3  # of the concentration, a day, after the largest dose into the depot
AT_ONCE = 2 * SLIVER * 131 / HOURS * FASTEST_RISE  # a value at the instant of a dose is one just after it


def table(name: str) -> tuple[list[str], Floats]:
    """Return the header of a file of numbers and its rows, NaN where nothing is said."""
    head, *rows = csv.reader(DATA.joinpath(name).read_text(encoding="utf-8").splitlines())
    return head, np.array([[float(cell) if cell else np.nan for cell in row] for row in rows])


def oral_model(linear_system: Make) -> System:
    """Return the model of the cases: lag, bioavailability and duration are those of doses into compartment 2."""
    system = linear_system(CL=1.1e-3 * HOURS, V=20e-3, ka=1.5 * HOURS, span=0.0)
    depot, central = system.inputs
    plain = replace(depot, bioavailability=depot.bioavailability**0, lag=0 * depot.lag)
    return replace(system, inputs=(plain, replace(central, duration=symbol("span"))))


def parameters_of(system: System, ids: list[int]) -> Floats:
    _, inputs = table("nonmem_inputs.csv")
    own = {int(row[0]): row[1:] for row in inputs}
    typical = {name: each.value for name, each in system.parameters.items()}
    rows = []
    for patient in ids:
        lag, available, duration = own[patient]
        each = typical | {"delay": lag / HOURS, "available": available, "span": duration / HOURS}
        rows.append([each[name] for name in system.parameters])
    return np.array(rows)


def case_text(ids: list[int]) -> str:
    """Return the events of the cases with observations every hour, those of the same hour after the events."""
    lines = DATA.joinpath("nonmem_events.csv").read_text(encoding="utf-8").splitlines()
    events = [(int(line.split(",")[0]), float(line.split(",")[1]), 0, line) for line in lines[1:]]
    looks = [(patient, float(hour), 1, f"{patient},{hour},0,2,.,.,.,.,.") for patient in ids for hour in range(131)]
    rows = sorted(each for each in (*events, *looks) if each[0] in ids)
    return "\n".join([lines[0], *(row[-1] for row in rows)])


def concentrations(linear_system: Make, ids: list[int], backend: Backend) -> Floats:
    system = oral_model(linear_system)
    records = parse_records(case_text(ids), unit=TimeUnit.HOUR)
    assert records.patients == tuple(ids)
    asked = scheduled(system, records, parameters_of(system, ids), tolerance=TIGHT, backend=backend)
    found = solve(asked.problem(("concentration",)), backend=backend)
    return asked.answers(found.values)[:, 0].reshape(len(ids), -1)


ALL = [int(name) for name in table("nonmem_concentrations.csv")[0][1:]]
SOME = [5, 17, 26, 29, 109, 625]


@pytest.mark.parametrize(("backend", "ids"), [(Backend.CPU, ALL), (Backend.REFERENCE, SOME)])
def test_records_mean_what_nonmem_makes_of_them(backend: Backend, ids: list[int], linear_system: Make) -> None:
    columns = [1 + ALL.index(each) for each in ids]
    printed = table("nonmem_concentrations.csv")[1][:, columns].T
    exact = table("exact_concentrations.csv")[1][:, columns].T
    scored = np.isfinite(printed)

    found = concentrations(linear_system, ids, backend)

    assert scored.sum() > 0.9 * scored.size
    assert found[scored] == pytest.approx(printed[scored], rel=PRINTED, abs=AT_ONCE)
    assert found[scored] == pytest.approx(exact[scored], rel=TEN_TIMES, abs=AT_ONCE)


def shrinking_tumour() -> System:
    """Return a tumour that grows and is killed as the logarithm of what was given says, less as resistance grows."""
    tumour, drug, sensitivity = symbol("tumour"), symbol("drug"), symbol("sensitivity")
    kill = symbol("KS0") * sensitivity * sympy.log(sympy.Max(drug, 1))
    numbers = {"KG": 0.6, "KS0": 0.4, "g": 0.8}
    return System(
        name="claret",
        states=(
            State(name="drug", unit="mg", initial=sympy.S.Zero, size=10.0, meaning="what was given"),
            State(name="tumour", unit="mm", initial=sympy.Integer(70), size=70.0, meaning="its size"),
            State(name="sensitivity", unit="1", initial=sympy.S.One, size=1.0, meaning="to the drug"),
        ),
        terms=(
            Term(state="tumour", name="growth", rate=symbol("KG") * tumour),
            Term(state="tumour", name="kill", rate=-kill * tumour),
            Term(state="sensitivity", name="resistance", rate=-symbol("g") * sensitivity),
        ),
        definitions=(),
        parameters={
            name: Parameter(value=value, unit="1", between_patients=0.0, uncertainty=0.0, source=assumed("case c001"))
            for name, value in numbers.items()
        },
        inputs=(Input(drug="drug", routes=(Route.IV_BOLUS,), state="drug"),),
    )


@pytest.mark.parametrize("backend", Backend)
def test_a_tumour_shrinks_and_regrows_as_nonmem_has_it(backend: Backend) -> None:
    _, rows = table("claret_tumour.csv")
    system = shrinking_tumour()
    looks = "".join(f"1,{time},0,.,2\n" for time in rows[:, 0])
    records = parse_records(f"ID,TIME,EVID,AMT,CMT\n1,0,1,10,1\n{looks}", unit=TimeUnit.DAY)
    parameters = np.array([[each.value for each in system.parameters.values()]])

    asked = scheduled(system, records, parameters, tolerance=TIGHT)
    found = asked.answers(solve(asked.problem(("tumour",)), backend=backend).values)[:, 0]

    assert found == pytest.approx(rows[:, 1], rel=PRINTED)
    assert found == pytest.approx(rows[:, 2], rel=TEN_TIMES)
