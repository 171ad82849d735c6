"""More draws under a known truth: ties, landmark, several states, other laws, clusters, looks at a running trial."""

import numpy as np
from survival_level_cases import ARM, HORIZON, TIME, Marks, Z, outside, two_arms

from trialeukin.survival.accelerated_failure import Law, accelerated_failure
from trialeukin.survival.case_weights import replicates, sampling
from trialeukin.survival.competing_risks import IncidenceVariance, cumulative_incidence
from trialeukin.survival.cox import cox, fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.group_sequential import group_sequential
from trialeukin.survival.design.spending import OBrienFlemingSpending
from trialeukin.survival.design.stagewise import Found, repeated_interval, stagewise_probability
from trialeukin.survival.fine_gray import fine_gray
from trialeukin.survival.graphical import holm, reject_graphically
from trialeukin.survival.gray import gray_test
from trialeukin.survival.inverse_probability import treatment_weights, weighted_effect
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.landmark import landmark
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.log_rank_weights import NumberAtRisk, ZeroBefore
from trialeukin.survival.max_combo import max_combo
from trialeukin.survival.mixture_cure import CureStatus, mixture_cure
from trialeukin.survival.nelson_aalen import nelson_aalen
from trialeukin.survival.partial_likelihood import Ties
from trialeukin.survival.plateau import plateau
from trialeukin.survival.proportionality import TimeScale, proportionality
from trialeukin.survival.robust import robust_covariance
from trialeukin.survival.standardised import Bootstrap, standardised
from trialeukin.survival.state_occupancy import state_occupancy
from trialeukin.survival.transforms import Transform
from trialeukin.survival.two_arm import two_arms as compiled
from trialeukin.survival.weighted_log_rank import weighted_log_rank
from trialeukin.survival.win_ratio import win_ratio

SHARES, DRIFT = np.array([0.4, 0.7, 1.0]), 2.0
STEPS = np.diff(SHARES, prepend=0.0)
LIMITS = group_sequential(SHARES, efficacy=AlphaSpending(OBrienFlemingSpending())).boundaries
RESAMPLES = 200
FALLS, DIES, DIES_ILL = 0.8, 0.3, 0.9  # a year: to the second state, to death, and from the second to death
MARK = 0.3
TIED = {Ties.EFRON: "Efron's", Ties.BRESLOW: "Breslow's", Ties.EXACT: "exact"}


def first_of(limits: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    return float(limits[0][0]), float(limits[1][0])


def wider_family(rng: np.random.Generator) -> Marks:
    times, events = two_arms(rng)
    trial = compiled(times[None], events[None], ARM, horizons=[HORIZON])
    (first, second), (own, other) = trial.restricted[0, :, 0, 0], trial.restricted[0, :, 0, 1]
    third = np.arange(200) % 3
    pairs = [log_rank(times[third != x], events[third != x], third[third != x]).p_value for x in range(3)]
    return {
        "Tarone-Ware": log_rank(times, events, ARM, weight=NumberAtRisk(power=0.5)).p_value < 0.05,
        "log-rank from 0.3 on": log_rank(times, events, ARM, weight=ZeroBefore(start=MARK)).p_value < 0.05,
        "log-rank, compiled for replicates": bool(trial.p_value[0] < 0.05),
        "hazard ratio, compiled for replicates": outside(first_of(trial.interval()), 1.0),
        "restricted means, compiled for replicates": bool(abs(second - first) > Z * np.hypot(own, other)),
        "any of three pairs of arms (Holm)": bool(
            (reject_graphically(pairs, holm([1.0 / 3.0] * 3)).adjusted < 0.05).any()
        ),
    }


def one_sided(rng: np.random.Generator) -> Marks:
    times, events = two_arms(rng)
    found = max_combo(times, events, ARM)
    wins = win_ratio([(times, events)], ARM)
    return {
        "MaxCombo, one-sided: fewer events": found.p_fewer < 0.05,
        "MaxCombo, one-sided: more events": found.p_more < 0.05,
        "win ratio, interval": outside(wins.interval(), 1.0),
    }


def tied(rng: np.random.Generator) -> Marks:
    times, events = two_arms(rng)
    times = np.ceil(8.0 * times) / 8.0
    rows, copies = np.unique(np.column_stack((times, events, ARM)), axis=0, return_counts=True)
    fits = {ties: cox(times, events, ARM, ties=ties) for ties in Ties}
    marks = {f"hazard ratio, {name} ties": outside(first_of(fits[ties].interval()), 1.0) for ties, name in TIED.items()}
    return marks | {
        "log-rank of tied times": log_rank(times, events, ARM).p_value < 0.05,
        "log-rank of rows that stand for several patients": weighted_log_rank(*rows.T, replicates(copies)).p_value
        < 0.05,
        "Cox model with exact ties, score test": fits[Ties.EXACT].score_test.p_value < 0.05,
        "Cox model with exact ties, likelihood-ratio test": fits[Ties.EXACT].likelihood_ratio_test.p_value < 0.05,
    }


def from_a_landmark(rng: np.random.Generator) -> Marks:
    times, ends, response = rng.exponential(1.0, 300), rng.uniform(0.9, 2.5, 300), rng.exponential(0.5, 300)
    followed, events = np.minimum(times, ends), times <= ends
    response = np.where(response < followed, response, np.inf)
    kept = landmark(followed, events, response, time=MARK)
    return {
        "log-rank from a landmark on": log_rank(kept.times, kept.events, kept.reached).p_value < 0.05,
        "hazard ratio from a landmark on": outside(
            first_of(cox(kept.times, kept.events, kept.reached).interval()), 1.0
        ),
    }


def several_states(rng: np.random.Generator) -> Marks:
    leaves, ends = rng.exponential(1.0 / (FALLS + DIES), 150), rng.uniform(0.1, 2.5, 150)
    falls = rng.random(150) < FALLS / (FALLS + DIES)
    dies = leaves + rng.exponential(1.0 / DIES_ILL, 150)
    ill = falls & (leaves < ends)
    found = state_occupancy(
        np.concatenate((np.zeros(150), leaves[ill])),
        np.concatenate((np.minimum(leaves, ends), np.minimum(dies, ends)[ill])),
        np.concatenate((np.zeros(150, int), np.ones(int(ill.sum()), int))),
        np.concatenate((np.where(leaves < ends, np.where(falls, 1, 2), 0), np.where(dies[ill] < ends[ill], 2, 1))),
        np.concatenate((np.arange(150), np.flatnonzero(ill))),
        states=3,
    )
    row, out = np.searchsorted(found.times, TIME, side="right") - 1, FALLS + DIES
    second = FALLS / (out - DIES_ILL) * (np.exp(-DIES_ILL * TIME) - np.exp(-out * TIME))
    truth = np.array([np.exp(-out * TIME), second, 1.0 - np.exp(-out * TIME) - second])
    missed = np.abs(found.probability[row] - truth) > Z * found.standard_error[row]
    names = ("first", "second", "last")
    return {
        f"occupancy of the {name} state, plain limits": bool(miss) for name, miss in zip(names, missed, strict=True)
    }


def other_laws(rng: np.random.Generator) -> Marks:
    ends = rng.uniform(1.0, 6.0, 200)
    noise = {
        Law.EXPONENTIAL: np.log(rng.exponential(1.0, 200)),
        Law.LOG_NORMAL: 0.8 * rng.standard_normal(200),
        Law.LOG_LOGISTIC: 0.6 * rng.logistic(size=200),
    }
    marks = {}
    for law, logs in noise.items():
        times = np.exp(logs + 0.5 * ARM)
        found = accelerated_failure(np.minimum(times, ends), times <= ends, ARM, law=law)
        marks[f"{law.value} time ratio (Wald interval)"] = outside(first_of(found.time_ratio_interval()), np.exp(0.5))
    return marks


def more_of_one_arm(rng: np.random.Generator) -> Marks:
    times, ends = rng.exponential(1.0, 100), rng.uniform(0.5, 2.5, 100)
    times, events = np.minimum(times, ends), times <= ends
    curve = kaplan_meier(times, events)
    weighed = nelson_aalen(times, events, weights=sampling(rng.uniform(0.5, 2.0, 100)))
    width = Z * weighed.standard_error[np.searchsorted(weighed.times, TIME, side="right") - 1]
    return {
        "first quartile, log-log limits": outside(curve.quantile_interval(0.25), -np.log(0.75)),
        "median, plain limits": outside(curve.median_interval(transform=Transform.PLAIN), np.log(2.0)),
        "cumulative hazard of weighted patients, plain limits": bool(abs(weighed.at([TIME])[0] - TIME) > width),
    }


def competing_in_strata(rng: np.random.Generator) -> Marks:
    strata = rng.integers(0, 2, 200)
    times, ends = rng.exponential(1.0 / (1.0 + strata)), rng.uniform(0.9, 2.5, 200)
    causes = np.where(times <= ends, np.where(rng.random(200) < 0.4 + 0.3 * strata, 1, 2), 0)
    times = np.minimum(times, ends)
    subhazard = fine_gray(times, causes, ARM, strata=strata)
    known = np.sqrt(subhazard.covariance_known_weights[0, 0])
    return {
        "Gray's test in 2 strata": gray_test(times, causes, ARM, strata=strata).test.p_value < 0.05,
        "Gray's test in 2 strata, rho 1": gray_test(times, causes, ARM, strata=strata, rho=1.0).test.p_value < 0.05,
        "subdistribution hazard ratio in 2 strata (Fine-Gray)": outside(first_of(subhazard.interval()), 1.0),
        "the same, censoring taken as known": bool(abs(subhazard.coefficients[0]) > Z * known),
    }


def incidence_by_jackknife(rng: np.random.Generator) -> Marks:
    times, ends = rng.exponential(1.0, 200), rng.uniform(0.9, 2.5, 200)
    causes = np.where(times <= ends, np.where(rng.random(200) < 0.6, 1, 2), 0)
    found = cumulative_incidence(np.minimum(times, ends), causes)
    jackknife = found.interval_at(1, [TIME], variance=IncidenceVariance.INFINITESIMAL_JACKKNIFE)
    return {
        "cumulative incidence, log-log limits, jackknife": outside(first_of(jackknife), 0.6 * (1.0 - np.exp(-TIME)))
    }


def on_scales_of_time(rng: np.random.Generator) -> Marks:
    times, events = two_arms(rng)
    sample = cox_sample(times, events, ARM)
    fit = fit_cox(sample)
    on = {scale: proportionality(sample, fit, scale=scale).covariates[0].p_value < 0.05 for scale in TimeScale}
    return {
        "Cox model, Wald test": fit.wald_test.p_value < 0.05,
        "proportional hazards, time as 1 - Kaplan-Meier": on[TimeScale.KAPLAN_MEIER],
        "proportional hazards, time as it is": on[TimeScale.IDENTITY],
        "proportional hazards, log time": on[TimeScale.LOG],
        "proportional hazards, rank of time": on[TimeScale.RANK],
    }


def in_centres(rng: np.random.Generator) -> Marks:
    centres = np.repeat(np.arange(80), 4)
    times = rng.exponential(1.0 / np.repeat(rng.gamma(2.0, 0.5, 80), 4))
    ends = rng.uniform(0.9, 2.5, 320)
    sample = cox_sample(np.minimum(times, ends), times <= ends, centres % 2)
    fit = fit_cox(sample)
    error = np.sqrt(robust_covariance(sample, fit, patients=centres)[0, 0])
    return {"hazard ratio of arms by centre (robust interval)": bool(abs(fit.coefficients[0]) > Z * error)}


def reweighted(rng: np.random.Generator) -> Marks:
    risk = rng.standard_normal(300)
    treated = rng.random(300) < 1.0 / (1.0 + np.exp(-0.8 * risk))
    times, ends = rng.exponential(1.0, 300) * np.exp(-0.7 * risk), rng.uniform(0.5, 4.0, 300)
    found = weighted_effect(np.minimum(times, ends), times <= ends, treated, treatment_weights(treated, risk))
    difference, error = found.survival_difference(TIME)
    return {"survival difference by inverse-probability weights": bool(abs(difference) > Z * error)}


def standardised_effects(rng: np.random.Generator) -> Marks:
    risk = rng.standard_normal(200)
    treated = rng.random(200) < 1.0 / (1.0 + np.exp(-0.8 * risk))
    times, ends = rng.exponential(1.0, 200) * np.exp(-0.7 * risk), rng.uniform(0.9, 4.0, 200)
    found = standardised(
        np.minimum(times, ends), times <= ends, treated, risk,
        horizon=TIME, bootstrap=Bootstrap(rng=rng, resamples=RESAMPLES),
    )  # fmt: skip
    return {
        "survival difference by g-computation": bool(abs(found.survival_difference) > Z * found.survival_error),
        "difference of restricted means by g-computation": bool(abs(found.mean_difference) > Z * found.mean_error),
    }


def arms_with_cured(rng: np.random.Generator) -> Marks:
    times = np.where(rng.random(300) < 0.4, np.inf, rng.weibull(1.3, 300))
    ends = rng.uniform(3.0, 6.0, 300)
    times, events = np.minimum(times, ends), times <= ends
    arm = np.arange(300) % 2
    both, alike = mixture_cure(times, events, incidence=arm, latency=arm), mixture_cure(times, events)
    converged = both.status is alike.status is CureStatus.CONVERGED
    end = plateau(times, events)
    return {
        "share and times of two arms, likelihood-ratio test (cure)": not converged
        or both.against(alike).p_value < 0.05,
        "log odds ratio of the uncured (Wald interval)": not converged
        or bool(abs(both.incidence[1]) > Z * both.standard_errors[1]),
        "time ratio of the uncured (Wald interval)": not converged
        or bool(abs(both.latency[1]) > Z * both.standard_errors[3]),
        "height of a plateau, log-log limits": outside((end.lower, end.upper), 0.4),
    }


def stopped(steps: np.ndarray) -> tuple[np.ndarray, Found]:
    """Return Z at each look, and where a process of these increments stops."""
    z = np.cumsum(steps) / np.sqrt(SHARES)
    crossed = np.flatnonzero(z >= LIMITS.upper)
    look = int(crossed[0]) if crossed.size else SHARES.size - 1
    return z, Found(look=look + 1, z=float(z[look]))


def looked_at(rng: np.random.Generator) -> Marks:
    noise = rng.standard_normal(SHARES.size) * np.sqrt(STEPS)
    z, at = stopped(noise + DRIFT * STEPS)
    chance = stagewise_probability(LIMITS, at, drift=DRIFT)
    repeated = [repeated_interval(LIMITS, Found(look=look + 1, z=float(value))) for look, value in enumerate(z)]
    return {
        "effect at the stop, stage-wise interval": not 0.025 < chance < 0.975,
        "effect at any of 3 looks, repeated intervals": any(outside(limits, DRIFT) for limits in repeated),
        "p-value at the stop, stage-wise, one-sided": stagewise_probability(LIMITS, stopped(noise)[1]) < 0.05,
    }
