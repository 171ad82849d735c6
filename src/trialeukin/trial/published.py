"""What the paper says: published results as data, each with its source."""

from enum import Enum

from pydantic import Field, model_validator

from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.section import Count, Flag, KeyPathError, Positive, Probability, Section, Text


class Origin(Enum):
    """How a published number came to be."""

    PRINTED = "printed"
    RECONSTRUCTED = "reconstructed"


class Disposition(Enum):
    """What became of a patient's treatment."""

    NEVER_STARTED = "never started"
    STOPPED = "stopped early"
    COMPLETED = "completed"


class Result(Section):
    """A published result.

    Attributes
    ----------
    source : str
        Work and place.
    note : str or None
        What a reader must know of it.
    """

    source: Text = Field(description="the work and the place in it")
    note: Text | None = Field(default=None, description="a remark")


class PublishedRatio(Result):
    """A hazard ratio, treatment over control; below one favours the treatment."""

    endpoint: Endpoint = Field(description="'lfs' or 'os'")
    origin: Origin = Field(description="'printed' or 'reconstructed'")
    value: Positive = Field(description="a hazard ratio, a number above 0")
    lower: Positive | None = Field(default=None, description="the lower 95 % limit, a number above 0")
    upper: Positive | None = Field(default=None, description="the upper 95 % limit, a number above 0")
    p: Probability | None = Field(default=None, description="a p value from 0 to 1")
    formula: Text | None = Field(default=None, description="how the hazard ratio was reconstructed")

    @model_validator(mode="after")
    def _is_consistent(self) -> "PublishedRatio":
        if self.lower is not None and self.lower > self.value:
            raise KeyPathError(("lower",), f"lower limit {self.lower:g} is above the hazard ratio {self.value:g}")
        if self.upper is not None and self.upper < self.value:
            raise KeyPathError(("upper",), f"upper limit {self.upper:g} is below the hazard ratio {self.value:g}")
        if self.origin is Origin.RECONSTRUCTED and self.formula is None:
            raise KeyPathError(("origin",), "a reconstructed hazard ratio needs the key 'formula'")
        return self


class PublishedTest(Result):
    """A p value of the comparison of the two arms, printed without a hazard ratio."""

    endpoint: Endpoint = Field(description="'lfs' or 'os'")
    p: Probability = Field(description="a p value from 0 to 1")


class PublishedProbability(Result):
    """The probability of being free of the event at a time.

    Attributes
    ----------
    printed_as : str or None
        The paper's own name of the endpoint where it differs, such as EFS.
    fitted : bool
        Whether the cohort was calibrated to this number, so that agreement proves nothing.
    """

    endpoint: Endpoint = Field(description="'lfs' or 'os'")
    arm: Text = Field(description="the name of an arm of this study")
    months: Positive = Field(description="months from randomisation, a number above 0")
    value: Probability = Field(description="a probability from 0 to 1")
    lower: Probability | None = Field(default=None, description="the lower 95 % limit, from 0 to 1")
    upper: Probability | None = Field(default=None, description="the upper 95 % limit, from 0 to 1")
    printed_as: Text | None = Field(default=None, description="the paper's name of the endpoint")
    fitted: Flag = Field(default=False, description="true where the cohort was calibrated to this number")


class PublishedMedian(Result):
    """A median time to event; no arm means all arms together."""

    endpoint: Endpoint = Field(description="'lfs' or 'os'")
    arm: Text | None = Field(default=None, description="the name of an arm of this study")
    months: Positive = Field(description="months from randomisation, a number above 0")


class PublishedDisposition(Result):
    """How many patients of an arm never started, stopped early or completed."""

    arm: Text = Field(description="the name of an arm of this study")
    disposition: Disposition = Field(description="'never started', 'stopped early' or 'completed'")
    count: int = Field(strict=True, ge=0, description="a whole number of patients, 0 or more")
    of: Count = Field(description="a whole number of patients, 1 or more")

    @model_validator(mode="after")
    def _is_a_part(self) -> "PublishedDisposition":
        if self.count > self.of:
            raise KeyPathError(("count",), f"{self.count} of {self.of}: give no more than the whole")
        return self


class PublishedIntensity(Result):
    """The median fraction of the planned dose that was given."""

    arm: Text = Field(description="the name of an arm of this study")
    median: Probability = Field(description="a fraction from 0 to 1")


class PublishedToxicity(Result):
    """The fraction of patients with a toxicity of at least a grade."""

    arm: Text = Field(description="the name of an arm of this study")
    item: Text = Field(description="the name of the toxicity")
    grade: int = Field(strict=True, ge=1, le=5, description="a grade from 1 to 5")
    fraction: Probability = Field(description="a fraction from 0 to 1")


class Published(Section):
    """Everything the study's own publications report."""

    hazard_ratios: tuple[PublishedRatio, ...] = Field(default=(), description="a list of hazard ratios")
    tests: tuple[PublishedTest, ...] = Field(default=(), description="a list of p values")
    probabilities: tuple[PublishedProbability, ...] = Field(default=(), description="a list of probabilities")
    medians: tuple[PublishedMedian, ...] = Field(default=(), description="a list of medians")
    dispositions: tuple[PublishedDisposition, ...] = Field(default=(), description="a list of counts")
    intensities: tuple[PublishedIntensity, ...] = Field(default=(), description="a list of dose intensities")
    toxicities: tuple[PublishedToxicity, ...] = Field(default=(), description="a list of toxicities")

    def ratio(self, endpoint: Endpoint) -> PublishedRatio | None:
        """Return the first hazard ratio of an endpoint, if the study has one."""
        return next((ratio for ratio in self.hazard_ratios if ratio.endpoint is endpoint), None)

    def arms_named(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """Return (key path, name) of every arm that a result names."""
        lists = ("probabilities", "medians", "dispositions", "intensities", "toxicities")
        return tuple(
            ((name, index, "arm"), result.arm)
            for name in lists
            for index, result in enumerate(getattr(self, name))
            if result.arm is not None
        )
