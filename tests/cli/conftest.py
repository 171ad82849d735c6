"""How the tests call the command line: in this process, as the console script does."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from trialeukin.cli.main import main


@dataclass(frozen=True)
class Called:
    """What one call left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def trialeukin(capsys: pytest.CaptureFixture[str]) -> Callable[..., Called]:
    def call(*arguments: str) -> Called:
        capsys.readouterr()
        code = main(arguments)
        captured = capsys.readouterr()
        return Called(code, captured.out, captured.err)

    return call


@pytest.fixture
def document(trialeukin: Callable[..., Called]) -> Callable[..., dict]:
    """What ``trialeukin design`` says in JSON."""

    def call(*words: str) -> dict:
        called = trialeukin("design", *words, "--json")
        assert called.code == 0, called.err
        return json.loads(called.out)

    return call


@pytest.fixture
def nothing_of_ones_own(tmp_path: Path) -> list[str]:
    """Words of a call that has the base alone, whoever runs the tests."""
    (tmp_path / "empty").mkdir()
    return ["--directory", str(tmp_path / "empty")]
