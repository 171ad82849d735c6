"""Lists, from the public names of `trialeukin.survival`, what gives an interval, a p-value or a standard error.

`ROWS` says by which rows of docs/survival-levels.md each is measured, `EXCEPTIONS` why one is not.
"""

import dataclasses
import importlib
import inspect
import pkgutil
import re
import types
import typing
from collections.abc import Iterator
from typing import Any

import trialeukin.survival
from trialeukin.survival.chi_square import ChiSquare

INFERENCE = re.compile(
    r"interval|(^|_)p(_|$)|p_value|(^|_)test$|_error(_|$)|^standard_error|covariance|^adjusted$|_adjusted$|^(lower|upper)$"
    r"|survival_difference|stagewise"
)
"""Names under which results give an interval, a p-value, a test, or an error that makes one."""

ROWS: dict[str, tuple[str, ...]] = {
    "accelerated_failure": (
        "Weibull time ratio (Wald interval)",
        "exponential time ratio (Wald interval)",
        "log-normal time ratio (Wald interval)",
        "log-logistic time ratio (Wald interval)",
    ),
    "concordance": ("concordance of a marker without meaning",),
    "cox.interval": ("hazard ratio (Wald interval)", "hazard ratio, exact ties", "hazard ratio, Breslow's ties"),
    "cox.likelihood_ratio_test": ("Cox model, likelihood-ratio test of 2 covariates",),
    "cox.score_test": ("Cox model, score test of 2 covariates", "Cox model with exact ties, score test"),
    "cox.wald_test": ("Cox model, Wald test",),
    "cox": ("hazard ratio (Wald interval)",),
    "cumulative_incidence.interval_at": (
        "cumulative incidence, log-log limits",
        "cumulative incidence, log-log limits, jackknife",
    ),
    "cumulative_incidence": ("cumulative incidence, log-log limits",),
    "fine_gray": (
        "subdistribution hazard ratio (Fine-Gray)",
        "subdistribution hazard ratio in 2 strata (Fine-Gray)",
        "the same, censoring taken as known",
    ),
    "fit_cox": ("hazard ratio (Wald interval)",),
    "gray_test": ("Gray's test", "Gray's test in 2 strata", "Gray's test in 2 strata, rho 1"),
    "kaplan_meier.interval": ("survival, log-log limits",),
    "kaplan_meier.interval_at": (
        "survival, plain limits",
        "survival, log limits",
        "survival, log-log limits",
        "survival, arcsin limits",
        "survival, logit limits",
        "survival of weighted patients, log-log limits",
    ),
    "kaplan_meier.median_interval": ("median, log-log limits", "median, plain limits"),
    "kaplan_meier.quantile_interval": ("first quartile, log-log limits",),
    "kaplan_meier": ("survival, plain limits",),
    "log_rank": (
        "log-rank",
        "log-rank in 3 strata",
        "log-rank of 4 arms",
        "Fleming-Harrington (1, 0)",
        "Fleming-Harrington (0, 1)",
        "Fleming-Harrington (1, 1)",
        "Gehan-Breslow",
        "Tarone-Ware",
        "modestly weighted, delay 0.5",
        "log-rank from 0.3 on",
        "log-rank from a landmark on",
    ),
    "max_combo.p_fewer": ("MaxCombo, one-sided: fewer events",),
    "max_combo.p_more": ("MaxCombo, one-sided: more events",),
    "max_combo.p_value": ("MaxCombo",),
    "milestone.p_log_log": ("survival at a time, difference (log-log)",),
    "milestone": ("survival at a time, difference (naive)",),
    "mixture_cure": (
        "cured fraction, Weibull mixture (logit interval)",
        "log odds ratio of the uncured (Wald interval)",
        "time ratio of the uncured (Wald interval)",
    ),
    "mixture_cure.against": ("share and times of two arms, likelihood-ratio test (cure)",),
    "nelson_aalen": (
        "cumulative hazard (Nelson-Aalen), plain limits",
        "cumulative hazard of weighted patients, plain limits",
    ),
    "pairwise": ("any of three pairs of arms (Holm)",),
    "plateau": ("height of a plateau, log-log limits",),
    "proportionality.overall": ("proportional hazards, all together",),
    "proportionality.covariates": (
        "proportional hazards, time as 1 - Kaplan-Meier",
        "proportional hazards, time as it is",
        "proportional hazards, log time",
        "proportional hazards, rank of time",
    ),
    "rank_test": ("log-rank",),
    "reject_graphically": ("any of three pairs of arms (Holm)",),
    "repeated_interval": ("effect at any of 3 looks, repeated intervals",),
    "restricted_mean": ("restricted mean",),
    "restricted_mean_contrast.difference_error": ("restricted means, interval of the difference",),
    "restricted_mean_contrast.difference_interval": ("restricted means, interval of the difference",),
    "restricted_mean_contrast.difference_p_value": ("restricted means, interval of the difference",),
    "restricted_mean_contrast": ("restricted means, interval of the ratio",),
    "robust_covariance": ("hazard ratio (robust interval)", "hazard ratio of arms by centre (robust interval)"),
    "stagewise_drift": ("effect at the stop, stage-wise interval",),
    "stagewise_probability": ("p-value at the stop, stage-wise, one-sided",),
    "standardised": ("survival difference by g-computation",),
    "standardised.mean_error": ("difference of restricted means by g-computation",),
    "standardised.survival_error": ("survival difference by g-computation",),
    "state_occupancy": (
        "occupancy of the first state, plain limits",
        "occupancy of the second state, plain limits",
        "occupancy of the last state, plain limits",
    ),
    "two_arms.p_value": ("log-rank, compiled for replicates",),
    "two_arms": ("hazard ratio, compiled for replicates", "restricted means, compiled for replicates"),
    "weighted_effect.survival_difference": ("survival difference by inverse-probability weights",),
    "weighted_effect": ("hazard ratio by inverse-probability weights", "log-rank by inverse-probability weights"),
    "weighted_log_rank": (
        "log-rank of weighted patients (robust)",
        "log-rank of rows that stand for several patients",
    ),
    "win_ratio.p_value": ("win ratio",),
    "win_ratio": ("win ratio, interval",),
}
"""By ``function.member``, or by ``function`` for what its other members give."""

EXCEPTIONS: dict[str, str] = {
    "nominal_p": "the p-value of a limit, not of data",
    "plateau.p_too_short": "Maller and Zhou's alpha is about a chance, not uniform where follow-up is too short",
    "reconstruct.largest_error": "how far a rebuilt curve is from what was read off",
    "reconstruct.reading_error": "how far off points are read",
    "reconstruct.root_mean_square_error": "how far a rebuilt curve is from what was read off",
    "spent_boundaries.lower": "a limit of a design, exact by integration",
    "spent_boundaries.upper": "a limit of a design, exact by integration",
    "stopping.lower": "a chance of a design, exact by integration",
    "stopping.upper": "a chance of a design, exact by integration",
}
"""Why something that the names suggest is not on the page."""


def modules() -> Iterator[types.ModuleType]:
    """Return the modules of the layer, designs included."""
    for found in pkgutil.walk_packages(trialeukin.survival.__path__, "trialeukin.survival."):
        yield importlib.import_module(found.name)


def inferences() -> list[str]:
    """Return each public function and ``function.member`` of its result that infers; sorted."""
    return sorted({name for module in modules() for name in _of_module(module)})


def measured(name: str) -> tuple[str, ...]:
    """Return the rows by which an inference is measured; none if there are none."""
    return () if name in EXCEPTIONS else ROWS.get(name) or ROWS.get(name.partition(".")[0], ())


def _of_module(module: types.ModuleType) -> Iterator[str]:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if name.startswith("_") or function.__module__ != module.__name__:
            continue
        if INFERENCE.search(name):
            yield name
        result = typing.get_type_hints(function).get("return")
        yield from (f"{name}.{member}" for kind in _classes(result) for member in _members(kind))


def _classes(hint: Any) -> Iterator[type]:
    """Return the result classes of this package inside an annotation, unions and tuples opened."""
    if isinstance(hint, type) and hint.__module__.startswith("trialeukin.survival"):
        yield hint
    for part in typing.get_args(hint):
        yield from _classes(part)


def _members(kind: type) -> Iterator[str]:
    if kind is ChiSquare:
        return
    fields = typing.get_type_hints(kind) if dataclasses.is_dataclass(kind) else {}
    for name in sorted({*(name for name in dir(kind) if not name.startswith("_")), *fields}):
        member = inspect.getattr_static(kind, name, None)
        function = member.fget if isinstance(member, property) else member
        hint = typing.get_type_hints(function).get("return") if inspect.isfunction(function) else fields.get(name)
        if INFERENCE.search(name) or ChiSquare in list(_classes(hint)):
            yield name


def page_of_inferences() -> str:
    """Return the part of the page on what it leaves out."""
    lines = [
        "\n## What is not here\n\n",
        "A test lists the public functions of `trialeukin.survival` whose results have an interval, a p-value or a "
        "standard error,\nand looks for each above. These names look alike and are no inference of data:\n\n",
        "| name | why |\n|---|---|\n",
        *(f"| `{name}` | {why} |\n" for name, why in EXCEPTIONS.items()),
    ]
    return "".join(lines)


if __name__ == "__main__":
    print("\n".join(name for name in inferences() if not measured(name)))
