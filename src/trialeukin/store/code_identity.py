"""Which code computes: its version, and a digest of its source, which changes when the version does not."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from trialeukin import __version__

COUNTED = (".py", ".toml", ".bib", ".lark", ".regimen", ".csv", ".json", ".j2", ".css")
NOT_COUNTED = frozenset({"__pycache__", "web", "cli"})  # neither changes a result


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeIdentity:
    """The code that a result comes from.

    Attributes
    ----------
    version : str
        Of the package.
    digest : str
        SHA-256 of every file that a run's result or report depends on.
    """

    version: str
    digest: str


@cache
def code_identity() -> CodeIdentity:
    """Return the identity of the code that runs here."""
    whole = hashlib.sha256()
    for name, content in sorted(_files(resources.files("trialeukin"), "")):
        whole.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return CodeIdentity(version=__version__, digest=whole.hexdigest())


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for each in folder.iterdir():
        if each.is_dir() and each.name not in NOT_COUNTED:
            yield from _files(each, f"{prefix}{each.name}/")
        elif each.is_file() and each.name.endswith(COUNTED):
            yield f"{prefix}{each.name}", each.read_bytes()
