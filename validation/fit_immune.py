"""Fit IL-2's kinetics and its effects to what was observed, and write the fitted parameters.

    python validation/fit_immune.py

reads ``immune_priors.toml`` and the cases of the package that are to be fitted (`trialeukin.inference.cases`; no study
that the split holds out is among them) and writes ``immune.toml`` and ``immune_joint.toml`` of
``src/trialeukin/model/fitted``. Nothing in it is random but the cohorts of `fitted_fractions`, whose seed is fixed.
The maximum of the posterior is found on the scale of each parameter (log or logit), in units of its
prior standard deviation; the other parameters keep the value of their source. What is not known is a
normal approximation there, of the fitted parameters and of all others together, after inflating the
errors of all observations by the misfit between studies; nothing is less certain than its prior.
"""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from fitted_fractions import as_typical
from gauss_newton import Maximum, covariance, maximise

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale
from trialeukin.inference.case import Bound, Case, Use
from trialeukin.inference.cases import all_cases
from trialeukin.inference.prediction import predict_typical
from trialeukin.model.component import parameters_of
from trialeukin.model.fitted import verdict
from trialeukin.model.whole import MODELS

HERE = Path(__file__).parent
PRIORS = HERE / "immune_priors.toml"
SCRIPT = "validation/fit_immune.py"
FITTED = HERE.parent / "src" / "trialeukin" / "model" / "fitted" / "immune.toml"
JOINT = FITTED.with_name("immune_joint.toml")
ITERATIONS = 30
MODEL = "il2-immune"
FITTED_WITH = (MODEL, "aml-maintenance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What was believed of one parameter.

    Attributes
    ----------
    value : float
        Its middle, in the parameter's unit.
    spread : float
        Standard deviation on ``scale``.
    scale : Scale
        Where it is normal.
    """

    value: float
    spread: float
    scale: Scale

    def at(self, deviation: float) -> float:
        """Return the value at a deviation in prior standard deviations."""
        return float(self.scale.shift(np.asarray(self.value), np.asarray(deviation * self.spread)))


Priors = Mapping[str, Prior]


def entries() -> dict[str, dict[str, Any]]:
    """Return the table of priors as it is written."""
    return tomllib.loads(PRIORS.read_text(encoding="utf-8"))


def fitted_priors() -> Priors:
    """Return the priors of the parameters that are fitted."""
    return {
        name: Prior(value=entry["value"], spread=entry["prior_sd"], scale=Scale(entry.get("scale", "log")))
        for name, entry in entries().items()
    }


def nuisance_priors() -> Priors:
    """Return what is not known of the other parameters of the model, which keep the value of their source."""
    brought = [parameters_of(component) for component in MODELS[MODEL]]
    return {
        name: Prior(value=parameter.value, spread=parameter.uncertainty, scale=parameter.scale)
        for parameters in brought
        for name, parameter in parameters.items()
        if parameter.uncertainty > 0.0 and name not in entries()
    }


@cache
def fitted_targets() -> tuple[Case, ...]:
    """Return the cases that the fit sees, as readings of the typical patient.

    Fractions of patients with an event are left to ``fit_toxicity.py``, cases of other models to their fits.
    """
    cases = [
        case
        for case in all_cases()
        if isinstance(case, Case) and case.use is Use.FITTED and case.scenario.model in FITTED_WITH
    ]
    start = {name: prior.value for name, prior in fitted_priors().items()}
    return tuple(
        as_typical(case, start) if case.reading.of_threshold else case for case in cases if not case.reading.of_events
    )


def misses(targets: Sequence[Case], predicted: Floats) -> Floats:
    """Return ln(predicted / observed) over the spread, (r, t), and zero on the right side of a limit."""
    observed = np.array([target.value for target in targets])
    spread = np.array([target.spread for target in targets], dtype=np.float64)
    raw = np.log(np.maximum(predicted, 1e-12) / observed) / spread
    upper = np.array([target.bound is Bound.AT_MOST for target in targets])
    lower = np.array([target.bound is Bound.AT_LEAST for target in targets])
    return np.where(upper, np.maximum(raw, 0.0), np.where(lower, np.minimum(raw, 0.0), raw))


def residuals(priors: Priors, rows: Floats) -> Floats:
    """Return the residuals of all fitted targets, (r, t), at rows of deviations from priors, (r, p)."""
    targets = fitted_targets()
    changed = [{name: prior.at(each) for (name, prior), each in zip(priors.items(), row, strict=True)} for row in rows]
    return misses(targets, predict_typical(targets, changed))


def fit() -> tuple[Maximum, Floats]:
    """Return the maximum over the fitted parameters, and the covariance of these and all others there."""
    fitted, nuisance = fitted_priors(), nuisance_priors()
    maximum = maximise(lambda rows: residuals(fitted, rows), len(fitted), iterations=ITERATIONS)
    at = np.concatenate([maximum.deviations, np.zeros(len(nuisance))])
    spread = covariance(lambda rows: residuals({**fitted, **nuisance}, rows), at, misfit=maximum.misfit)
    return maximum, spread


def fitted_document(maximum: Maximum, left: Floats) -> str:
    """Return the text of ``immune.toml``; ``left`` is the share of each prior variance that is left, (p,)."""
    targets = "".join(f"#   {target.name}\n" for target in fitted_targets())
    head = (
        f"# Written by {SCRIPT}; do not edit.\n# Misfit between studies {maximum.misfit:.2f} times the stated errors."
    )
    blocks = [
        _block(name, entry, fitted_priors()[name].at(deviation), deviation, share)
        for (name, entry), deviation, share in zip(
            entries().items(), maximum.deviations.tolist(), left.tolist(), strict=True
        )
    ]
    return f"{head}\n# Fitted to\n{targets}\n" + "\n".join(blocks)


def _block(name: str, entry: Mapping[str, Any], value: float, deviation: float, left: float) -> str:
    lines = [
        f"[{name}]",
        f"value = {value:.6g}",
        f'unit = "{entry["unit"]}"',
        f"between_patients = {entry['between_patients']}",
        f"uncertainty = {left**0.5 * entry['prior_sd']:.3g}",
        f'scale = "{entry.get("scale", "log")}"',
        f'key = "{entry["key"]}"',
        f'place = "{entry["place"]}; fitted by {SCRIPT}"',
        f'meaning = "{entry["meaning"]}"',
        "",
        f"[{name}.fit]",
        f"prior = {entry['value']}",
        f"prior_sd = {entry['prior_sd']}",
        f"deviation = {deviation:.2f}",
        f"shrinkage = {1.0 - left:.2f}",
        "",
    ]
    return "\n".join(lines)


def joint_document(spread: Floats) -> str:
    """Return the text of ``immune_joint.toml`` from the covariance in prior standard deviations, (p, p)."""
    priors = {**fitted_priors(), **nuisance_priors()}
    deviation = np.sqrt(np.diag(spread))
    correlation = spread / np.outer(deviation, deviation)
    lines = [f"# Written by {SCRIPT}; do not edit. Each row: correlation with the parameters above it, and itself."]
    for place, (name, prior) in enumerate(priors.items()):
        row = ", ".join([f"{each:.4f}" for each in correlation[place, :place]] + ["1.0"])
        lines += ["", f"[{name}]", f"spread = {deviation[place] * prior.spread:.4g}", f"correlation = [{row}]"]
    return "\n".join(lines) + "\n"


def main() -> int:
    maximum, spread = fit()
    left = np.diag(spread)[: maximum.deviations.size]
    FITTED.write_text(fitted_document(maximum, left), encoding="utf-8")
    JOINT.write_text(joint_document(spread), encoding="utf-8")
    for (name, prior), deviation, share in zip(fitted_priors().items(), maximum.deviations, left, strict=True):
        shrinkage = 1.0 - share
        row = f"{name:30s} {prior.at(deviation):10.4g}  prior {prior.value:<8g} shrinkage {shrinkage:5.2f}"
        print(f"{row}  {verdict(shrinkage).value}")
    print(f"misfit {maximum.misfit:.2f}, steepest slope {np.abs(maximum.gradient).max():.2g}")
    return 0 if maximum.converged else 3


if __name__ == "__main__":
    sys.exit(main())
