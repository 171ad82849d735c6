"""Fit IL-2's kinetics and its effects to what was observed, and write the fitted parameters.

    python validation/fit_immune.py

reads ``immune_priors.toml`` and the rows of ``targets/immune.csv`` that are to be fitted and writes
``src/trialeukin/model/fitted/immune.toml``. Nothing in it is random. The maximum of the posterior is
found on the scale of each parameter (log or logit), in units of its prior standard deviation. The
uncertainty of a parameter is that of a normal approximation at the maximum, after inflating the
errors of all observations by the misfit between studies; it never exceeds the prior's.
"""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gauss_newton import Posterior, maximise
from immune_predictions import predict
from immune_targets import Bound, Target, Use, read_targets

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale

HERE = Path(__file__).parent
PRIORS = HERE / "immune_priors.toml"
FITTED = HERE.parent / "src" / "trialeukin" / "model" / "fitted" / "immune.toml"
ITERATIONS = 30
IDENTIFIED, WEAK = 0.5, 0.1  # shares of the prior variance that the data took away


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """The parameters to fit, in a fixed order, and where they start."""

    entries: Mapping[str, Mapping[str, Any]]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(self.entries)

    def values(self, deviations: Floats) -> dict[str, float]:
        """Return parameters by name at deviations in prior standard deviations, (p,)."""
        return {
            name: float(
                Scale(entry.get("scale", "log")).shift(
                    np.asarray(entry["value"]), np.asarray(deviation * entry["prior_sd"])
                )
            )
            for (name, entry), deviation in zip(self.entries.items(), deviations, strict=True)
        }


def read_priors() -> Priors:
    return Priors(entries=tomllib.loads(PRIORS.read_text(encoding="utf-8")))


def fitted_targets() -> tuple[Target, ...]:
    return tuple(target for target in read_targets() if target.use is Use.FITTED)


def misses(targets: Sequence[Target], predicted: Floats) -> Floats:
    """Return ln(predicted / observed) over the spread, (r, t), and zero on the right side of a limit."""
    observed = np.array([target.value for target in targets])
    spread = np.array([target.spread for target in targets])
    raw = np.log(np.maximum(predicted, 1e-12) / observed) / spread
    upper = np.array([target.bound is Bound.UPPER for target in targets])
    lower = np.array([target.bound is Bound.LOWER for target in targets])
    return np.where(upper, np.maximum(raw, 0.0), np.where(lower, np.minimum(raw, 0.0), raw))


def residuals_of(priors: Priors, targets: Sequence[Target], rows: Floats) -> Floats:
    return misses(targets, predict(targets, [priors.values(row) for row in rows]))


def fit() -> tuple[Priors, Posterior]:
    priors, targets = read_priors(), fitted_targets()
    posterior = maximise(lambda rows: residuals_of(priors, targets, rows), len(priors.names), iterations=ITERATIONS)
    return priors, posterior


def verdict(shrinkage: float) -> str:
    """Return in words what the data say of a parameter."""
    if shrinkage >= IDENTIFIED:
        return "identified"
    return "weakly identified" if shrinkage >= WEAK else "not identified: keeps its prior"


def document(priors: Priors, posterior: Posterior) -> str:
    """Return the text of ``immune.toml``."""
    targets = ", ".join(f'"{target.name}"' for target in fitted_targets())
    head = [
        "# Written by validation/fit_immune.py; do not edit.",
        f"# Misfit between studies {posterior.misfit:.2f} times the stated errors.",
        f"# Fitted to: {targets}",
    ]
    values = priors.values(posterior.deviations)
    blocks = [
        _block(name, entry, values[name], float(deviation), float(spread))
        for (name, entry), deviation, spread in zip(
            priors.entries.items(), posterior.deviations, posterior.spreads, strict=True
        )
    ]
    return "\n".join([*head, "", *blocks])


def _block(name: str, entry: Mapping[str, Any], value: float, deviation: float, spread: float) -> str:
    shrinkage = 1.0 - spread**2
    lines = [
        f"[{name}]",
        f"value = {value:.6g}",
        f'unit = "{entry["unit"]}"',
        f"between_patients = {entry['between_patients']}",
        f"uncertainty = {spread * entry['prior_sd']:.3g}",
        f'scale = "{entry.get("scale", "log")}"',
        f'key = "{entry["key"]}"',
        f'place = "{entry["place"]}; fitted by validation/fit_immune.py, {verdict(shrinkage)}"',
        f'meaning = "{entry["meaning"]}"',
        "",
        f"[{name}.fit]",
        f"prior = {entry['value']}",
        f"prior_sd = {entry['prior_sd']}",
        f"deviation = {deviation:.2f}",
        f"shrinkage = {shrinkage:.2f}",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    priors, posterior = fit()
    FITTED.write_text(document(priors, posterior), encoding="utf-8")
    for name, value, spread in zip(
        priors.names, priors.values(posterior.deviations).values(), posterior.spreads, strict=True
    ):
        prior = priors.entries[name]["value"]
        print(
            f"{name:30s} {value:10.4g}  prior {prior:<8g} shrinkage {1.0 - spread**2:5.2f}  {verdict(1.0 - spread**2)}"
        )
    print(f"misfit {posterior.misfit:.2f}, steepest slope {np.abs(posterior.gradient).max():.2g}")
    return 0 if posterior.converged else 3


if __name__ == "__main__":
    sys.exit(main())
