"""What the commands on pools print as JSON; a pooled number never stands without k, method and heterogeneity."""

import math
from typing import Any

from trialeukin.evidence.baujat import contributions
from trialeukin.evidence.meta_regression import MetaRegression, Subgroups
from trialeukin.evidence.network_inconsistency import Inconsistency
from trialeukin.evidence.pooling import Pooled
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.small_studies import SmallStudies
from trialeukin.evidence.synthesis import Synthesis
from trialeukin.report.evidence_figures import certainty_of
from trialeukin.store.finite import estimate_document


def synthesis_document(found: Synthesis, parts: Subgroups | str | None, leave_one_out: bool) -> dict[str, Any]:
    """Return a pool with its studies, its sensitivity, its subgroups, or why there are none, and who was left out."""
    taken = zip(found.selection.taken, found.pooled.weights, strict=True)
    document: dict[str, Any] = {
        "title": found.title,
        "outcome": found.selection.endpoint.value,
        "studies": [effect_document(each.name, each.effect, float(weight)) for each, weight in taken],
        "pooled": pooled_document(found.pooled),
        "certainty": certainty_of(found),
        "sensitivity": [{"what": each.words, **pooled_document(each.pooled)} for each in found.sensitivity],
        "published": None if found.published is None else effect_document("published", found.published, None),
        "contributions": _contributions(found.pooled),
        "small_studies": _small_studies(found.small_studies),
        "not_pooled": [{"study": name, "why": why} for name, why in found.selection.left_out]
        + [{"study": each.name, "why": "the sign is not known"} for each in found.selection.unsigned],
    }
    if isinstance(parts, str):
        document["subgroups"] = {"pools": [], "not_compared": parts}
    elif parts is not None:
        pools = [{"name": name, **pooled_document(each)} for name, each in zip(parts.names, parts.pools, strict=True)]
        document["subgroups"] = {"pools": pools, **test_document(parts)}
    if leave_one_out:
        document["leave_one_out"] = [{"without": each.label, **pooled_document(each.without)} for each in found.without]
    return document


def test_document(found: Subgroups) -> dict[str, Any]:
    """Return the test that pools of subgroups differ."""
    return {
        "q_between": found.q_between,
        "degrees_of_freedom": found.degrees_of_freedom,
        "p_value": found.p_value,
    }


def regression_document(found: MetaRegression) -> dict[str, Any]:
    """Return the tests of a regression whose errors are Hartung and Knapp's, and what it explains."""
    return {
        "test_of_slope": {
            "f": found.f,
            "degrees_of_freedom": [found.qm_degrees_of_freedom, found.qe_degrees_of_freedom],
            "p_value": found.qm_p_value,
        },
        "residual_heterogeneity": {
            "q": found.qe,
            "degrees_of_freedom": found.qe_degrees_of_freedom,
            "p_value": found.qe_p_value,
        },
        "tau_squared": found.tau_squared,
        "tau_squared_without": found.tau_squared_without,
        "explained": found.explained,
    }


def inconsistency_document(found: Inconsistency) -> dict[str, Any] | None:
    """Return the tests whether designs of a network contradict each other; None where no loop of these closes."""
    if not found.testable:
        return None
    random = {
        "tau_squared": found.random_tau_squared,
        "q": found.random_q,
        "degrees_of_freedom": found.between_degrees_of_freedom,
        "p_value": found.random_p_value,
    }
    return {
        "within_designs": {"q": found.q_within, "degrees_of_freedom": found.within_degrees_of_freedom},
        "between_designs": {
            "q": found.q_between,
            "degrees_of_freedom": found.between_degrees_of_freedom,
            "p_value": found.between_p_value,
        },
        "between_designs_random": None if found.random_tau_squared is None else random,
    }


def _small_studies(found: SmallStudies) -> dict[str, Any]:
    """Return the tests of asymmetry that could be made, and the pool with the studies that trim and fill adds."""
    document: dict[str, Any] = {
        test.name.lower(): {
            "statistic": test.statistic,
            "degrees_of_freedom": test.degrees_of_freedom,
            "p_value": test.p_value,
        }
        for test in found.tests
    }
    if (filled := found.filled) is not None:
        pooled = pooled_document(filled.pooled)
        document["trim_and_fill"] = {"added": filled.added, "side": filled.side.value, "pooled": pooled}
    return document


def _contributions(pooled: Pooled) -> list[dict[str, Any]] | None:
    """Return Baujat's two numbers of each study; None of a single one, of which nothing can be said."""
    if pooled.k < 2:
        return None
    return [
        {"study": each.label, "part_of_q": each.heterogeneity, "squared_shift": each.shift}
        for each in contributions(pooled.effects)
    ]


def effect_document(name: str, effect: PublishedEffect, weight: float | None) -> dict[str, Any]:
    """Return one effect of a study."""
    return {
        "study": name,
        "log_hazard_ratio": effect.log_hazard_ratio,
        "standard_error": effect.se,
        "origin": effect.origin.value,
        "quality": effect.quality.value,
        "weight": weight,
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
