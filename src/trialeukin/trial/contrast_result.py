"""What regimens do in the same virtual patients, measure by measure; `trialeukin.trial.contrast` finds it."""

from dataclasses import dataclass

from trialeukin.core.arrays import Floats
from trialeukin.trial.background import Background
from trialeukin.trial.patient_measures import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A measure under one regimen; NaN where it has no meaning.

    Attributes
    ----------
    mean : float, unit of the measure
        Over the patients at the typical parameters; of a share, per cent of them.
    low, high : float, unit of the measure
        5th and 95th percentile of the patients; NaN of a share.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measure under one regimen less the same under the first, in the same patients.

    Attributes
    ----------
    mean : float, unit of the measure
        Over the patients at the typical parameters; of a share, percentage points.
    low, high : float, unit of the measure
        5th and 95th percentile of the patients' own differences; of a share, the per cent of patients who have it
        under the first alone, and under this one alone.
    lower, upper : float, unit of the measure
        Central 95 % of the mean over draws of what is not known; NaN without draws.
    resolved : bool
        Whether the draws differ beyond the chance of the few patients in them; if not, the interval holds that chance
        too and is at most so wide.
    """

    mean: float
    low: float
    high: float
    lower: float
    upper: float
    resolved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One measure under every regimen.

    Attributes
    ----------
    topic : Topic
        What it tells of.
    name, unit : str
        See `trialeukin.trial.patient_measures.PatientMeasure`.
    is_share : bool
        Whether it is the per cent of patients to whom something happened.
    levels : tuple of Level
        One a regimen, in their order.
    differences : tuple of Difference
        One a regimen from the second on.
    """

    topic: Topic
    name: str
    unit: str
    is_share: bool
    levels: tuple[Level, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """How many patients are still free of an event, one curve a regimen, at the typical parameters.

    Attributes
    ----------
    name : str
        What they are free of, in words.
    days : (k,), day
        Since the start of treatment.
    shares : (r, k), 1
        Of r regimens.
    """

    name: str
    days: Floats
    shares: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrasts:
    """What some regimens do in the same patients.

    Attributes
    ----------
    background : Background
        In whom.
    patients, failed : int
        Virtual patients followed, and those who could not be under one of the regimens, who are left out.
    draws, patients_of_draw : int
        Draws of the parameters, and the patients followed at each.
    treated, followed : float, day
        Until when exposure, cells and toxicity are looked at, and until when events are.
    measures : tuple of Contrast
        By topic.
    survivals : tuple of Survival
        Those that the model has.
    """

    background: Background
    patients: int
    failed: int
    draws: int
    patients_of_draw: int
    treated: float
    followed: float
    measures: tuple[Contrast, ...]
    survivals: tuple[Survival, ...]
