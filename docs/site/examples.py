"""The examples of a page, run as its reader would run them, and set beside what the page says they print.

How a page is read, which `docs/tutorials/index.md` tells its readers too:

- Everything happens in one folder, the root of a checkout; what is written goes to ``out/``. Examples of a page are
  one session, from the first to the last: Python keeps its names, files stay.
- ``sh``: a line that begins with ``trialeukin`` is a command; one of ``make`` or ``git`` is left out here.
- ``python``: code.
- ``toml``, ``csv`` or ``text`` whose first line is ``# NAME``: a file of that name, which the reader saves.
- ``text`` after a command or code: what it prints; ``...`` in a line of its own stands for any lines.

``python docs/site/examples.py PAGE...`` writes what is printed today into the pages.
"""

import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from trialeukin.cli.main import main

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(sh|python|toml|csv|text)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
DECIMAL = re.compile(r"\d+\.\d+")
FILE = re.compile(r"^# (\S+\.\w+)\n")
ANY = "..."
ELSEWHERE = ("make", "git", "cd", "pip", "#")
SHARED = ("studies", "tests", "docs", "README.md")


class ExampleError(AssertionError):
    """An example that fails, or prints something else than the page says."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what it holds, and where that begins and ends in the page."""

    language: str
    body: str
    start: int
    end: int


def blocks(text: str) -> list[Block]:
    """Return the blocks of a page that mean something here."""
    return [Block(match[1], match[2], match.start(2), match.end(2)) for match in BLOCK.finditer(text)]


@dataclass
class Session:
    """Runs blocks one after the other in the folder that is current."""

    names: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})

    def run(self, block: Block) -> str:
        """Return what a block prints; a file is saved and prints nothing."""
        if block.language == "python":
            return self._python(block.body)
        if block.language == "sh":
            lines = block.body.replace("\\\n", " ").splitlines()
            return "".join(_command(line) for line in lines if line and not line.startswith(ELSEWHERE))
        named = FILE.match(block.body)
        if named:
            Path(named[1]).parent.mkdir(parents=True, exist_ok=True)
            content = block.body[named.end() :] if block.language == "csv" else block.body
            Path(named[1]).write_text(content, encoding="utf-8")
        return ""

    def _python(self, code: str) -> str:
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(code, "<example>", "exec"), self.names)
        return printed.getvalue()


def _command(line: str) -> str:
    """Return what a command prints; of one that is marked as refused, its message."""
    refused = line.endswith("# refused")
    words = shlex.split(line, comments=True)
    if words[0] != "trialeukin":
        raise ExampleError(f"{line}: an example is a command of trialeukin")
    printed, faults = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(faults):
        code = main(words[1:])
    if (code != 0) is not refused:
        raise ExampleError(f"{line}: exit code {code}\n{faults.getvalue()}")
    return faults.getvalue() if refused else printed.getvalue()


def examples(text: str) -> Iterator[tuple[Block, str, Block | None]]:
    """Run the blocks of a page and give each with what it printed and the block that says what it prints."""
    session, found = Session(), blocks(text)
    for block, after in zip(found, [*found, None][1:], strict=True):
        shows = block.language in {"sh", "python"}
        told = after if shows and after and after.language == "text" and not FILE.match(after.body) else None
        yield block, session.run(block), told


def check(page: Path, folder: Path) -> int:
    """Run a page's examples in a folder and return how many there were.

    Raises
    ------
    ExampleError
        If one prints something else than the page says.
    """
    ran = 0
    with _Inside(folder):
        for block, printed, told in examples(page.read_text(encoding="utf-8")):
            ran += block.language in {"sh", "python"}
            if told and not agrees(printed, told.body):
                raise ExampleError(f"{page.name}:\n{block.body}\nprints\n{printed}\nand the page says\n{told.body}")
    return ran


def agrees(printed: str, told: str) -> bool:
    """Return whether what was printed is what was told, white space at the ends of lines apart.

    Processors round differently, so that the last decimal of a number may be one more or less.
    """
    numbers = DECIMAL.findall(told)
    parts = [_pattern(_trimmed(part)) for part in re.split(r"^\.\.\.$", told, flags=re.MULTILINE)]
    found = re.fullmatch(r"\s*" + r"[\s\S]*".join(parts) + r"\s*", _trimmed(printed))
    return found is not None and all(map(_nearly, found.groups(), numbers))


def _pattern(told: str) -> str:
    """Return what matches a text with other numbers of as many decimals, each a group."""
    between, numbers = DECIMAL.split(told), DECIMAL.findall(told)
    of_numbers = [rf"(\d+\.\d{{{len(number.split('.')[1])}}})" for number in numbers]
    return "".join(re.escape(text) + number for text, number in zip(between, [*of_numbers, ""], strict=True))


def _nearly(printed: str, told: str) -> bool:
    return abs(Decimal(printed) - Decimal(told)) <= Decimal(1).scaleb(Decimal(told).as_tuple().exponent)


def refreshed(text: str) -> str:
    """Return a page with what its examples print now; beside ``...`` as many lines stay as stood there."""
    for block, printed, told in reversed(list(examples(text))):
        if told and block:
            text = text[: told.start] + _as_long_as(printed, told.body) + text[told.end :]
    return text


def _as_long_as(printed: str, told: str) -> str:
    lines, shown = _trimmed(printed).splitlines(), told.splitlines()
    if ANY in shown:
        head, tail = shown.index(ANY), len(shown) - 1 - shown.index(ANY)
        lines = [*lines[:head], ANY, *lines[len(lines) - tail :]]
    return "\n".join(lines) + "\n"


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


class _Inside(chdir):
    """Works in a folder that looks like the root of a checkout."""

    def __enter__(self) -> None:
        for name in SHARED:
            link = Path(self.path) / name
            if not link.exists():
                link.symlink_to(ROOT / name)
        super().__enter__()


if __name__ == "__main__":
    os.chdir(ROOT)
    for given in map(Path, sys.argv[1:]):
        given.write_text(refreshed(given.read_text(encoding="utf-8")), encoding="utf-8")
