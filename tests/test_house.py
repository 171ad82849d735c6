"""Rules of the house that no linter checks."""

import re
from pathlib import Path

import pytest

from trialeukin import __version__

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "src").rglob("*.py"))
TRACKED = [
    path
    for pattern in (
        "src/**/*",
        "tests/**/*",
        "studies/*",
        "docs/**/*",
        "validation/**/*",
        "benchmarks/**/*",
        "*.md",
        "*.toml",
        "requirements/*",
    )
    for path in sorted(ROOT.glob(pattern))
    if path.is_file()
    and path.suffix in {".py", ".md", ".toml", ".txt", ".in", ".bib", ".csv", ".regimen", ".lark", ".j2"}
]
LINES_AT_MOST = 400
FORBIDDEN_NAMES = {"utils.py", "base.py", "helpers.py", "misc.py"}
MACHINE_PATH = re.compile(r"(^|[^A-Za-z.])/(" + "|".join(("work", "root", "home", "opt", "tmp")) + r")/[A-Za-z.]")
URL_IN_PINS = re.compile(r"https?://|--index-url|--find-links")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_tells_one_story_of_at_most_400_lines(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LINES_AT_MOST
    assert module.name not in FORBIDDEN_NAMES


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    offenders = [
        name(path) for path in TRACKED if MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]

    assert offenders == []


@pytest.mark.parametrize("pins", [name(path) for path in sorted((ROOT / "requirements").glob("*.txt"))])
def test_pins_carry_hashes_and_no_address(pins: str) -> None:
    text = (ROOT / pins).read_text(encoding="utf-8")

    packages = re.findall(r"^[a-z0-9][^\s=]*==", text, flags=re.MULTILINE)

    assert not URL_IN_PINS.search(text)
    assert packages
    assert text.count("--hash=sha256:") >= len(packages)


def test_the_citation_is_of_this_version() -> None:
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
