"""Whom a study takes: the distributions of age, body and disease, read from a cohort file."""

import tomllib
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from trialeukin.core.errors import InputError, ParameterError, StudyError
from trialeukin.core.sources import Source

COHORTS = resources.files("trialeukin.population").joinpath("cohorts")

Text = Annotated[str, Field(strict=True, min_length=1)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0.0)]
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.0)]
Fraction = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.0, le=1.0)]
Knots = Annotated[tuple[Positive, ...], Field(min_length=2)]
FRACTIONS_ADD_UP_TO = 1e-9


class Origin(BaseModel):
    """Where the numbers of a table come from: a key of ``sources.bib`` or ``assumed``, and a place or reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Text
    place: Text

    @model_validator(mode="after")
    def _is_known(self) -> "Origin":
        try:
            Source(self.key, self.place)
        except ParameterError as fault:
            raise ValueError(str(fault)) from fault
        return self

    def source(self) -> Source:
        """Return it as a source."""
        return Source(self.key, self.place)


class Table(BaseModel):
    """A table of a cohort file: no unknown key, and a source for its numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Origin


class Age(Table):
    """Age at randomisation in years: normal, cut at both ends."""

    mean: Positive
    sd: Positive
    lowest: NotNegative
    highest: Positive

    @field_validator("highest")
    @classmethod
    def _is_over_the_lowest(cls, value: float, info: ValidationInfo) -> float:
        lowest = info.data.get("lowest")
        if lowest is not None and value <= lowest:
            raise ValueError(f"highest {value:g} is not above lowest {lowest:g}")
        return value


class Body(Table):
    """Height and body mass index by age and sex, straight between the ages given.

    Attributes
    ----------
    female : float, 1
        Fraction of women and girls.
    ages : tuple of float, year
        Where the medians below are given.
    height_male, height_female : tuple of float, cm
        Median heights.
    mass_index : tuple of float, kg/m2
        Median body mass index.
    height_sd, mass_index_sd : float, 1
        Standard deviations between patients on the log scale.
    """

    female: Fraction
    ages: Knots
    height_male: Knots
    height_female: Knots
    mass_index: Knots
    height_sd: NotNegative
    mass_index_sd: NotNegative

    @model_validator(mode="after")
    def _knots_fit(self) -> "Body":
        if any(later <= earlier for earlier, later in pairwise(self.ages)):
            raise ValueError(f"ages {list(self.ages)} do not increase")
        for name in ("height_male", "height_female", "mass_index"):
            if (given := len(getattr(self, name))) != len(self.ages):
                raise ValueError(f"{name} has {given} numbers for {len(self.ages)} ages: give one for each")
        return self


class Risk(Table):
    """Fractions of patients by cytogenetic risk; they add up to one."""

    favourable: Fraction
    intermediate: Fraction
    adverse: Fraction

    @model_validator(mode="after")
    def _adds_up(self) -> "Risk":
        total = self.favourable + self.intermediate + self.adverse
        if abs(total - 1.0) > FRACTIONS_ADD_UP_TO:
            raise ValueError(f"favourable, intermediate and adverse add up to {total:g}: let them add up to 1")
        return self


class Share(Table):
    """The fraction of patients with one property."""

    fraction: Fraction


class Disease(Enum):
    """The leukaemia of a cohort; `trialeukin.population.settings` says which models follow it."""

    AML = "aml"
    ALL = "all"
    CML = "cml"
    CML_BLAST_PHASE = "cml-blast-phase"
    CLL = "cll"
    HAIRY_CELL = "hairy-cell"


class Transplant(Table):
    """An allogeneic transplant before entry.

    Attributes
    ----------
    unrelated : float, 1
        Fraction of patients with an unrelated donor.
    months_median, months_sd : float, month and 1
        Time from transplant to entry: median and standard deviation of its logarithm.
    chimerism_median, chimerism_sd : float, 1
        Donor share of CD34 cells at entry: median and standard deviation of its logit.
    """

    unrelated: Fraction
    months_median: Positive
    months_sd: NotNegative
    chimerism_median: Annotated[float, Field(strict=True, gt=0.0, lt=1.0)]
    chimerism_sd: NotNegative


class Kidneys(Table):
    """What is left of the kidneys of everybody in the cohort.

    Attributes
    ----------
    function : float, 1
        Glomerular filtration over the usual: 1 as in the patients whom the model was fitted to, 0 on dialysis.
    """

    function: Fraction


class Override(Table):
    """Another typical value and other spreads of a parameter of the model in this cohort."""

    value: float = Field(strict=True, allow_inf_nan=False)
    between_patients: NotNegative | None = None
    uncertainty: NotNegative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedParameter:
    """Another typical value of a parameter, or other spreads of it.

    Attributes
    ----------
    name : str
        The parameter's.
    reason : str
        Why it is changed.
    value : float, ``unit``, or None
        The typical person's; ``times`` that of the cohort where it is None.
    unit : str
        Of the value: any that measures the same thing.
    times : float, 1
        See the value.
    between_patients, uncertainty : float or None
        Standard deviations on the parameter's scale; those of the cohort where they are None.
    """

    name: str
    reason: str
    value: float | None = None
    unit: str = "1"
    times: float = 1.0
    between_patients: float | None = None
    uncertainty: float | None = None


class Identity(BaseModel):
    """What the cohort is called and whom it stands for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Text
    child: Annotated[bool, Field(strict=True)] = False
    disease: Disease = Disease.AML


class Description(BaseModel):
    """A whole cohort file.

    Patients in first remission of AML have the tables ``risk``, ``monocytic`` and ``intensified``; patients in
    relapse after an allogeneic transplant have ``transplant`` instead. ``kidneys`` is for those whose kidneys have
    lost function.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cohort: Identity
    age: Age
    body: Body
    risk: Risk | None = None
    monocytic: Share | None = None
    intensified: Share | None = None
    transplant: Transplant | None = None
    kidneys: Kidneys | None = None
    parameters: dict[str, Override] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_the_tables_of_its_setting(self) -> "Description":
        first_remission = {"risk": self.risk, "monocytic": self.monocytic, "intensified": self.intensified}
        if self.transplant is None:
            missing = [name for name, table in first_remission.items() if table is None]
            if missing:
                raise ValueError(f"[{missing[0]}] is missing: give it, or [transplant] for relapse after a transplant")
        elif given := [name for name, table in first_remission.items() if table is not None]:
            raise ValueError(f"[{given[0]}] beside [transplant]: give the tables of one setting")
        return self


def cohort_names() -> tuple[str, ...]:
    """Return the names of the cohorts that come with the package, in order."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in COHORTS.iterdir() if file.name.endswith(".toml")))


def load_description(name: str) -> Description:
    """Return the description of a cohort that comes with the package.

    Raises
    ------
    StudyError
        When there is no cohort of that name.
    """
    if name not in cohort_names():
        raise StudyError(f"no cohort is called {name!r}: there are {', '.join(cohort_names())}")
    return parse_description(COHORTS.joinpath(f"{name}.toml").read_text(encoding="utf-8"), place=f"{name}.toml")


def parse_description(text: str, *, place: str) -> Description:
    """Return the description that the text of a cohort file holds.

    Parameters
    ----------
    text : str
        TOML.
    place : str
        The name of the file, for messages.

    Raises
    ------
    StudyError
        When the text is not TOML or says something that has no meaning here; every fault is named.
    """
    try:
        return Description.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise StudyError(f"{place}: not TOML: {fault}") from fault
    except ValidationError as faults:
        raise StudyError("\n".join(_sentences(faults, place))) from faults
    except InputError as fault:
        raise StudyError(f"{place}: {fault}") from fault


def _sentences(faults: ValidationError, place: str) -> list[str]:
    lines = []
    for fault in faults.errors(include_url=False):
        spot = ".".join(str(part) for part in fault["loc"])
        given = f" (given: {fault['input']!r})" if fault["type"] not in {"missing", "value_error"} else ""
        advice = {"missing": "is missing", "extra_forbidden": "is not a key of cohort files"}
        lines.append(f"{place}, {spot}: {advice.get(fault['type'], fault['msg'].removeprefix('Value error, '))}{given}")
    return lines
