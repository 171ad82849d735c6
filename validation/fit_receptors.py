"""Fit what the refitted EC50 of pSTAT5 say of the receptor model, and write ``fitted/receptors.toml``.

    python validation/fit_receptors.py

Four numbers are fitted to ligands and cells whose names are not held out: the cross-linking constant, the affinities of
IL-2 and of IL-15 to CD122 with CD132, and the loss of signalling complexes. Priors are from other experiments. Only the
first enters a named model.
"""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from gauss_newton import Maximum, covariance, maximise
from receptor_predictions import Ligand, Observation, Use, observations, predicted_rows
from stimulated_cell import StimulatedCell

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.components.receptor_numbers import CROSS_LINKING_ON_NK
from trialeukin.regimen.engineered_il2 import BETA_GAMMA

SCRIPT = "validation/fit_receptors.py"
FITTED = Path(__file__).parents[1] / "src" / "trialeukin" / "model" / "fitted" / "receptors.toml"
ERROR = 0.5  # standard deviation of ln(EC50); the misfit found inflates it
ITERATIONS = 20
IL15 = Parameter(
    value=1.9 * 438.0 / 144.0,
    unit="nmol/L",
    between_patients=0.0,
    uncertainty=1.0,
    source=Source(
        "farhat2021", "methods: 438 nM from CD122 alone, where IL-2 has 144 nM; times 1.9 nM; spread assumed"
    ),
    meaning="dissociation constant of IL-15 from CD122 with CD132",
)
PRIORS = {
    "cross_linking_constant": CROSS_LINKING_ON_NK,
    "il2_beta_gamma_constant": BETA_GAMMA,
    "il15_beta_gamma_constant": IL15,
    "receptor_loss": StimulatedCell().receptor_loss,
}
Changed = Mapping[Ligand, Mapping[str, float]]


def at(deviations: Floats) -> dict[str, float]:
    """Return the parameters at deviations from their priors, in prior standard deviations."""
    return {
        name: prior.value * float(np.exp(prior.uncertainty * deviation))
        for (name, prior), deviation in zip(PRIORS.items(), deviations, strict=True)
    }


def as_changed(values: Mapping[str, float]) -> Changed:
    """Return parameters as what is changed of each ligand in a dish."""
    shared = {"receptor_loss": values["receptor_loss"], "cross_linking_constant": values["cross_linking_constant"]}
    return {
        Ligand.IL2: shared | {"beta_gamma_constant": values["il2_beta_gamma_constant"]},
        Ligand.IL15: shared | {"beta_gamma_constant": values["il15_beta_gamma_constant"]},
    }


def fitted_observations() -> tuple[Observation, ...]:
    return tuple(each for each in observations() if each.use is Use.FITTED)


def residuals(rows: Floats) -> Floats:
    """Return ln(predicted / observed) over the error, (r, n), at rows of deviations, (r, 4)."""
    found = fitted_observations()
    values = predicted_rows(found, [as_changed(at(row)) for row in rows])
    return np.log(values / np.array([each.ec50 for each in found])) / ERROR


@cache
def fit() -> tuple[Maximum, Floats]:
    """Return the maximum and the covariance there, in prior standard deviations."""
    maximum = maximise(residuals, len(PRIORS), iterations=ITERATIONS, gain=1e-8)
    return maximum, covariance(residuals, maximum.deviations, misfit=maximum.misfit)


def spreads() -> dict[str, float]:
    """Return the standard deviation that the fit left of each parameter, on the log scale."""
    left = np.sqrt(np.diag(fit()[1]))
    return {name: prior.uncertainty * float(share) for (name, prior), share in zip(PRIORS.items(), left, strict=True)}


def document() -> str:
    """Return the text of ``receptors.toml``."""
    maximum, _ = fit()
    name, prior = "cross_linking_constant", CROSS_LINKING_ON_NK
    left = spreads()[name]
    return "\n".join(
        [
            f"# Written by {SCRIPT}; do not edit.",
            f"# Misfit {maximum.misfit:.2f} times an error of {ERROR:g} on the log scale.",
            "",
            f"[{name}]",
            f"value = {at(maximum.deviations)[name]:.6g}",
            f'unit = "{prior.unit}"',
            f"between_patients = {prior.between_patients}",
            f"uncertainty = {left:.3g}",
            'scale = "log"',
            'key = "fit_receptors"',
            f'place = "prior {prior.value:g} from the high affinity of CD16- NK cells (Nagler 1990); fitted to pSTAT5"',
            f'meaning = "{prior.meaning}"',
            "",
            f"[{name}.fit]",
            f"prior = {prior.value}",
            f"prior_sd = {prior.uncertainty}",
            f"deviation = {maximum.deviations[list(PRIORS).index(name)]:.2f}",
            f"shrinkage = {1.0 - (left / prior.uncertainty) ** 2:.2f}",
            "",
        ]
    )


def main() -> int:
    maximum, _ = fit()
    FITTED.write_text(document(), encoding="utf-8")
    for name, value in at(maximum.deviations).items():
        prior = PRIORS[name]
        print(f"{name:26s} {value:9.4g} ({spreads()[name]:.2f})  prior {prior.value:.4g} ({prior.uncertainty:.2f})")
    print(f"misfit {maximum.misfit:.2f}, steepest slope {np.abs(maximum.gradient).max():.2g}")
    return 0 if maximum.converged else 3


if __name__ == "__main__":
    sys.exit(main())
