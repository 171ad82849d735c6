"""Estimates of one effect by several studies: what every pooling method takes in."""

from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import AnalysisError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effects:
    """k estimates with their sampling variances.

    Attributes
    ----------
    labels : tuple of k str
        Names of the studies; each once.
    estimates : (k,), unit of the effect
        On the scale that is pooled, such as log hazard ratio.
    variances : (k,), square of that unit
        Sampling variances; above zero, taken as known.
    """

    labels: tuple[str, ...]
    estimates: Floats
    variances: Floats

    def __post_init__(self) -> None:
        k = len(self.labels)
        if k == 0:
            raise AnalysisError("no study is left to pool: give at least one estimate with its standard error")
        if self.estimates.shape != (k,) or self.variances.shape != (k,):
            raise AnalysisError(
                f"{k} labels, {self.estimates.size} estimates, {self.variances.size} variances: give as many of each"
            )
        for label, estimate, variance in zip(self.labels, self.estimates, self.variances, strict=True):
            if not np.isfinite(estimate):
                raise AnalysisError(f"{label}: estimate {estimate:g}: give a finite number, or leave the study out")
            if not 0.0 < variance < np.inf:
                raise AnalysisError(
                    f"{label}: variance {variance:g}: a standard error is above zero; with zero the study would be "
                    "all of the pool, so find its standard error or leave it out"
                )
        twice = {label for label in self.labels if self.labels.count(label) > 1}
        if twice:
            raise AnalysisError(f"{', '.join(sorted(twice))} is there twice: a study counts once in a pool")

    @property
    def k(self) -> int:
        """How many studies there are."""
        return len(self.labels)

    @property
    def standard_errors(self) -> Floats:
        """Square roots of the sampling variances, (k,)."""
        return np.sqrt(self.variances)

    def chosen(self, which: Booleans | Integers) -> "Effects":
        """Return the effects at some places, or where a mask is true."""
        places = np.arange(self.k)[which]
        return replace(
            self,
            labels=tuple(self.labels[place] for place in places),
            estimates=self.estimates[places],
            variances=self.variances[places],
        )

    def without(self, place: int) -> "Effects":
        """Return all effects but one."""
        return self.chosen(np.arange(self.k) != place)
