"""What large trials tend to at each draw of the parameters, freed of the noise of small populations."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import RunError
from trialeukin.core.random import Stream
from trialeukin.trial.accrual import Conduct
from trialeukin.trial.chance import BLOCKS, PARTS, jackknife_error, parameter_part, shrunk
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate
from trialeukin.trial.pair import Pair
from trialeukin.trial.replicate import expected_log_ratio

FEWEST = 3  # draws that have a variance with an error


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeTrial:
    """A trial of a study's conduct with as many patients as there are, each under both arms.

    Attributes
    ----------
    endpoint : Endpoint
        What is counted.
    conduct : Conduct
        How the trial runs.
    stream : Stream
        Chance of entry and loss, by patient.
    """

    endpoint: Endpoint
    conduct: Conduct
    stream: Stream

    def log_ratio(self, pair: Pair, inside: Booleans | None = None) -> float:
        """Return the log hazard ratio of the valid patients, or of those of them that are marked."""
        control, treated = pair.times(self.endpoint)
        patients, strata = pair.patients, pair.strata_of_patients
        if inside is not None:
            control, treated, patients = control[inside], treated[inside], patients[inside]
            strata = None if strata is None else strata[inside]
        return expected_log_ratio(control, treated, self.conduct, self.stream, patients=patients, strata=strata)

    def without_parts(self, pair: Pair, inside: Booleans | bool = True) -> Floats:
        """Return the log hazard ratios without each of `PARTS` parts of the patients, for `jackknife_error`."""
        parts = pair.patients % PARTS
        return np.array([self.log_ratio(pair, inside & (parts != part)) for part in range(PARTS)])


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


def expectations(population: Pair, draws: tuple[Pair, ...], trial: LargeTrial) -> Expectations:
    """Return what is expected at the typical parameters and at each draw of them.

    Parameters
    ----------
    population : Pair
        The large population at the typical parameters.
    draws : tuple of Pair
        The first patients of that population again, at each draw of the parameters.
    trial : LargeTrial
        Of what an expectation is.

    Raises
    ------
    RunError
        When the draws' populations are too small for a hazard ratio.
    """
    typical, error = trial.log_ratio(population), jackknife_error(trial.without_parts(population))
    if not draws:
        return Expectations(typical=typical, typical_error=error, raw=np.empty(0), settled=np.empty(0), variance=None)
    size, label = draws[0].control.valid.size, trial.endpoint.label.lower()
    same = trial.log_ratio(population.first(size))
    if not np.isfinite(same):
        raise RunError(
            f"the {size} patients of the draws have no hazard ratio for {label} at the typical parameters: simulate "
            "more patients a draw"
        )
    raw = np.array([trial.log_ratio(draw) for draw in draws])
    blocks = np.array(
        [[trial.log_ratio(draw, draw.patients % BLOCKS == block) for block in range(BLOCKS)] for draw in draws]
    )
    usable = np.isfinite(blocks).all(axis=1)
    if usable.sum() < FEWEST:
        raise RunError(
            f"{int(usable.sum())} of {len(draws)} draws of the parameters have a hazard ratio for {label} in every "
            "quarter of their patients: simulate more patients a draw"
        )
    variance = parameter_part(blocks[usable])
    settled, finite = np.full(raw.size, np.nan), np.isfinite(raw)
    settled[finite] = shrunk(raw[finite], variance.value) + typical - same
    return Expectations(typical=typical, typical_error=error, raw=raw, settled=settled, variance=variance)
