"""Set responses predicted from affinities and receptor counts beside what was observed: page and figure in docs.

    python validation/receptor_responses.py

`fit_receptors.py` beside it fits four numbers to a part of the EC50; this script reads what it wrote, predicts all of
them, the Fc fusions, and what engineered products do in people.
"""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from fit_receptors import ERROR, PRIORS, as_changed, at, fit, spreads
from fusion_predictions import Affinities, fusions, measured, rank_correlation, relative, usable
from fusion_predictions import predicted as predicted_fusions
from page_text import table
from product_sections import products_section
from receptor_figure import draw
from receptor_predictions import (
    Ligand,
    Observation,
    Setting,
    Use,
    counts,
    curves,
    ec50,
    first_count,
    observations,
    predicted,
    predicted_rows,
)

from trialeukin.core.arrays import Floats
from trialeukin.core.sources import citation

DOCS = Path(__file__).parents[1] / "docs"
OBSERVED_IN = citation("farhat2021")
PAGE, FIGURE = DOCS / "validation-receptors.md", DOCS / "validation-receptors.svg"
HOURS = (0.5, 1.0, 2.0, 4.0)
TWO, THREE = np.log(2.0), np.log(3.0)
DRAWS, SEED = 100, 7
NOMINAL = 1.959964  # standard normal quantile of 97.5 %


def used() -> tuple[Observation, ...]:
    return tuple(each for each in observations() if each.use is not Use.UNUSED)


@cache
def hypotheses() -> dict[str, Floats]:
    """Return the EC50 of every used observation, (n,), pmol/L, under each way to predict it."""
    start = at(np.zeros(len(PRIORS)))
    still = start | {"receptor_loss": 0.0}
    return {
        "nothing fitted, receptors stay": predicted(used(), as_changed(still)),
        "nothing fitted, complexes lost as they go in": predicted(used(), as_changed(start)),
        "fitted": predicted(used(), as_changed(at(fit()[0].deviations))),
    }


def logs(values: Floats) -> Floats:
    """Return ln(predicted / observed), (n,)."""
    return np.log(values / np.array([each.ec50 for each in used()]))


def share(values: Floats, chosen: Callable[[Observation], bool]) -> tuple[int, int, int]:
    """Return how many are within two-fold, within three-fold, and how many there are."""
    found = np.abs(logs(values))[[chosen(each) for each in used()]]
    return int((found <= TWO).sum()), int((found <= THREE).sum()), found.size


@cache
def coverage() -> dict[Use, tuple[int, int]]:
    """Return how many observations lie in 95 % intervals of what is not known and of misfit, and how many there are."""
    maximum, left = fit()
    rng = np.random.default_rng(SEED)
    rows = rng.multivariate_normal(maximum.deviations, left, size=DRAWS)
    drawn = np.log(predicted_rows(used(), [as_changed(at(row)) for row in rows], rng.uniform(size=DRAWS).tolist()))
    spread = np.sqrt(drawn.var(axis=0) + (ERROR * max(1.0, maximum.misfit)) ** 2)
    inside = np.abs(logs(hypotheses()["fitted"])) <= NOMINAL * spread
    result = {}
    for use in (Use.FITTED, Use.HELD_OUT):
        mine = np.array([each.use is use for each in used()])
        result[use] = (int(inside[mine].sum()), int(mine.sum()))
    return result


def percent(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.0f} % ({part} of {whole})"


def share_line(name: str, ligand: Ligand, use: Use) -> str:
    """Return one row of the table of shares."""
    two, three, number = share(hypotheses()[name], lambda each: each.ligand is ligand and each.use is use)
    return f"| {name} | {ligand.value} | {use.value} | {percent(two, number)} | {percent(three, number)} |"


def shares_section() -> list[str]:
    lines = [
        "## Shares within two- and three-fold",
        "",
        "| prediction | ligand | use | within two-fold | within three-fold |",
        "|---|---|---|--:|--:|",
    ]
    lines += [
        share_line(name, ligand, use)
        for name in hypotheses()
        for ligand in Ligand
        for use in (Use.FITTED, Use.HELD_OUT)
    ]
    two, three, number = share(hypotheses()["fitted"], lambda each: each.use is Use.HELD_OUT)
    inside = "; ".join(f"{use.value} {percent(*found)}" for use, found in coverage().items())
    return [
        *lines,
        "",
        f"All held out, fitted numbers: {percent(two, number)} within two-fold, {percent(three, number)} within",
        "three-fold. Where nothing is fitted, *fitted* and *held out* only name the same rows. Inside the 95 %",
        "interval of what the fit left unknown, of receptor counts anywhere between the two that were made, and of",
        f"the misfit: {inside}.",
        "",
    ]


def parameters_section() -> list[str]:
    values, left = at(fit()[0].deviations), spreads()
    rows = [
        (
            name,
            f"{prior.value:.3g}",
            f"{prior.uncertainty:.2f}",
            f"{values[name]:.3g}",
            f"{left[name]:.2f}",
            prior.unit,
            f"{1.0 - (left[name] / prior.uncertainty) ** 2:.2f}",
        )
        for name, prior in PRIORS.items()
    ]
    head = ("parameter", "prior", "spread", "fitted", "spread", "unit", "shrinkage")
    return ["## What was fitted", *table(head, rows, numeric=1)]


def times_section() -> list[str]:
    values = hypotheses()["fitted"]
    rows = []
    for ligand in Ligand:
        for cell in counts():
            columns = []
            for hours in HOURS:
                mine = [
                    (each.ec50, value)
                    for each, value in zip(used(), values, strict=True)
                    if (each.cell, each.ligand, each.hours) == (cell, ligand, hours)
                ]
                seen = " and ".join(f"{observed:.4g}" for observed, _ in mine) or "–"
                columns.append(f"{seen} / {mine[0][1]:.3g}" if mine else "–")
            use = next(each.use for each in used() if (each.cell, each.ligand) == (cell, ligand))
            rows.append((ligand.value, cell, use.value, *columns, OBSERVED_IN))
    head = ("ligand", "cell", "use", "30 min", "1 h", "2 h", "4 h", "observed in")
    return [
        "## EC50 by cell and time",
        "",
        "Observed (one or two replicates) / predicted with the fitted numbers, pM.",
        *table(head, rows, numeric=3),
    ]


def misses_section() -> list[str]:
    values = hypotheses()["fitted"]
    away = logs(values)
    rows = [
        (
            each.ligand.value,
            each.cell,
            f"{each.hours:g} h",
            str(each.replicate),
            each.use.value,
            f"{each.ec50:.4g}",
            f"{value:.3g}",
            f"{np.exp(miss):.2f}",
            OBSERVED_IN,
        )
        for each, value, miss in zip(used(), values, away, strict=True)
        if abs(miss) > THREE
    ]
    head = ("ligand", "cell", "time", "replicate", "use", "observed, pM", "predicted, pM", "ratio", "observed in")
    return ["## Beyond three-fold, one by one", *table(head, rows, numeric=5), *MISSES]


def second_count_section() -> list[str]:
    changed = as_changed(at(fit()[0].deviations))[Ligand.IL2]
    known = {cell: found.second for cell, found in counts().items() if found.second is not None}
    rows = []
    for cell, second in known.items():
        both = [
            Setting(cell=cell, ligand=Ligand.IL2, cd25=cd25, cd122=cd122, changed=tuple(changed.items()))
            for cd25, cd122 in (first_count(cell), second)
        ]
        early = ec50(curves(both, (0.5,)))[:, 0]
        seen = [each.ec50 for each in used() if (each.cell, each.ligand, each.hours) == (cell, Ligand.IL2, 0.5)]
        sites = [f"{cd25:.0f} / {cd122:.0f}" for cd25, cd122 in (first_count(cell), second)]
        rows.append(
            (
                cell,
                *sites,
                f"{early[0]:.3g}",
                f"{early[1]:.3g}",
                " and ".join(f"{value:.4g}" for value in seen),
                OBSERVED_IN,
            )
        )
    head = ("cell", "CD25 / CD122", "second count", "EC50, 30 min, pM", "second count's", "observed", "observed in")
    return [
        "## What the receptor counts decide",
        "",
        "Two counts by one laboratory differ 4- to 17-fold in CD122 of T cells. CD122 hardly moves an EC50, since it",
        "is the fraction of it that is engaged; CD25 beside CD122 does. The first count is used.",
        *table(head, rows, numeric=1),
    ]


def amplitude_section() -> list[str]:
    changed = tuple(as_changed(at(fit()[0].deviations))[Ligand.IL2].items())
    rows = []
    for cells in (("T-reg", "T-helper"), ("NK", "CD8+")):
        settings = [
            Setting(
                cell=cell, ligand=Ligand.IL2, cd25=first_count(cell)[0], cd122=first_count(cell)[1], changed=changed
            )
            for cell in cells
        ]
        top = curves(settings, (0.5,)).max(axis=-1)[:, 0]
        seen = []
        for replicate in (1, 2):
            first, second = (
                next(
                    each.amplitude
                    for each in used()
                    if (each.cell, each.ligand, each.hours, each.replicate) == (cell, Ligand.IL2, 0.5, replicate)
                )
                for cell in cells
            )
            seen.append(f"{first / second:.2g}")
        rows.append((f"{cells[0]} over {cells[1]}", f"{top[0] / top[1]:.2g}", " and ".join(seen), OBSERVED_IN))
    return [
        "## Amplitude",
        "",
        "Greatest signal at 30 min, where both cells were stained with one panel of antibodies.",
        *table(("cells", "predicted", "observed", "observed in"), rows, numeric=1),
        "pSTAT5 of a CD8 cell equals that of an NK cell with 17 times the receptors: a few hundred complexes are",
        "enough for all the STAT5 there is, or it is not the number of complexes that limits. Amplitudes are not",
        "predicted.",
        "",
    ]


@cache
def fusion_values(affinities: Affinities) -> Floats:
    """Return the EC50 of every usable row of the fusions, (n,), pmol/L."""
    values = at(fit()[0].deviations)
    return predicted_fusions(usable(), values["cross_linking_constant"], values["receptor_loss"], affinities)


def fusions_section() -> list[str]:
    found = usable()
    observed = np.log(np.array([each.ec50 for each in found]))
    rows = []
    for cell in ("T-reg", "T-helper", "CD8+", "NK"):
        mine = np.array([each.cell == cell for each in found])
        columns = [cell, str(int(mine.sum()))]
        for affinities in (measured, relative):
            values = fusion_values(affinities)
            away = (np.log(values) - observed)[mine]
            rho = rank_correlation(cell, found, values)
            columns += [
                f"{np.exp(np.median(away)):.2g}",
                percent(int((np.abs(away) <= THREE).sum()), int(mine.sum())),
                "–" if np.isnan(rho) else f"{rho:.2f}",
            ]
        rows.append(columns)
    head = (
        "cell",
        "rows",
        "as measured: median ratio",
        "within three-fold",
        "rank correlation",
        "relative: median ratio",
        "within three-fold",
        "rank correlation",
    )
    return [
        "## Fc fusions, from their measured affinities",
        "",
        f"Six monomeric Fc fusions on four cells (gcSolver.jl, {len(found)} usable of {len(fusions())} refits), none",
        "fitted. *As measured* takes their constants as they are; *relative* takes aldesleukin's, times the fusion's",
        "over those of the wild-type fusion of the same end. The rank correlation is over fusions at one time, the",
        "mean over times.",
        *table(head, rows, numeric=1),
        *FUSIONS,
    ]


INTRODUCTION = (
    "# Receptors: responses predicted and observed",
    "",
    "What a cell makes of an interleukin-2 is computed from the affinities of the drug to CD25 and to CD122 with",
    "CD132, and from the receptors counted on the cell: binding in two steps on a surface, at equilibrium, in closed",
    "form (`model/components/ternary_binding.py`). `validation/receptor_responses.py` writes this page.",
    "",
    "An EC50 needs a time: those of pSTAT5 fall up to ten-fold between 30 minutes and 4 hours. In the model",
    "signalling complexes are lost from the surface, at a constant rate each (`validation/stimulated_cell.py`).",
    "",
    "- **Observed:** EC50 of Hill curves refitted to the published medians of pSTAT5 of ten kinds of human blood",
    "  cells, two replicates, 30 min to 4 h, IL-2 and IL-15 (Farhat 2021). Two rows at the bound of the refit are not",
    "  used.",
    "- **Held out, before any fit:** ligand and cell whose name (`IL-2/NK`) has a SHA-256 that begins with 0 to 4.",
    "- **Cross-linking constant before any fit:** 25 pM is where half of the 1,200 CD25 of a CD16- NK cell are bound",
    "  beside 10,800 CD122 (Nagler 1990), which asks for 25 free CD122 a cell.",
    "- **IL-15** has an alpha chain of its own, which was not found on these cells: it is given CD122 alone.",
    "",
    "![EC50 predicted and observed](validation-receptors.svg)",
    "",
    "*EC50 of pSTAT5, predicted with the fitted numbers, against observed; fitted (circles), held out (diamonds).",
    "Grey: two-fold.*",
    "",
)
VERDICT = (
    "## What this shows",
    "",
    "- The cross-linking constant that ten kinds of cells ask for is the one that the high-affinity receptor of NK",
    "  cells gave. With it and receptor counts, nothing fitted, EC50 to IL-2 within 30 minutes are right for Treg, NK",
    "  and CD8.",
    "- The published rate of internalisation (half-life 10 to 15 min) cannot be the rate at which signalling is lost:",
    "  EC50 would be five to ten times below those seen. What fits is a tenth of it: complexes signal from inside the",
    "  cell, or receptors come back.",
    "- The affinity of IL-2 to CD122 with CD132 that fits, 3 nM, is outside the 1 to 2 nM of its source (Nagler",
    "  1990).",
    "- IL-15 binds CD122 with CD132 five times tighter than its affinity to CD122 alone lets expect. One number",
    "  serves all cells, with CD25 and without, as it must if CD25 does nothing for IL-15.",
    "- A loss of constant rate does not explain the times of IL-2: EC50 of Treg fall five-fold between 30 and 60",
    "  minutes, those of NK and CD8 cells stay for two hours and then fall ten-fold. The model does both by halves.",
    "",
)
MISSES = (
    "Of IL-2 on Treg at 1 and 2 h the fall after 30 min is missed. Slow binding does not explain it: at the published",
    "rate of complex formation (0.0029 cell/min, Farhat 2021) bridges relax at 0.0029 x 23 x (1 + 10 / 3.0), 0.3 a",
    "minute or faster. NK and CD8 cells at 4 h are predicted too high: IL-2 itself may have brought CD25 to them, but",
    "IL-15 does the same to NK cells. Of conventional CD4 cells the predictions are too low at 30 min and scatter",
    "later; their counts are the most uncertain (CD122 50 to 158 in the first count, 2,627 in the second), and their",
    "curves are the poorest (variance explained down to 56 %).",
    "",
)
FUSIONS = (
    "**A miss.** As measured, fusions would be 40 to 50 times as strong on cells with CD25 as they are, and four to",
    "five times on the others. In that assay even wild-type fusions bind CD25 20 to 50 times tighter than IL-2 does",
    "(0.19 to 0.54 against 10 nM), so constants of the two assays must not be mixed. Relative to the wild-type fusion",
    "most of the miss on cells with CD25 is gone, and what is left is five- to thirteen-fold on every cell: a fusion",
    "is weaker than IL-2 for a reason that its affinities do not show. The order of fusions is predicted where CD25",
    "decides (T-reg, T-helper) and not on CD8 cells.",
    "",
)


def page() -> str:
    """Return the page."""
    return "\n".join(
        [
            *INTRODUCTION,
            *shares_section(),
            *parameters_section(),
            *VERDICT,
            *times_section(),
            *misses_section(),
            *second_count_section(),
            *amplitude_section(),
            *fusions_section(),
            *products_section(),
        ]
    )


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    draw(used(), hypotheses()["fitted"]).savefig(FIGURE, metadata={"Date": None})
    for name, ligand, use in ((n, x, u) for n in hypotheses() for x in Ligand for u in (Use.FITTED, Use.HELD_OUT)):
        print(share_line(name, ligand, use))
    return 0


if __name__ == "__main__":
    sys.exit(main())
