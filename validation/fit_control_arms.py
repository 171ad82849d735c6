"""Fit the residual leukaemia and the hazards of death to control arms, and write them down as data.

    python validation/fit_control_arms.py

fits the rows of ``control_arm_targets.csv`` marked 'fitted' by least squares on virtual patients in closed form
(`untreated.py`), with weak priors, and rewrites ``src/trialeukin/model/fitted/control_arms.toml``
and, beside it, ``control_arms_joint.toml``: how their errors are correlated.
The rows marked 'predicted' were set apart before the first fit and are never looked at here; ``control_arm_table.py``
shows both from the engine.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from control_arms import Target, read_targets, reading, simulate
from joint_text import joint_text
from scipy.optimize import least_squares
from untreated import UntreatedCourse

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """One number to be fitted, with its prior on the parameter's own scale (log for a spread).

    Attributes
    ----------
    name : str
        The parameter.
    spread : bool
        Whether it is the standard deviation between patients rather than the typical value.
    prior : float
        Centre of the prior, as a value.
    width : float
        Standard deviation of the prior, on the scale.
    """

    name: str
    prior: float
    width: float
    spread: bool = False

    @property
    def label(self) -> str:
        return f"{self.name}{' (between patients)' if self.spread else ''}"

    def scale(self, system: System) -> Scale:
        return Scale.LOG if self.spread else system.parameters[self.name].scale


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


def placed(system: System, deviations: Floats) -> System:
    """Return the system with every unknown at its prior centre moved by that many prior widths."""
    parameters = dict(system.parameters)
    for unknown, deviation in zip(UNKNOWNS, deviations, strict=True):
        scale = unknown.scale(system)
        value = float(scale.shift(np.float64(unknown.prior), np.float64(unknown.width * deviation)))
        key = "between_patients" if unknown.spread else "value"
        parameters[unknown.name] = replace(parameters[unknown.name], **{key: value})
    return replace(system, parameters=parameters)


def misfit(deviations: Floats, system: System, targets: tuple[Target, ...]) -> Floats:
    """Return the residuals in standard errors: of the targets, then of the priors."""
    model = placed(system, deviations)
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


def slope(deviations: Floats, system: System, targets: tuple[Target, ...]) -> Floats:
    """Return the derivatives of the misfit by central differences."""
    columns = []
    for step in STEP * np.eye(len(UNKNOWNS)):
        ahead, behind = (misfit(deviations + sign * step, system, targets) for sign in (1.0, -1.0))
        columns.append((ahead - behind) / (2.0 * STEP))
    return np.stack(columns, axis=1)


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
    start = np.zeros(len(UNKNOWNS))
    answer = least_squares(misfit, start, slope, args=(system, targets), max_nfev=30, xtol=1e-4, ftol=1e-4)
    covariance = np.linalg.inv(answer.jac.T @ answer.jac)
    widths = np.array([unknown.width for unknown in UNKNOWNS])
    errors = widths * np.sqrt(np.diag(covariance))
    fitted = placed(system, answer.x)
    OUTPUT.write_text(as_toml(fitted, errors), encoding="utf-8")
    print(f"chi-square {2.0 * answer.cost:.2f} over {len(targets)} targets and {len(UNKNOWNS)} priors")
    shrinkage = 1.0 - np.diag(covariance)
    for unknown, error, share in zip(UNKNOWNS, errors, shrinkage, strict=True):
        parameter = fitted.parameters[unknown.name]
        value = parameter.between_patients if unknown.spread else parameter.value
        print(f"{unknown.label:46s} {value:10.4g}  error {error:6.3g}  set by data {share:5.0%}")
    correlation = covariance / np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    kept = [place for place, unknown in enumerate(UNKNOWNS) if not unknown.spread]
    names = [UNKNOWNS[place].name for place in kept]
    JOINT.write_text(
        joint_text("fit_control_arms.py", names, errors[kept], correlation[np.ix_(kept, kept)]), encoding="utf-8"
    )
    for row, column in zip(*np.where(np.triu(np.abs(correlation), 1) > 0.7), strict=True):
        print(f"correlated {correlation[row, column]:+.2f}: {UNKNOWNS[row].label} and {UNKNOWNS[column].label}")


if __name__ == "__main__":
    main()
