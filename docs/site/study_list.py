"""Every published study of the base with the work and the place of each number, as a page."""

from collections.abc import Iterator

from trialeukin.cli.evidence_text import described
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.published_study import PublishedStudy


def study_list(_: str) -> str:
    """Return the studies of the base as Markdown, in the order of their names."""
    studies = sorted(own_studies().items())
    return "\n\n".join("\n".join(_section(name, study)) for name, study in studies)


def _section(name: str, study: PublishedStudy) -> Iterator[str]:
    yield f'<a id="{name}"></a>'
    yield ""
    yield f"## {name}"
    yield ""
    read = [(work.work, work.url) for work in study.sources.values() if work.url]
    yield from (f"- [{words}]({url})" for words, url in read)
    yield from ("", "```text", *described(study), "```")
