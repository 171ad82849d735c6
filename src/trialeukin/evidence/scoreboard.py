r"""Frozen predictions against published results, misses included, each with the score of a null.

A log hazard ratio y of standard error s is scored by the logarithm of its predictive density, the law of the frozen
median and limits (parameters, patients and the trial's chance) that discounts take too (`split_normal`); the null, no
effect for certain, is a normal about zero with spread s. A count of remissions is scored by the logarithm of its
predicted chance; the null is any share alike, 1/(n + 1) each count. Higher is better.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy.stats import norm

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.frozen import FrozenPrediction, Measure
from trialeukin.evidence.overlaps import overlaps
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import named_pools
from trialeukin.evidence.vocabulary import Sign
from trialeukin.regimen.suggest import did_you_mean

SMALLEST_CHANCE = 1e-5  # predicted chances are kept to five digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published result in numbers.

    Attributes
    ----------
    words : str
        As a table shows it.
    value : float
        Log hazard ratio, or the number of remissions.
    standard_error : float
        Of a log hazard ratio; zero of a count.
    """

    words: str
    value: float
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One prediction beside its result.

    Attributes
    ----------
    prediction : FrozenPrediction
        What was said.
    published : Published or None
        What was found; None where no number is at hand.
    inside : bool or None
        Whether the predicted 95 % hold it.
    model, null : float or None, 1
        Logarithms of the predictive densities, of the model and of the null.
    """

    prediction: FrozenPrediction
    published: Published | None
    inside: bool | None
    model: float | None
    null: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Scores of one structure and one kind of result, added up over studies that share no patients."""

    structure: str
    what: str
    judged: int
    inside: int
    model: float
    null: float


def scoreboard(predictions: Iterable[FrozenPrediction], studies: Mapping[str, PublishedStudy]) -> tuple[Score, ...]:
    """Return every prediction beside its published result.

    Raises
    ------
    AnalysisError
        When a prediction is of a study or pool that is not there.
    """
    return tuple(_score(each, published_result(each, studies)) for each in predictions)


def published_result(prediction: FrozenPrediction, studies: Mapping[str, PublishedStudy]) -> Published | None:
    """Return the published number that a prediction is of; None where none is at hand."""
    effects = _effects(prediction, studies)
    if prediction.measure is Measure.REMISSIONS:
        study = studies[prediction.of]
        for row in study.outcomes:
            asked = (row.population or "all") == prediction.population and row.n == prediction.n
            if asked and row.events is not None:
                return Published(words=f"{row.events} of {row.n}", value=float(row.events), standard_error=0.0)
        return None
    for effect in effects:
        if effect.endpoint is prediction.endpoint and effect.population == prediction.population:
            if effect.sign is Sign.UNKNOWN or effect.se is None:
                return None
            low, high = (math.exp(effect.log_hazard_ratio + side * norm.ppf(0.975) * effect.se) for side in (-1, 1))
            words = f"{math.exp(effect.log_hazard_ratio):.2f} ({low:.2f} to {high:.2f})"
            return Published(words=words, value=effect.log_hazard_ratio, standard_error=effect.se)
    return None


def _effects(prediction: FrozenPrediction, studies: Mapping[str, PublishedStudy]) -> tuple[PublishedEffect, ...]:
    if prediction.of in studies:
        return studies[prediction.of].effects
    pool = named_pools().get(prediction.of)
    if pool is None:
        hint = did_you_mean(prediction.of, (*studies, *named_pools()))
        raise AnalysisError(f"prediction of {prediction.of!r}: no such study or pool{hint}")
    if pool.published is None:
        return ()
    return tuple(
        effect.model_copy(update={"population": prediction.population})
        for effect in studies[pool.published.study].effects
        if effect.population == pool.published.population
    )


def _score(prediction: FrozenPrediction, published: Published | None) -> Score:
    if published is None:
        return Score(prediction=prediction, published=None, inside=None, model=None, null=None)
    if prediction.measure is Measure.REMISSIONS:
        chances = prediction.chances or ()
        share = published.value / prediction.n
        return Score(
            prediction=prediction,
            published=published,
            inside=prediction.lower <= share <= prediction.upper,
            model=math.log(max(chances[int(published.value)], SMALLEST_CHANCE)),
            null=-math.log(prediction.n + 1.0),
        )
    return Score(
        prediction=prediction,
        published=published,
        inside=prediction.lower <= math.exp(published.value) <= prediction.upper,
        model=prediction.law.log_density(published.value),
        null=float(norm.logpdf(published.value, 0.0, published.standard_error)),
    )


def totals(scores: Iterable[Score]) -> tuple[Totals, ...]:
    """Return sums over single studies with a result, one a structure and kind of result.

    Of studies that count the same patients the largest is taken, and no pool.
    """
    by_kind: dict[tuple[str, str], list[Score]] = {}
    for each in sorted(scores, key=lambda score: -score.prediction.n):
        asked = each.prediction
        what = " ".join((asked.measure.value, "" if asked.endpoint is None else asked.endpoint.value.upper())).strip()
        taken = by_kind.setdefault((asked.structure, what), [])
        others = {other.prediction.of for other in taken} - {asked.of}
        shared = any(overlaps().reason(asked.of, other) for other in others)
        if each.published is not None and asked.of not in named_pools() and not shared:
            taken.append(each)
    return tuple(
        Totals(
            structure=structure,
            what=what,
            judged=len(rows),
            inside=sum(bool(row.inside) for row in rows),
            model=sum(row.model or 0.0 for row in rows),
            null=sum(row.null or 0.0 for row in rows),
        )
        for (structure, what), rows in sorted(by_kind.items())
        if rows
    )
