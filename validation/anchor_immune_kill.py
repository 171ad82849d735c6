"""Find the kill at baseline that makes relapse depend on NK counts as published, and write it down as data.

    python validation/anchor_immune_kill.py

Koster 2023 (166 acute leukaemias after T-cell-depleted transplantation, joint model): relapse hazard ratio 0.62
(0.41-0.93) per e-fold of the NK count. Here patients of the all-adult cohort live once with NK counts half an e-fold
below and once half an e-fold above baseline for three years; the Cox hazard ratio between the two is matched to the
estimate and to both ends of its interval. The distance between the ends is the uncertainty.

What this assumes: that a difference in NK counts between patients acts on residual leukaemia as a cause does, that what
holds after an allograft holds without one, and the other constants of the kill law.
"""

from pathlib import Path

import numpy as np
from fit_control_arms import remission_system
from scipy.optimize import brentq
from untreated import columns, entry_log_cells

from trialeukin.core.arrays import Floats
from trialeukin.core.normal import NORMAL_975
from trialeukin.model.component import parameters_of
from trialeukin.model.components.immune_kill import SaturatingKill
from trialeukin.model.components.reactive_oxygen import ReactiveOxygen
from trialeukin.population.cohort import draw_cohort
from trialeukin.population.description import load_description
from trialeukin.survival.cox import cox

OUTPUT = Path(__file__).parents[1] / "src" / "trialeukin" / "model" / "fitted" / "immune_anchor.toml"
ESTIMATE, LOWER, UPPER = 0.62, 0.41, 0.93
HORIZON = 3.0 * 365.25
PATIENTS, SEED = 6_000, 2_023
NODES = 64
BETWEEN_PATIENTS = 0.5


def crossing_times(value: dict[str, Floats], kill: Floats, nk: float) -> Floats:
    r"""Return when patients cross the limit of relapse at a constant NK count, (n,), day.

    .. math:: t = \int_{\ln B_0}^{\ln \theta K} \frac{d \ln B}{g (1 - B/K) - [\kappa(E, B) - \kappa(1, B)]}
    """
    constants = {name: parameter.value for name, parameter in parameters_of(SaturatingKill()).items()}
    oxygen = parameters_of(ReactiveOxygen())["ros_strength"].value
    effectors = (1.0 - constants["cd8_share"]) * nk + constants["cd8_share"]
    start = entry_log_cells(value)
    end = np.log(value["relapse_blast_fraction"] * value["marrow_capacity"])
    place, weight = np.polynomial.legendre.leggauss(NODES)
    log_cells = start[:, None] + (end - start)[:, None] * (0.5 * (place + 1.0))[None, :]
    cells = np.exp(log_cells)
    half, thinning = constants["effector_half_saturation"], cells / constants["crowded_burden"]
    relative = (half + 1.0) * (effectors / (half + effectors + thinning) - 1.0 / (half + 1.0 + thinning))
    free = kill * (1.0 - oxygen * value["monocytic"])
    growth = np.log(2.0) / value["leukaemia_doubling_time"][:, None] * (1.0 - cells / value["marrow_capacity"][:, None])
    net = growth - free[:, None] * relative
    lives = (start > 0.0) & (net > 0.0).all(axis=1)
    times = 0.5 * (end - start) * (weight / np.where(lives[:, None], net, 1.0)).sum(axis=1)
    return np.where(lives, times, np.inf)


def hazard_ratio(kill: float, value: dict[str, Floats], deviations: Floats) -> float:
    """Return the Cox hazard ratio of relapse per e-fold of the NK count at a median kill, 1/day."""
    rates = kill * np.exp(BETWEEN_PATIENTS * deviations)
    times = np.concatenate([crossing_times(value, rates, np.exp(half)) for half in (-0.5, 0.5)])
    high = np.repeat([0.0, 1.0], rates.size)
    return float(np.exp(cox(np.minimum(times, HORIZON), times < HORIZON, high).coefficients[0]))


def main() -> None:
    system = remission_system()
    cohort = draw_cohort(load_description("aml-cr1-adults"), system, seed=SEED, patients=np.arange(PATIENTS))
    value = columns(cohort, system) | dict(cohort.covariates)
    deviations = np.random.default_rng(SEED).normal(size=PATIENTS)
    answers = {
        target: brentq(lambda kill, wanted=target: hazard_ratio(kill, value, deviations) - wanted, 1e-4, 0.5, rtol=1e-3)
        for target in (ESTIMATE, LOWER, UPPER)
    }
    for target, kill in answers.items():
        print(f"relapse HR {target:.2f} per e-fold of NK: kill {kill:.4f} a day")
    uncertainty = np.log(answers[LOWER] / answers[UPPER]) / (2.0 * NORMAL_975)
    OUTPUT.write_text(
        "# Written by validation/anchor_immune_kill.py; do not edit by hand.\n\n"
        "[baseline_immune_kill]\n"
        f"value = {answers[ESTIMATE]:.4g}\n"
        'unit = "1/day"\n'
        f"between_patients = {BETWEEN_PATIENTS}\n"
        f"uncertainty = {uncertainty:.3g}\n"
        'scale = "log"\n'
        'key = "koster2023"\n'
        'place = "relapse HR 0.62 (0.41-0.93) per e-fold of the NK count, solved by validation/anchor_immune_kill.py; '
        'spread between patients assumed"\n'
        'meaning = "kill of leukaemic cells by NK and CD8 cells at baseline, free of reactive oxygen"\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
