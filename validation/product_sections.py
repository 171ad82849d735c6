"""What a page says of engineered interleukin-2 in people."""

import numpy as np
from fusion_predictions import relative
from page_text import table
from product_predictions import (
    CELLS,
    Candidate,
    days_above,
    efavaleukin,
    highest,
    rezpegaldesleukin,
    thor_707,
    with_affinities,
)

from trialeukin.core.arrays import Floats
from trialeukin.core.sources import citation
from trialeukin.regimen.engineered_il2 import ALPHA, BETA_GAMMA

WANTED = 4.0  # Treg over conventional cells on day 8
TRIED_AFFINITIES = (
    (10.0, 1.9),
    (10.0, 19.0),
    (10.0, 190.0),
    (10.0, 1900.0),
    (10.0, 19000.0),
    (100.0, 19.0),
    (100.0, 190.0),
)
HEAD = (
    "## Products in people",
    "",
    "`il2-products` gives each cell the aldesleukin that would engage as much of its CD122 as the products do, in the",
    "laws that were fitted to aldesleukin (`il2-immune`), whose affinity to CD122 with CD132 it leaves at 1.9 nM:",
    "what a product does depends on its affinities relative to aldesleukin's. It takes what sources give kinetics of,",
    "and refuses the rest by name. What follows tries numbers that are not known; nothing was fitted to these",
    "observations.",
    "",
)
REZPEGALDESLEUKIN = (
    "**A miss.** Treg rise and stay as seen only where NK cells rise far more than seen. A uniform weakening cannot",
    "help: in this model the distance between Treg and NK cells is set by the affinity to CD25 and the surface alone.",
    "The closest is an affinity to CD122/CD132 a thousand times weaker: CD4 and CD8 then stay, and NK cells still",
    "rise ten-fold by CD56bright cells, whose response was fitted to months of low-dose aldesleukin. That Treg do not",
    "exceed 17-fold is no prediction: the cap was taken from this very study. Its Treg are CD25bright, the model's",
    "are all. Weeks of nanomolar IL-2 are far outside what the laws of growth were fitted to.",
    "",
)
EFAVALEUKIN = (
    "**A miss.** NK cells would rise more than two-fold where Treg over CD4 reach 4; they did not rise. The affinity",
    "decides the dose, hardly the selectivity, for CD56bright cells have the high-affinity receptor too.",
    "",
)
THOR_707 = (
    "Half-lives of six to twelve hours give the rise that was seen; Treg would rise as much as CD8 cells, since CD122",
    "is engaged on both alike. None of this is a test, since the half-life is not known to us.",
    "",
)


def quantiles(values: Floats) -> str:
    low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
    return f"{middle:.2g} ({low:.2g} to {high:.2g})"


def rezpegaldesleukin_section() -> list[str]:
    cells = rezpegaldesleukin()
    names = {"treg_count": "Treg", "cd4_count": "conventional CD4", "cd8_count": "CD8", "nk_count": "NK"}
    observed = {
        "treg_count": "12 to 17 (CD25bright Treg)",
        "cd4_count": "no significant change",
        "cd8_count": "no significant change",
        "nk_count": "low-level increase",
    }
    rows = [(names[cell], observed[cell], quantiles(highest(cells[cell])), citation("fanton2022")) for cell in CELLS]
    above = quantiles(days_above(cells["treg_count"], 6.0))
    tried = []
    for alpha, beta_gamma in TRIED_AFFINITIES:
        found = with_affinities(alpha, beta_gamma)
        tried.append((f"{alpha:g}", f"{beta_gamma:g}", *(f"{highest(found[cell])[0]:.2g}" for cell in CELLS)))
    head = ("CD25, nM", "CD122/CD132, nM", "Treg", "CD4", "CD8", "NK")
    return [
        "### Rezpegaldesleukin, 28 ug/kg once (`il2-products`)",
        "",
        "Highest count over that at the start: median and 95 % interval over everything that is not known, with",
        "affinities between those of aldesleukin and a hundredth of them.",
        *table(("cells", "observed", "predicted", "observed in"), rows, numeric=2),
        f"Days on which Treg exceed six times their start: {above}; observed: 12- to 17-fold held for 20 to 30 days.",
        "The typical person, at affinities that are tried:",
        *table(head, tried),
        *REZPEGALDESLEUKIN,
    ]


def efavaleukin_section() -> list[str]:
    rows = []
    fusions = {
        f"Fc fusion {name}, relative to wild type": relative(name) for name in ("V91K C-terminal", "N88D C-terminal")
    }
    for name, (alpha, beta_gamma) in {"aldesleukin": (ALPHA.value, BETA_GAMMA.value), **fusions}.items():
        for half_life in (3.0, 7.0):
            tried = Candidate(drug="efavaleukin", alpha=alpha, beta_gamma=beta_gamma, half_life=half_life)
            found = efavaleukin(tried, WANTED)
            rows.append((name, f"{half_life:g}", f"{1000.0 * found.dose:.2g}", f"{found.ratio:.2g}", f"{found.nk:.2g}"))
    head = ("binds as", "half-life, d", "dose of IL-2, ng/kg", "Treg over CD4, day 8", "NK, day 8")
    return [
        "### Efavaleukin (refused by `il2-products`: affinities, half-life and molar mass unknown)",
        "",
        "Observed at the highest of eight unstated doses: Treg over conventional cells about 4 times the start on day",
        "8, no directional change of NK cells. Were it to bind and stay as tried, the dose that gives this ratio",
        "would give:",
        *table(head, rows, numeric=1),
        *EFAVALEUKIN,
    ]


def thor_707_section() -> list[str]:
    rows = []
    for half_life in (0.25, 0.5, 1.0, 2.0):
        for dose in (8.0, 24.0):
            cells = thor_707(half_life, dose)
            rows.append((f"{half_life:g}", f"{dose:g}", *(f"{highest(cells[cell], 21.0)[0]:.2g}" for cell in CELLS)))
    head = ("half-life, d", "ug/kg", "Treg", "CD4", "CD8", "NK")
    return [
        "### THOR-707 (refused by `il2-products`: half-life and molar mass unknown)",
        "",
        "Observed on 8 to 24 ug/kg in cycle 1: CD8 and NK cells up by a median of 3.1 (which of the two is not",
        "certain). Without CD25 binding, with aldesleukin's affinity to CD122/CD132 (near-native, by its abstract),",
        "doses counted as mass of IL-2, highest count within 21 days of one dose over the start:",
        *table(head, rows),
        *THOR_707,
    ]


def products_section() -> list[str]:
    """Return the lines on all products."""
    return [*HEAD, *rezpegaldesleukin_section(), *efavaleukin_section(), *thor_707_section()]
