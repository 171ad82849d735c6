"""An analysis as a document of plain values, for JSON; what has no estimate is null."""

from dataclasses import asdict
from typing import Any

import numpy as np

from trialeukin.store.finite import estimate_document
from trialeukin.survival.analysis import Analysis, ArmAnalysis
from trialeukin.survival.arm_comparison import Comparison
from trialeukin.survival.cox import CoxFit
from trialeukin.survival.mixture_cure import MixtureCure
from trialeukin.survival.pairwise import Pair
from trialeukin.survival.restricted_mean import RestrictedMeanContrast


def analysis_document(found: Analysis, name: str) -> dict[str, Any]:
    """Return everything found, of a table with a name; 95 % intervals are [lower, upper] beside what they are of."""
    document = {
        "table": name,
        "columns": asdict(found.data.roles),
        "horizon": found.horizon,
        "milestone": found.milestone_time,
        "chosen_from_the_data": list(found.chosen_here),
        "arms": [_arm(arm, found.milestone_time) for arm in found.arms],
        "comparison": None if found.comparison is None else _comparison(found.comparison),
        "pairs": [_pair(pair) for pair in found.pairs],
    }
    plain: dict[str, Any] = _plain(document)
    return plain


def _arm(arm: ArmAnalysis, time: float) -> dict[str, Any]:
    lower, upper = arm.curve.interval()
    at = arm.curve.interval_at([time])
    return {
        "label": arm.label,
        "patients": arm.patients,
        "events": arm.events,
        "median": {"value": arm.curve.median, "interval": arm.curve.median_interval()},
        "milestone": {"survival": arm.curve.at([time])[0], "interval": [at[0][0], at[1][0]]},
        "restricted_mean": None if arm.restricted_mean is None else asdict(arm.restricted_mean),
        "plateau": None if arm.plateau is None else asdict(arm.plateau),
        "cure_model": None if arm.cure is None else _cure(arm.cure),
        "kaplan_meier": {
            "times": arm.curve.times,
            "at_risk": arm.curve.at_risk,
            "events": arm.curve.events,
            "censored": arm.curve.censored,
            "survival": arm.curve.survival,
            "lower": lower,
            "upper": upper,
        },
    }


def _cure(model: MixtureCure) -> dict[str, Any]:
    return {
        "law": "Weibull",
        "status": model.status.name.lower(),
        "cured": model.cured(),
        "logit_uncured": model.incidence[0],
        "logit_standard_error": model.standard_errors[0],
        "log_likelihood": model.log_likelihood,
    }


def _comparison(made: Comparison) -> dict[str, Any]:
    return {
        "cox": None if made.hazards is None else _cox(made, made.hazards),
        "proportional_hazards": None
        if made.proportional is None
        else {
            "overall": _test(made.proportional.overall),
            "terms": [_test(test) for test in made.proportional.covariates],
        },
        "log_rank": None
        if made.log_rank is None
        else _test(made.log_rank.test) | {"observed": made.log_rank.observed, "expected": made.log_rank.expected},
        "without_hazard_ratio": made.never_beside,
        "log_rank_undefined": made.undefined or None,
        "max_combo": None if made.max_combo is None else {"z": made.max_combo.z, "p": made.max_combo.p_value},
        "restricted_means": None if made.restricted_means is None else _means(made.restricted_means),
        "milestone": None
        if made.milestone is None
        else {
            "difference": made.milestone.difference,
            "standard_error": np.hypot(*made.milestone.standard_error),
            "p_log_log": made.milestone.p_log_log,
        },
    }


def _cox(made: Comparison, fit: CoxFit) -> dict[str, Any]:
    lower, upper = fit.interval()
    return {
        "ties": "efron",
        "status": fit.status.name.lower(),
        "terms": [
            {
                "label": label,
                "log_hazard_ratio": fit.coefficients[place],
                "standard_error": fit.standard_errors[place],
                "hazard_ratio": estimate_document(fit.hazard_ratios[place], lower[place], upper[place]),
                "p": fit.p_values[place],
            }
            for place, label in enumerate(made.labels)
        ],
        "errors": "robust" if made.weighted else "information",
        "wald": _test(fit.wald_test),
        "likelihood_ratio_p": None if made.weighted else fit.likelihood_ratio_test.p_value,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    made = pair.comparison
    return {
        "label": pair.label,
        "refused": pair.refused or None,
        "log_rank_p_holm": pair.log_rank_adjusted,
        "restricted_mean_p_holm": pair.mean_adjusted,
        "comparison": None if made is None else _comparison(made),
    }


def _means(means: RestrictedMeanContrast) -> dict[str, Any]:
    return {
        "difference": means.difference,
        "difference_interval": means.difference_interval(),
        "difference_p": means.difference_p_value,
        "ratio": means.ratio,
        "ratio_interval": means.ratio_interval(),
        "ratio_p": means.ratio_p_value,
    }


def _test(test: Any) -> dict[str, Any]:
    return {"chi_square": test.statistic, "degrees_of_freedom": test.degrees_of_freedom, "p": test.p_value}


def _plain(value: Any) -> Any:
    """Turn arrays into lists and what is not finite into null."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
