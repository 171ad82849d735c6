"""The ``[analysis]`` of a study file: what is compared, how, and at which times survival is read."""

from enum import Enum

from pydantic import Field, model_validator

from trialeukin.survival.many_to_one import Procedure
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.section import MOST_TIMES, Count, KeyPathError, Positive, Section, Text
from trialeukin.trial.simulation.estimand import Strategy

MOST_SUBGROUPS = 20
LEAST_ALPHA = 1e-9  # far below, one less it is one


class ComparisonTest(Enum):
    """How two arms are compared; the values are the words of study files."""

    LOG_RANK = "log-rank"


class Allocation(Enum):
    """How patients are randomised; the values are the words of study files."""

    PERMUTED_BLOCKS = "permuted blocks"
    MINIMISATION = "minimisation"


class Analysis(Section):
    """What is compared, how, and at which times survival is read."""

    endpoints: tuple[Endpoint, ...] = Field(
        default=(Endpoint.LFS, Endpoint.OS), min_length=1, description="a list of 'lfs' and 'os', the primary one first"
    )
    milestones_months: tuple[Positive, ...] = Field(
        default=(36.0, 60.0),
        min_length=1,
        max_length=MOST_TIMES,
        description=f"a list of months from randomisation, each above 0, {MOST_TIMES} at most",
    )
    treatment: Text | None = Field(
        default=None,
        description="the name of the treatment whose subgroups, looks and estimands are reported; the first one where "
        "none is given",
    )
    multiplicity: Procedure | None = Field(
        default=None,
        description="'holm', 'dunnett', 'bonferroni', 'fixed sequence' or 'none': how the tests of two treatments or "
        "more against the control keep one level; 'holm' where none is given",
    )
    test: ComparisonTest = Field(default=ComparisonTest.LOG_RANK, description="'log-rank'")
    alpha: float = Field(
        default=0.05,
        strict=True,
        ge=LEAST_ALPHA,
        lt=1.0,
        description=f"the two-sided level, {LEAST_ALPHA:g} or more and below 1",
    )
    stratify_by: tuple[Text, ...] = Field(
        default=(),
        description="a list of covariates that are one or zero, such as 'favourable_risk', by which randomisation, "
        "log-rank test and hazard ratio are stratified",
    )
    subgroups: tuple[Text, ...] = Field(
        default=(),
        max_length=MOST_SUBGROUPS,
        description="a list of covariates, or numbers of them, such as 'monocytic' and 'age >= 50', by which the "
        "report says in whom the treatment acts; all covariates where none is given",
    )
    estimands: tuple[Strategy, ...] = Field(
        default=(),
        description="a list of 'composite', 'while on treatment' and 'hypothetical', by which refusals and early stops "
        "count beside the treatment policy",
    )
    randomisation: Allocation = Field(
        default=Allocation.PERMUTED_BLOCKS,
        description="'permuted blocks' within strata, or 'minimisation' of the covariates of stratify_by",
    )
    block: Count | None = Field(
        default=None,
        description="patients in a permuted block of the randomisation, 1 or more; twice the number of arms where none "
        "is given",
    )

    @property
    def words(self) -> str:
        """The test with its level and strata, such as ``two-sided log-rank test at 0.05, stratified by monocytic``."""
        strata = " and ".join(name.replace("_", " ") for name in self.stratify_by)
        return f"two-sided {self.test.value} test at {self.alpha:g}{strata and f', stratified by {strata}'}"

    @model_validator(mode="after")
    def _say_each_thing_once(self) -> "Analysis":
        if Strategy.TREATMENT_POLICY in self.estimands:
            place = self.estimands.index(Strategy.TREATMENT_POLICY)
            raise KeyPathError(("estimands", place), "'treatment policy' is the comparison itself: leave it out")
        if self.randomisation is Allocation.MINIMISATION and not self.stratify_by:
            raise KeyPathError(
                ("randomisation",), "'minimisation' balances covariates: name one or more in stratify_by"
            )
        for name in ("endpoints", "milestones_months", "stratify_by", "subgroups", "estimands"):
            given = getattr(self, name)
            for index, value in enumerate(given):
                if value in given[:index]:
                    said = value.value if isinstance(value, Enum) else value
                    raise KeyPathError((name, index), f"{said!r} is said twice: say it once")
        return self
