"""A reader's standard, and what a distribution of the log hazard ratio says by it.

The standard is the hazard ratio r that is just worth having and how sure to be, c. The first of these that holds is the
verdict:

- harm is shown where P(HR > 1) is c or more,
- a benefit worth having is shown where P(HR < r) is c or more,
- it is excluded where P(HR < r) is 1 - c or less,
- else it is open.
"""

import math
from dataclasses import dataclass
from enum import Enum

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.prior import NormalMixture

RELEVANT, CERTAINTY = 0.8, 0.95


class Verdict(Enum):
    """What is known of an effect, against a standard."""

    SHOWN = "a benefit worth having is shown"
    EXCLUDED = "a benefit worth having is excluded"
    HARM = "harm is shown"
    OPEN = "open"
    REFUSED = "the evidence cannot answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What a reader asks of the evidence.

    Attributes
    ----------
    relevant : float, 1
        The hazard ratio that is just worth having, below one; a judgement of the reader's.
    certainty : float, 1
        The probability that is enough.
    """

    relevant: float = RELEVANT
    certainty: float = CERTAINTY

    def __post_init__(self) -> None:
        if not 0.0 < self.relevant < 1.0:
            raise AnalysisError(
                f"hazard ratio {self.relevant:g} as just worth having: give one above 0 and below 1, such as 0.8"
            )
        if not 0.5 < self.certainty < 1.0:
            raise AnalysisError(f"certainty {self.certainty:g}: give a probability above 0.5 and below 1, such as 0.95")

    @property
    def log_relevant(self) -> float:
        """The log hazard ratio that is just worth having."""
        return math.log(self.relevant)

    def verdict(self, law: NormalMixture) -> Verdict:
        """Return what a distribution of the log hazard ratio says."""
        worth = law.below(self.log_relevant)
        if 1.0 - law.below(0.0) >= self.certainty:
            return Verdict.HARM
        if worth >= self.certainty:
            return Verdict.SHOWN
        return Verdict.EXCLUDED if worth <= 1.0 - self.certainty else Verdict.OPEN
