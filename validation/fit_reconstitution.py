"""Fit engraftment and immune reconstitution to published recoveries and counts after transplants.

    python validation/fit_reconstitution.py

fits the rows of ``transplant_targets.csv`` marked 'fitted' (no study of theirs has a name whose SHA-256 begins with 0
to 4; those are 'held out' and never looked at here) by the most probable typical patient, with priors, and rewrites
``src/trialeukin/model/fitted/reconstitution.toml`` and ``reconstitution_joint.toml``. Errors are inflated by the misfit
between studies.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gauss_newton import covariance, maximise
from joint_text import joint_text
from transplant_runs import MODELS, Target, read_targets, readings

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale
from trialeukin.model.whole import model
from trialeukin.population.cohort import typical_values

OUTPUT = Path(__file__).parents[1] / "src" / "trialeukin" / "model" / "fitted" / "reconstitution.toml"
JOINT = OUTPUT.with_name("reconstitution_joint.toml")
ITERATIONS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """One typical value to be fitted.

    Attributes
    ----------
    prior, width : float
        Centre, as a value, and standard deviation of the prior, on the scale.
    between : float
        Standard deviation between patients; assumed, since only medians are fitted.
    """

    name: str
    unit: str
    prior: float
    width: float
    between: float
    meaning: str
    scale: Scale = Scale.LOG


# No source gives a centre: each says which size would surprise. Recovery times order the cells as abstracts do
# (NK cells within weeks, CD8 cells months, CD4 cells years); Treg are taken to need as long as other CD4 cells.
UNKNOWNS = (
    Unknown(
        name="neutrophil_graft_yield",
        unit="kg/cell",
        prior=2e-8,
        width=1.0,
        between=0.5,
        meaning="share of a full marrow's neutrophil progenitors that a CD34 cell a kg of mobilised blood restores",
    ),
    Unknown(
        name="platelet_graft_yield",
        unit="kg/cell",
        prior=1e-8,
        width=1.0,
        between=0.5,
        meaning="share of a full marrow's platelet progenitors that a CD34 cell a kg of mobilised blood restores",
    ),
    Unknown(
        name="marrow_graft_quality",
        unit="1",
        prior=0.5,
        width=0.7,
        between=0.0,
        meaning="what a CD34 cell of marrow restores, relative to one of mobilised blood",
    ),
    *(
        Unknown(
            name=f"{lineage}_leukaemic_quality",
            unit="1",
            prior=0.3,
            width=1.0,
            between=0.0,
            meaning=f"{lineage} progenitors from a CD34 cell of an autograft of AML, relative to one of other grafts",
        )
        for lineage in ("neutrophil", "platelet")
    ),
    Unknown(
        name="purged_graft_quality",
        unit="1",
        prior=0.3,
        width=1.0,
        between=0.0,
        meaning="what a CD34 cell of a purged graft restores, relative to one not purged",
    ),
    Unknown(
        name="homing_time",
        unit="day",
        prior=6.0,
        width=0.5,
        between=0.2,
        meaning="time that grafted cells take to home and become progenitors",
    ),
    Unknown(
        name="greatest_renewal",
        unit="1",
        prior=3.0,
        width=0.7,
        between=0.0,
        meaning="greatest renewal of progenitors in excess of loss, relative to renewal at rest",
    ),
    *(
        Unknown(
            name=f"{cell}_from_graft",
            unit="1",
            prior=prior,
            width=1.0,
            between=0.5,
            scale=Scale.LOGIT,
            meaning=f"{what}, relative to baseline",
        )
        for cell, prior, what in (
            ("nk", 0.2, "NK cells that a graft and the first days bring"),
            ("cd8", 0.2, "CD8 cells that a graft and the first days bring"),
            ("cd4", 0.2, "conventional CD4 cells that an autograft and the first days bring"),
            ("treg", 0.2, "Treg that a graft and the first days bring"),
            ("allogeneic_cd4", 0.1, "conventional CD4 cells that an allograft and the first days bring"),
        )
    ),
    *(
        Unknown(
            name=f"{cell}_recovery_time",
            unit="day",
            prior=prior,
            width=width,
            between=0.3,
            meaning=f"recovery of the set point of {what}",
        )
        for cell, prior, width, what in (
            ("nk", 20.0, 0.7, "NK cells after a transplant"),
            ("cd8", 180.0, 0.8, "CD8 cells after a transplant"),
            ("cd4", 700.0, 0.8, "conventional CD4 cells after an autologous transplant"),
            ("treg", 700.0, 0.8, "Treg after a transplant"),
            ("allogeneic_cd4", 700.0, 0.8, "conventional CD4 cells after an allogeneic transplant"),
        )
    ),
)


def values(deviations: Floats) -> Floats:
    """Return the unknowns, (r, p), at rows of distances from their priors in prior standard deviations."""
    columns = [
        unknown.scale.shift(np.full(deviations.shape[0], unknown.prior), unknown.width * deviations[:, place])
        for place, unknown in enumerate(UNKNOWNS)
    ]
    return np.stack(columns, axis=1)


def misses(deviations: Floats, targets: tuple[Target, ...]) -> Floats:
    """Return the residuals of every target in its standard deviations, (r, t)."""
    found = values(deviations)
    rows = {}
    for transplant, name in MODELS.items():
        system = model(name)
        table = np.tile(typical_values(system), (deviations.shape[0], 1))
        for place, unknown in enumerate(UNKNOWNS):
            if unknown.name in system.parameters:
                table[:, list(system.parameters).index(unknown.name)] = found[:, place]
        rows[transplant] = table
    published = np.array([target.value for target in targets])
    spreads = np.array([target.spread for target in targets])
    return np.asarray(np.log(readings(targets, rows) / published) / spreads)


def as_toml(found: Floats, errors: Floats, shrinkage: Floats, studies: str) -> str:
    """Return the fitted parameters as text."""
    blocks = ["# Written by validation/fit_reconstitution.py; do not edit by hand.\n"]
    for unknown, value, error, share in zip(UNKNOWNS, found, errors, shrinkage, strict=True):
        blocks.append(
            f"[{unknown.name}]\n"
            f"value = {value:.5g}\n"
            f'unit = "{unknown.unit}"\n'
            f"between_patients = {unknown.between}\n"
            f"uncertainty = {error:.3g}\n"
            f'scale = "{unknown.scale.value}"\n'
            f'key = "fit_reconstitution"\n'
            f'place = "most probable value given {studies}; each row in validation/transplant_targets.csv"\n'
            f'meaning = "{unknown.meaning}"\n'
            f'fit = "prior {unknown.prior:g}, {unknown.width:g} on its scale; set by data {share:.0%}"\n'
        )
    return "\n".join(blocks)


def main() -> None:
    targets = tuple(target for target in read_targets() if target.role == "fitted")

    def residuals(deviations: Floats) -> Floats:
        return misses(deviations, targets)

    best = maximise(residuals, len(UNKNOWNS), iterations=ITERATIONS)
    matrix = covariance(residuals, best.deviations, misfit=best.misfit)
    own = np.sqrt(np.diag(matrix))
    errors = own * np.array([unknown.width for unknown in UNKNOWNS])
    found = values(best.deviations[None, :])[0]
    studies = ", ".join(dict.fromkeys(target.study for target in targets))
    OUTPUT.write_text(as_toml(found, errors, 1.0 - own, studies), encoding="utf-8")
    JOINT.write_text(
        joint_text(
            "fit_reconstitution.py", [unknown.name for unknown in UNKNOWNS], errors, matrix / np.outer(own, own)
        ),
        encoding="utf-8",
    )
    print(f"converged {best.converged}; errors inflated {max(1.0, best.misfit):.2f}-fold")
    for target, gap in zip(targets, best.residuals, strict=True):
        print(
            f"{target.study[:30]:32s}{target.graft:22s}{target.what:36s}{target.value:8.3g}  off by {gap:+5.1f} spreads"
        )
    for unknown, value, error, share in zip(UNKNOWNS, found, errors, 1.0 - own, strict=True):
        print(f"{unknown.name:32s}{value:10.3g}  error {error:6.3g}  set by data {share:5.0%}")


if __name__ == "__main__":
    main()
