"""Draws under a known truth, and whether a 95 % interval missed it or a 5 % test rejected: the usual estimators."""

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
