"""How the tests call the command line: in this process, as the console script does."""

from collections.abc import Callable
from dataclasses import dataclass

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
