"""What a page is on the site and not on a code host: parts that are written when the site is built, and its links.

A fence named ``{commands}``, ``{package} NAME``, ``{sources}`` or ``{studies}`` stands for what the program writes
about itself.
"""

import re
from pathlib import Path

from citations import cited
from command_reference import command_reference
from docutils import nodes
from python_reference import package_reference
from source_list import source_list
from sphinx import addnodes
from sphinx.application import Sphinx
from study_list import study_list

WRITERS = {
    "commands": command_reference,
    "package": package_reference,
    "sources": source_list,
    "studies": study_list,
}
FENCE = re.compile(rf"^```\{{({'|'.join(WRITERS)})\}}[ ]*(\S*)\n```$", flags=re.MULTILINE)
ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")


def written(text: str, page: Path, root: Path) -> str:
    """Return a page's text with its generated parts, and with links that lead on from the site.

    Citations and names of studies in tables and lists lead to the pages of sources and studies. A link to an
    ``<a id>`` of the page is left to the browser; one to a file outside the pages offers the file itself.
    """
    text = FENCE.sub(lambda match: WRITERS[match[1]](match[2]), text)
    anchors = set(ANCHOR.findall(text))
    text = cited(text, page, root)
    return LINK.sub(lambda match: _link(match, anchors, page.parent, root), text)


def _link(match: re.Match[str], anchors: set[str], folder: Path, root: Path) -> str:
    text, target = match[1], match[2]
    if target.removeprefix("#") in anchors:
        return f'<a href="{target}">{text}</a>'
    if target.startswith("../") and not (folder / target).resolve().is_relative_to(root):
        return f"{{download}}`{text} <{target}>`"
    return match[0]


def _keep_own_names(_: Sphinx, page: nodes.document) -> None:
    """Leave names of other libraries as text: the site links to nothing outside, and looking for them takes long."""
    for link in list(page.findall(addnodes.pending_xref)):
        if link["refdomain"] == "py" and not link["reftarget"].startswith("trialeukin."):
            short = [each for each in link.children if getattr(each, "get", {}.get)("condition") == "resolved"]
            link.replace_self(short[0].children if short else link.children)


def _on_read(app: Sphinx, page: str, source: list[str]) -> None:
    source[0] = written(source[0], Path(app.env.doc2path(page)), Path(app.srcdir))


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx read pages through `written`, and keep links to our own names alone."""
    app.connect("source-read", _on_read)
    app.connect("doctree-read", _keep_own_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
