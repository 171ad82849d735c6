"""The table [accrual] of a study file: when patients enter."""

from itertools import pairwise

import numpy as np
from pydantic import Field, model_validator

from trialeukin.core.counting import counted
from trialeukin.survival.design.enrolment import Enrolment, even
from trialeukin.trial.section import (
    LONGEST_FOLLOW_UP,
    MOST_TIMES,
    KeyPathError,
    Months,
    NotNegative,
    Positive,
    Section,
)

SLOWEST, FASTEST = 1e-6, 1_000_000  # rates of which all sums and shares are numbers


class Stretch(Section):
    """A stretch of calendar time in which patients enter evenly."""

    relative_rate: NotNegative = Field(
        le=FASTEST,
        description=f"how fast patients enter against other stretches, 0 to {FASTEST:,}; how many enter is said by "
        "the arms",
    )
    until_months: Positive = Field(description="months from the first entry to the end of the stretch, above 0")


class Accrual(Section):
    """When patients enter: evenly over some months of calendar time, or at another pace in each stretch of them."""

    months: Months = Field(description=f"months from the first entry to the last, 0 to {LONGEST_FOLLOW_UP:,}")
    pace: tuple[Stretch, ...] = Field(
        default=(),
        max_length=MOST_TIMES,
        description="a list such as [{ relative_rate = 1, until_months = 6 }, { relative_rate = 3, until_months = 24 }]"
        ", the last one until the accrual's months",
    )

    @model_validator(mode="after")
    def _stretches_fill_the_months(self) -> "Accrual":
        if not self.pace:
            return self
        for index, (earlier, later) in enumerate(pairwise(each.until_months for each in self.pace), start=1):
            if later <= earlier:
                raise KeyPathError(
                    ("pace", index), f"until_months {later:g} does not follow {earlier:g}: let them increase"
                )
        last = self.pace[-1].until_months
        if last != self.months:
            raise KeyPathError(
                ("pace", len(self.pace) - 1), f"until_months {last:g}: let it be the accrual's {self.months:g} months"
            )
        if all(each.relative_rate < SLOWEST for each in self.pace):
            raise KeyPathError(
                ("pace",), f"every relative_rate is below {SLOWEST:g}: let patients enter in some stretch"
            )
        return self

    @property
    def words(self) -> str:
        """How long and at which pace."""
        paces = (f"{each.relative_rate:g} to month {each.until_months:g}" for each in self.pace)
        at_pace = f", at relative rates of {', '.join(paces)}" if self.pace else ""
        return f"{counted(self.months, 'month')}{at_pace}"

    def enrolment(self, patients: float = 1.0) -> Enrolment:
        """Return the accrual of so many patients.

        Raises
        ------
        AnalysisError
            When it lasts no time.
        """
        if not self.pace:
            return even(patients, self.months)
        ends = np.array([each.until_months for each in self.pace])
        shape = Enrolment(
            durations=np.diff(ends, prepend=0.0), rates=np.array([each.relative_rate for each in self.pace])
        )
        return shape.scaled(patients / shape.patients)
