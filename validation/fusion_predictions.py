"""EC50 of monomeric Fc fusions of interleukin-2, predicted from measured affinities; nothing is fitted to them.

``targets/fusion_ec50.csv`` holds Hill curves refitted to the mean pSTAT5 of twelve doses in
``data/MonomericMutpSTATbiv.csv`` of gcSolver.jl at commit b074e92c (MIT licence), monomeric fusions with measured
affinities, one curve a cell, fusion, time and day; doses beyond the peak where the signal is below 80 % of it are left
out. A refit is not used above the highest dose, below 90 % of variance explained, at a bound of its slope, or where
fewer than ten doses are left.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from receptor_predictions import TARGETS, Ligand, Setting, Use, curves, ec50, first_count
from scipy.stats import spearmanr

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter
from trialeukin.regimen.engineered_il2 import ALPHA, BETA_GAMMA
from trialeukin.regimen.products import product

TABLE = TARGETS / "fusion_ec50.csv"
Affinities: TypeAlias = Callable[[str], tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """One EC50 of one fusion on one kind of cell, pmol/L, refitted to the mean signals of one day."""

    cell: str
    name: str
    hours: float
    ec50: float
    use: Use
    reason: str


@cache
def fusions() -> tuple[Fusion, ...]:
    """Return every refit, usable or not."""
    with TABLE.open(newline="", encoding="utf-8") as lines:
        return tuple(
            Fusion(
                cell=row["cell"],
                name=row["fusion"],
                hours=float(row["hours"]),
                ec50=float(row["ec50_pM"]),
                use=Use(row["use"]),
                reason=row["reason"],
            )
            for row in csv.DictReader(lines)
        )


def usable() -> tuple[Fusion, ...]:
    return tuple(each for each in fusions() if each.use is not Use.UNUSED)


def measured(name: str) -> tuple[float, float]:
    """Return the dissociation constants of a fusion from CD25 and from CD122 with CD132, nM, as they were measured."""
    known = product(f"IL2-Fc {name}").pharmacology
    assert known is not None
    assert isinstance(known.alpha, Parameter)
    assert isinstance(known.beta_gamma, Parameter)
    return known.alpha.value, known.beta_gamma.value


def relative(name: str) -> tuple[float, float]:
    """Return aldesleukin's constants, nM, times the fusion's over those of the wild-type fusion of the same end."""
    wild_type = measured(f"wild-type {name.rsplit(maxsplit=1)[-1]}")
    native = (ALPHA.value, BETA_GAMMA.value)
    alpha, beta_gamma = (n * own / wild for n, own, wild in zip(native, measured(name), wild_type, strict=True))
    return alpha, beta_gamma


def predicted(found: tuple[Fusion, ...], cross_linking: float, loss: float, affinities: Affinities) -> Floats:
    """Return the EC50 of fusions, (n,), pmol/L.

    Parameters
    ----------
    found : tuple of n Fusion
        What to predict.
    cross_linking : float, 1/cell
        That of aldesleukin; a fusion's goes with its affinity to CD122, as in the model of products.
    loss : float, 1/minute
        Of signalling complexes.
    affinities : callable
        From a fusion's name to its two constants, nM.
    """
    cases = sorted({(each.cell, each.name) for each in found})
    hours = sorted({each.hours for each in found})
    settings = []
    for cell, name in cases:
        alpha, beta_gamma = affinities(name)
        own = {
            "alpha_constant": alpha,
            "beta_gamma_constant": beta_gamma,
            "cross_linking_constant": cross_linking * beta_gamma / BETA_GAMMA.value,
            "receptor_loss": loss,
        }
        cd25, cd122 = first_count(cell)
        settings.append(Setting(cell=cell, ligand=Ligand.IL2, cd25=cd25, cd122=cd122, changed=tuple(own.items())))
    table = ec50(curves(settings, hours))
    return table[[cases.index((each.cell, each.name)) for each in found], [hours.index(each.hours) for each in found]]


def rank_correlation(cell: str, found: tuple[Fusion, ...], values: Floats) -> float:
    """Return Spearman's correlation of predicted and observed EC50 on one kind of cell, the mean over times.

    Times with fewer than four fusions are left out.
    """
    rhos = []
    for hours in sorted({each.hours for each in found}):
        pairs = [
            (each.ec50, value)
            for each, value in zip(found, values, strict=True)
            if (each.cell, each.hours) == (cell, hours)
        ]
        if len(pairs) > 3:
            rhos.append(float(spearmanr(*zip(*pairs, strict=True)).statistic))
    return float(np.mean(rhos)) if rhos else float("nan")
