"""A study's trials with their looks, over the virtual population: how often they stop, when, and what they then say."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.errors import RunError
from trialeukin.survival.design.group_sequential import Boundaries
from trialeukin.survival.design.hazard import constant
from trialeukin.trial.accrual import conduct_of
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.monitoring_section import Monitoring
from trialeukin.trial.pair import Pair
from trialeukin.trial.simulation.operating import Operating, run_trials, summarised
from trialeukin.trial.simulation.plan import SequentialPlan
from trialeukin.trial.simulation.source import FromPopulation
from trialeukin.trial.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """What trials of a study do when they are looked at.

    Attributes
    ----------
    endpoint : Endpoint
        The primary one, which the looks are at.
    events : (k,), 1
        Events of both arms at each look.
    planned : bool
        Whether the study says how many; if not, they are those that the virtual trials see by their end.
    boundaries : Boundaries
        Limits of Z; a benefit is positive.
    treated_share : float, 1
        Of the patients.
    effect : Operating
        Patients as they fare under both arms, at the typical parameters.
    null : Operating
        All patients as they fare under control.
    """

    endpoint: Endpoint
    events: tuple[int, ...]
    planned: bool
    boundaries: Boundaries
    treated_share: float
    effect: Operating
    null: Operating

    @property
    def efficacy_ratios(self) -> tuple[float, ...]:
        """Estimated hazard ratios, about, at or below which each look stops for efficacy; 0: none does."""
        return self._ratios(self.boundaries.upper)

    @property
    def futility_ratios(self) -> tuple[float, ...]:
        """Estimated hazard ratios, about, at or above which each look stops for futility; infinity: none does."""
        return self._ratios(self.boundaries.lower)

    def _ratios(self, limits: np.ndarray) -> tuple[float, ...]:
        roots = np.sqrt(self.treated_share * (1.0 - self.treated_share) * np.array(self.events))
        with np.errstate(over="ignore"):
            return tuple(np.exp(-limits / roots).tolist())


def monitored(study: Study, population: Pair, *, expected_events: float, trials: int, seed: int) -> Monitored | None:
    """Return what looks do in so many trials of a study; None where it has none.

    Parameters
    ----------
    study : Study
        With its looks.
    population : Pair
        Everybody under both arms, at the typical parameters.
    expected_events : float
        Events of the primary endpoint that trials see by their end, used where the study plans no number.
    trials : int
        How many are drawn, with the effect and again without.
    seed : int
        The run's seed.

    Raises
    ------
    RunError
        When no trial sees an event.
    """
    looks = study.monitoring
    if looks is None:
        return None
    plan = _plan(study, looks, float(round(expected_events)) if looks.events is None else float(looks.events))
    endpoint = study.analysis.endpoints[0]
    control, treated = population.times(endpoint)

    def operating(of_treated: np.ndarray) -> Operating:
        source = FromPopulation(control=control, treated=of_treated, strata_of=population.strata_of_patients)
        return summarised(plan, run_trials(plan, source, seed=seed, most=trials), precise=True)

    return Monitored(
        endpoint=endpoint,
        events=plan.wanted,
        planned=looks.events is not None,
        boundaries=plan.boundaries,
        treated_share=plan.treated / plan.patients,
        effect=operating(treated),
        null=operating(control),
    )


def _plan(study: Study, looks: Monitoring, events: float) -> SequentialPlan:
    conduct = conduct_of(study)
    if not events > 0.0:
        raise RunError("no trial sees an event by its end, so that there is nothing to look at: follow patients longer")
    return SequentialPlan(
        control=conduct.control,
        treated=study.treatment.n,
        block=conduct.block,
        factors=conduct.factors,
        enrolment=study.accrual.enrolment(),
        drop_out=constant(conduct.loss_rate),
        events=events,
        boundaries=looks.boundaries(study.analysis.alpha),
        follow_up=conduct.after_last_entry,
        delay=looks.delay_months,
    )
