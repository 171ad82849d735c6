"""Pools as documents that programs read; a pooled number never stands without k, method and heterogeneity."""

import math
from typing import Any

from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.assessments import NOT_ASSESSED, Certainty
from trialeukin.evidence.baujat import contributions
from trialeukin.evidence.meta_regression import Subgroups
from trialeukin.evidence.pooling import Pooled
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.small_studies import Asymmetry, SmallStudies
from trialeukin.evidence.synthesis import Synthesis
from trialeukin.evidence.vocabulary import Sign
from trialeukin.report.evidence_figures import bias_of
from trialeukin.store.finite import estimate_document


def pool_document(named: str | None, found: Synthesis) -> dict[str, Any]:
    """Return a pool with its trials, its sensitivity, who was left out and what a judge made of it.

    Parameters
    ----------
    named : str or None
        The pool's name; None where studies are chosen by criteria.
    found : Synthesis
        The pool.
    """
    weights = dict(zip(found.pooled.effects.labels, found.pooled.weights.tolist(), strict=True))
    everyone = (*found.selection.taken, *found.selection.unsigned)
    return {
        "pool": named,
        "title": found.title,
        "outcome": found.selection.endpoint.value,
        "pooled": pooled_document(found.pooled),
        "trials": [_trial(each, weights.get(each.name)) for each in everyone],
        "sensitivity": [{"what": each.words, "pooled": pooled_document(each.pooled)} for each in found.sensitivity],
        "leave_one_out": [{"without": each.label, "pooled": pooled_document(each.without)} for each in found.without],
        "published": None if found.published is None else _effect(found.published),
        "contributions": _contributions(found.pooled),
        "small_studies": _small_studies(found.small_studies),
        "left_out": [{"study": name, "why": why} for name, why in found.selection.left_out],
        "certainty": _certainty(found.certainty),
    }


def pooled_document(pooled: Pooled) -> dict[str, Any]:
    """Return a pooled hazard ratio with its k, method and heterogeneity."""
    found = pooled.heterogeneity
    limits = pooled.prediction()
    return {
        "k": pooled.k,
        "method": pooled.method.label,
        "interval_method": pooled.interval_method.value,
        "hazard_ratio": estimate_document(*map(math.exp, (pooled.estimate, pooled.lower, pooled.upper))),
        "p_value": pooled.p_value,
        "prediction": None if limits is None else [math.exp(limit) for limit in limits],
        "heterogeneity": None
        if found is None
        else {
            "q": found.q,
            "degrees_of_freedom": found.degrees_of_freedom,
            "p_value": found.q_p_value,
            "tau_squared": found.tau_squared,
            "tau_squared_interval": list(found.tau_squared_interval),
            "i_squared_percent": found.i_squared,
            "i_squared_interval": list(found.i_squared_interval),
        },
    }


def subgroups_document(parts: Subgroups | str) -> dict[str, Any]:
    """Return the pools of subgroups with the test that they differ, or why they are not compared."""
    if isinstance(parts, str):
        return {"pools": [], "not_compared": parts}
    pools = [
        {"name": name, "pooled": pooled_document(each)} for name, each in zip(parts.names, parts.pools, strict=True)
    ]
    return {"pools": pools, **test_document(parts)}


def test_document(found: Subgroups) -> dict[str, Any]:
    """Return the test that pools of subgroups differ."""
    return {
        "q_between": found.q_between,
        "degrees_of_freedom": found.degrees_of_freedom,
        "p_value": found.p_value,
    }


def _trial(taken: Taken, weight: float | None) -> dict[str, Any]:
    return {
        "study": taken.name,
        "population": taken.effect.population,
        **_effect(taken.effect),
        "weight": weight,
        "risk_of_bias": bias_of(taken.study),
    }


def _effect(effect: PublishedEffect) -> dict[str, Any]:
    """Return one effect of a study; its size alone is no number where its sign is not known."""
    value, reach = effect.log_hazard_ratio, NORMAL_975 * (effect.se or math.nan)
    signed = effect.sign is Sign.KNOWN
    return {
        "log_hazard_ratio": value if signed else None,
        "standard_error": effect.se,
        "hazard_ratio": estimate_document(*map(math.exp, (value, value - reach, value + reach))) if signed else None,
        "origin": effect.origin.value,
        "quality": effect.quality.value,
    }


def _contributions(pooled: Pooled) -> list[dict[str, Any]]:
    """Return Baujat's two numbers of each study; none of a single one, of which nothing can be said."""
    if pooled.k < 2:
        return []
    return [
        {"study": each.label, "part_of_q": each.heterogeneity, "squared_shift": each.shift}
        for each in contributions(pooled.effects)
    ]


def _small_studies(found: SmallStudies) -> dict[str, Any]:
    """Return the tests of asymmetry, and the pool with what trim and fill adds; None of what is undefined."""
    filled = found.filled
    return {
        "egger": _asymmetry(found.egger),
        "begg": _asymmetry(found.begg),
        "trim_and_fill": None
        if filled is None
        else {"added": filled.added, "side": filled.side.value, "pooled": pooled_document(filled.pooled)},
    }


def _asymmetry(found: Asymmetry | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "statistic": found.statistic,
        "degrees_of_freedom": found.degrees_of_freedom,
        "p_value": found.p_value,
    }


def _certainty(judged: Certainty | None) -> dict[str, Any]:
    if judged is None:
        return {"level": NOT_ASSESSED, "judge": None, "date": None, "reasons": None}
    return {
        "level": judged.level.value,
        "judge": judged.judge,
        "date": judged.date.isoformat(),
        "reasons": judged.reasons,
    }
