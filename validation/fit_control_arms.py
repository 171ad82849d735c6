"""Fit the residual leukaemia and the hazards of death to control arms, and write them down as data.

    python validation/fit_control_arms.py

fits the rows of ``control_arm_targets.csv`` marked 'fitted' by least squares on virtual patients in closed form
(`untreated.py`), with weak priors, and rewrites ``src/trialeukin/model/fitted/control_arms.toml``
and, beside it, ``control_arms_joint.toml``: how their errors are correlated.
The rows marked 'predicted' were set apart before the first fit and are never looked at here; ``control_arm_table.py``
shows both from the engine.
"""

from pathlib import Path

import numpy as np
from control_arms import Target, read_targets, reading, simulate
from scipy.optimize import least_squares
from unknowns import Unknown, correlated, differences, joint_of, placed, said
from untreated import UntreatedCourse

from trialeukin.core.arrays import Floats
from trialeukin.model.component import parameters_of
from trialeukin.model.components.death_after_relapse import DeathAfterRelapse
from trialeukin.model.components.death_in_remission import DeathInRemission
from trialeukin.model.components.leukaemia import Leukaemia
from trialeukin.model.components.residual_leukaemia import ResidualLeukaemia
from trialeukin.model.system import System
from trialeukin.population.cohort import typical_values

OUTPUT = Path(__file__).parents[1] / "src" / "trialeukin" / "model" / "fitted" / "control_arms.toml"
JOINT = OUTPUT.with_name("control_arms_joint.toml")
PATIENTS = 20_000
SEED = 2_961
STEP = 0.1  # of a prior's standard deviation: wider than the steps that 20,000 patients leave in a fraction


# The centres: doubling times of Ommen 2010 (11, 14, 36 days), median survival after relapse of 0.68 years
# (survival::myeloid); the others say only which sign and size would surprise.
UNKNOWNS = (
    Unknown(name="residual_burden_log10", prior=1.0, width=4.0),
    Unknown(name="residual_burden_log10", prior=3.0, width=0.7, spread=True),
    Unknown(name="burden_shift_favourable", prior=-1.0, width=2.0),
    Unknown(name="burden_shift_adverse", prior=1.0, width=2.0),
    Unknown(name="burden_shift_conventional", prior=1.0, width=2.0),
    Unknown(name="burden_shift_from_60", prior=1.0, width=2.0),
    Unknown(name="burden_shift_child", prior=-1.0, width=3.0),
    Unknown(name="leukaemia_doubling_time", prior=12.0, width=0.25),
    Unknown(name="leukaemia_doubling_time", prior=0.6, width=0.5, spread=True),
    Unknown(name="death_in_remission_at_45", prior=3e-5, width=1.0),
    Unknown(name="death_after_relapse_rate", prior=0.0028, width=0.3),
    Unknown(name="rescued_under_60", prior=0.2, width=1.0),
    Unknown(name="rescued_from_60", prior=0.1, width=0.7),
    Unknown(name="rescued_child", prior=0.3, width=1.0),
)


def remission_system() -> System:
    """Return the parameters of an untreated patient as a system without equations."""
    components = (ResidualLeukaemia(), Leukaemia(), DeathInRemission(), DeathAfterRelapse())
    parameters = {name: value for component in components for name, value in parameters_of(component).items()}
    return System(name="remission", states=(), terms=(), definitions=(), parameters=parameters)


def misfit(deviations: Floats, system: System, targets: tuple[Target, ...]) -> Floats:
    """Return the residuals in standard errors: of the targets, then of the priors."""
    model = placed(system, UNKNOWNS, deviations)
    typical = typical_values(model)
    rows = []
    courses: dict[tuple[str, str], UntreatedCourse] = {}
    for target in targets:
        who = (target.cohort, target.arm if target.arm.endswith("risk") else "")
        if who not in courses:
            courses[who] = simulate(target, model, typical, patients=PATIENTS, seed=SEED)
        seen = reading(target, courses[who])
        gap = np.log(seen / target.value) if target.in_months else seen - target.value
        rows.append(gap / target.error)
    return np.concatenate((rows, deviations))


def as_toml(system: System, errors: Floats) -> str:
    """Return the fitted parameters as text; errors are those of the unknowns on their scales."""
    blocks = ["# Written by validation/fit_control_arms.py; do not edit by hand.\n"]
    studies = ", ".join(dict.fromkeys(target.study for target in read_targets() if target.fitted))
    for unknown, error in zip(UNKNOWNS, errors, strict=True):
        if unknown.spread:
            continue
        parameter = system.parameters[unknown.name]
        blocks.append(
            f"[{unknown.name}]\n"
            f"value = {parameter.value:.5g}\n"
            f'unit = "{parameter.unit}"\n'
            f"between_patients = {parameter.between_patients:.4g}\n"
            f"uncertainty = {error:.3g}\n"
            f'scale = "{parameter.scale.value}"\n'
            f'key = "fit_control_arms"\n'
            f'place = "least squares to {studies}; each row in validation/control_arm_targets.csv"\n'
            f'meaning = "{parameter.meaning}"\n'
        )
    return "\n".join(blocks).replace("value = 0\n", "value = 0.0\n")


def main() -> None:
    system = remission_system()
    targets = tuple(target for target in read_targets() if target.fitted)
    start, slope = np.zeros(len(UNKNOWNS)), differences(misfit, STEP)
    answer = least_squares(misfit, start, slope, args=(system, targets), max_nfev=30, xtol=1e-4, ftol=1e-4)
    covariance = np.linalg.inv(answer.jac.T @ answer.jac)
    widths = np.array([unknown.width for unknown in UNKNOWNS])
    errors = widths * np.sqrt(np.diag(covariance))
    fitted = placed(system, UNKNOWNS, answer.x)
    OUTPUT.write_text(as_toml(fitted, errors), encoding="utf-8")
    print(f"chi-square {2.0 * answer.cost:.2f} over {len(targets)} targets and {len(UNKNOWNS)} priors")
    shrinkage = 1.0 - np.diag(covariance)
    JOINT.write_text(joint_of("fit_control_arms.py", UNKNOWNS, errors, covariance), encoding="utf-8")
    for line in said(fitted, UNKNOWNS, errors, shrinkage):
        print(line)
    for line in correlated(UNKNOWNS, covariance):
        print(line)


if __name__ == "__main__":
    main()
