"""The numbers that a fit by least squares is to find, their priors, and what it leaves unknown of them together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from joint_text import joint_text

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale
from trialeukin.model.system import System

STRONGLY = 0.7  # a correlation that is told of


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


def placed(system: System, unknowns: Sequence[Unknown], deviations: Floats) -> System:
    """Return the system with every unknown at its prior centre moved by that many prior widths."""
    parameters = dict(system.parameters)
    for unknown, deviation in zip(unknowns, deviations, strict=True):
        scale = unknown.scale(system)
        value = float(scale.shift(np.float64(unknown.prior), np.float64(unknown.width * deviation)))
        key = "between_patients" if unknown.spread else "value"
        parameters[unknown.name] = replace(parameters[unknown.name], **{key: value})
    return replace(system, parameters=parameters)


def differences(misfit: Callable[..., Floats], step: float) -> Callable[..., Floats]:
    """Return the derivatives of a misfit, (t, p), by central differences."""

    def slope(deviations: Floats, *args: object) -> Floats:
        columns = []
        for away in step * np.eye(deviations.size):
            ahead, behind = (misfit(deviations + sign * away, *args) for sign in (1.0, -1.0))
            columns.append((ahead - behind) / (2.0 * step))
        print(f"  at {np.round(deviations, 2)}", flush=True)
        return np.stack(columns, axis=1)

    return slope


def correlations(covariance: Floats) -> Floats:
    """Return the correlations, (p, p), of a covariance."""
    return np.asarray(covariance / np.sqrt(np.outer(np.diag(covariance), np.diag(covariance))))


def joint_of(script: str, unknowns: Sequence[Unknown], errors: Floats, covariance: Floats) -> str:
    """Return what is left unknown of the typical values together, as TOML."""
    kept = [place for place, unknown in enumerate(unknowns) if not unknown.spread]
    names = [unknowns[place].name for place in kept]
    return joint_text(script, names, errors[kept], correlations(covariance)[np.ix_(kept, kept)])


def said(fitted: System, unknowns: Sequence[Unknown], errors: Floats, shrinkage: Floats) -> Iterator[str]:
    """Return a line an unknown: its value, its error on its scale, and how much of it the data set."""
    for unknown, error, share in zip(unknowns, errors, shrinkage, strict=True):
        parameter = fitted.parameters[unknown.name]
        value = parameter.between_patients if unknown.spread else parameter.value
        yield f"{unknown.label:48s} {value:10.4g}  error {error:6.3g}  set by data {share:5.0%}"


def correlated(unknowns: Sequence[Unknown], covariance: Floats) -> Iterator[str]:
    """Return a line each pair that the data hardly tell apart."""
    found = correlations(covariance)
    for row, column in zip(*np.where(np.triu(np.abs(found), 1) > STRONGLY), strict=True):
        yield f"correlated {found[row, column]:+.2f}: {unknowns[row].label} and {unknowns[column].label}"
