"""Which studies of the base a pool takes, and why it does not take the others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from pydantic import Field

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.overlaps import refuse_overlap
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.vocabulary import Design, Lineage, Role, Setting, Sign
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.section import Section, Text
from trialeukin.trial.toml_model import model_from_text

FILE = "pools.toml"
EXCLUDED = "excluded as asked"
NOT_OF_PATIENTS = {Design.POOLED: "a pooled result", Design.POST_HOC: "a post hoc analysis of another study"}
Step = tuple[Callable[["Taken"], bool], Callable[[list["Taken"]], str]]


class PublishedPool(Section):
    """The pooled result that a paper printed of the same trials."""

    study: Text = Field(description="the study of the base that holds it")
    population: Text = Field(description="the population of that effect")


class PoolDefinition(Section):
    """A pool that is asked for by name."""

    name: Text = Field(description="a short name")
    title: Text = Field(description="what is pooled")
    role: Role = Field(description="the treated arm's role")
    members: tuple[Text, ...] = Field(min_length=1, description="a list of studies")
    published: PublishedPool | None = Field(default=None, description="the published pool of the same trials")


class PoolDefinitions(Section):
    """All pools with a name."""

    pools: tuple[PoolDefinition, ...] = Field(min_length=1, description="a list of pools")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A study and the one effect of it that is pooled."""

    study: PublishedStudy
    effect: PublishedEffect

    @property
    def name(self) -> str:
        """The study's name."""
        return self.study.study.id

    @property
    def role(self) -> Role:
        """What the treated arm is."""
        return self.study.arm(self.effect.treated).role

    @property
    def comparator(self) -> Role:
        """What the arm is that it is compared with."""
        return self.study.arm(self.effect.control).role

    @property
    def lineage(self) -> Lineage:
        """The lineage of the patients whose effect it is."""
        return self.effect.lineage or self.study.study.lineage

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The settings of the patients whose effect it is."""
        return self.effect.settings or self.study.settings_of(self.effect.treated)

    @property
    def disease(self) -> str:
        """The disease of the patients whose effect it is."""
        return self.effect.disease or self.study.study.disease


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a pool takes where no name is given; None takes all.

    Attributes
    ----------
    role, comparator : Role
        Of the treated arm, and of the arm that it is compared with.
    design : Design
        Of the study.
    lineage, setting : Lineage or None, Setting or None
        Of the patients whose effect is taken.
    disease : NamedDisease or None
        As the study's file names it.
    """

    role: Role = Role.IL2
    comparator: Role = Role.CONTROL
    design: Design = Design.RANDOMISED
    lineage: Lineage | None = None
    setting: Setting | None = None
    disease: NamedDisease | None = None

    @property
    def words(self) -> str:
        """What is asked for, such as ``IL-2, myeloid, first remission``."""
        versus = "" if self.comparator is Role.CONTROL else f" v {self.comparator.label}"
        asked = (
            f"{self.role.label}{versus}",
            "" if self.design is Design.RANDOMISED else self.design.value,
            self.lineage and self.lineage.value,
            self.setting and self.setting.label,
            self.disease and self.disease.value,
        )
        return ", ".join(each for each in asked if each)

    def against(self, study: PublishedStudy) -> str | None:
        """Return why a study is not asked for, whatever its effects; None where it may be."""
        about = study.study
        if about.design in NOT_OF_PATIENTS:
            return NOT_OF_PATIENTS[about.design]
        if self.setting is not None and self.setting not in about.settings:
            return f"not {self.setting.label}"
        names = (about.disease, *(each.disease or "" for each in study.effects))
        if self.disease is not None and not any(map(self.disease.is_named_in, names)):
            return f"{self.disease.value!r} is not in the name of its disease"
        return None

    def effect_of(self, study: PublishedStudy, endpoint: Endpoint) -> Taken | str:
        """Return the effect of a study that is pooled, or why there is none."""
        left = [Taken(study=study, effect=each) for each in study.effects if each.endpoint is endpoint]
        ratio = f"hazard ratio of {endpoint.value.upper()}"
        if not left:
            return f"no {ratio} printed or to be solved for"
        if study.study.design is not self.design:
            return f"{study.study.design.value}, not {self.design.value}"
        for is_asked, why in self._steps(ratio):
            passed = [each for each in left if is_asked(each)]
            if not passed:
                return why(left)
            left = passed
        if len(left) > 1:
            populations = "; ".join(f"{each.effect.treated}, {each.effect.population}" for each in left)
            return f"more than one {ratio} ({populations}), and a pool takes one of a study"
        return left[0]

    def _steps(self, ratio: str) -> list[Step]:
        """Return what an effect has to be, one after the other, and what is said where none is."""
        setting, lineage, disease = self.setting, self.lineage, self.disease
        steps: list[Step] = [
            (
                lambda each: each.role is self.role,
                lambda left: f"its treated arm is {_either(each.role.label for each in left)}, not {self.role.label}",
            ),
            (
                lambda each: each.comparator is self.comparator,
                lambda left: (
                    f"its control arm is {_either(each.comparator.label for each in left)}, not {self.comparator.label}"
                ),
            ),
            (
                lambda each: each.effect.whole and each.effect.se is not None,
                lambda _: "only of a subgroup, of another population, or without a standard error",
            ),
        ]
        if disease is not None:
            steps.append(
                (
                    lambda each: disease.is_named_in(each.disease),
                    lambda left: (
                        f"no {ratio} in {disease.value}: its own is in {_either(each.disease for each in left)}"
                    ),
                )
            )
        if setting is not None:
            steps.append(
                (
                    lambda each: setting in each.settings,
                    lambda left: (
                        f"no {ratio} in {setting.label}: its own is in "
                        f"{_either(' and '.join(one.label for one in each.settings) for each in left)}"
                    ),
                )
            )
        if lineage is not None:
            steps.append(
                (
                    lambda each: each.lineage is lineage,
                    lambda left: f"{_either(each.lineage.value for each in left)}, not {lineage.value}",
                )
            )
        return steps


def _either(words: Iterable[str]) -> str:
    """Return words, each once, with ``or`` between them."""
    return " or ".join(dict.fromkeys(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The studies of a pool.

    Attributes
    ----------
    endpoint : Endpoint
        What is pooled.
    taken : tuple of Taken
        Those with an effect whose sign is known.
    unsigned : tuple of Taken
        Those with an effect of unknown sign, which only sensitivity analyses take, with both.
    left_out : tuple of (study, reason)
        All others that were looked at.
    """

    endpoint: Endpoint
    taken: tuple[Taken, ...]
    unsigned: tuple[Taken, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def design(self) -> Design:
        """How those taken were made, which is one way for all of a pool."""
        return self.taken[0].study.study.design

    @property
    def excluded(self) -> tuple[str, ...]:
        """Those left out because they were not wanted."""
        return tuple(name for name, why in self.left_out if why == EXCLUDED)

    @property
    def without_sign(self) -> tuple[tuple[str, str], ...]:
        """Those of unknown sign with the reason why a pool does not take them."""
        return tuple((each.name, "the sign of its hazard ratio is not known") for each in self.unsigned)

    def effects(self, sign_of_unsigned: float | None = None) -> Effects:
        """Return log hazard ratios; with a sign, those of unknown sign stand behind the others.

        Raises
        ------
        AnalysisError
            When none is left.
        """
        rows = [(each.name, each.effect, 1.0) for each in self.taken]
        if sign_of_unsigned is not None:
            rows += [(each.name, each.effect, sign_of_unsigned) for each in self.unsigned]
        return Effects(
            labels=tuple(name for name, _, _ in rows),
            estimates=np.array([sign * effect.log_hazard_ratio for _, effect, sign in rows]),
            variances=np.array([(effect.se or np.nan) ** 2 for _, effect, _ in rows]),
        )


@cache
def named_pools() -> Mapping[str, PoolDefinition]:
    """Return the pools with a name."""
    text = resources.files("trialeukin.evidence").joinpath(FILE).read_text(encoding="utf-8")
    return {each.name: each for each in model_from_text(PoolDefinitions, text, name=FILE).pools}


def named_pool(name: str) -> PoolDefinition:
    """Return one pool by its name.

    Raises
    ------
    AnalysisError
        When there is none of that name.
    """
    if name not in named_pools():
        known = ", ".join(named_pools())
        raise AnalysisError(f"no pool {name!r}: there are {known}{did_you_mean(name, named_pools())}")
    return named_pools()[name]


def members_of(studies: Mapping[str, PublishedStudy], names: tuple[str, ...]) -> Mapping[str, PublishedStudy]:
    """Return the studies of these names, in their order.

    Raises
    ------
    AnalysisError
        When a study is not in the base, or named twice.
    """
    for name in names:
        if name not in studies:
            raise AnalysisError(f"no study {name!r} in the base{did_you_mean(name, studies)}")
        if names.count(name) > 1:
            raise AnalysisError(f"{name} is named twice: a study counts once in a pool")
    return {name: studies[name] for name in names}


def select(
    studies: Mapping[str, PublishedStudy],
    endpoint: Endpoint,
    criteria: Criteria,
    exclude: tuple[str, ...] = (),
) -> Selection:
    """Return the studies whose effect on an endpoint a pool takes.

    Raises
    ------
    AnalysisError
        When two of those taken count the same patients.
    """
    taken: list[Taken] = []
    left_out: list[tuple[str, str]] = []
    for name, study in studies.items():
        why = EXCLUDED if name in exclude else criteria.against(study)
        found = why or criteria.effect_of(study, endpoint)
        if isinstance(found, Taken):
            taken.append(found)
        else:
            left_out.append((name, found))
    refuse_overlap(each.name for each in taken)
    return Selection(
        endpoint=endpoint,
        taken=tuple(each for each in taken if each.effect.sign is Sign.KNOWN),
        unsigned=tuple(each for each in taken if each.effect.sign is Sign.UNKNOWN),
        left_out=tuple(left_out),
    )


def by_reason(left_out: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return a line a reason with the studies that it is of, the reason of most studies last."""
    names: dict[str, list[str]] = {}
    for name, reason in left_out:
        names.setdefault(reason, []).append(name)
    lines = sorted(names.items(), key=lambda each: len(each[1]))
    return tuple(
        f"{reason}: {', '.join(found)}" if len(found) == 1 else f"{reason} ({len(found)}): {', '.join(found)}"
        for reason, found in lines
    )
