"""EC50 of monomeric Fc fusions of interleukin-2, predicted from affinities measured in vitro; nothing is fitted to them."""

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np
from receptor_predictions import TARGETS, Ligand, Setting, Use, curves, ec50, first_count
from scipy.stats import spearmanr

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter
from trialeukin.regimen.engineered_il2 import BETA_GAMMA
from trialeukin.regimen.products import product

TABLE = TARGETS / "fusion_ec50.csv"


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


def predicted(found: tuple[Fusion, ...], changed: dict[str, float]) -> Floats:
    """Return the EC50 of fusions, (n,), pmol/L, at parameters of the cell; affinities are the fusions' own."""
    cases = sorted({(each.cell, each.name) for each in found})
    hours = sorted({each.hours for each in found})
    table = ec50(curves([_setting(cell, name, changed) for cell, name in cases], hours))
    return table[[cases.index((each.cell, each.name)) for each in found], [hours.index(each.hours) for each in found]]


def _setting(cell: str, name: str, changed: dict[str, float]) -> Setting:
    known = product(f"IL2-Fc {name}").pharmacology
    assert known is not None
    assert isinstance(known.alpha, Parameter)
    assert isinstance(known.beta_gamma, Parameter)
    native = changed.get("beta_gamma_constant", BETA_GAMMA.value)
    own = {
        "alpha_constant": known.alpha.value,
        "beta_gamma_constant": known.beta_gamma.value,
        "cross_linking_constant": changed["cross_linking_constant"] * known.beta_gamma.value / native,
    }
    cd25, cd122 = first_count(cell)
    return Setting(cell=cell, ligand=Ligand.IL2, cd25=cd25, cd122=cd122, changed=tuple((changed | own).items()))


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
