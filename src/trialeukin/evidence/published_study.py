"""One published study as its file writes it: who, how, what was given, what was found, and where that stands."""

from typing import Any, Literal

from pydantic import Field, model_validator

from trialeukin.evidence.assessments import RiskOfBias
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.sourced import Amount, Sourced
from trialeukin.evidence.vocabulary import SETTINGS, Design, GoesWith, JudgedOn, Lineage, Role, Setting
from trialeukin.regimen.administration import Route
from trialeukin.regimen.library import LIBRARY, entry
from trialeukin.trial.section import (
    Count,
    Flag,
    KeyPathError,
    NotNegative,
    Number,
    Positive,
    Probability,
    Section,
    Text,
)

ROUTES = "a list of 'iv bolus', 'iv', 'civ', 'sc', 'im' and 'ip'"
ARM = "the arm of this study, or the comparison in words"


class Work(Section):
    """A work that numbers were read in."""

    work: Text = Field(description="the work in words")
    url: Text | None = Field(default=None, pattern=r"^https?://", description="where it was read, 'https://...'")


class Identity(Sourced):
    """Which study it is, how it was made and of whom."""

    id: Text = Field(pattern=r"^[A-Z0-9][A-Z0-9_]*$", description="a short name of A-Z, 0-9 and '_'")
    authors: Text | None = Field(default=None, description="the authors")
    authors_seen: Flag = Field(default=True, description="false where the page read did not name the authors")
    year: int | None = Field(default=None, strict=True, ge=1970, le=2100, description="a year")
    journal: Text | None = Field(default=None, description="the journal")
    doi: Text | None = Field(default=None, description="the DOI, or several joined by '; '")
    pmid: Text | None = Field(default=None, description="the PubMed number, in quotes")
    registration: Text | None = Field(default=None, description="the registry's number")
    design: Design = Field(description=f"one of {', '.join(repr(each.value) for each in Design)}")
    design_as_published: Text = Field(description="the design in the words of the base")
    disease: Text = Field(description="the disease")
    lineage: Lineage = Field(description="'myeloid', 'lymphoid', 'mixed' or 'other'")
    settings: tuple[Setting, ...] = Field(min_length=1, description=SETTINGS)
    setting_as_published: Text = Field(description="the setting in the words of the base")
    n: Count | None = Field(default=None, description="a whole number of patients, 1 or more")
    n_as_published: Text | None = Field(default=None, description="the number in the words of the base")
    ages: Text | None = Field(default=None, description="ages")
    accrual: Text | None = Field(default=None, description="when patients entered")
    follow_up: Text | None = Field(default=None, description="how long they were followed")
    gaps: tuple[Text, ...] = Field(default=(), description="a list of what no source at hand gives")


class Conflict(Section):
    """Numbers that contradict each other; both are kept."""

    what: Text = Field(description="what contradicts what, with both numbers")
    kept: Text | None = Field(default=None, description="which of them this base computes with, and why")
    sizes: tuple[Literal["n_treated", "n_control"], ...] = Field(
        default=(), description="a list of 'n_treated' and 'n_control', where hazard ratios are of more than their arms"
    )


class PublishedArm(Sourced):
    """One arm: what was given to how many.

    Attributes
    ----------
    regimen : str or None
        Text of the regimen language, or ``library:NAME``.
    missing : str or None
        What the sources do not say, so that the regimen cannot be written or cannot be run.
    """

    name: Text = Field(pattern=r"^[A-Za-z0-9_]+$", description="a name of letters, digits and '_'")
    role: Role = Field(description=f"one of {', '.join(repr(each.value) for each in Role)}")
    treatment: Text = Field(description="the treatment in words")
    settings: tuple[Setting, ...] = Field(
        default=(), description="a list of its settings, where they are not all of the study's"
    )
    product: Text | None = Field(default=None, description="the product of IL-2")
    regimen: Text | None = Field(default=None, description="a regimen's text or 'library:NAME', in quotes")
    missing: Text | None = Field(default=None, description="what is missing for the regimen to be computed")
    routes: tuple[Route, ...] = Field(default=(), description=ROUTES)
    dose_as_published: Text | None = Field(default=None, description="the dose in the words of the base")
    conversion: Text | None = Field(default=None, description="how the dose was converted")
    schedule_as_published: Text | None = Field(default=None, description="the schedule in the words of the base")
    beside: Text | None = Field(default=None, description="what was given beside it")
    n: Count | None = Field(default=None, description="a whole number of patients, 1 or more")
    started: int | None = Field(default=None, strict=True, ge=0, description="how many started, 0 or more")
    completed: int | None = Field(default=None, strict=True, ge=0, description="how many completed, 0 or more")
    counts_as_published: Text | None = Field(default=None, description="the counts in the words of the base")

    @model_validator(mode="after")
    def _il2_is_written_or_said_to_be_missing(self) -> "PublishedArm":
        if self.role.has_il2 and self.regimen is None and self.missing is None:
            raise KeyPathError(
                ("name",), "an arm with IL-2 needs the key 'regimen', or 'missing' with what is not known"
            )
        if self.n is not None:
            for key in ("started", "completed"):
                count = getattr(self, key)
                if count is not None and count > self.n:
                    raise KeyPathError((key,), f"{count} of {self.n}: give no more than the whole")
        return self

    def not_known(self) -> str | None:
        """Return what is missing for the regimen to be computed, here or in the library; None if nothing is."""
        if self.missing is not None or self.regimen is None:
            return self.missing
        if self.regimen.startswith(LIBRARY):
            return "; ".join(entry(self.regimen.removeprefix(LIBRARY)).missing) or None
        return None


class Reading(Sourced):
    """A number of one arm or of a comparison of arms; what is no number is kept in words."""

    arm: Text = Field(description=ARM)
    population: Text | None = Field(default=None, description="which patients, where not all")
    time: Text | None = Field(default=None, description="when")
    value: Amount | None = Field(default=None, description="a number")
    words: Text | None = Field(default=None, description="the value in words, where it is no number")
    lower: Number | None = Field(default=None, description="the lower 95 % limit")
    upper: Number | None = Field(default=None, description="the upper 95 % limit")
    p: Probability | None = Field(default=None, description="a p value from 0 to 1")
    p_as_printed: Text | None = Field(default=None, description="the p value in words, such as '<0.01'")
    events: int | None = Field(default=None, strict=True, ge=0, description="a whole number of patients with it")
    n: Count | None = Field(default=None, description="a whole number of patients, 1 or more")

    @model_validator(mode="after")
    def _says_something_consistent(self) -> "Reading":
        said = (self.value, self.words, self.p, self.p_as_printed, self.events)
        if all(each is None for each in said):
            raise KeyPathError(("arm",), "says nothing: give one of value, words, p, p_as_printed, events")
        if self.events is not None and self.n is not None and self.events > self.n:
            raise KeyPathError(("events",), f"{self.events} of {self.n}: give no more than the whole")
        check_limits(self.value, self.lower, self.upper)
        return self


class Measured(Reading):
    """A reading whose measure is named; a proportion is looked at against its own counts."""

    measure: Text = Field(description="what is given of it, such as 'proportion'")

    @model_validator(mode="after")
    def _a_proportion_is_its_counts(self) -> "Measured":
        if self.measure.startswith("proportion"):
            check_proportion(self.value, self.events, self.n)
        return self


class Outcome(Measured):
    """A clinical result other than a survival curve."""

    endpoint: Text = Field(description="the endpoint")


class CurvePoint(Sourced):
    """Survival probability at a time, or the time at which it is one half."""

    arm: Text = Field(description=ARM)
    endpoint: Text = Field(description="the endpoint")
    population: Text | None = Field(default=None, description="which patients, where not all")
    months: Positive | None = Field(default=None, description="months from the origin, a number above 0")
    time: Text | None = Field(default=None, description="when, where the months are not printed")
    origin: Text = Field(description="from when time is counted")
    survival: Probability = Field(description="a probability from 0 to 1")
    median: Flag = Field(default=False, description="true where the time is a printed median")
    lower: Probability | None = Field(default=None, description="the lower 95 % limit, from 0 to 1")
    upper: Probability | None = Field(default=None, description="the upper 95 % limit, from 0 to 1")
    se: Positive | None = Field(default=None, description="the standard error, above 0")
    n: Count | None = Field(default=None, description="a whole number of patients, 1 or more")

    @model_validator(mode="after")
    def _has_a_time_and_ordered_limits(self) -> "CurvePoint":
        if self.months is None and self.time is None:
            raise KeyPathError(("arm",), "no time: give 'months', or 'time' in words")
        check_limits(self.survival, self.lower, self.upper)
        return self


class Marker(Reading):
    """What happened to cells or molecules, and whether that went with the clinical effect."""

    marker: Text = Field(description="the marker")
    unit: Text | None = Field(default=None, description="the unit of value and baseline")
    baseline: NotNegative | None = Field(default=None, description="the value before treatment, 0 or more")
    with_clinical: Text | None = Field(default=None, description="whether it went with the clinical effect, in words")
    goes_with: GoesWith | None = Field(default=None, description="whether it did: 'yes', 'no' or 'partly'")
    judged_on: JudgedOn | None = Field(default=None, description="over 'patients' of the study, or the 'group'")

    @model_validator(mode="after")
    def _says_over_what_it_was_judged(self) -> "Marker":
        if (self.goes_with is None) != (self.judged_on is None):
            raise KeyPathError(("goes_with",), "give goes_with and judged_on together, or neither")
        return self


class Toxicity(Measured):
    """An adverse effect, or treatment that was not finished."""

    item: Text = Field(description="the toxicity")
    grade: Text | None = Field(default=None, description="the grade, in quotes")


class PublishedStudy(Section):
    """Everything the base holds of one study."""

    study: Identity = Field(description="a table [study]")
    sources: dict[Text, Work] = Field(min_length=1, description="tables [sources.NAME]")
    arms: tuple[PublishedArm, ...] = Field(default=(), description="a list of arms")
    effects: tuple[PublishedEffect, ...] = Field(default=(), description="a list of hazard ratios")
    outcomes: tuple[Outcome, ...] = Field(default=(), description="a list of results")
    curves: tuple[CurvePoint, ...] = Field(default=(), description="a list of survival probabilities")
    markers: tuple[Marker, ...] = Field(default=(), description="a list of markers")
    toxicities: tuple[Toxicity, ...] = Field(default=(), description="a list of toxicities")
    conflicts: tuple[Conflict, ...] = Field(default=(), description="a list of contradictions")
    risk_of_bias: RiskOfBias | None = Field(default=None, description="a table [risk_of_bias]")

    @model_validator(mode="after")
    def _names_only_what_is_there(self) -> "PublishedStudy":
        names = [arm.name for arm in self.arms]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise KeyPathError(("arms", index, "name"), f"{name!r} is the name of another arm: give each its own")
        for path, item in self._sourced():
            if item.source not in self.sources:
                known = ", ".join(self.sources)
                raise KeyPathError((*path, "source"), f"{item.source!r} is not among [sources]: known are {known}")
        for name, index, item in (*_numbered("arms", self.arms), *_numbered("effects", self.effects)):
            if not set(item.settings) <= set(self.study.settings):
                own = ", ".join(repr(each.value) for each in self.study.settings)
                raise KeyPathError((name, index, "settings"), f"give some of the study's, which are {own}")
        return self

    @model_validator(mode="after")
    def _compares_arms(self) -> "PublishedStudy":
        names = [arm.name for arm in self.arms]
        contradicted = {key for conflict in self.conflicts for key in conflict.sizes}
        for index, effect in enumerate(self.effects):
            for key in ("treated", "control"):
                name, n = getattr(effect, key), getattr(effect, f"n_{key}")
                if name not in names:
                    raise KeyPathError(("effects", index, key), f"no arm of that name: known are {', '.join(names)}")
                whole = self.arm(name).n or self.study.n
                if n is not None and whole is not None and n > whole and f"n_{key}" not in contradicted:
                    raise KeyPathError(
                        ("effects", index, f"n_{key}"),
                        f"{n:g}, and the arm has {whole}: give no more, or say under [[conflicts]] why there are more, "
                        f'with sizes = ["n_{key}"]',
                    )
            if effect.treated == effect.control:
                raise KeyPathError(
                    ("effects", index, "control"), f"{effect.control!r} is the treated arm too: give another arm"
                )
        return self

    @model_validator(mode="after")
    def _has_one_whole_effect_of_its_patients(self) -> "PublishedStudy":
        seen: set[tuple[object, ...]] = set()
        for index, each in enumerate(self.effects):
            whom = (each.endpoint, each.treated, each.control, each.settings, each.disease, each.lineage)
            if each.whole and whom in seen:
                raise KeyPathError(
                    ("effects", index, "population"),
                    f"{each.population!r}: a second {each.endpoint.value.upper()} of these arms would count the same "
                    "patients: write whole = false in one, or give each the settings or the disease of its patients",
                )
            if each.whole:
                seen.add(whom)
        return self

    @model_validator(mode="after")
    def _randomises_no_more_than_all(self) -> "PublishedStudy":
        whole, in_arms = self.study.n, sum(arm.n or 0 for arm in self.arms)
        if self.study.design is Design.RANDOMISED and whole is not None and in_arms > whole:
            raise KeyPathError(("study", "n"), f"{whole}, and the arms have {in_arms}: give all who were randomised")
        return self

    def _sourced(self) -> tuple[tuple[tuple[str | int, ...], Sourced], ...]:
        lists = ("arms", "effects", "outcomes", "curves", "markers", "toxicities")
        rows = (row for name in lists for row in _numbered(name, getattr(self, name)))
        return ((("study",), self.study), *(((name, index), item) for name, index, item in rows))

    def arm(self, name: str) -> PublishedArm:
        """Return the arm of a name that is known to be there."""
        return next(arm for arm in self.arms if arm.name == name)

    def settings_of(self, arm: str) -> tuple[Setting, ...]:
        """Return the settings of one arm: its own where it names them, else those of the study."""
        return self.arm(arm).settings or self.study.settings


def _numbered(name: str, items: tuple[Any, ...]) -> list[tuple[str, int, Any]]:
    """Return items with the list that they stand in and their places."""
    return [(name, index, item) for index, item in enumerate(items)]


def check_limits(value: float | None, lower: float | None, upper: float | None) -> None:
    """Refuse limits that are not on either side of their value."""
    if value is not None and lower is not None and lower > value:
        raise KeyPathError(("lower",), f"lower limit {lower:g} is above the value {value:g}")
    if value is not None and upper is not None and upper < value:
        raise KeyPathError(("upper",), f"upper limit {upper:g} is below the value {value:g}")


def check_proportion(value: float | None, events: int | None, n: int | None) -> None:
    """Refuse a proportion that its own counts contradict by more than rounding to full per cents."""
    if value is None or events is None or n is None:
        return
    if abs(value - events / n) > 0.0051:
        raise KeyPathError(
            ("value",),
            f"{value:g} is not {events} of {n} ({events / n:.3f}): mend one, or leave the counts out and "
            "say so under [[conflicts]]",
        )
