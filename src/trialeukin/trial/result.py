"""What a run shows: frozen values that the report and the store read.

Times of survival are months from randomisation. Every hazard ratio is treatment over control.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter
from trialeukin.trial.arm_result import ArmResult
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate, Interval
from trialeukin.trial.in_whom_result import InWhom
from trialeukin.trial.laboratory.collect import LaboratoryTable
from trialeukin.trial.monitoring import Monitored
from trialeukin.trial.multiplicity import Family
from trialeukin.trial.power import LogRankTests
from trialeukin.trial.replicate_rows import ReplicateRows
from trialeukin.trial.simulation.estimand import Strategy
from trialeukin.trial.study import Study
from trialeukin.trial.tables import DoseTable, PatientTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """The probability of being event-free at a time: in the population, and as one trial would estimate it.

    Attributes
    ----------
    arm : str
        The arm.
    months : float
        Time from randomisation.
    population : Estimate
        In the whole virtual population, with the error of its size.
    trial : Interval
        Kaplan-Meier estimates of replicate trials of the study's size.
    """

    arm: str
    months: float
    population: Estimate
    trial: Interval


class Chance(Enum):
    """The three draws that a predicted hazard ratio is made of."""

    PARAMETERS = "what we do not know of the parameters"
    PATIENTS = "which patients enter"
    TRIAL = "randomisation, entry and loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What one kind of chance contributes to the variance of the log hazard ratio.

    Attributes
    ----------
    chance : Chance
        Which.
    variance : Estimate
        Its part; an estimate of a small part may be below zero by its error and is shown as it is.
    share : float
        Of the sum of the parts; NaN where that is zero or not known, as of a few tiny trials.
    interval : Interval
        The hazard ratio if only this were left to chance and the parameters, where they are not it,
        were the typical ones.
    """

    chance: Chance
    variance: Estimate
    share: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResult:
    """The comparison of one treatment and control in one endpoint.

    Attributes
    ----------
    endpoint : Endpoint
        What is counted.
    milestones : tuple of Milestone
        Event-free probabilities of both arms.
    population_ratio : float
        Cox hazard ratio in the whole virtual population under both arms, censored as the trial is.
    at_typical, at_drawn : LogRankTests
        Tests of the replicate trials at the typical parameters, and at drawn ones; None where none were drawn.
    hazard_ratio : Interval
        Predictive: parameters, patients and trial chance together.
    ratio_error : float
        Monte Carlo standard error of its median: that of the number of trials, and of draws where there are some; NaN
        where fewer than two sets of trials, or draws, have a ratio.
    components : tuple of Component
        The three parts apart; that of the parameters is left out where none were drawn.
    ratios : (r,), 1
        Hazard ratios of replicate trials, parameters drawn; what ``hazard_ratio`` is the interval of.
    ratios_at_typical : (r,), 1
        The same at the typical parameters; patients and trial chance only.
    power : Estimate
        Fraction of replicates at the typical parameters that show a significant benefit: the two-sided test is below
        alpha, and the treatment better. Its error holds both the number of replicates and the size of the population
        they are drawn from.
    significant : Estimate
        Fraction of them below alpha in either direction; without an effect, the error of the first kind.
    assurance : Estimate or None
        ``power`` averaged over the parameters; None where none were drawn. Its error holds the number of draws and the
        size of the large population, and not that each draw's expectation is of one entry and loss of few patients:
        with 200 patients a draw, populations of a known answer differ by 1.4 times as much.
    events : Interval
        Events a replicate trial sees in both arms together.
    not_estimable : int
        Replicates without a finite hazard ratio (no event in an arm).
    trials : ReplicateRows
        The replicate trials one by one: those at the typical parameters, then those with drawn ones where there are.
    restricted_to : float, month
        Up to when they compare restricted means: the latest milestone.
    """

    endpoint: Endpoint
    milestones: tuple[Milestone, ...]
    population_ratio: float
    at_typical: LogRankTests
    at_drawn: LogRankTests | None
    hazard_ratio: Interval
    ratio_error: float
    components: tuple[Component, ...]
    ratios: Floats
    ratios_at_typical: Floats
    power: Estimate
    significant: Estimate
    assurance: Estimate | None
    events: Interval
    not_estimable: int
    trials: ReplicateRows
    restricted_to: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimandResult:
    """What trials find of the primary endpoint under one strategy, at the typical parameters.

    Attributes
    ----------
    strategy : Strategy
        How refusals and early stops are dealt with.
    hazard_ratio : Interval, 1
        Of replicate trials; patients and trial chance only.
    power, significant : Estimate, 1
        Fraction of them below alpha with the treatment better, and in either direction; the error is that of their
        number.
    events : Interval, 1
        Events that a trial counts in both arms together.
    not_estimable : int
        Trials without a finite hazard ratio.
    """

    strategy: Strategy
    hazard_ratio: Interval
    power: Estimate
    significant: Estimate
    events: Interval
    not_estimable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How the result was computed.

    Attributes
    ----------
    seed, patients, replicates, draws, patients_a_draw : int
        What was asked for; ``draws`` of the parameters, each with its own smaller population.
    effect : bool
        Whether the drug did to leukaemia what the model says; False for the null hypothesis.
    versions : mapping of str to str
        Of trialeukin, Python and the packages the numbers depend on.
    method : str
        The engine's method and backend.
    model : str
        Name of the model.
    cohort : str
        Name of the cohort.
    statuses : mapping of str to int
        How many trajectories ended how.
    seconds : mapping of str to float
        Time of each stage.
    study_digest : str or None
        SHA-256 of the study file.
    assumptions : tuple of (str, str)
        What the study file marks as assumed: key and reason.
    """

    seed: int
    effect: bool
    patients: int
    replicates: int
    draws: int
    patients_a_draw: int
    versions: dict[str, str]
    method: str
    model: str
    cohort: str
    statuses: dict[str, int]
    seconds: dict[str, float]
    study_digest: str | None
    assumptions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """Everything one run of a study found.

    ``study.published`` holds what the study itself found; ``laboratory`` is empty where it names no tests, and
    ``monitored`` None where it has no looks. ``comparisons`` has, by name, each treatment against control in every
    endpoint, and ``family`` what their tests claim together where there are two or more. ``estimands`` are those the
    study names beside the treatment policy; they, ``monitored`` and ``in_whom`` are of ``study.treatment``, the last
    of the primary endpoint.
    """

    study: Study
    arms: tuple[ArmResult, ...]
    comparisons: Mapping[str, tuple[EndpointResult, ...]]
    family: Family | None
    estimands: tuple[EstimandResult, ...]
    monitored: Monitored | None
    in_whom: InWhom
    patients: PatientTable
    doses: tuple[DoseTable, ...]
    laboratory: tuple[LaboratoryTable, ...]
    parameters: dict[str, Parameter]
    provenance: Provenance

    @property
    def endpoints(self) -> tuple[EndpointResult, ...]:
        """The comparison of ``study.treatment`` with control in every endpoint, the primary one first."""
        return self.comparisons[self.study.treatment.name]

    def arm(self, name: str) -> ArmResult:
        """Return one arm by its name."""
        return next(arm for arm in self.arms if arm.name == name)

    def milestones(self, endpoint: Endpoint) -> tuple[Milestone, ...]:
        """Return the event-free probabilities of all arms in one endpoint, each arm once, the control first."""
        read = [
            found.milestones
            for endpoints in self.comparisons.values()
            for found in endpoints
            if found.endpoint is endpoint
        ]
        by_place = {(each.arm, each.months): each for milestones in read for each in milestones}
        return tuple(by_place.values())

    def endpoint(self, endpoint: Endpoint) -> EndpointResult | None:
        """Return the comparison in one endpoint, if the study asks for it."""
        return next((found for found in self.endpoints if found.endpoint is endpoint), None)
