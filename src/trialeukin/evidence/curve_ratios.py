"""Hazard ratios of patients reconstructed from published curves, beside those that the paper prints."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.errors import AnalysisError
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.reconstructed_ratio import ratio_from_limits
from trialeukin.survival.cox import CoxStatus, fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.reconstruction import Reconstruction


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRatio:
    """A hazard ratio as the paper prints it.

    Attributes
    ----------
    value : float, 1
        Above zero.
    limits : (lower, upper), 1, or None
        Of its 95 % interval, which the ratio is near the middle of; None where none are printed.
    """

    value: float
    limits: tuple[float, float] | None

    def __post_init__(self) -> None:
        if not 0.0 < self.value < math.inf:
            raise AnalysisError(f"hazard ratio {self.value:g}: give a number above zero")
        if self.limits is not None:
            ratio_from_limits(self.value, *self.limits)

    @property
    def standard_error(self) -> float | None:
        """Of its logarithm, from both limits; None where none are printed."""
        return None if self.limits is None else ratio_from_limits(self.value, *self.limits).standard_error


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveRatio:
    """The hazard ratio of an arm over the control.

    Attributes
    ----------
    treated, control : str
        The arms' names.
    status : CoxStatus
        Whether there is an estimate, and if not, why.
    log_ratio, standard_error, p_value : float, 1
        Of Cox's model; NaN where there is none.
    printed : PrintedRatio or None
        The same of the paper, where it is given.
    """

    treated: str
    control: str
    status: CoxStatus
    log_ratio: float
    standard_error: float
    p_value: float
    printed: PrintedRatio | None

    @property
    def label(self) -> str:
        """Such as ``IL-2 over observation``."""
        return f"{self.treated} over {self.control}"

    @property
    def estimate(self) -> tuple[float, float, float]:
        """The hazard ratio and its 95 % limits."""
        width = NORMAL_975 * self.standard_error
        low, high = self.log_ratio - width, self.log_ratio + width
        return math.exp(self.log_ratio), math.exp(low), math.exp(high)

    @property
    def log_distance(self) -> float | None:
        """Reconstructed minus printed log hazard ratio; None where one of them is missing."""
        if self.printed is None or self.status is not CoxStatus.CONVERGED:
            return None
        return self.log_ratio - math.log(self.printed.value)


def curve_ratios(
    arms: Mapping[str, Reconstruction], control: str, printed: Mapping[str, PrintedRatio]
) -> tuple[CurveRatio, ...]:
    """Return the hazard ratio of each other arm over the control, from one model of all arms (Efron ties).

    Parameters
    ----------
    arms : mapping
        The reconstructed patients of two arms or more, by name.
    control : str
        One of the names.
    printed : mapping
        Ratios of the paper over the control, by the name of the arm.

    Raises
    ------
    AnalysisError
        Where the patients leave the model undefined, as when none has the event.
    """
    if not any(each.events.any() for each in arms.values()):
        raise AnalysisError("no curve falls, so that nobody has the event and there is nothing to compare")
    others = [label for label in arms if label != control]
    order = [control, *others]
    sizes = [arms[label].times.size for label in order]
    places = np.repeat(np.arange(len(order)), sizes)
    names = tuple(f"{label} over {control}" for label in others)
    sample = cox_sample(
        np.concatenate([arms[label].times for label in order]),
        np.concatenate([arms[label].events for label in order]),
        (places[:, None] == np.arange(1, len(order))).astype(np.float64),
    )
    fit = fit_cox(replace(sample, names=names))
    return tuple(
        CurveRatio(
            treated=label,
            control=control,
            status=fit.status,
            log_ratio=float(fit.coefficients[place]),
            standard_error=float(fit.standard_errors[place]),
            p_value=float(fit.p_values[place]),
            printed=printed.get(label),
        )
        for place, label in enumerate(others)
    )
