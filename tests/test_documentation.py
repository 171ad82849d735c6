"""README and docs are true: their commands run, their links lead somewhere, their numbers are not stale."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import in_whom_page
import marker_bands
import published_trials
import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINKED = [*PAGES, *sorted((ROOT / "docs").glob("*/**/*.md"))]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
WRITES = {"run": ["--patients", "100", "--replicates", "10"], "theory": [], "validate": ["--draws", "2"]}
"""Commands that write to a directory, which a test names, and what makes each of them quick."""
SERVED = "trialeukin serve"
"""It goes on until it is stopped: `tests/cli/test_serve.py` starts it, asks it and stops it."""
SECONDS = 300


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    return sorted({line for page in PAGES for block in blocks(page, "sh") for line in block.splitlines() if line})


def environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("command", [line for line in commands() if line.startswith("trialeukin") and line != SERVED])
def test_a_command_of_the_documentation_runs(command: str, tmp_path: Path) -> None:
    words = shlex.split(command, comments=True)
    extra = [*WRITES[words[1]], "-o", str(tmp_path / "out")] if words[1] in WRITES else []

    done = subprocess.run(
        [*words, *extra], cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_every_other_command_of_the_documentation_is_a_make_target_or_git() -> None:
    others = [shlex.split(line, comments=True) for line in commands() if not line.startswith("trialeukin")]

    for words in others:
        assert words[0] in {"make", "git", "cd"}
        assert words[0] != "make" or set(words[1:]) <= TARGETS


@pytest.mark.parametrize("code", [code for page in PAGES for code in blocks(page, "python")])
def test_a_python_example_of_the_documentation_runs(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_of_the_documentation_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))

    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert missing == []


def test_the_table_of_published_trials_is_of_the_model_as_it_stands() -> None:
    found = json.loads(published_trials.RESULTS.read_text(encoding="utf-8"))

    assert found["digest"] == published_trials.digest(), "stale: run `make figures`"
    assert published_trials.PAGE.read_text(encoding="utf-8") == published_trials.page(found)
    assert in_whom_page.PAGE.read_text(encoding="utf-8") == in_whom_page.page(found["studies"])
    assert [study["study"] for study in found["studies"]] == list(published_trials.STUDIES)


def test_the_page_of_markers_is_of_the_model_as_it_stands() -> None:
    page = marker_bands.PAGE.read_text(encoding="utf-8")
    panels = {panel.study: panel for panel in marker_bands.read_panels()}

    for study in ("CCG-2961", "Bachanova 2010"):  # one of each model; all six take ten times as long
        for line in marker_bands.lines(panels[study]):
            assert line in page, "stale: run `make figures`"
