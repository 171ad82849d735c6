"""What happens to patients without maintenance, in closed form.

Without drug the leukaemia is a logistic curve and both hazards of death integrate by hand. This is
the check of any solver on the control arms, and fast enough to calibrate them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.model.system import System
from trialeukin.population.cohort import Cohort


@dataclass(frozen=True, slots=True, kw_only=True)
class UntreatedCourse:
    """When things happen to n patients without maintenance, day; infinity where they never do.

    Attributes
    ----------
    crossing : (n,)
        Marrow blasts pass the limit of relapse, were the patient to live.
    relapse : (n,)
        The first examination at or after that, were the patient to live.
    death_in_remission : (n,)
        Death before a relapse is found.
    death_after_relapse : (n,)
        Death after it.
    """

    crossing: Floats
    relapse: Floats
    death_in_remission: Floats
    death_after_relapse: Floats

    @property
    def death(self) -> Floats:
        """(n,) Death of any cause, day."""
        return np.minimum(self.death_in_remission, self.death_after_relapse)

    @property
    def event(self) -> Floats:
        """(n,) Relapse found or death, whichever comes first, day."""
        return np.minimum(self.death_in_remission, self.relapse)


def columns(cohort: Cohort, system: System) -> dict[str, Floats]:
    """Return each parameter's values, (n,), by name."""
    return dict(zip(system.parameters, cohort.parameters.T, strict=True))


def entry_log_cells(value: Mapping[str, Floats]) -> Floats:
    """Return the natural logarithm of the leukaemic cells at randomisation, (n,).

    See `trialeukin.model.components.residual_leukaemia.residual_log_cells`.
    """
    exponent = (
        value["residual_burden_log10"]
        + value["favourable_risk"] * value["burden_shift_favourable"]
        + value["adverse_risk"] * value["burden_shift_adverse"]
        + value["conventional"] * value["burden_shift_conventional"]
        + value["from_60"] * value["burden_shift_from_60"]
        + value["child"] * value["burden_shift_child"]
    )
    natural = np.log(10.0) * exponent
    return np.asarray(natural - np.logaddexp(0.0, natural - np.log(value["remission_limit"])), dtype=np.float64)


def crossing_times(value: Mapping[str, Floats]) -> Floats:
    r"""Return when a logistic clone passes the limit of relapse, (n,), day; never from below one cell.

    .. math:: t = \frac{1}{g} \bigl(\operatorname{logit} \theta - \operatorname{logit} (B_0 / K)\bigr)
    """
    log_cells = entry_log_cells(value)
    share = np.exp(log_cells) / value["marrow_capacity"]
    limit = value["relapse_blast_fraction"]
    distance = np.log(limit / (1.0 - limit)) - (log_cells - np.log(value["marrow_capacity"]) - np.log1p(-share))
    times = distance * value["leukaemia_doubling_time"] / np.log(2.0)
    return np.where(log_cells > 0.0, times, np.inf)


def untreated_course(cohort: Cohort, system: System, *, examinations: Floats) -> UntreatedCourse:
    """Return the course of patients without maintenance.

    Parameters
    ----------
    cohort : Cohort
        The patients.
    system : System
        A model with leukaemia, death in remission and death after relapse, for which they were drawn.
    examinations : (e,), day
        When relapse is looked for, increasing.

    Returns
    -------
    UntreatedCourse
        The times.
    """
    value = columns(cohort, system)
    crossing = crossing_times(value)
    padded = np.append(np.asarray(examinations, dtype=np.float64), np.inf)
    relapse = padded[np.searchsorted(padded[:-1], crossing)]
    in_remission = _death_in_remission(value)
    return UntreatedCourse(
        crossing=crossing,
        relapse=relapse,
        death_in_remission=np.where(in_remission <= relapse, in_remission, np.inf),
        death_after_relapse=np.where(in_remission <= relapse, np.inf, relapse + _survival_after_relapse(value)),
    )


def _death_in_remission(value: Mapping[str, Floats]) -> Floats:
    years = value["age"] - value["death_in_remission_reference_age"]
    hazard = value["death_in_remission_at_45"] * np.exp(value["death_in_remission_by_age"] * years)
    return np.asarray(value["death_in_remission_threshold"] / hazard, dtype=np.float64)


def _survival_after_relapse(value: Mapping[str, Floats]) -> Floats:
    r"""Return the time from relapse to death at a threshold z, (n,), day; infinity for the rescued.

    .. math:: u = -\frac{\ell}{h_0} \ln \left(1 - \frac{z}{\ell}\right), \qquad \ell = -\ln \sigma
    """
    old, child = value["from_60"], value["child"]
    rescued = (
        old * value["rescued_from_60"]
        + child * value["rescued_child"]
        + (1.0 - old - child) * value["rescued_under_60"]
    )
    limit = -np.log(rescued)
    spent = np.minimum(value["death_after_relapse_threshold"] / limit, 1.0)
    with np.errstate(divide="ignore"):
        return np.asarray(-limit / value["death_after_relapse_rate"] * np.log1p(-spent), dtype=np.float64)
