"""Fit what chemotherapy does to leukaemia and marrow to published remissions, recoveries and deaths.

    python validation/fit_chemotherapy.py

fits the rows of ``chemotherapy_targets.csv`` marked 'fitted' (no study of theirs has a name whose SHA-256 begins with 0
to 4; those are 'held out' and never looked at here) by least squares on virtual patients in the engine, with priors,
and rewrites ``src/trialeukin/model/fitted/chemotherapy.toml`` and ``chemotherapy_joint.toml``. Errors are inflated by
the misfit where they do not explain it.
"""

import sys
from pathlib import Path

import numpy as np
from chemotherapy_runs import MODEL, Target, read_targets, readings
from scipy.optimize import least_squares
from unknowns import Unknown, correlated, differences, joint_of, placed, said

from trialeukin.core.arrays import Floats
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import typical_values

OUTPUT = Path(__file__).parents[1] / "src" / "trialeukin" / "model" / "fitted" / "chemotherapy.toml"
JOINT = OUTPUT.with_name("chemotherapy_joint.toml")
PATIENTS = 1_000
SEED = 8_525
STEP = 0.2  # of a prior's standard deviation: wider than the steps that 1,000 patients leave in a fraction

# Where a source gives the centre it is named; the others say only which sign and size would surprise.
UNKNOWNS = (
    Unknown(name="cytarabine_kill", prior=10.0, width=1.0),
    Unknown(name="cytarabine_half_activation", prior=5.0, width=0.5),  # plunkett1987: less than 7, not above 8 to 17
    Unknown(name="daunorubicin_kill", prior=20.0, width=1.0),
    Unknown(name="chemotherapy_sensitivity", prior=0.6, width=0.5, spread=True),
    Unknown(name="sensitivity_shift_favourable", prior=0.3, width=0.4),
    Unknown(name="sensitivity_shift_adverse", prior=-0.3, width=0.4),
    Unknown(name="sensitivity_shift_from_60", prior=-0.3, width=0.4),
    Unknown(name="neutrophil_renewal", prior=0.236, width=0.4),  # jost2019, for all passages
    Unknown(name="platelet_renewal", prior=0.17, width=0.4),  # perezruixo2016, for all passages
    Unknown(
        name="marrow_feedback", prior=0.41, width=0.6
    ),  # the mean of 0.161, 0.444, 0.651 and 0.621 on the log scale
    Unknown(name="blast_displacement", prior=0.6, width=1.0),
    Unknown(name="marrow_kill_ratio", prior=0.6, width=0.5),
    Unknown(name="death_in_neutropenia_at_45", prior=0.0025, width=0.7),
    Unknown(name="death_in_neutropenia_by_age", prior=0.04, width=0.03),
)
MEANINGS = {
    "cytarabine_kill": "kill of leukaemia of typical sensitivity at the most triphosphate there can be",
    "cytarabine_half_activation": "cytarabine in plasma at which cells activate it half as fast as they can",
    "daunorubicin_kill": "kill of leukaemia of typical sensitivity for each umol/L of daunorubicin in plasma",
    "chemotherapy_sensitivity": "sensitivity of the patient's leukaemia to chemotherapy, relative to the typical one",
    "sensitivity_shift_favourable": "shift of the sensitivity in favourable risk, natural logarithm",
    "sensitivity_shift_adverse": "shift of the sensitivity in adverse risk, natural logarithm",
    "sensitivity_shift_from_60": "shift of the sensitivity from 60 years, natural logarithm",
    "neutrophil_renewal": "renewal of neutrophil progenitors at rest",
    "platelet_renewal": "renewal of platelet progenitors at rest",
    "marrow_feedback": "exponent of the feedback of cells on their progenitors",
    "blast_displacement": "share of the room of progenitors that a marrow full of blasts takes",
    "marrow_kill_ratio": "kill of normal progenitors relative to that of leukaemia of typical sensitivity",
    "death_in_neutropenia_at_45": "hazard of death without neutrophils at 45 years",
    "death_in_neutropenia_by_age": "relative rise of the hazard in neutropenia a year of age",
}
SPREADS = {  # assumed: chains of other drugs vary so (perezruixo2016: 47 % in the passage, after surgery)
    "neutrophil_renewal": 0.25,
    "platelet_renewal": 0.25,
    "marrow_kill_ratio": 0.2,
}


def misfit(deviations: Floats, system: System, targets: tuple[Target, ...]) -> Floats:
    """Return the residuals in standard errors: of the targets, then of the priors."""
    fitted = placed(system, UNKNOWNS, deviations)
    seen = readings(targets, fitted, typical_values(fitted), patients=PATIENTS, seed=SEED)
    gaps = [
        (seen[target] - target.value if target.is_fraction else np.log(seen[target] / target.value)) / target.error
        for target in targets
    ]
    return np.concatenate((gaps, deviations))


def as_toml(system: System, errors: Floats, shrinkage: Floats) -> str:
    """Return the fitted parameters as text; errors are those of the unknowns on their scales."""
    blocks = ["# Written by validation/fit_chemotherapy.py; do not edit by hand.\n"]
    studies = ", ".join(dict.fromkeys(target.study for target in read_targets() if target.fitted))
    for unknown, error, share in zip(UNKNOWNS, errors, shrinkage, strict=True):
        parameter = system.parameters[unknown.name]
        told = "between patients " if unknown.spread else ""
        blocks.append(
            f"[{unknown.name}]\n"
            f"value = {parameter.value:.5g}\n"
            f'unit = "{parameter.unit}"\n'
            f"between_patients = {SPREADS.get(unknown.name, parameter.between_patients):.4g}\n"
            f"uncertainty = {0.0 if unknown.spread else error:.3g}\n"
            f'scale = "{parameter.scale.value}"\n'
            f'key = "fit_chemotherapy"\n'
            f'place = "least squares to {studies}; each row in validation/chemotherapy_targets.csv"\n'
            f'meaning = "{MEANINGS[unknown.name]}"\n'
            f'fit = "{told}prior {unknown.prior:g}, {unknown.width:g} on its scale; set by data {share:.0%}"\n'
        )
    return "\n".join(blocks).replace("value = 1\n", "value = 1.0\n").replace(" = 0\n", " = 0.0\n")


def main() -> None:
    system = model(MODEL)
    targets = tuple(target for target in read_targets() if target.fitted)
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    start, slope = np.zeros(len(UNKNOWNS)), differences(misfit, STEP)
    answer = least_squares(misfit, start, slope, args=(system, targets), max_nfev=most, xtol=1e-3, ftol=1e-3)
    slopes, gaps = answer.jac[: len(targets)], answer.fun[: len(targets)]
    spent = float(np.trace(np.linalg.solve(slopes.T @ slopes + np.eye(len(UNKNOWNS)), slopes.T @ slopes)))
    excess = max(1.0, float(np.sqrt(gaps @ gaps / (len(targets) - spent))))
    covariance = np.linalg.inv(slopes.T @ slopes / excess**2 + np.eye(len(UNKNOWNS)))
    errors = np.array([unknown.width for unknown in UNKNOWNS]) * np.sqrt(np.diag(covariance))
    shrinkage = 1.0 - np.sqrt(np.diag(covariance))
    fitted = placed(system, UNKNOWNS, answer.x)
    OUTPUT.write_text(as_toml(fitted, errors, shrinkage), encoding="utf-8")
    JOINT.write_text(joint_of("fit_chemotherapy.py", UNKNOWNS, errors, covariance), encoding="utf-8")
    print(f"chi-square {2.0 * answer.cost:.1f} over {len(targets)} targets and {len(UNKNOWNS)} priors; ", end="")
    print(f"errors inflated {excess:.2f}-fold")
    for target, gap in zip(targets, gaps, strict=True):
        told = f"{target.study} {target.group} {target.regimen} {target.quantity}"
        print(f"{told:75s} {target.value:8.3g}  off by {gap:+5.1f} standard errors")
    for line in said(fitted, UNKNOWNS, errors, shrinkage):
        print(line)
    for line in correlated(UNKNOWNS, covariance):
        print(line)


if __name__ == "__main__":
    main()
