"""A table [[parameters]] of a study file: a parameter of the model at another value than its own."""

from pydantic import Field, model_validator

from trialeukin.population.description import ChangedParameter
from trialeukin.trial.section import KeyPathError, NotNegative, Number, Section, Text

CHANGED = ("value", "times", "between_patients", "uncertainty")


class StudyParameter(Section):
    """What is changed, and in ``assumed`` why."""

    name: Text = Field(description="the name of a parameter, as 'trialeukin parameters' lists it")
    value: Number | None = Field(
        default=None, description="the typical patient's value, a number in the unit beside it"
    )
    unit: Text | None = Field(default=None, description="the unit of the value, such as 'L/h', or '1'")
    times: Number | None = Field(
        default=None, description="a number by which the usual value is multiplied, instead of value and unit"
    )
    between_patients: NotNegative | None = Field(
        default=None, description="the standard deviation between patients, on the parameter's scale, 0 or more"
    )
    uncertainty: NotNegative | None = Field(
        default=None, description="the standard deviation of what is not known, on the parameter's scale, 0 or more"
    )

    @model_validator(mode="after")
    def _says_what_and_why(self) -> "StudyParameter":
        given = [key for key in CHANGED if getattr(self, key) is not None]
        if not given:
            raise KeyPathError((), f"{self.name!r} stays as it is: give one of {', '.join(CHANGED)}")
        if (self.value is None) != (self.unit is None):
            missing = "unit" if self.unit is None else "value"
            raise KeyPathError((), f"{self.name!r} has no {missing}: give value and unit together")
        if self.value is not None and self.times is not None:
            raise KeyPathError(("times",), f"{self.name!r} has a value and times: give one of them")
        if not any(key in self.assumed for key in given):
            raise KeyPathError((), f"no reason for {self.name!r}: say why with assumed.{given[0]} = 'what if ...'")
        return self

    def change(self) -> ChangedParameter:
        """Return what is changed."""
        return ChangedParameter(
            name=self.name,
            reason="; ".join(self.assumed.values()),
            value=self.value,
            unit=self.unit or "1",
            times=1.0 if self.times is None else self.times,
            between_patients=self.between_patients,
            uncertainty=self.uncertainty,
        )
