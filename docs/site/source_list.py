"""Every work that a number was taken from, as a page."""

from trialeukin.core.sources import bibliography
from trialeukin.report.theory.page import in_full


def source_list(_: str) -> str:
    """Return the works of ``sources.bib`` as Markdown, one a paragraph, in the order of their keys."""
    keys = sorted(bibliography().entries, key=str.lower)
    return "\n\n".join(f'<a id="{key}"></a>`{key}` {in_full(key)}' for key in keys)
