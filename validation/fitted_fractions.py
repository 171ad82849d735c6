"""What a share of patients says of the typical one, so that a smooth fit can see it.

If a share p of a cohort reaches a threshold T, and the logarithm of what is read is normal among patients with standard
deviation s, the typical patient is at T exp(s z_p), z_p the normal quantile of p (of 1 - p for shares below). The
deviation s is that of the simulated cohort at the start of the fit, not that of the trial, which was not printed.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from scipy.stats import norm

from trialeukin.core.arrays import Floats
from trialeukin.inference.case import Case, Population, Reading
from trialeukin.inference.follow import Rows, follow
from trialeukin.inference.reading import read
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import adapted, draw_cohort
from trialeukin.population.description import load_description

PATIENTS, SEED = 200, 1_990
READING_ERROR = 10.0  # points: what grading, and events counted otherwise than here, may add to sampling
AFTER = ("discontinuation_threshold", "death_in_remission_threshold")  # fitted after this, and depend on it
NEVER = 1e9
FURTHEST = 0.99  # no share is taken to be more extreme


def as_typical(case: Case, start: Mapping[str, float]) -> Case:
    """Return the reading of the typical patient that a share of patients stands for.

    Parameters
    ----------
    case : Case
        A share of patients beyond a threshold.
    start : mapping of str to float
        The fitted parameters at the start of the fit.
    """
    assert case.threshold is not None
    above = case.reading is Reading.FRACTION_ABOVE
    plain = replace(
        case,
        reading=Reading.HIGHEST if above else Reading.LOWEST,
        unit=_unit(model(case.scenario.model), case.quantity),
        threshold=None,
        value=case.threshold,
        patients=0,
    )
    deviation = float(np.log(_readings(plain, tuple(start.items()))).std())
    share = float(np.clip(case.value / 100.0, 1.0 - FURTHEST, FURTHEST))
    quantile = float(norm.ppf(share))
    error = np.hypot(np.sqrt(share * (1.0 - share) / case.patients), READING_ERROR / 100.0) / norm.pdf(quantile)
    return replace(
        plain,
        scenario=replace(case.scenario, population=Population()),
        value=case.threshold * float(np.exp(deviation * quantile if above else -deviation * quantile)),
        spread=deviation * float(error),
    )


@cache
def _readings(case: Case, start: tuple[tuple[str, float], ...]) -> Floats:
    """Return a reading in the case's cohort at the start of the fit, (n,)."""
    description = load_description(case.scenario.population.cohort)
    system = adapted(model(case.scenario.model), description)
    row = {name: parameter.value for name, parameter in system.parameters.items()}
    row |= {name: value for name, value in start if name in row}
    cohort = draw_cohort(
        description, system, seed=SEED, patients=np.arange(PATIENTS), typical=np.array(list(row.values()))
    )
    for name in AFTER:
        cohort.parameters[:, list(system.parameters).index(name)] = NEVER
    return read(case, follow(case.scenario, [case], system, Rows.of([cohort], seed=SEED)))


def _unit(system: System, quantity: str) -> str:
    return {each.name: each.unit for each in (*system.states, *system.definitions)}[quantity]
