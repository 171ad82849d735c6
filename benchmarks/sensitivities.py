"""What following sensitivities costs: seconds for each parameter, in units of a plain solve."""

from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from cases import MODEL, maintenance, spread_names
from flops import flops_per_step
from ladders import processor_seconds

from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve

TARGET = 0.6  # of a plain solve, for each parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitive:
    """What is measured.

    Attributes
    ----------
    counts : tuple of int
        Numbers of parameters.
    patients, days : int
        Of the maintenance problem.
    rounds : int
        In each of which every number of parameters has its turn.
    model : str
        The model.
    """

    counts: tuple[int, ...] = (1, 2, 4, 8, 16)
    patients: int = 128
    days: int = 60
    rounds: int = 5
    model: str = MODEL


def sensitivity_cost(effort: Sensitive) -> dict[str, Any]:
    r"""Return the cost of each number of parameters, :math:`(T_m - T_0) / (m T_0)` within a round."""
    plain = maintenance(effort.patients, days=effort.days, name=effort.model)
    problems = {0: plain} | {count: sensitive_to_some(plain, count) for count in effort.counts}
    steps = {count: int(solve(problem, threads=1).steps.sum()) for count, problem in problems.items()}
    rounds = [
        {
            count: processor_seconds(lambda problem=problem: solve(problem, threads=1))
            for count, problem in problems.items()
        }
        for _ in range(effort.rounds)
    ]
    asked = {
        count: flops_per_step(problem.system, sensitive_to=problem.sensitive_to) for count, problem in problems.items()
    }
    costs = {count: [(each[count] - each[0]) / (count * each[0]) for each in rounds] for count in effort.counts}
    return {
        "patients": effort.patients,
        "days": effort.days,
        "target": TARGET,
        "milliseconds_plain": 1e3 * median(each[0] for each in rounds) / effort.patients,
        "ratio": {str(count): median(each) for count, each in costs.items()},
        "ratio_spread": {str(count): [min(each), max(each)] for count, each in costs.items()},
        "operations_ratio": {str(count): (asked[count] - asked[0]) / (count * asked[0]) for count in effort.counts},
        "steps_over_plain": {str(count): steps[count] / steps[0] for count in effort.counts},
    }


def sensitive_to_some(problem: Problem, count: int) -> Problem:
    """Return a problem that also follows sensitivities to parameters taken evenly from all that are uncertain."""
    names = spread_names(problem.system)
    chosen = tuple(names[place * len(names) // count] for place in range(count))
    return replace(problem, sensitive_to=chosen)
