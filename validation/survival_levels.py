"""Writes docs/survival-levels.md: how often 95 % intervals miss, and 5 % tests reject, where they should.

Each case draws data under a known truth and marks what missed or rejected; a chunk of 500 replicates has a seed of its
own, and finished chunks are kept in survival_levels.json, so that the work can stop and go on.
"""

import hashlib
import json
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from trialeukin.survival.accelerated_failure import accelerated_failure
from trialeukin.survival.case_weights import sampling
from trialeukin.survival.competing_risks import cumulative_incidence
from trialeukin.survival.concordance import concordance
from trialeukin.survival.cox import CoxStatus, cox, fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.fine_gray import fine_gray
from trialeukin.survival.gray import gray_test
from trialeukin.survival.inverse_probability import treatment_weights, weighted_effect
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.log_rank_weights import FlemingHarrington, ModestlyWeighted, NumberAtRisk
from trialeukin.survival.max_combo import max_combo
from trialeukin.survival.milestone import milestone
from trialeukin.survival.mixture_cure import CureStatus, mixture_cure
from trialeukin.survival.nelson_aalen import nelson_aalen
from trialeukin.survival.partial_likelihood import Ties
from trialeukin.survival.proportionality import proportionality
from trialeukin.survival.restricted_mean import restricted_mean, restricted_mean_contrast
from trialeukin.survival.robust import robust_covariance
from trialeukin.survival.transforms import Transform
from trialeukin.survival.weighted_log_rank import weighted_log_rank
from trialeukin.survival.win_ratio import win_ratio

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "validation" / "survival_levels.json", ROOT / "docs" / "survival-levels.md"
REPLICATES, CHUNK = 20_000, 500
Z = 1.959963984540054
ARM = np.arange(200) % 2
HORIZON, TIME = 0.85, 0.5
Marks = dict[str, bool]


def outside(limits: tuple[float, float], truth: float) -> bool:
    """A limit that is not reached or not known leaves its side open."""
    low, high = limits
    return bool(low > truth or high < truth)


def two_arms(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    times, ends = rng.exponential(1.0, 200), rng.uniform(0.9, 2.5, 200)
    return np.minimum(times, ends), times <= ends


def tests_of_two_arms(rng: np.random.Generator) -> Marks:
    times, events = two_arms(rng)
    strata, weights = rng.integers(0, 3, 200), sampling(rng.uniform(0.5, 2.0, 200))
    weighed = {
        "log-rank": FlemingHarrington(),
        "Fleming-Harrington (1, 0)": FlemingHarrington(rho=1.0),
        "Fleming-Harrington (0, 1)": FlemingHarrington(gamma=1.0),
        "Fleming-Harrington (1, 1)": FlemingHarrington(rho=1.0, gamma=1.0),
        "Gehan-Breslow": NumberAtRisk(),
        "modestly weighted, delay 0.5": ModestlyWeighted(delay=0.5),
    }
    marks = {name: log_rank(times, events, ARM, weight=weight).p_value < 0.05 for name, weight in weighed.items()}
    return marks | {
        "log-rank in 3 strata": log_rank(times, events, ARM, strata=strata).p_value < 0.05,
        "log-rank of 4 arms": log_rank(times, events, np.arange(200) % 4).p_value < 0.05,
        "log-rank of weighted patients (robust)": weighted_log_rank(times, events, ARM, weights).p_value < 0.05,
    }


def combined(rng: np.random.Generator) -> Marks:
    times, events = two_arms(rng)
    return {
        "MaxCombo": max_combo(times, events, ARM).p_value < 0.05,
        "win ratio": win_ratio([(times, events)], ARM).p_value < 0.05,
    }


def effects_of_two_arms(rng: np.random.Generator) -> Marks:
    times, events = two_arms(rng)
    sample = cox_sample(times, events, np.column_stack((ARM, rng.standard_normal(200))))
    fit = fit_cox(sample)
    robust = np.sqrt(robust_covariance(sample, fit)[0, 0])
    means = restricted_mean_contrast(times, events, ARM, horizon=HORIZON)
    there = milestone(times, events, ARM, time=TIME)
    aft = accelerated_failure(times, events, ARM)
    return {
        "hazard ratio (Wald interval)": outside(tuple(limit[0] for limit in fit.interval()), 1.0),
        "hazard ratio (robust interval)": bool(abs(fit.coefficients[0]) > Z * robust),
        "Cox model, score test of 2 covariates": fit.score_test.p_value < 0.05,
        "Cox model, likelihood-ratio test of 2 covariates": fit.likelihood_ratio_test.p_value < 0.05,
        "proportional hazards, all together": proportionality(sample, fit).overall.p_value < 0.05,
        "restricted means, interval of the difference": outside(means.difference_interval(), 0.0),
        "restricted means, interval of the ratio": outside(means.ratio_interval(), 1.0),
        "survival at a time, difference (naive)": there.p_naive < 0.05,
        "survival at a time, difference (log-log)": there.p_log_log < 0.05,
        "Weibull time ratio (Wald interval)": outside(tuple(limit[0] for limit in aft.time_ratio_interval()), 1.0),
    }


def one_arm(rng: np.random.Generator) -> Marks:
    times, ends = rng.exponential(1.0, 100), rng.uniform(0.5, 2.5, 100)
    times, events = np.minimum(times, ends), times <= ends
    curve, hazard = kaplan_meier(times, events), nelson_aalen(times, events)
    weighed = kaplan_meier(times, events, weights=sampling(rng.uniform(0.5, 2.0, 100)))
    mean = restricted_mean(times, events, 0.5)
    truth = np.exp(-TIME)
    width = Z * hazard.standard_error[np.searchsorted(hazard.times, TIME, side="right") - 1]
    marks = {
        f"survival, {transform.value} limits": outside(
            tuple(limit[0] for limit in curve.interval_at([TIME], transform=transform)), truth
        )
        for transform in Transform
    }
    return marks | {
        "survival of weighted patients, log-log limits": outside(
            tuple(limit[0] for limit in weighed.interval_at([TIME])), truth
        ),
        "median, log-log limits": outside(curve.median_interval(), np.log(2.0)),
        "cumulative hazard (Nelson-Aalen), plain limits": bool(abs(hazard.at([TIME])[0] - TIME) > width),
        "restricted mean": bool(abs(mean.mean - (1.0 - truth)) > Z * mean.standard_error),
        "concordance of a marker without meaning": _concordance(times, events, rng),
    }


def _concordance(times: np.ndarray, events: np.ndarray, rng: np.random.Generator) -> bool:
    found = concordance(times, events, rng.standard_normal(times.size))
    return bool(abs(found.value - 0.5) > Z * found.standard_error)


def competing(rng: np.random.Generator) -> Marks:
    times, ends = rng.exponential(1.0, 200), rng.uniform(0.9, 2.5, 200)
    causes = np.where(times <= ends, np.where(rng.random(200) < 0.6, 1, 2), 0)
    times = np.minimum(times, ends)
    found, truth = cumulative_incidence(times, causes), 0.6 * (1.0 - np.exp(-TIME))
    subhazard = fine_gray(times, causes, ARM)
    return {
        "cumulative incidence, log-log limits": outside(
            tuple(limit[0] for limit in found.interval_at(1, [TIME])), truth
        ),
        "Gray's test": gray_test(times, causes, ARM).test.p_value < 0.05,
        "subdistribution hazard ratio (Fine-Gray)": outside(tuple(x[0] for x in subhazard.interval()), 1.0),
        "cause-specific hazard ratio": outside(tuple(x[0] for x in cox(times, causes == 1, ARM).interval()), 1.0),
    }


def cured(rng: np.random.Generator) -> Marks:
    times = np.where(rng.random(300) < 0.4, np.inf, rng.weibull(1.3, 300))
    ends = rng.uniform(3.0, 6.0, 300)
    found = mixture_cure(np.minimum(times, ends), times <= ends)
    away = abs(found.incidence[0] - np.log(0.6 / 0.4)) > Z * found.standard_errors[0]
    missed = found.status is not CureStatus.CONVERGED or bool(away)
    return {"cured fraction, Weibull mixture (logit interval)": missed}


def adjusted(rng: np.random.Generator) -> Marks:
    risk = rng.standard_normal(300)
    treated = rng.random(300) < 1.0 / (1.0 + np.exp(-0.8 * risk))
    times, ends = rng.exponential(1.0, 300) * np.exp(-0.7 * risk), rng.uniform(0.5, 4.0, 300)
    times, events = np.minimum(times, ends), times <= ends
    found = weighted_effect(times, events, treated, treatment_weights(treated, risk))
    ties = cox(times, events, np.column_stack((treated, risk)), ties=Ties.BRESLOW)
    return {
        "hazard ratio by inverse-probability weights": outside(found.interval(), 1.0),
        "log-rank by inverse-probability weights": found.log_rank.p_value < 0.05,
        "hazard ratio adjusted by a covariate": ties.status is CoxStatus.CONVERGED
        and outside(tuple(limit[0] for limit in ties.interval()), 1.0),
    }


CASES: dict[str, tuple[Callable[[np.random.Generator], Marks], str]] = {
    "one arm": (one_arm, "100 patients, a third censored; at a survival of 0.61"),
    "effects": (effects_of_two_arms, "200 patients in two arms alike, a third censored"),
    "competing": (competing, "200 patients in two arms alike, two causes"),
    "adjusted": (adjusted, "300 patients; risk decides treatment, treatment does nothing"),
    "tests": (tests_of_two_arms, "200 patients in two arms alike, a third censored"),
    "combined": (combined, "200 patients in two arms alike, a third censored"),
    "cured": (cured, "300 patients, 40 % cured, followed well beyond the last relapse"),
}
# What is drawn ends here: only what stands above asks for new replicates when it changes.

KNOWN = {
    "survival, plain limits": "symmetric limits of a skew estimate",
    "survival, arcsin limits": "a hundred patients: the variance is estimated",
    "cumulative hazard (Nelson-Aalen), plain limits": "symmetric limits of a skew estimate",
    "restricted mean": "Greenwood's variance without a small-sample factor, 39 events",
    "concordance of a marker without meaning": "a hundred patients: the variance is estimated",
    "median, log-log limits": "limits lie at events, so that they are wide by part of a gap",
    "hazard ratio by inverse-probability weights": "weights are taken as known: wide",
    "log-rank by inverse-probability weights": "weights are taken as known: it rejects less",
}


def digest() -> str:
    """Of the code that draws and judges: another one asks for new replicates."""
    return hashlib.sha256(Path(__file__).read_bytes().split(b"# What is drawn ends here")[0]).hexdigest()[:16]


def chunk(case: str, number: int) -> dict[str, int]:
    draw, _ = CASES[case]
    rng = np.random.default_rng([list(CASES).index(case), number])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        marks = [draw(rng) for _ in range(CHUNK)]
    return {name: sum(bool(mark[name]) for mark in marks) for name in marks[0]}


def saved() -> dict:
    if RESULTS.exists():
        found = json.loads(RESULTS.read_text(encoding="utf-8"))
        if found["digest"] == digest():
            return found
    return {"digest": digest(), "chunk": CHUNK, "cases": {case: {} for case in CASES}}


def measure(workers: int) -> dict:
    found = saved()
    wanted = [
        (case, number)
        for case in CASES
        for number in range(REPLICATES // CHUNK)
        if str(number) not in found["cases"][case]
    ]
    with ProcessPoolExecutor(workers) as pool:
        running = {pool.submit(chunk, case, number): (case, number) for case, number in wanted}
        for done in as_completed(running):
            case, number = running[done]
            found["cases"][case][str(number)] = done.result()
            RESULTS.write_text(json.dumps(found) + "\n", encoding="utf-8")
    return found


HEAD = """# How often intervals miss and tests reject

Simulated under a known truth: the fraction of 95 % intervals that miss it, and of two-sided 5 % tests that reject a
null hypothesis that holds. Five per cent is right; by chance alone it lies within 3.3 Monte Carlo standard errors,
{low} to {high} % of {replicates:,} replicates. What lies outside is bold and explained.
`validation/survival_levels.py` writes this page.

| what | data | replicates | misses or rejects, % | |
|---|---|---:|---:|---|
"""


def totals(parts: dict[str, dict[str, int]]) -> tuple[dict[str, int], int]:
    names = next(iter(parts.values()), {})
    return {name: sum(part[name] for part in parts.values()) for name in names}, CHUNK * len(parts)


def page(found: dict) -> str:
    width = 3.3 * (0.05 * 0.95 / REPLICATES) ** 0.5
    lines = [HEAD.format(low=f"{5 - 100 * width:.2f}", high=f"{5 + 100 * width:.2f}", replicates=REPLICATES)]
    for case, (_, data) in CASES.items():
        hits, replicates = totals(found["cases"][case])
        for name, count in hits.items():
            share = count / replicates
            shown = f"{100 * share:.2f}"
            away = abs(share - 0.05) > 3.3 * (0.05 * 0.95 / replicates) ** 0.5
            why = KNOWN.get(name, "") if away else ""
            lines.append(f"| {name} | {data} | {replicates:,} | {f'**{shown}**' if away else shown} | {why} |\n")
    waiting = [case for case in CASES if len(found["cases"][case]) < REPLICATES // CHUNK]
    if waiting:
        lines.append(f"\nNot all drawn yet: {', '.join(waiting)}; the script goes on where it stopped.\n")
    return "".join(lines)


def main() -> None:
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    PAGE.write_text(page(found), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
