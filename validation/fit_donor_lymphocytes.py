"""Fit donor lymphocytes to published series, once for each structure, and write the fits down as data.

    python validation/fit_donor_lymphocytes.py [growth | potency] [--start]

fits the rows of ``targets/donor_lymphocytes.csv`` marked 'fitted' under the priors of
``donor_lymphocytes_priors.toml`` and rewrites ``src/trialeukin/model/fitted/donor_lymphocytes.toml`` (growth) or
``donor_lymphocytes_potency.toml``, each with its ``_joint.toml``. Rows marked 'held out' (studies whose name's SHA-256
begins with 0 to 4) and 'compared' are never looked at here. ``--start`` writes the prior means, so that the model can
be composed before the first fit.
"""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from donor_lymphocyte_arms import (
    Course,
    Target,
    cohort_system,
    drawn,
    follow,
    read_targets,
    reading,
    regimen_of,
    system_of,
)
from gauss_newton import Maximum
from scipy.special import logit

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale
from trialeukin.population.cohort import Cohort

HERE = Path(__file__).parent
PRIORS = HERE / "donor_lymphocytes_priors.toml"
FITTED = HERE.parent / "src" / "trialeukin" / "model" / "fitted"
TABLES = {"growth": "donor_lymphocytes", "potency": "donor_lymphocytes_potency"}
SCRIPT = "validation/fit_donor_lymphocytes.py"
ROWS = "validation/targets/donor_lymphocytes.csv"
PATIENTS = 1_500
SEED = 1_998
STEP = 0.25  # of a prior's standard deviation: wider than the steps that 1,500 patients leave in a fraction
ITERATIONS, GAIN = 10, 0.1
SPREAD_OF = "reactive_fraction"
IDENTIFIED, WEAK = 0.8, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """One number to be fitted: a typical value, or the spread between patients (on the log scale)."""

    name: str
    value: float
    width: float
    scale: Scale
    spread: bool = False

    def at(self, deviation: Floats) -> Floats:
        """Return values at deviations from the prior, in its standard deviations."""
        return self.scale.shift(np.float64(self.value), self.width * np.asarray(deviation))


def entries(structure: str) -> dict[str, dict[str, Any]]:
    """Return the priors that one structure has, as written."""
    table = tomllib.loads(PRIORS.read_text(encoding="utf-8"))
    return {name: entry for name, entry in table.items() if entry["structure"] in {"both", structure}}


def unknowns(structure: str) -> tuple[Unknown, ...]:
    """Return what is fitted: all typical values, then the spread of reactive cells."""
    table = entries(structure)
    typical = tuple(
        Unknown(name=name, value=entry["value"], width=entry["prior_sd"], scale=Scale(entry.get("scale", "log")))
        for name, entry in table.items()
    )
    own = table[SPREAD_OF]
    spread = Unknown(
        name=SPREAD_OF, value=own["between_patients"], width=own["between_prior_sd"], scale=Scale.LOG, spread=True
    )
    return (*typical, spread)


def fitted_targets() -> tuple[Target, ...]:
    return tuple(target for target in read_targets() if target.use == "fitted")


@cache
def patients_of(structure: str, cohort: str) -> Cohort:
    """Return the patients of a cohort, drawn once: every set of parameters has the same ones."""
    return drawn(system_of(structure), cohort, patients=PATIENTS, seed=SEED)


def moved(structure: str, cohort: str, deviations: Floats) -> Floats:
    """Return the parameters of a cohort's patients, (r n, p), at rows of deviations, (r, u)."""
    system, base = cohort_system(system_of(structure), cohort), patients_of(structure, cohort).parameters
    place = {name: column for column, name in enumerate(system.parameters)}
    blocks = []
    for row in deviations:
        block = base.copy()
        for unknown, deviation in zip(unknowns(structure), row, strict=True):
            now, column = unknown.at(deviation), place[unknown.name]
            old = system.parameters[unknown.name]
            if unknown.spread:
                typical = _typical(structure, row, unknown.name)
                block[:, column] = typical * (block[:, column] / typical) ** (now / old.between_patients)
            elif unknown.scale is Scale.LOG:
                block[:, column] *= now / old.value
            else:
                block[:, column] = now
        blocks.append(block)
    return np.concatenate(blocks)


def _typical(structure: str, row: Floats, name: str) -> float:
    for unknown, deviation in zip(unknowns(structure), row, strict=True):
        if unknown.name == name and not unknown.spread:
            return float(unknown.at(deviation))
    raise KeyError(name)


def courses_at(
    structure: str, targets: tuple[Target, ...], deviations: Floats
) -> list[Mapping[tuple[str, str], Course]]:
    """Return the course of every arm the targets need, one mapping a row of deviations."""
    arms = sorted({arm for target in targets for arm in target.arms})
    found: list[dict[tuple[str, str], Course]] = [{} for _ in deviations]
    for cohort, regimen in arms:
        system = cohort_system(system_of(structure), cohort)
        parameters = moved(structure, cohort, deviations)
        for place, course in enumerate(follow(system, patients_of(structure, cohort), parameters, regimen_of(regimen))):
            found[place][cohort, regimen] = course
    return found


def misses(target: Target, seen: float) -> float:
    """Return how far the model is from a target, in standard errors, on the scale of the logit or the logarithm."""
    if target.in_weeks:
        return float(np.log(seen / target.value)) / target.error
    half = 0.5 / target.n  # half a patient, as in the error
    fractions = [np.clip(each / 100.0, 0.0, 1.0) for each in (seen, target.value)]
    model, published = (logit((fraction + half) / (1.0 + 2.0 * half)) for fraction in fractions)
    return float(model - published) / target.error


def residuals(structure: str, targets: tuple[Target, ...], deviations: Floats) -> Floats:
    """Return the misses of all targets, (r, t), at rows of deviations, (r, u)."""
    return np.array(
        [
            [misses(target, reading(target, [courses[arm] for arm in target.arms])) for target in targets]
            for courses in courses_at(structure, targets, deviations)
        ]
    )


def slopes(structure: str, targets: tuple[Target, ...], at: Floats) -> tuple[Floats, Floats]:
    """Return residuals, (t,), and their central differences, (t, u)."""
    shifts = STEP * np.eye(at.size)
    rows = residuals(structure, targets, np.vstack([at, at + shifts, at - shifts]))
    return rows[0], ((rows[1 : at.size + 1] - rows[at.size + 1 :]) / (2.0 * STEP)).T


def maximise(structure: str, targets: tuple[Target, ...], start: Floats) -> tuple[Maximum, Floats]:
    """Return the maximum of the posterior and the slopes there.

    Gauss-Newton steps, of which several lengths are tried at once; `gauss_newton.maximise` has steps too short for
    fractions of 1,500 patients.
    """
    at, converged = start, False
    for iteration in range(ITERATIONS):
        seen, jacobian = slopes(structure, targets, at)
        before = seen @ seen + at @ at
        gradient = jacobian.T @ seen + at
        step = -np.linalg.solve(jacobian.T @ jacobian + np.eye(at.size), gradient)
        tries = at + np.array([1.0, 0.6, 0.35, 0.15, 0.05])[:, None] * step
        costs = [row @ row + each @ each for row, each in zip(residuals(structure, targets, tries), tries, strict=True)]
        print(f"{structure} {iteration}: cost {before:.2f} -> {min(costs):.2f}", flush=True)
        if min(costs) < before:
            at = tries[int(np.argmin(costs))]
        if before - min(costs) < GAIN:
            converged = True
            break
    seen, jacobian = slopes(structure, targets, at)
    information = jacobian.T @ jacobian
    spent = float(np.trace(np.linalg.solve(information + np.eye(at.size), information)))
    maximum = Maximum(
        deviations=at,
        misfit=float(np.sqrt(seen @ seen / (seen.size - spent))),
        residuals=seen,
        gradient=jacobian.T @ seen + at,
        converged=converged,
    )
    return maximum, jacobian


def spread_of(maximum: Maximum, jacobian: Floats) -> Floats:
    """Return the posterior covariance in prior standard deviations, every error inflated by the misfit over one."""
    scaled = jacobian.T @ jacobian / max(1.0, maximum.misfit) ** 2
    return np.asarray(np.linalg.inv(scaled + np.eye(maximum.deviations.size)))


def verdict(shrinkage: float) -> str:
    """Return in words what the data say of a parameter."""
    if shrinkage >= IDENTIFIED:
        return "identified"
    return "weakly identified" if shrinkage >= WEAK else "not identified: keeps its prior"


def document(structure: str, deviations: Floats, left: Floats, head: str) -> str:
    """Return the fit as text; ``left`` is the share of each prior variance that is left, (u,)."""
    table, blocks = entries(structure), [f"# Written by {SCRIPT}; do not edit.\n{head}"]
    between = {
        unknown.name: float(unknown.at(deviation))
        for unknown, deviation in zip(unknowns(structure), deviations, strict=True)
        if unknown.spread
    }
    for unknown, deviation, share in zip(unknowns(structure), deviations, left, strict=True):
        if unknown.spread:
            continue
        entry = table[unknown.name]
        lines = [
            f"[{unknown.name}]",
            f"value = {float(unknown.at(deviation)):#.5g}",
            f'unit = "{entry["unit"]}"',
            f"between_patients = {between.get(unknown.name, entry.get('between_patients', 0.0)):.4g}",
            f"uncertainty = {share**0.5 * unknown.width:.3g}",
            f'scale = "{unknown.scale.value}"',
            'key = "fit_donor_lymphocytes"',
            f'place = "prior: {entry["prior"]}; rows in {ROWS}; {verdict(1.0 - share)}"',
            f'meaning = "{entry["meaning"]}"',
            "",
            f"[{unknown.name}.fit]",
            f"prior = {unknown.value}",
            f"prior_sd = {unknown.width}",
            f"deviation = {deviation:.2f}",
            f"shrinkage = {1.0 - share:.2f}",
            "",
        ]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def joint_document(structure: str, spread: Floats) -> str:
    """Return what the fit leaves unknown of all typical values together, as text."""
    kept = [place for place, unknown in enumerate(unknowns(structure)) if not unknown.spread]
    deviation = np.sqrt(np.diag(spread))
    correlation = spread / np.outer(deviation, deviation)
    lines = [f"# Written by {SCRIPT}; do not edit. Each row: correlation with the parameters above it, and itself."]
    for count, row in enumerate(kept):
        unknown = unknowns(structure)[row]
        above = ", ".join([f"{correlation[row, column]:.4f}" for column in kept[:count]] + ["1.0"])
        lines += ["", f"[{unknown.name}]", f"spread = {deviation[row] * unknown.width:.4g}", f"correlation = [{above}]"]
    return "\n".join(lines) + "\n"


def write(structure: str, maximum: Maximum | None, jacobian: Floats | None) -> None:
    """Write a fit, or the prior means where there is none yet."""
    count = len(unknowns(structure))
    if maximum is None or jacobian is None:
        deviations, spread, head = np.zeros(count), np.eye(count), "# Prior means: not fitted yet.\n"
    else:
        deviations, spread = maximum.deviations, spread_of(maximum, jacobian)
        settled = "settled within" if maximum.converged else "not settled within"
        head = f"# Misfit {maximum.misfit:.2f} times the stated errors; {settled} the noise of {PATIENTS:,} patients.\n"
    table = FITTED / f"{TABLES[structure]}.toml"
    table.write_text(document(structure, deviations, np.diag(spread), head), encoding="utf-8")
    table.with_name(f"{TABLES[structure]}_joint.toml").write_text(joint_document(structure, spread), encoding="utf-8")


def main() -> int:
    chosen = [word for word in sys.argv[1:] if word in TABLES] or list(TABLES)
    for structure in chosen:
        if "--start" in sys.argv:
            write(structure, None, None)
            continue
        targets = fitted_targets()
        maximum, jacobian = maximise(structure, targets, np.zeros(len(unknowns(structure))))
        write(structure, maximum, jacobian)
        for target, miss in zip(targets, maximum.residuals, strict=True):
            print(f"{target.name:35s} {target.value:6.1f}  {miss:+.2f} errors")
        for unknown, deviation, share in zip(
            unknowns(structure), maximum.deviations, np.diag(spread_of(maximum, jacobian)), strict=True
        ):
            label = f"{unknown.name}{' (spread)' if unknown.spread else ''}"
            print(f"{label:35s} {float(unknown.at(deviation)):10.4g}  {deviation:+.2f} sd  shrinkage {1.0 - share:.2f}")
        print(f"{structure}: misfit {maximum.misfit:.2f}, converged {maximum.converged}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
