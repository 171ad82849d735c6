"""What every table of a study file has in common: no unknown key, and a reason beside each assumption."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from trialeukin.core.errors import StudyError

Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0.0)]
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.0)]
LONGEST_FOLLOW_UP = 1_200  # months, a hundred years
MOST_TIMES = 200  # in one list
Months = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.0, le=LONGEST_FOLLOW_UP)]
Probability = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.0, le=1.0)]
Fraction = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.0, lt=1.0)]


class KeyPathError(StudyError, ValueError):
    """A fault of one key, found while its table was looked at; a ValueError too, since pydantic catches those.

    Attributes
    ----------
    path : tuple of str or int
        Where the key is, from the table on.
    """

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


def _readable(value: str) -> str:
    if not value.strip():
        raise KeyPathError((), f"{value!r} is blank: write a text")
    for character in value:
        if unicodedata.category(character) == "Cc" and character not in "\n\r\t":
            raise KeyPathError((), f"the control character U+{ord(character):04X} in a text: leave it out")
    return value


Text = Annotated[str, Field(strict=True, min_length=1), AfterValidator(_readable)]


class Section(BaseModel):
    """A table of a study file.

    Attributes
    ----------
    assumed : mapping of str to str
        The keys of this table whose values no source states, each with the reason for the value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    assumed: dict[Text, Text] = Field(
        default_factory=dict, description="a table of the assumed keys of this table, each with its reason"
    )

    @field_validator("assumed")
    @classmethod
    def _names_own_keys(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        known = [name for name in cls.model_fields if name != info.field_name]
        for name in value:
            if name not in known:
                raise KeyPathError((name,), f"{name!r} is no key of this table: mark one of {', '.join(known)}")
        return value

    def assumptions(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return (key path, reason) of every assumption in this table and below it."""
        own = tuple((f"{prefix}.{name}", reason) for name, reason in self.assumed.items())
        return own + tuple(
            pair for name in type(self).model_fields for pair in _below(getattr(self, name), name, prefix)
        )


def _below(value: Any, name: str, prefix: str) -> tuple[tuple[str, str], ...]:
    path = f"{prefix}.{name}" if prefix else name
    if isinstance(value, Section):
        return value.assumptions(path)
    if isinstance(value, tuple):
        return tuple(pair for index, item in enumerate(value) for pair in _below(item, f"{name}[{index + 1}]", prefix))
    return ()
