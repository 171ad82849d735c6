"""The command tree: version, help, mistakes of usage, and what is loaded when."""

import subprocess
import sys
from collections.abc import Callable

import pytest

import trialeukin as package

HEAVY = ("numpy", "scipy", "sympy", "numba", "matplotlib", "lark", "pyarrow", "pydantic")
LOADED = """
import sys
from trialeukin.cli.main import main
code = main({arguments!r})
print("code", code)
print("loaded", *sorted(name for name in {heavy!r} if name in sys.modules))
"""


def test_version_is_the_packages_own(trialeukin: Callable) -> None:
    called = trialeukin("--version")

    assert called.code == 0
    assert called.out == f"trialeukin {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "never"),
    [
        (["--version"], HEAVY),
        (["--help"], HEAVY),
        (["regimen", "none"], ("numba", "sympy", "matplotlib", "pyarrow")),
        (["analyse", "--help"], ("sympy", "matplotlib")),
        (["design", "--help"], ("sympy", "matplotlib")),
        (["evidence", "list"], ("numba", "sympy", "matplotlib", "pyarrow")),
    ],
)
def test_a_command_loads_only_what_it_needs(arguments: list[str], never: tuple[str, ...]) -> None:
    script = LOADED.format(arguments=arguments, heavy=never)

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.splitlines()[-2:] == ["code 0", "loaded"]


def test_help_names_every_command_with_what_it_does(trialeukin: Callable) -> None:
    called = trialeukin("--help")

    assert called.code == 0
    for words in ("run", "Run a study", "regimen", "Read a regimen", "models", "parameters"):
        assert words in called.out


@pytest.mark.parametrize("command", ["run", "regimen", "models", "parameters"])
def test_every_command_has_help_with_json(trialeukin: Callable, command: str) -> None:
    called = trialeukin(command, "--help")

    assert called.code == 0
    assert "--json" in called.out


def test_an_unknown_command_is_refused_with_the_one_that_was_meant(trialeukin: Callable) -> None:
    called = trialeukin("modles")

    assert called.code == 2
    assert "modles" in called.err
    assert "models" in called.err
    assert called.out == ""


def test_an_unknown_option_is_refused_with_the_one_that_was_meant(trialeukin: Callable) -> None:
    called = trialeukin("regimen", "none", "--jsom")

    assert called.code == 2
    assert "--jsom" in called.err
    assert "--json" in called.err
    assert called.out == ""


def test_an_option_of_the_wrong_type_is_refused_with_its_name(trialeukin: Callable) -> None:
    called = trialeukin("regimen", "none", "--bsa", "large")

    assert called.code == 2
    assert "--bsa" in called.err
    assert "Traceback" not in called.err
