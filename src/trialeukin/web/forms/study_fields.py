"""The fields of a study file: what each key is called on the page, and what it shows of a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from trialeukin.model.whole import MODELS
from trialeukin.population.description import cohort_names, load_description
from trialeukin.regimen.library import LIBRARY, entry, names
from trialeukin.survival.many_to_one import Procedure
from trialeukin.trial.analysis_section import Allocation, Analysis, ComparisonTest
from trialeukin.trial.laboratory.catalogue import ASSAYS
from trialeukin.trial.study import MODEL, MOST_ARMS
from trialeukin.web.forms.field import Content, Field, Kind, Option, Path, id_of, shown

ENDPOINTS = tuple(
    Option(value=value, words=words)
    for value, words in (
        ("lfs, os", "leukaemia-free survival, then overall survival"),
        ("os, lfs", "overall survival, then leukaemia-free survival"),
        ("lfs", "leukaemia-free survival alone"),
        ("os", "overall survival alone"),
    )
)
OTHERS = "of composite, while on treatment, hypothetical"
YES_OR_NO = (Option(value="", words="no"), Option(value="true", words="yes"))
MOST_ROWS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list of tables within one, a row of fields each; the last row is free.

    Attributes
    ----------
    path : tuple of str
        Where the list is.
    legend : str
        Its words.
    rows : tuple of tuple of Field
        In order.
    """

    path: tuple[str, str]
    legend: str
    rows: tuple[tuple[Field, ...], ...]

    @property
    def id(self) -> str:
        """Its name in the page, where faults of the whole list are shown."""
        return id_of(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that belong together.

    Attributes
    ----------
    name, legend : str
        The table of the text, and its words.
    fields : tuple of Field
        In order.
    rows : Rows or None
        A list of tables beside them.
    note : str
        What the fields leave open.
    """

    name: str
    legend: str
    fields: tuple[Field, ...]
    rows: Rows | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFields:
    """The fields of an arm.

    Attributes
    ----------
    place : int
        Which arm, from zero.
    name, n, regimen : Field
        Its keys.
    control, compared : bool
        Whether it is the control, and whether it is compared with that.
    """

    place: int
    name: Field
    n: Field
    regimen: Field
    control: bool
    compared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFields:
    """Every field of a study.

    Attributes
    ----------
    before, after : tuple of Group
        The groups before the arms and after them.
    arms : tuple of ArmFields
        The arms.
    """

    before: tuple[Group, ...]
    arms: tuple[ArmFields, ...]
    after: tuple[Group, ...]

    @property
    def single(self) -> tuple[Field, ...]:
        """The fields of keys that are in tables of their own."""
        return tuple(field for group in (*self.before, *self.after) for field in group.fields)

    @property
    def every(self) -> tuple[Field, ...]:
        """All of them."""
        of_arms = [field for arm in self.arms for field in (arm.name, arm.n, arm.regimen)]
        return (*self.single, *of_arms, *(field for each in self.lists for row in each.rows for field in row))

    @property
    def lists(self) -> tuple[Rows, ...]:
        """The lists of tables that are rows of fields."""
        return tuple(group.rows for group in (*self.before, *self.after) if group.rows)

    def items(self) -> dict[str, str]:
        """Return what a browser sends of them when nothing was typed."""
        sent = {field.name: field.value for field in self.every}
        for arm in self.arms:
            sent |= {"control": str(arm.place)} if arm.control else {}
            sent |= {"compared": str(arm.place)} if arm.compared and len(self.arms) > 2 else {}
        return sent


def study_fields(content: Mapping[str, Any]) -> StudyFields:
    """Return the fields as they show a text's content, of whatever shape; a key that is not there shows its default."""
    return StudyFields(
        before=(_identity(content), _population(content)),
        arms=_arms(content),
        after=(
            _accrual(content),
            _follow_up(content),
            _analysis(content),
            _monitoring(content),
            _laboratory(content),
        ),
    )


def table(content: Mapping[str, Any], name: str) -> Content:
    """Return a table of the content; an empty one where it has none of that name."""
    found = content.get(name)
    return dict(found) if isinstance(found, Mapping) else {}


def tables(value: Any) -> list[Content]:
    """Return the tables of a list; none where it is no list of tables."""
    is_list = isinstance(value, list) and all(isinstance(each, Mapping) for each in value)
    return [dict(each) for each in value] if is_list else []


def _field(content: Mapping[str, Any], path: Path, label: str, kind: Kind, **more: Any) -> Field:
    usual = more.pop("usual", None)
    value = table(content, str(path[0])).get(str(path[1]), usual)
    return Field(path=path, label=label, kind=kind, value=shown(value), **more)


def _identity(content: Mapping[str, Any]) -> Group:
    def field(key: str, label: str, hint: str = "", kind: Kind = Kind.LINE) -> Field:
        return _field(content, ("study", key), label, kind, hint=hint, width="half")

    return Group(
        name="study",
        legend="Study",
        fields=(
            field("name", "Short name", "a-z, 0-9, '.' and '-'"),
            field("title", "Title"),
            field("question", "Question, in one sentence", kind=Kind.AREA),
            field("source", "Source: publications, or a plan", kind=Kind.AREA),
            field("registration", "Registration number", "may be empty"),
        ),
    )


def _population(content: Mapping[str, Any]) -> Group:
    models = tuple(Option(value=name, words=name) for name in MODELS)
    return Group(
        name="population",
        legend="Population",
        fields=(
            _field(
                content, ("population", "cohort"), "Disease, setting and patients", Kind.CHOICE, options=_cohorts(),
                width="half",
            ),
            _field(content, ("population", "model"), "Model", Kind.CHOICE, options=models, usual=MODEL),
            _field(
                content, ("population", "start_after_days"), "Days from randomisation to start", Kind.NUMBER,
                width="narrow",
            ),
        ),
        note="A cohort says which leukaemia, in which setting, and how old, large and at what risk its patients are; "
        "see below. The mix of subtypes is the cohort's, since a study file names one cohort.",
    )  # fmt: skip


@cache
def _cohorts() -> tuple[Option, ...]:
    return tuple(Option(value=name, words=f"{name}: {load_description(name).cohort.title}") for name in cohort_names())


@cache
def library() -> tuple[Option, ...]:
    """Return the regimens of the library, to choose from."""
    return tuple(Option(value=f"{LIBRARY}{name}", words=f"{name}: {entry(name).title}") for name in names())


def _arms(content: Mapping[str, Any]) -> tuple[ArmFields, ...]:
    arms = tables(content.get("arms"))[:MOST_ARMS]
    named = table(content, "analysis").get("treatment")
    others = [place for place, arm in enumerate(arms) if arm.get("control") is not True]
    compared = next((place for place in others if arms[place].get("name") == named), others[0] if others else -1)

    def field(place: int, key: str, label: str, kind: Kind, **more: Any) -> Field:
        path = ("arms", place, key)
        return Field(path=path, label=label, kind=kind, value=shown(arms[place].get(key)), **more)

    return tuple(
        ArmFields(
            place=place,
            name=field(place, "name", "Name", Kind.LINE),
            n=field(place, "n", "Patients", Kind.NUMBER, width="narrow"),
            regimen=field(place, "regimen", "Regimen; empty for observation", Kind.AREA),
            control=arm.get("control") is True,
            compared=place == compared,
        )
        for place, arm in enumerate(arms)
    )


def _rows(content: Mapping[str, Any], path: tuple[str, str], legend: str, labels: Mapping[str, str]) -> Rows:
    given = tables(table(content, path[0]).get(path[1]))[:MOST_ROWS]

    def field(place: int, key: str) -> Field:
        value = given[place].get(key) if place < len(given) else None
        label = f"{place + 1}: {labels[key]}"
        return Field(path=(*path, place, key), label=label, kind=Kind.NUMBER, value=shown(value), width="narrow")

    rows = tuple(tuple(field(place, key) for key in labels) for place in range(len(given) + 1))
    return Rows(path=path, legend=legend, rows=rows)


def _accrual(content: Mapping[str, Any]) -> Group:
    months = _field(content, ("accrual", "months"), "Accrual period, months", Kind.NUMBER, width="narrow")
    rate = Field(
        path=("rate",), label="or accrual rate, patients a month", kind=Kind.NUMBER, value="", width="narrow",
        hint="filled in, it sets the months",
    )  # fmt: skip
    return Group(
        name="accrual",
        legend="Accrual",
        fields=(months, rate),
        rows=_rows(
            content,
            ("accrual", "pace"),
            "Pace, if patients do not enter evenly; the last stretch ends with the accrual",
            {"relative_rate": "relative rate", "until_months": "until month"},
        ),
        note="How many enter is said by the arms; of rates only their proportions count.",
    )


def _follow_up(content: Mapping[str, Any]) -> Group:
    def field(key: str, label: str, hint: str = "") -> Field:
        return _field(content, ("follow_up", key), label, Kind.NUMBER, hint=hint, width="narrow")

    return Group(
        name="follow_up",
        legend="Follow-up",
        fields=(
            field("after_last_entry_months", "From last entry to analysis, months"),
            field("horizon_months", "Longest follow-up of a patient, months"),
            field("drop_out_per_year", "Drop-out, fraction a year", "0 to below 1"),
        ),
        rows=_rows(
            content,
            ("follow_up", "examinations"),
            "Marrow examinations; an empty row is left out",
            {"every_months": "every so many months", "until_months": "until month"},
        ),
    )


def _analysis(content: Mapping[str, Any]) -> Group:
    def field(key: str, label: str, kind: Kind, **more: Any) -> Field:
        usual = _usual(Analysis.model_fields[key].default)
        return _field(content, ("analysis", key), label, kind, usual=usual, **more)

    tests = tuple(Option(value=test.value, words=f"{test.value} test") for test in ComparisonTest)
    procedures = tuple(Option(value=each.value, words=each.words) for each in Procedure)
    allocations = tuple(Option(value=each.value, words=each.value) for each in Allocation)
    return Group(
        name="analysis",
        legend="Endpoints and test",
        fields=(
            field("endpoints", "Endpoints, the primary one first", Kind.CHOSEN_WORDS, options=ENDPOINTS, width="half"),
            field("test", "Test", Kind.CHOICE, options=tests),
            field("alpha", "Two-sided alpha", Kind.NUMBER, width="narrow"),
            field("milestones_months", "Survival milestones, months", Kind.NUMBERS),
            field("stratify_by", "Stratified by", Kind.WORDS, hint="such as favourable_risk"),
            field("randomisation", "Randomisation", Kind.CHOICE, options=allocations),
            field("block", "Block size", Kind.NUMBER, hint="empty for twice the arms", width="narrow"),
            field(
                "multiplicity",
                "Tests of several treatments",
                Kind.CHOICE,
                options=(Option(value="", words="adjusted by Holm's procedure, where there are several"), *procedures),
                width="half",
            ),
            field(
                "subgroups",
                "Subgroups",
                Kind.WORDS,
                hint="such as monocytic, age >= 50; empty for all covariates",
                width="half",
            ),
            field("estimands", "Other estimands", Kind.WORDS, hint=OTHERS, width="half"),
        ),
        note="The comparison is that of intention to treat (treatment policy): refusals, dose rules and early stops "
        "are written in the regimen and are part of what is compared; other estimands are shown beside it.",
    )


def _monitoring(content: Mapping[str, Any]) -> Group:
    def field(key: str, label: str, kind: Kind, **more: Any) -> Field:
        return _field(content, ("monitoring", key), label, kind, **more)

    return Group(
        name="monitoring",
        legend="Interim analyses (all empty for none)",
        fields=(
            field(
                "looks",
                "Analyses at fractions of the events",
                Kind.NUMBERS,
                hint="such as 0.5, 0.75, 1",
                width="half",
            ),
            field("events", "Events at the final analysis", Kind.NUMBER, hint="empty: as the trials see them"),
            field(
                "spending",
                "Alpha spending (efficacy)",
                Kind.LINE,
                hint="obf if empty; pocock, hsd:-4, power:3, wang-tsiatis:0",
            ),
            field(
                "futility", "Beta spending (futility)", Kind.LINE, hint="empty for none; obf, pocock, hsd:-2, power:2"
            ),
            field("binding", "Futility binding", Kind.FLAG, options=YES_OR_NO),
            field("power", "Power, 1 − beta", Kind.NUMBER, hint="0.9 if empty", width="narrow"),
            field("delay_months", "From data to decision, months", Kind.NUMBER, hint="0 if empty", width="narrow"),
        ),
        note="Of the primary endpoint, one-sided at half of alpha; only a benefit is claimed. Futility spends beta.",
    )


def _laboratory(content: Mapping[str, Any]) -> Group:
    def field(key: str, label: str, kind: Kind, hint: str = "", width: str = "") -> Field:
        return _field(content, ("laboratory", key), label, kind, hint=hint, width=width)

    known = ", ".join(each.name for each in ASSAYS)
    return Group(
        name="laboratory",
        legend="Laboratory (all empty for none)",
        fields=(
            field("tests", "Tests, with commas between", Kind.WORDS, f"of {known}", "half"),
            field("days", "Sampling days of the regimen", Kind.NUMBERS, "1 is its first, 0 the day before", "half"),
            field("window_days", "Visit window, ± days", Kind.NUMBER, width="narrow"),
            field("missing", "Fraction missing", Kind.NUMBER, width="narrow"),
        ),
    )


def _usual(value: Any) -> Any:
    """Return a default as a text would say it."""
    if isinstance(value, tuple):
        return [_usual(each) for each in value]
    return value.value if isinstance(value, Enum) else value
