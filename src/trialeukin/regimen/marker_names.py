"""What protocols call the markers that rules look at, and what no model follows."""

import re

NAMES = {
    **dict.fromkeys(
        (
            *("platelets", "platelet", "platelet count", "platelets count", "plt", "plts"),
            *("thrombocytes", "thrombocyte", "thrombocyte count"),
        ),
        "platelets",
    ),
    **dict.fromkeys(
        ("neutrophils", "neutrophil", "neutrophil count", "absolute neutrophil count", "absolute neutrophils", "anc"),
        "neutrophils",
    ),
    "gvhd": "gvhd",
    "relapsed": "relapsed",
}
"""The name here of what a text, in small letters and with blanks, calls a marker."""

HOST = r"gvhd|graft[\s_-]*(versus|vs\.?)[\s_-]*host"
KIDNEY = r"creatinine?|kidneys?|renal|egfr|gfr|bun|urea|urine|oligur\w*|anur\w*"
RELAPSE = r"relaps\w*|recurrence|progress\w*"
TOLD = tuple(
    (re.compile(rf"(?<![a-z])({pattern})(?![a-z])", re.IGNORECASE), words)
    for pattern, words in (
        (
            HOST,
            "graft-versus-host disease has no grades here: 'gvhd >= 1' holds once it has begun, as in 'stop when "
            "gvhd >= 1'; only the model donor-lymphocytes follows it",
        ),
        (
            KIDNEY,
            "no model has renal function, so no rule can look at it: leave the rule out, and doses are given that "
            "the protocol would have held; most models of IL-2 have platelets and the grades of capillary leak, "
            "hypotension, fever and constitutional symptoms",
        ),
        (
            RELAPSE,
            "doses end with the relapse that follow-up finds, without a rule: leave it out; "
            "'relapsed >= 1' holds from then on",
        ),
    )
)


def marker_name(written: str) -> str:
    """Return what a marker is called here; a name that is not known as it is."""
    return NAMES.get(written.replace("_", " ").casefold(), written)


def told_of(written: str) -> str | None:
    """Return how what a text calls a marker is looked at, or that it is not followed; None where nothing is known."""
    return next((words for pattern, words in TOLD if pattern.search(written)), None)
