"""Study files of published trials: inside an installed package, or beside the source in a checkout."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from trialeukin.core.errors import StudyError

SUFFIX = ".toml"


@cache
def published_studies() -> tuple[str, ...]:
    """Return their names."""
    return tuple(sorted(file.name.removesuffix(SUFFIX) for file in _folder().iterdir() if file.name.endswith(SUFFIX)))


def published_study(name: str) -> str:
    """Return the text of one.

    Raises
    ------
    StudyError
        When there is none of that name.
    """
    if name not in published_studies():
        raise StudyError(f"no published study {name[:60]!r}: there are {', '.join(published_studies())}")
    return _folder().joinpath(name + SUFFIX).read_text(encoding="utf-8")


def _folder() -> Traversable:
    installed = resources.files("trialeukin").joinpath("studies")
    return installed if installed.is_dir() else Path(__file__).parents[3] / "studies"
