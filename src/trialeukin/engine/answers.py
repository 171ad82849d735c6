"""Room for what a run finds, and what it found as its caller gets it."""

import numpy as np

from trialeukin.engine.plan import Results
from trialeukin.engine.problem import Problem
from trialeukin.engine.trajectories import Slopes, Status, Trajectories
from trialeukin.engine.windows import Measured, MeasuredSlopes, put_slopes_together, put_together, window_edges


def results_for(problem: Problem) -> Results:
    """Return room for the results of all patients."""
    patients, planned = problem.doses.amounts.shape
    sensitive = len(problem.sensitive_to)
    changed = (patients, window_edges(problem).size - 1, len(problem.exposures) * sensitive)
    saved = (patients, problem.save_times.size, len(problem.save) * sensitive)
    measured = (patients, window_edges(problem).size - 1, len(problem.exposures))
    return Results(
        values=np.full((patients, problem.save_times.size, len(problem.save)), np.nan),
        lowest=np.full(measured, np.nan),
        lowest_at=np.full(measured, np.nan),
        highest=np.full(measured, np.nan),
        highest_at=np.full(measured, np.nan),
        area=np.full(measured, np.nan),
        above=np.full(measured, np.nan),
        reached=np.zeros(patients, dtype=np.int64),
        last=np.full((patients, len(problem.system.states)), np.nan),
        event_times=np.full((patients, len(problem.system.events)), np.nan),
        value_slopes=np.full(saved, np.nan),
        lowest_slopes=np.full(changed, np.nan),
        highest_slopes=np.full(changed, np.nan),
        area_slopes=np.full(changed, np.nan),
        above_slopes=np.full(changed, np.nan),
        event_slopes=np.full((patients, len(problem.system.events), sensitive), np.nan),
        last_slopes=np.full((patients, len(problem.system.states), sensitive), np.nan),
        given=np.zeros((patients, planned)),
        put_off=np.zeros((patients, planned)),
        fates=np.ascontiguousarray(problem.doses.fates, dtype=np.int64).copy(),
        status=np.full(patients, int(Status.REACHED_HORIZON), dtype=np.int64),
        end_times=np.zeros(patients),
        steps=np.zeros(patients, dtype=np.int64),
    )


def answered(problem: Problem, results: Results, method: str) -> Trajectories:
    """Return what was found, with exposures put together for the windows that were asked for."""
    found = results._asdict()
    stretches = Measured(**{name: found.pop(name) for name in Measured.__dataclass_fields__})
    bends = MeasuredSlopes(**{name: found.pop(name) for name in MeasuredSlopes.__dataclass_fields__})
    values, event_times, last = (found.pop(name) for name in ("value_slopes", "event_slopes", "last_slopes"))
    slopes = None
    if problem.sensitive_to:
        slopes = Slopes(
            sensitive_to=problem.sensitive_to,
            values=values.reshape(*values.shape[:2], len(problem.save), len(problem.sensitive_to)),
            event_times=event_times,
            last=last,
            **put_slopes_together(problem, stretches, bends),
        )
    return Trajectories(
        times=problem.save_times,
        save=problem.save,
        exposures=problem.exposures,
        events=tuple(event.name for event in problem.system.events),
        method=method,
        slopes=slopes,
        **put_together(problem, stretches),
        **found,
    )
