"""What large trials tend to at each draw of the parameters, freed of the noise of small populations."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import RunError
from trialeukin.core.random import Stream
from trialeukin.trial.accrual import Conduct
from trialeukin.trial.chance import parameter_part, shrunk
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate
from trialeukin.trial.pair import Pair
from trialeukin.trial.replicate import expected_log_ratio

BLOCKS = 4  # of patients in the population of one draw
PARTS = 20  # of the large population, left out one after the other
FEWEST = 3  # draws that have a variance with an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """Expected log hazard ratios of k draws of the parameters.

    Attributes
    ----------
    typical : float, 1
        At the typical parameters, in the large population.
    typical_error : float, 1
        Standard error of ``typical`` for a population of that size, by the jackknife over `PARTS` of it.
    raw : (k,), 1
        In the population of each draw, finite and therefore noisy.
    settled : (k,), 1
        The same with the noise taken out: moved so that a draw at the typical parameters would be
        ``typical``, and shrunk to the variance that blocks of patients share; NaN where ``raw`` is no number.
    variance : Estimate or None
        Between draws, without the noise; None where there are none.
    """

    typical: float
    typical_error: float
    raw: Floats
    settled: Floats
    variance: Estimate | None


def expectations(
    population: Pair, draws: tuple[Pair, ...], *, endpoint: Endpoint, conduct: Conduct, stream: Stream
) -> Expectations:
    """Return what is expected at the typical parameters and at each draw of them.

    Parameters
    ----------
    population : Pair
        The large population at the typical parameters.
    draws : tuple of Pair
        The first patients of that population again, at each draw of the parameters.

    Raises
    ------
    RunError
        When the draws' populations are too small for a hazard ratio.
    """
    typical = _expected(population, endpoint, conduct, stream)
    error = _jackknife_error(population, endpoint, conduct, stream)
    if not draws:
        return Expectations(typical=typical, typical_error=error, raw=np.empty(0), settled=np.empty(0), variance=None)
    size = draws[0].control.valid.size
    same = _expected(population.first(size), endpoint, conduct, stream)
    if not np.isfinite(same):
        raise RunError(
            f"the {size} patients of the draws have no hazard ratio for {endpoint.label.lower()} at the typical "
            "parameters: simulate more patients a draw"
        )
    raw = np.array([_expected(draw, endpoint, conduct, stream) for draw in draws])
    blocks = np.array(
        [
            [_expected(draw, endpoint, conduct, stream, draw.patients % BLOCKS == block) for block in range(BLOCKS)]
            for draw in draws
        ]
    )
    usable = np.isfinite(blocks).all(axis=1)
    if usable.sum() < FEWEST:
        raise RunError(
            f"{int(usable.sum())} of {len(draws)} draws of the parameters have a hazard ratio for "
            f"{endpoint.label.lower()} in every quarter of their patients: simulate more patients a draw"
        )
    variance = parameter_part(blocks[usable])
    settled, finite = np.full(raw.size, np.nan), np.isfinite(raw)
    settled[finite] = shrunk(raw[finite], variance.value) + typical - same
    return Expectations(typical=typical, typical_error=error, raw=raw, settled=settled, variance=variance)


def _expected(
    pair: Pair, endpoint: Endpoint, conduct: Conduct, stream: Stream, inside: Booleans | None = None
) -> float:
    """Return the log hazard ratio of the valid patients, or of those of them that are marked."""
    control, treated = pair.times(endpoint)
    patients, strata = pair.patients, pair.strata_of_patients
    if inside is not None:
        control, treated, patients = control[inside], treated[inside], patients[inside]
        strata = None if strata is None else strata[inside]
    return expected_log_ratio(control, treated, conduct, stream, patients=patients, strata=strata)


def _jackknife_error(pair: Pair, endpoint: Endpoint, conduct: Conduct, stream: Stream) -> float:
    parts = pair.patients % PARTS
    without = np.array([_expected(pair, endpoint, conduct, stream, parts != part) for part in range(PARTS)])
    return float(np.sqrt((PARTS - 1) / PARTS * np.sum((without - without.mean()) ** 2)))
