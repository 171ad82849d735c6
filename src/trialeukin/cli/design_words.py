"""The little words of ``trialeukin design``: how looks, spending, accrual, curves and priors are written."""

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from trialeukin.core.errors import AnalysisError, InputError
from trialeukin.survival.design.boundary_words import efficacy_named, finite_number, spending_named
from trialeukin.survival.design.efficacy import EfficacyRule
from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.survival.design.hazard import PiecewiseHazard, through
from trialeukin.survival.design.prior import NormalMixture
from trialeukin.survival.design.spending import SpendingFunction

LEAST_TRIALS, MOST_TRIALS = 1_000, 1_000_000
Named = TypeVar("Named")


def refuse_trials(trials: int) -> None:
    """Refuse a number of simulated trials that says too little or takes too long."""
    if not LEAST_TRIALS <= trials <= MOST_TRIALS:
        raise InputError(f"--simulate {trials}: give {LEAST_TRIALS:,} to {MOST_TRIALS:,} trials")


def looks(text: str) -> np.ndarray:
    """Return the fractions of a list such as ``0.5,0.75,1``."""
    return np.array([_number("--looks", part, "fractions such as 0.5,0.75,1") for part in text.split(",")])


def spending(option: str, text: str) -> SpendingFunction:
    """Return the function that a word such as ``obf`` or ``hsd:-4`` names."""
    return _named(option, text, spending_named)


def efficacy(text: str) -> EfficacyRule:
    """Return the boundary that ``--spending`` names."""
    return _named("--spending", text, efficacy_named)


def _named(option: str, text: str, meaning: Callable[[str], Named]) -> Named:
    try:
        return meaning(text)
    except AnalysisError:
        raise
    except InputError as fault:
        raise InputError(f"{option} {fault}") from None


def stretches(text: str) -> tuple[tuple[float, float | None], ...]:
    """Return rates with their months, of ``4`` or ``2x6,6x18``; the months of a single rate are left open."""
    allowed = "patients a month such as 4, or RATExMONTHS such as 2x6,6x18"
    parts = [part.split("x") for part in text.split(",")]
    if any(len(part) > 2 for part in parts) or (len(parts) > 1 and any(len(part) == 1 for part in parts)):
        raise InputError(f"--accrual {text!r}: give {allowed}")
    return tuple(
        (_number("--accrual", part[0], allowed), _number("--accrual", part[1], allowed) if len(part) == 2 else None)
        for part in parts
    )


def piecewise_enrolment(parts: tuple[tuple[float, float | None], ...]) -> Enrolment:
    """Return the accrual of stretches that all have months."""
    return Enrolment(
        durations=np.array([math.nan if months is None else months for _, months in parts]),
        rates=np.array([rate for rate, _ in parts]),
    )


def survival_curve(text: str) -> PiecewiseHazard:
    """Return the hazard through points of ``0.45@36,0.42@60``: survival at months."""
    allowed = "survival at months such as 0.45@36,0.42@60"
    pairs = [part.split("@") for part in text.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise InputError(f"--control-survival {text!r}: give {allowed}")
    values, months = ([_number("--control-survival", pair[at], allowed) for pair in pairs] for at in (0, 1))
    return through(np.array(months), np.array(values))


def prior(text: str) -> NormalMixture:
    """Return the belief of ``0.75,0.2``, a hazard ratio and the deviation of its log, or of a mixture of such.

    ``0.6:0.75,0.2;0.4:1,0.05`` is a weight of 0.6 on one belief and of 0.4 on another.
    """
    allowed = "HR,SD such as 0.75,0.2, or WEIGHT:HR,SD;WEIGHT:HR,SD with weights that add up to 1"
    parts = [_belief(part, allowed) for part in text.split(";")]
    return NormalMixture(
        weights=tuple(part[0] for part in parts),
        means=tuple(part[1] for part in parts),
        deviations=tuple(part[2] for part in parts),
    )


def _belief(text: str, allowed: str) -> tuple[float, float, float]:
    weight, colon, rest = text.rpartition(":")
    numbers = rest.split(",")
    if len(numbers) != 2:
        raise InputError(f"--prior {text!r}: give {allowed}")
    ratio, deviation = (_number("--prior", number, allowed) for number in numbers)
    if not ratio > 0.0:
        raise InputError(f"--prior {text!r}: the hazard ratio {ratio:g} is not above zero; give {allowed}")
    return _number("--prior", weight, allowed) if colon else 1.0, math.log(ratio), deviation


def _number(option: str, text: str, allowed: str) -> float:
    return finite_number(text, f"{option} {text!r}:", allowed)
