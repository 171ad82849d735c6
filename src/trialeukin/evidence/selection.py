"""Which studies of the base a pool takes, and why it does not take the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from pydantic import Field

from trialeukin.core.errors import AnalysisError
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
NOT_OF_PATIENTS = {Design.POOLED: "a pooled result", Design.POST_HOC: "a post hoc analysis of another study"}


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
class Criteria:
    """What a pool takes where no name is given; None takes all.

    Attributes
    ----------
    role : Role
        Of the treated arm.
    lineage, setting : Lineage or None, Setting or None
        Of the study.
    disease : str or None
        A word that the disease holds, in any case.
    """

    role: Role = Role.IL2
    lineage: Lineage | None = None
    setting: Setting | None = None
    disease: str | None = None

    @property
    def words(self) -> str:
        """What is asked for, such as ``IL-2, myeloid, first remission``."""
        lineage, setting = self.lineage, self.setting
        asked = (self.role.label, lineage and lineage.value, setting and setting.label, self.disease)
        return ", ".join(each for each in asked if each)

    def against(self, study: PublishedStudy) -> str | None:
        """Return why a study is not asked for; None where it is."""
        about = study.study
        if about.design in NOT_OF_PATIENTS:
            return NOT_OF_PATIENTS[about.design]
        if self.setting is not None and self.setting not in about.settings:
            return f"not {self.setting.label}"
        if self.disease is not None and self.disease.casefold() not in about.disease.casefold():
            return f"{self.disease!r} is not in the name of its disease"
        return None


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
    def lineage(self) -> Lineage:
        """The lineage of the patients whose effect it is."""
        return self.effect.lineage or self.study.study.lineage


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
        When two of those taken count the same patients, or one has several effects to choose from.
    """
    taken: list[Taken] = []
    left_out: list[tuple[str, str]] = []
    for name, study in studies.items():
        why = "excluded as asked" if name in exclude else criteria.against(study)
        found = None if why is not None else _effect_of(study, endpoint, criteria.role)
        one = Taken(study=study, effect=found) if isinstance(found, PublishedEffect) else None
        if one is None:
            left_out.append((name, str(why or found)))
        elif criteria.lineage is not None and one.lineage is not criteria.lineage:
            left_out.append((name, f"{one.lineage.value}, not {criteria.lineage.value}"))
        else:
            taken.append(one)
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


def _effect_of(study: PublishedStudy, endpoint: Endpoint, role: Role) -> PublishedEffect | str:
    """Return the effect of a study that is pooled, or why there is none."""
    of_endpoint = [each for each in study.effects if each.endpoint is endpoint]
    if not of_endpoint:
        return f"no hazard ratio of {endpoint.value.upper()} printed or to be solved for"
    right = [each for each in of_endpoint if study.arm(each.treated).role is role]
    if not right:
        there = dict.fromkeys(study.arm(each.treated).role.label for each in of_endpoint)
        return f"its treated arm is {' or '.join(there)}, not {role.label}"
    whole = [each for each in right if each.whole and each.se is not None]
    if not whole:
        return "only of a subgroup, of another population, or without a standard error"
    if len(whole) > 1:
        populations = "; ".join(each.population for each in whole)
        raise AnalysisError(
            f"{study.study.id} has {len(whole)} effects of {endpoint.value.upper()} ({populations}): "
            "they count the same patients; leave it out (--exclude)"
        )
    return whole[0]
