"""What groups of patients are called."""

from trialeukin.report.wording import shortly, words

GROUPS = {
    "age": ("under {cut:.0f} years", "{cut:.0f} years or older"),
    "body_surface_area": ("body surface under {cut:.2f} m²", "body surface of {cut:.2f} m² or more"),
    "female": ("male", "female"),
    "from_60": ("under 60 years", "60 years or older"),
    "favourable_risk": ("other than favourable risk", "favourable risk"),
    "adverse_risk": ("other than adverse risk", "adverse risk"),
    "monocytic": ("not monocytic", "monocytic"),
    "conventional": ("intensive consolidation", "conventional consolidation"),
    "unrelated_donor": ("related donor", "unrelated donor"),
    "months_since_transplant": (
        "transplanted less than {cut:.0f} months before",
        "transplanted {cut:.0f} months before or earlier",
    ),
    "donor_chimerism": ("donor share of CD34 cells under {cut:.2f}", "donor share of CD34 cells {cut:.2f} or more"),
}
"""Words for those below the cut or without it, and for the others, by the covariate's name."""


def patients_needed(needed: float | None) -> str:
    """Return how many patients a trial needs; a dash where there is nothing to find."""
    return "–" if needed is None else shortly(needed, 2)


def group_labels(name: str, cut: float | None) -> tuple[str, str]:
    """Return what the two sides of a covariate are called: those without it or below the cut, and the others."""
    without, having = GROUPS.get(name, (f"{words(name)}: no or low", f"{words(name)}: yes or high"))
    value = 1.0 if cut is None else cut
    return without.format(cut=value), having.format(cut=value)
