"""Follow a million patients in the memory of one batch, and print what it took as JSON.

python benchmarks/million.py [patients] [patients at once]

The run is made in a process of its own, so that its peak memory (resident set) is its own. Patients are of the
model `il2-pharmacokinetics`, drawn as in the other benchmarks, with a dose a day for three days and one
concentration kept at 100 times; kept of them are the quantiles, the means, the highest value of each and the
courses of three.
"""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
from cases import BODY_SURFACE, BODY_WEIGHT, SEED, SPREAD

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale
from trialeukin.core.random import Stream
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Exposure, Problem
from trialeukin.engine.solve import solve
from trialeukin.engine.stream import Keep, Reduction, reduce
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse

MODEL, QUANTITY = "il2-pharmacokinetics", "il2_concentration"
SCHEDULE = "aldesleukin 1 MIU/m2 sc on days 1-3"
DAYS, TIMES = 3.0, 100
MILLION, AT_ONCE = 1_000_000, 4096
LEVELS = (0.05, 0.5, 0.95)
BYTES_A_GIB = 2**30


def problem_of(system: System, first: int, last: int) -> Problem:
    """Pose the patients from first to last - 1; a patient is the same in every batch."""
    patients = last - first
    return Problem(
        system=system,
        parameters=_parameters(system, first, last),
        doses=planned_doses(
            system,
            expand(parse(SCHEDULE)),
            bsa=np.full(patients, system.parameters[BODY_SURFACE].value),
            weight=np.full(patients, BODY_WEIGHT),
        ),
        horizon=DAYS,
        save_times=np.linspace(0.0, DAYS, TIMES + 1)[1:],
        save=(QUANTITY,),
        exposures=(Exposure(quantity=QUANTITY),),
        examinations=np.empty(0),
    )


def _parameters(system: System, first: int, last: int) -> Floats:
    columns = []
    for name, parameter in system.parameters.items():
        values = np.full(last - first, parameter.value)
        known = parameter.between_patients == 0.0 and parameter.uncertainty == 0.0
        if parameter.scale in {Scale.LOG, Scale.LOGIT} and not known:
            deviations = Stream(SEED, f"benchmark/{name}").normal(np.arange(first, last))[:, 0]
            values = parameter.scale.shift(values, SPREAD * deviations)
        columns.append(values)
    return np.stack(columns, axis=1)


def follow(patients: int, at_once: int) -> tuple[Reduction, float]:
    """Return what is kept and the seconds it took, kernels made beforehand."""
    system = replace(model(MODEL), events=())
    solve(problem_of(system, 0, 1))
    keep = Keep(numbers=("highest",), chosen=(0, patients // 2, patients - 1))
    start = perf_counter()
    found = reduce(lambda first, last: problem_of(system, first, last), patients, keep=keep, at_once=at_once)
    return found, perf_counter() - start


def measure(patients: int, at_once: int) -> dict[str, object]:
    """Return what a run in this process takes."""
    before = _peak()
    found, seconds = follow(patients, at_once)
    middle = TIMES // 2
    return {
        "patients": patients,
        "patients at once": at_once,
        "values saved": patients * TIMES,
        "seconds": round(seconds, 1),
        "patients per second": round(patients / seconds),
        "peak memory, GiB": round(_peak() / BYTES_A_GIB, 3),
        "peak memory before the run, GiB": round(before / BYTES_A_GIB, 3),
        "statuses": {status.name: count for status, count in found.endings.items() if count},
        "quantiles half-way": found.quantiles(QUANTITY, LEVELS)[:, middle].tolist(),
        "mean half-way": float(found.moments.mean()[middle, 0]) if found.moments else None,
    }


def _peak() -> int:
    """Return the highest resident memory of this program; what ``getrusage`` says includes that of who started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()  # Linux only
    (highest,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(highest.split()[1]) * 1024  # it counts in KiB


def in_a_process(patients: int, at_once: int) -> dict[str, object]:
    """Return what `measure` finds in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--here", str(patients), str(at_once)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    here = "--here" in sys.argv
    numbers = [int(each) for each in sys.argv[1:] if each != "--here"]
    how_many, batch = (*numbers, *(MILLION, AT_ONCE)[len(numbers) :])[:2]
    print(json.dumps((measure if here else in_a_process)(how_many, batch), indent=2))
