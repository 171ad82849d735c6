"""Faults of a call: the value, what is allowed and the way out, in one line and in the project's own words."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from trialeukin.cli.main import application

WRONG = [
    (["foo"], ("'foo' is no command of 'trialeukin'", "run, design, regimen", "evidence")),
    (["modles"], ("'modles'", "did you mean 'models'?")),
    (["evidence", "foo"], ("'foo' is no command of 'trialeukin evidence'", "list, show, check")),
    (["run"], ("STUDY.toml is missing", "the study's file", "'trialeukin run --help'")),
    (["evidence", "add"], ("--from FILE is missing", "a study's TOML file")),
    (["run", "x.toml", "--patients", "abc"], ("--patients 'abc'", "whole number", "2000 by default")),
    (["run", "x.toml", "--patients", "2,5"], ("--patients '2,5'", "whole number")),
    (["run", "x.toml", "--patients="], ("--patients ''", "whole number")),
    (["design", "--hazard-ratio", "0,75"], ("--hazard-ratio '0,75'", "a number", "did you mean 0.75?")),
    (["evidence", "pool", "--outcome", "pfs"], ("--outcome 'pfs'", "choose lfs, os", "did you mean 'lfs'?")),
    (["evidence", "list", "--setting", "CR2"], ("--setting 'CR2'", "cr1, later remission", "did you mean 'cr1'?")),
    (["run", "x.toml", "--patient", "3"], ("--patient:", "--output, --patients", "did you mean '--patients'?")),
    (["regimen", "-inf"], ("-inf:", "--bsa, --weight, --list, --json, --help")),
    (["--json", "models"], ("--json:", "options of a command go after its name")),
    (["run", "x.toml", "-o"], ("-o: nothing stands after it", "give DIR", "where to write")),
    (["evidence", "pool", "--bayes=1"], ("--bayes=1: --bayes takes no value",)),
    (["regimen", "aldesleukin", "9", "MIU/m2", "sc"], ("'9 MIU/m2 sc'", "one TEXT|FILE|NAME", "quotes")),
    (["models", "extra"], ("'extra'", "known are il2-pharmacokinetics")),
    (["serve", "extra"], ("'extra'", "options alone, such as --host, --port, ")),
    (["regimen", "aldesl\udcffeukin"], ("'aldesl\\udcffeukin'", "UTF-8")),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_a_wrong_call_is_told_the_value_what_is_allowed_and_the_way_out(
    trialeukin: Callable, arguments: list[str], words: tuple[str, ...]
) -> None:
    called = trialeukin(*arguments)

    assert called.code == 2
    assert called.out == ""
    assert called.err.startswith("trialeukin: ")
    assert called.err.count("\n") == 1
    for word in words:
        assert word in called.err


def test_a_decimal_comma_of_thousands_is_not_taken_for_a_decimal(trialeukin: Callable) -> None:
    called = trialeukin("design", "--control-median", "1,000")

    assert "--control-median '1,000'" in called.err
    assert "did you mean" not in called.err


def paths(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield every call that gives a parameter which takes a path an empty one."""
    for name, each in getattr(command, "commands", {}).items():
        yield from paths(each, *path, name)
    for each in command.params:
        if each.type_descriptor.annotation is Path:
            yield (*path, *each.opts[-1:] * (each.param_type_name == "option"), "")


@pytest.mark.parametrize("call", list(paths(typer.main.get_command(application()))), ids=" ".join)
def test_an_empty_path_is_refused_and_not_taken_for_this_directory(trialeukin: Callable, call: tuple[str, ...]) -> None:
    called = trialeukin(*call)

    assert called.code == 2
    assert re.match(r"trialeukin: \S+ '': give a path, not an empty word \(", called.err)


@pytest.mark.parametrize("group", [[], ["evidence"]])
def test_a_group_alone_answers_with_its_help(trialeukin: Callable, group: list[str]) -> None:
    called = trialeukin(*group)

    assert called.code == 2
    assert called.out == ""
    assert called.err.startswith("Usage: trialeukin")
    assert "Commands:" in called.err


def test_pool_and_forest_have_the_same_usual_outcome(trialeukin: Callable, tmp_path: Path) -> None:
    own = ("--directory", str(tmp_path))

    pool, forest = (trialeukin("evidence", each, *own) for each in ("pool", "forest"))

    assert pool.code == forest.code == 0
    assert pool.out.splitlines()[0] == forest.out.splitlines()[0]


def test_a_directory_of_own_studies_that_is_not_there_is_refused(trialeukin: Callable, tmp_path: Path) -> None:
    called = trialeukin("evidence", "list", "--directory", str(tmp_path / "mistyped"))

    assert called.code == 2
    assert "mistyped: there is no such directory" in called.err
    assert "evidence add" in called.err


@pytest.mark.parametrize("scale", ["0", "nan", "inf", "1e9"])
def test_a_prior_scale_beyond_all_belief_is_refused(trialeukin: Callable, tmp_path: Path, scale: str) -> None:
    called = trialeukin("evidence", "pool", "--bayes", "--tau-scale", scale, "--directory", str(tmp_path))

    assert called.code == 2
    assert "--tau-scale" in called.err
    assert "give 0.01 to 10" in called.err


@pytest.mark.parametrize("where", ["trialeukin.cli.main.application", "trialeukin.cli.models.models"])
def test_an_interruption_while_loading_or_working_says_so(
    trialeukin: Callable, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    trialeukin("models", "--help")
    monkeypatch.setattr(where, interrupted)

    called = trialeukin("models")

    assert called.code == 3
    assert called.err == "trialeukin: interrupted: nothing is kept\n"


def _process(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "trialeukin", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | environment,
    )


def test_a_calendar_is_written_whatever_the_locale_can_encode() -> None:
    out, err = _process("regimen", "calgb-19808", PYTHONIOENCODING="ascii").communicate(timeout=60)

    assert err == b""
    assert "█  aldesleukin 12 MIU/m2/day sc" in out.decode()


def test_a_reader_that_has_enough_ends_it_without_a_word() -> None:
    with _process("regimen", "--list", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None

        process.stdout.close()
        err = process.stderr.read()

    assert process.returncode == 3
    assert err == b""
