"""What one arm of the virtual population shows: courses, doses, survival and toxicity.

Times of trajectories are days, times of survival are months; both count from randomisation.
"""

from dataclasses import dataclass

from trialeukin.core.arrays import Floats, Integers
from trialeukin.regimen.administration import Administration
from trialeukin.trial.endpoint import Cause, Endpoint
from trialeukin.trial.estimate import Spread

FAN_LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """One quantity over time in the patients of one arm who are alive.

    Attributes
    ----------
    quantity, unit, meaning : str
        As the model names it.
    times : (k,), day from randomisation
        Where it is shown.
    quantiles : (5, k), ``unit``
        At `FAN_LEVELS`; NaN where nobody is left.
    patients : int
        How many patients were followed for it.
    """

    quantity: str
    unit: str
    meaning: str
    times: Floats
    quantiles: Floats
    patients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One quantity over time in one chosen patient.

    Attributes
    ----------
    patient : int
        Index in the cohort; the same person under every arm.
    label : str
        Why this patient was chosen.
    quantity, unit : str
        As the model names it.
    times, values : (k,), day and ``unit``
        The course; NaN after death.
    """

    patient: int
    label: str
    quantity: str
    unit: str
    times: Floats
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A step function of time with its risk set.

    Attributes
    ----------
    times : (k,), month
        Where it jumps.
    values, lower, upper : (k,), 1
        Its value from each jump on and the pointwise 95 % limits; one (survival) or zero
        (incidence) before the first.
    risk_times : (r,), month
        Where the risk set is counted.
    at_risk : (r,), 1
        Patients of the virtual population still at risk there.
    """

    times: Floats
    values: Floats
    lower: Floats
    upper: Floats
    risk_times: Floats
    at_risk: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxicity:
    """The fraction of patients whose worst grade of one toxicity reached each grade.

    Attributes
    ----------
    item, meaning : str
        The model's name of it, in words.
    fractions : tuple of 4 float
        Of patients with grade 1 or more, 2 or more, 3 or more, 4.
    """

    item: str
    meaning: str
    fractions: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeCourse:
    """One toxicity over time in one arm, the worst of each day's readings.

    Attributes
    ----------
    item, meaning : str
        The model's name of it, in words.
    times : (k,), day from randomisation
        When it is read.
    moderate, severe : (k,), 1
        Share of the patients alive that day who are at grade 2 or more, and at grade 3 or more; NaN where nobody is.
    ever_severe : (k,), 1
        Share of all patients who have been at grade 3 or more up to that day: the cumulative incidence of the first.
    median_days_to_severe : float, day from randomisation
        Median day of the first grade 3 of those who have one; NaN if nobody has.
    patients : int
        How many patients were followed for it.
    """

    item: str
    meaning: str
    times: Floats
    moderate: Floats
    severe: Floats
    ever_severe: Floats
    median_days_to_severe: float
    patients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DosePeriod:
    """What became of the studied drug's doses in one stretch of the regimen, over all patients of the arm.

    Attributes
    ----------
    start, end : float, day from randomisation
        The stretch, half-open.
    doses : int
        Doses planned in it for each patient.
    intensity : float
        Given over planned amount.
    reasons : tuple of (str, float)
        Why doses were not given or reduced, each with the fraction of the planned doses it took.
    """

    start: float
    end: float
    doses: int
    intensity: float
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """What became of the planned treatment in one arm, as fractions of all patients of the arm.

    Attributes
    ----------
    never_started, stopped, completed : float
        They add up to one. Never started: no dose was given, for whatever reason. Stopped: a relapse, a
        discontinuation, a stop rule or death ended the treatment. Completed: none of them did, whatever was held,
        reduced or missed.
    reasons : tuple of (str, float)
        Why doses were not given or reduced, each with the fraction of planned doses it took.
    intensity : Spread
        Given over planned amount of each patient, of the drug that is studied.
    put_off : Spread or None
        By how many days the last dose that each patient got came later than planned; None without a rule that delays.
    per_time : Spread or None
        ``intensity`` over how much longer than planned the doses took; None without a rule that delays.
    """

    never_started: float
    stopped: float
    completed: float
    reasons: tuple[tuple[str, float], ...]
    intensity: Spread
    put_off: Spread | None = None
    per_time: Spread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """One arm of the virtual population.

    Attributes
    ----------
    name, regimen, sentence : str
        The arm, its regimen's canonical text and the same in words; both empty for observation.
    control : bool
        Whether it is the control arm.
    n : int
        Patients randomised to it in the trial.
    patients : int
        Patients simulated under it.
    planned : tuple of Administration
        The regimen, dose by dose; hours from the regimen's first day.
    adherence : Adherence or None
        None for observation.
    fans, exposure_fans : tuples of Fan
        The whole follow-up, and the first weeks of the regimen in fine steps.
    courses : tuple of Course
        Chosen patients.
    survival : mapping of Endpoint to Curve
        Kaplan-Meier curves of the whole virtual population.
    incidence : mapping of Cause to Curve
        Cumulative incidence of relapse and of death in remission.
    toxicities : tuple of Toxicity
        Worst grades.
    grade_courses : tuple of GradeCourse
        Grades over time; empty for observation.
    dose_periods : tuple of DosePeriod
        Doses over time; empty for observation.
    """

    name: str
    regimen: str
    sentence: str
    control: bool
    n: int
    patients: int
    planned: tuple[Administration, ...]
    adherence: Adherence | None
    fans: tuple[Fan, ...]
    exposure_fans: tuple[Fan, ...]
    courses: tuple[Course, ...]
    survival: dict[Endpoint, Curve]
    incidence: dict[Cause, Curve]
    toxicities: tuple[Toxicity, ...]
    grade_courses: tuple[GradeCourse, ...] = ()
    dose_periods: tuple[DosePeriod, ...] = ()
