"""A study as its file writes it: who, which arms, how long, what is compared, and what was published."""

from itertools import pairwise
from typing import Any

from pydantic import Field, PrivateAttr, model_validator

from trialeukin.core.counting import counted
from trialeukin.core.errors import InputError, StudyError
from trialeukin.survival.many_to_one import Procedure
from trialeukin.trial.accrual_section import Accrual
from trialeukin.trial.analysis_section import Allocation, Analysis
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.monitoring_section import Monitoring
from trialeukin.trial.parameter_section import StudyParameter
from trialeukin.trial.published import Published
from trialeukin.trial.section import (
    LONGEST_FOLLOW_UP,
    MOST_TIMES,
    Count,
    Flag,
    Fraction,
    KeyPathError,
    Months,
    NotNegative,
    Number,
    Positive,
    Section,
    Text,
)

MODEL = "aml-maintenance"
LONGEST_REGIMEN, LONGEST_NAME = 6_000, 80  # characters
MOST_ARMS, MOST_EXAMINATIONS = 12, 5_000
MOST_PARAMETERS = 200
MOST_UNEQUAL = 20  # patients of one arm for one of the other, by minimisation


class Identity(Section):
    """Which study it is and what it asks."""

    name: Text = Field(
        pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=LONGEST_NAME, description="a short name of a-z, 0-9, '.' and '-'"
    )
    title: Text = Field(description="a title")
    question: Text = Field(description="the study's question in one sentence")
    source: Text = Field(description="the study's publications")
    registration: Text | None = Field(default=None, description="the registry's number of the study")


class Population(Section):
    """Who is randomised, and how long before the regimen's first day."""

    cohort: Text = Field(description="the name of a cohort")
    start_after_days: NotNegative = Field(description="days from randomisation to the regimen's first day, 0 or more")
    model: Text = Field(default=MODEL, description="the name of a model")


class Arm(Section):
    """One arm of the trial; without a regimen it is observation only.

    Attributes
    ----------
    regimen : str or None
        Text of the regimen language, or ``library:NAME`` followed by more clauses.
    """

    name: Text = Field(description="a name, in quotes")
    n: Count = Field(
        le=10_000, description="a whole number of patients randomised to the arm, 1 or more and at most 10000"
    )
    control: Flag = Field(default=False, description="true for the one control arm")
    regimen: Text | None = Field(
        default=None,
        max_length=LONGEST_REGIMEN,
        description=f"a regimen's text or 'library:NAME', in quotes, of at most {LONGEST_REGIMEN:,} characters",
    )


class Examinations(Section):
    """A stretch of equally spaced marrow examinations."""

    every_months: Positive = Field(description="months between examinations, a number above 0")
    until_months: Positive = Field(description="months from randomisation to the end of this spacing, above 0")


class FollowUp(Section):
    """How long patients are watched, and how many are lost."""

    after_last_entry_months: Months = Field(
        description=f"months from the last entry to the analysis, 0 to {LONGEST_FOLLOW_UP:,}"
    )
    horizon_months: Positive = Field(
        le=LONGEST_FOLLOW_UP,
        description=f"the longest follow-up of one patient in months, above 0 and at most {LONGEST_FOLLOW_UP:,}",
    )
    drop_out_per_year: Fraction = Field(description="the fraction lost to follow-up a year, from 0 to below 1")
    examinations: tuple[Examinations, ...] = Field(
        min_length=1, description="a list such as [{ every_months = 3, until_months = 24 }]"
    )

    @model_validator(mode="after")
    def _spacings_follow_each_other(self) -> "FollowUp":
        asked = sum(spacing.until_months / spacing.every_months for spacing in self.examinations)
        if asked > MOST_EXAMINATIONS:
            raise KeyPathError(("examinations",), f"over {MOST_EXAMINATIONS:,} examinations a patient: space them more")
        ends = [spacing.until_months for spacing in self.examinations]
        for index, (earlier, later) in enumerate(pairwise(ends), start=1):
            if later <= earlier:
                raise KeyPathError(
                    ("examinations", index), f"until_months {later:g} does not follow {earlier:g}: let them increase"
                )
        if ends[-1] < self.horizon_months:
            raise KeyPathError(
                ("examinations", len(ends) - 1),
                f"until_months {ends[-1]:g}: a relapse after that would never be found; "
                f"go on to the horizon of {self.horizon_months:g} months",
            )
        if not self.examination_days():
            raise KeyPathError(
                ("examinations",),
                f"none comes by the horizon of {self.horizon_months:g} months, so that no relapse would ever be found: "
                "give a first spacing shorter than that",
            )
        return self

    def examination_days(self) -> tuple[float, ...]:
        """Return the days of the marrow examinations from randomisation, up to the horizon."""
        days: list[float] = []
        month = 0.0
        for spacing in self.examinations:
            while month + spacing.every_months <= spacing.until_months + 1e-9:
                month += spacing.every_months
                days.append(month * DAYS_A_MONTH)
        return tuple(day for day in days if day <= self.horizon_months * DAYS_A_MONTH + 1e-9)


class Laboratory(Section):
    """Which laboratory tests are done, when, and how well the visits are kept; they are reported, never compared."""

    tests: tuple[Text, ...] = Field(min_length=1, description="a list of names of laboratory tests, such as 'NK cells'")
    days: tuple[Number, ...] = Field(
        min_length=1,
        max_length=MOST_TIMES,
        description=f"a list of {MOST_TIMES} days at most of the regimen, 1 is its first and 0 the day before",
    )
    window_days: NotNegative = Field(default=0.0, description="how many days earlier or later a sample may be drawn")
    missing: Fraction = Field(default=0.0, description="the fraction of samples that are missing, from 0 to below 1")

    @model_validator(mode="after")
    def _say_each_thing_once(self) -> "Laboratory":
        for index, name in enumerate(self.tests):
            if name in self.tests[:index]:
                raise KeyPathError(("tests", index), f"{name!r} is said twice: say it once")
        for index, (earlier, later) in enumerate(pairwise(self.days)):
            if later <= earlier:
                raise KeyPathError(("days", index + 1), f"day {later:g} is not after {earlier:g}: let days increase")
        return self


class Study(Section):
    """A whole study file."""

    study: Identity = Field(description="a table [study]")
    population: Population = Field(description="a table [population]")
    parameters: tuple[StudyParameter, ...] = Field(
        default=(),
        max_length=MOST_PARAMETERS,
        description=f"tables [[parameters]], {MOST_PARAMETERS} at most, of the model at other values than its own",
    )
    arms: tuple[Arm, ...] = Field(
        min_length=2,
        max_length=MOST_ARMS,
        description=f"two or more tables [[arms]], {MOST_ARMS} at most, one with control = true",
    )
    accrual: Accrual = Field(description="a table [accrual]")
    follow_up: FollowUp = Field(description="a table [follow_up]")
    analysis: Analysis = Field(default_factory=Analysis, description="a table [analysis]")
    monitoring: Monitoring | None = Field(default=None, description="a table [monitoring]")
    laboratory: Laboratory | None = Field(default=None, description="a table [laboratory]")
    published: Published = Field(default_factory=Published, description="a table [published]")

    _digest: str | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _arms_fit(self) -> "Study":
        names = [arm.name for arm in self.arms]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise KeyPathError(("arms", index, "name"), f"two arms are called {name!r}: give each its own name")
        controls = [arm.name for arm in self.arms if arm.control]
        if len(controls) != 1:
            raise KeyPathError(
                ("arms",), f"{len(controls)} arms have control = true: mark exactly one of {_quoted(names)}"
            )
        self._check_treatment(names, controls[0])
        for path, name in self.published.arms_named():
            if name not in names:
                raise KeyPathError(("published", *path), f"no arm is called {name!r}: there are {_quoted(names)}")
        return self

    @model_validator(mode="after")
    def _parameters_are_named_once(self) -> "Study":
        names = [each.name for each in self.parameters]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise KeyPathError(("parameters", index, "name"), f"{name!r} is changed twice: change it once")
        return self

    @model_validator(mode="after")
    def _allocation_fits(self) -> "Study":
        sizes = sorted(arm.n for arm in self.arms)
        if self.analysis.randomisation is Allocation.MINIMISATION and sizes[-1] > MOST_UNEQUAL * sizes[0]:
            raise KeyPathError(
                ("analysis", "randomisation"),
                f"'minimisation' to arms of {sizes[-1]:,} and {sizes[0]:,}: it takes up to {MOST_UNEQUAL} for 1; "
                f"choose '{Allocation.PERMUTED_BLOCKS.value}'",
            )
        return self

    @model_validator(mode="after")
    def _times_fit(self) -> "Study":
        horizon = self.follow_up.horizon_months
        for index, month in enumerate(self.analysis.milestones_months):
            if month > horizon:
                raise KeyPathError(
                    ("analysis", "milestones_months", index),
                    f"milestone {month:g} months lies beyond the horizon of {counted(horizon, 'month')}: give "
                    "milestones up to it",
                )
        if self.accrual.months + self.follow_up.after_last_entry_months <= 0.0:
            raise KeyPathError(("follow_up", "after_last_entry_months"), "nobody is followed: give more than 0 months")
        return self

    @model_validator(mode="after")
    def _looks_fit(self) -> "Study":
        looks = self.monitoring
        if looks is None:
            return self
        if self.accrual.months == 0.0:
            raise KeyPathError(("monitoring",), "accrual.months is 0: looks need patients who come over some time")
        patients = self.control.n + self.treatment.n
        if looks.events is not None and looks.events > patients:
            raise KeyPathError(("monitoring", "events"), f"{looks.events} events of {patients} patients: give fewer")
        if looks.power <= 0.5 * self.analysis.alpha:
            raise KeyPathError(
                ("monitoring", "power"), f"{looks.power:g} is not above half of alpha, {0.5 * self.analysis.alpha:g}"
            )
        try:
            looks.boundaries(self.analysis.alpha)
        except InputError as fault:
            raise KeyPathError(("monitoring",), str(fault)) from None
        return self

    def _check_treatment(self, names: list[str], control: str) -> None:
        treatment = self.analysis.treatment
        if self.analysis.multiplicity is not None and len(names) == 2:
            raise KeyPathError(
                ("analysis", "multiplicity"),
                f"{self.analysis.multiplicity.value!r} of one treatment: it is about two or more; leave it out",
            )
        if treatment is not None and (treatment not in names or treatment == control):
            others = [name for name in names if name != control]
            raise KeyPathError(("analysis", "treatment"), f"{treatment!r} is no treatment: choose {_quoted(others)}")

    @property
    def control(self) -> Arm:
        """The control arm."""
        return next(arm for arm in self.arms if arm.control)

    @property
    def treatments(self) -> tuple[Arm, ...]:
        """All arms but the control, each of which is compared with it."""
        return tuple(arm for arm in self.arms if not arm.control)

    @property
    def treatment(self) -> Arm:
        """The treatment whose subgroups, looks and estimands are reported."""
        return next(arm for arm in self.treatments if self.analysis.treatment in {None, arm.name})

    @property
    def block(self) -> int | None:
        """Patients in a permuted block; None where randomisation is by minimisation."""
        if self.analysis.randomisation is Allocation.MINIMISATION:
            return None
        return self.analysis.block or 2 * len(self.arms)

    @property
    def procedure(self) -> Procedure:
        """How the tests of several treatments keep one level."""
        return self.analysis.multiplicity or Procedure.HOLM

    @property
    def digest(self) -> str | None:
        """SHA-256 of the file it was read from."""
        return self._digest

    def with_digest(self, digest: str) -> "Study":
        """Return this study, marked with the file it was read from."""
        copy = self.model_copy()
        copy._digest = digest
        return copy

    def arm(self, name: str) -> Arm:
        """Return one arm by its name."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise StudyError(f"no arm is called {name!r}: there are {_quoted([arm.name for arm in self.arms])}")


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema of study files."""
    return Study.model_json_schema()


def _quoted(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names)
