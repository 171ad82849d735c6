"""The same virtual patients under both arms of a study, with paths from markers to the leukaemia open or closed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.counting import counted
from trialeukin.core.errors import AnalysisError, StudyError
from trialeukin.model.structures import MarkerPath, Structure
from trialeukin.population.cohort import Cohort, adapted, typical_values
from trialeukin.trial.arm_plan import PlannedArm
from trialeukin.trial.endpoint import DAYS_A_MONTH, Endpoint
from trialeukin.trial.outcomes import Outcomes, outcomes_of
from trialeukin.trial.run import MOST
from trialeukin.trial.simulate import NOTHING, Kept, Setting, cohorts_of, setting_of, simulate
from trialeukin.trial.study import Study

FEWEST_PATIENTS = 100
LANDMARK = 28.0  # days from the first dose
COUNTS: Mapping[MarkerPath, str] = {
    MarkerPath.NK: "nk_count",
    MarkerPath.CD8: "cd8_count",
    MarkerPath.TREG: "treg_count",
}
"""What a laboratory counts of the cells of each path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How a study is followed other than as the model has it.

    Attributes
    ----------
    closed : frozenset of MarkerPath
        Paths whose marker acts on the leukaemia as if it were at rest.
    values : mapping of str to float, in each parameter's unit
        Parameters set to one value in every patient.
    """

    closed: frozenset[MarkerPath] = frozenset()
    values: Mapping[str, float] | None = None


AS_IT_IS = Variant()
Done = Callable[[], None]
"""Called when the patients of a study have been followed once more."""


def nothing() -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkerStudy:
    """A study under one structure, ready to be followed.

    Attributes
    ----------
    study : Study
        As its file has it; two arms are looked at, the treatment and the control.
    structure : Structure
        Laws of kill and of reactive oxygen.
    seed, patients : int
        Whom to follow: the first patients of the seed, the same in every arm, variant and structure.
    typical : (d, p) or None, in each parameter's unit
        Draws of typical values, one cohort each; the model's own values where none are given.
    horizon : float, month
        Leukaemia-free time is counted up to it.
    """

    study: Study
    structure: Structure
    seed: int
    patients: int
    horizon: float
    typical: Floats | None = None

    def __post_init__(self) -> None:
        longest = self.study.follow_up.horizon_months
        if not self.landmark < self.horizon <= longest:
            raise AnalysisError(
                f"horizon {counted(self.horizon, 'month')}: markers are read up to month {self.landmark:.3g}, and "
                f"{self.study.study.name} is followed for {longest:g}; give more than the one, at most the other"
            )
        if self.patients < FEWEST_PATIENTS:
            raise AnalysisError(f"patients {self.patients}: give {FEWEST_PATIENTS} or more, fewer show nothing")
        if self.patients > MOST:
            raise AnalysisError(f"patients {self.patients:,}: give at most {MOST:,}, memory holds no more")

    @property
    def landmark(self) -> float:
        """Up to which month markers are read, from randomisation."""
        return (self.study.population.start_after_days + LANDMARK) / DAYS_A_MONTH

    def setting(self, variant: Variant = AS_IT_IS) -> Setting:
        """Return the study with the system of its structure and the paths of a variant closed.

        Raises
        ------
        StudyError
            When the variant sets a parameter that the model does not have.
        """
        plain = setting_of(self.study, seed=self.seed)
        system = adapted(self.structure.system(self.study.population.model, variant.closed), plain.description)
        for name in variant.values or {}:
            if name not in system.parameters:
                raise StudyError(f"model {system.name} has no parameter {name!r}: `trialeukin parameters` lists them")
        return replace(plain, system=system)

    def arms(self, setting: Setting) -> tuple[PlannedArm, PlannedArm]:
        """Return the control and the treatment."""
        by_name = {planned.arm.name: planned for planned in setting.arms}
        return by_name[self.study.control.name], by_name[self.study.treatment.name]

    def cohorts(self, setting: Setting, variant: Variant = AS_IT_IS) -> tuple[Cohort, ...]:
        """Return one cohort a draw, with the parameters that a variant sets."""
        rows = typical_values(setting.system)[None, :] if self.typical is None else self.typical
        drawn = cohorts_of(setting, self.patients, rows)
        return tuple(_changed(cohort, setting, variant.values or {}) for cohort in drawn)


def _changed(cohort: Cohort, setting: Setting, values: Mapping[str, float]) -> Cohort:
    parameters = cohort.parameters.copy()
    for name, value in values.items():
        parameters[:, list(setting.system.parameters).index(name)] = value
    return replace(cohort, parameters=parameters)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeukaemiaFree:
    """Leukaemia-free time of patients under one arm and variant, (d, n): d draws, n patients.

    Attributes
    ----------
    times : (d, n), month
        Up to the horizon.
    events : (d, n), 1
        Whether relapse or death came before the horizon.
    valid : (d, n), 1
        Whether the trajectory was computed.
    """

    times: Floats
    events: Booleans
    valid: Booleans


def leukaemia_free(asked: MarkerStudy, *, treated: bool, variant: Variant = AS_IT_IS) -> LeukaemiaFree:
    """Follow the patients of a study under one arm; see `MarkerStudy`."""
    setting = asked.setting(variant)
    arm = asked.arms(setting)[int(treated)]
    found = simulate(setting, arm, asked.cohorts(setting, variant))
    return _read(asked, outcomes_of(found.trajectories, deaths=setting.deaths, horizon_days=setting.horizon))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkersAndTime:
    """What a laboratory would see of patients on treatment, and how long they stayed free of leukaemia.

    Attributes
    ----------
    free : LeukaemiaFree
        Of the patients on treatment.
    rises : mapping of MarkerPath to (d, n), 1
        Highest count up to the landmark over that at randomisation.
    landmark : float, month
        From randomisation.
    """

    free: LeukaemiaFree
    rises: Mapping[MarkerPath, Floats]
    landmark: float


def markers_and_time(asked: MarkerStudy) -> MarkersAndTime:
    """Follow the treated patients and count their cells every day up to the landmark."""
    setting = asked.setting()
    start = asked.study.population.start_after_days
    days = np.concatenate(([0.0], start + np.arange(1.0, LANDMARK + 1.0)))
    kept: Kept = replace(NOTHING, times=days, names=tuple(COUNTS.values()))
    arm = asked.arms(setting)[1]
    course = simulate(setting, arm, asked.cohorts(setting), kept=kept).trajectories
    free = _read(asked, outcomes_of(course, deaths=setting.deaths, horizon_days=setting.horizon))
    shape = free.times.shape
    rises = {}
    for path, name in COUNTS.items():
        counts = course.value(name)
        rises[path] = (np.fmax.reduce(counts[:, 1:], axis=1) / counts[:, 0]).reshape(shape)
    return MarkersAndTime(free=free, rises=rises, landmark=asked.landmark)


def _read(asked: MarkerStudy, outcomes: Outcomes) -> LeukaemiaFree:
    times = outcomes.times(Endpoint.LFS).reshape(-1, asked.patients)
    return LeukaemiaFree(
        times=np.minimum(times, asked.horizon),
        events=times < asked.horizon,
        valid=outcomes.valid.reshape(-1, asked.patients),
    )
