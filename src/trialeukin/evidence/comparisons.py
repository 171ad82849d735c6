"""Myeloid or lymphoid, remission or refractory, monocytic or not: what was published and what the model says.

Each side has the pooled published answer with its k, or the statements of papers where they print no number, and
the frozen predictions of the model under every structure; where the model cannot follow a side, the reason stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.frozen import FrozenPrediction, Measure, latest
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.meta_regression import Subgroups, subgroups
from trialeukin.evidence.overlaps import overlaps, refuse_overlap
from trialeukin.evidence.pooling import Pooled, pool
from trialeukin.evidence.published_study import Outcome, PublishedStudy
from trialeukin.evidence.selection import Criteria, named_pool, select
from trialeukin.evidence.single_group import ProportionScale, proportions
from trialeukin.evidence.synthesis import Method, synthesis, synthesis_of_pool
from trialeukin.evidence.vocabulary import Lineage, Setting
from trialeukin.population.description import Disease
from trialeukin.population.settings import settings
from trialeukin.trial.endpoint import Endpoint

REMISSION_POOL, PREDICTED_POOL = "aml-cr1-all", "aml-cr1-ipd"
# the largest first: of overlapping series the first is pooled
REFRACTORY = ("MARANINCHI1998", "MELONI1997", "LIM1992", "FOA1991", "HDIL2_RELAPSE1991")
COMPLETE = ("CR rate", "response")
SUBTYPES, SUBTYPE_OF = "AURELIUS2012", "BRUNE2006"


class Question(Enum):
    """What is compared."""

    LINEAGE = "myeloid or lymphoid"
    REMISSION = "remission or refractory"
    MONOCYTIC = "monocytic or not"


class Scale(Enum):
    """What a pooled answer is the logarithm or the logit of."""

    RATIO = "hazard ratio of leukaemia-free survival"
    SHARE = "share in remission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of both groups.

    Attributes
    ----------
    name : str
        Which patients.
    scale : Scale
        Of the pooled answer and of the predictions.
    pooled : Pooled or None
        The published answer on the scale's own line; None where no paper prints a number.
    statements : tuple of (study, words)
        What papers say beside it.
    predictions : tuple of FrozenPrediction
        Of the model, under every structure.
    no_model : str
        Why there is no prediction; empty where there is.
    """

    name: str
    scale: Scale
    pooled: Pooled | None
    statements: tuple[tuple[str, str], ...]
    predictions: tuple[FrozenPrediction, ...]
    no_model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both sides of a question.

    Attributes
    ----------
    question : Question
        What is compared.
    sides : (Side, Side)
        The groups.
    test : Subgroups or None
        Of their published difference.
    not_tested : str
        Why there is none.
    """

    question: Question
    sides: tuple[Side, Side]
    test: Subgroups | None
    not_tested: str = ""


def comparisons(
    studies: Mapping[str, PublishedStudy], predictions: Iterable[FrozenPrediction]
) -> tuple[Comparison, ...]:
    """Return all three comparisons from the base and the frozen predictions."""
    newest = latest(predictions)
    return _by_lineage(studies, newest), _by_remission(studies, newest), _by_subtype(studies, newest)


def _in_remission(studies: Mapping[str, PublishedStudy], newest: tuple[FrozenPrediction, ...], name: str) -> Side:
    found = synthesis_of_pool(studies, named_pool(REMISSION_POOL), Endpoint.LFS, Method())
    return Side(
        name=name,
        scale=Scale.RATIO,
        pooled=found.pooled,
        statements=tuple((each.words, f"HR {np.exp(each.pooled.estimate):.2f}") for each in found.sensitivity),
        predictions=tuple(each for each in newest if each.of == PREDICTED_POOL),
    )


def _by_lineage(studies: Mapping[str, PublishedStudy], newest: tuple[FrozenPrediction, ...]) -> Comparison:
    asked = Criteria(lineage=Lineage.LYMPHOID, disease=NamedDisease.ALL, setting=Setting.FIRST_REMISSION)
    lymphoid = synthesis("lymphoid", select(studies, Endpoint.LFS, asked), Method()).pooled
    unknown = [each for each in settings() if each.disease is Disease.ALL and not each.models]
    myeloid = _in_remission(studies, newest, "myeloid: AML in first remission")
    both = (myeloid.pooled, lymphoid)
    return Comparison(
        question=Question.LINEAGE,
        sides=(
            myeloid,
            Side(
                name="lymphoid: ALL in first remission",
                scale=Scale.RATIO,
                pooled=lymphoid,
                statements=tuple((each.name, each.known) for each in unknown),
                predictions=(),
                no_model="; ".join(f"not known: {each.missing}" for each in unknown),
            ),
        ),
        test=_difference(tuple(each for each in both if each is not None)),
    )


def _difference(pools: tuple[Pooled, ...]) -> Subgroups:
    """Return the test between pools of different studies."""
    labels = tuple(label for each in pools for label in each.effects.labels)
    refuse_overlap(labels)
    effects = Effects(
        labels=labels,
        estimates=np.concatenate([each.effects.estimates for each in pools]),
        variances=np.concatenate([each.effects.variances for each in pools]),
    )
    groups = [str(place) for place, each in enumerate(pools) for _ in each.effects.labels]
    return subgroups(effects, groups, BetweenMethod.RESTRICTED_LIKELIHOOD)


def _by_remission(studies: Mapping[str, PublishedStudy], newest: tuple[FrozenPrediction, ...]) -> Comparison:
    pooled: list[str] = []
    statements: list[tuple[str, str]] = []
    for name in REFRACTORY:
        statements += [(name, words) for words in _remissions(studies[name])[2]]
        apart = _why_apart(studies[name], pooled)
        if apart is None:
            pooled.append(name)
        else:
            statements.append((name, f"not pooled: {apart}"))
    refuse_overlap(pooled)
    events, sizes, _ = zip(*(_remissions(studies[name]) for name in pooled), strict=True)
    counts = (tuple(pooled), np.array(events, dtype=float), np.array(sizes, dtype=float))
    shares = pool(proportions(*counts, ProportionScale.LOGIT), BetweenMethod.RESTRICTED_LIKELIHOOD)
    return Comparison(
        question=Question.REMISSION,
        sides=(
            _in_remission(studies, newest, "in first remission (AML, IL-2 alone v none)"),
            Side(
                name="refractory or in relapse (AML, IL-2 alone, no control arm)",
                scale=Scale.SHARE,
                pooled=shares,
                statements=tuple(statements),
                predictions=tuple(
                    each for each in newest if each.of in REFRACTORY and each.measure is Measure.REMISSIONS
                ),
            ),
        ),
        test=None,
        not_tested="a hazard ratio over no IL-2 and a share without a control arm are of different questions",
    )


def _remission_rows(study: PublishedStudy) -> list[Outcome]:
    return [row for row in study.outcomes if row.endpoint.startswith(COMPLETE) and row.events is not None and row.n]


def _remissions(study: PublishedStudy) -> tuple[int, int, tuple[str, ...]]:
    """Return complete remissions and patients of a series, all its groups together, with the words of each."""
    rows = _remission_rows(study)
    words = tuple(f"{row.events} of {row.n}{f' ({row.population})' if row.population else ''}" for row in rows)
    return sum(row.events or 0 for row in rows), sum(row.n or 0 for row in rows), words


def _why_apart(study: PublishedStudy, pooled: Iterable[str]) -> str | None:
    """Return why a series is not pooled with others: other patients among its own, or theirs; None where it is."""
    counted = {each for row in _remission_rows(study) for each in study.settings_of(row.arm)} - {Setting.ACTIVE}
    if counted:
        others = " and ".join(sorted(each.label for each in counted))
        return f"it counts patients in {others} with those whose disease is active"
    shared = ((other, overlaps().reason(study.study.id, other)) for other in pooled)
    return next((f"it overlaps {other} ({reason})" for other, reason in shared if reason is not None), None)


def _by_subtype(studies: Mapping[str, PublishedStudy], newest: tuple[FrozenPrediction, ...]) -> Comparison:
    said = {row.population: row.words or "" for row in studies[SUBTYPES].outcomes}
    sides = [
        Side(
            name=name,
            scale=Scale.RATIO,
            pooled=None,
            statements=((SUBTYPES, f"{population}: {said[population]}"),),
            predictions=tuple(each for each in newest if (each.of, each.population) == (SUBTYPE_OF, predicted)),
        )
        for name, population, predicted in (
            ("monocytic: histamine with IL-2 v none", "FAB M4/M5", "FAB M4/M5"),
            ("not monocytic: histamine with IL-2 v none", "FAB M2", "not FAB M4/M5"),
        )
    ]
    return Comparison(
        question=Question.MONOCYTIC,
        sides=(sides[0], sides[1]),
        test=None,
        not_tested="no hazard ratio by subtype is printed; of IL-2 alone, BUYSE2011 saw no interaction with subtype",
    )
