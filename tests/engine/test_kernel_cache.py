"""Machine code on disk: found again, and never used when it is damaged or belongs to something else."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy

from trialeukin.engine import kernel
from trialeukin.engine.kernel import cache_directory, content_key, kernel_for, read_entry, write_entry
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.model.system import Event, Switch, System, Term, Watch, symbol

WIDTH = 2
Make = Callable[..., System]
Pose = Callable[..., Problem]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALEUKIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kernel, "_LOADED", {})


def entries() -> list[Path]:
    return sorted(cache_directory().glob("*"))


def test_code_is_made_once_and_then_read(decaying: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = kernel_for(decaying(), width=WIDTH)
    monkeypatch.setattr(kernel, "_LOADED", {})
    monkeypatch.setattr(kernel, "assemble", None)  # making it again would fail

    found = kernel_for(decaying(), width=WIDTH)

    assert (found.width, found.fixed, found.factors) == (made.width, made.fixed, made.factors)
    assert len(entries()) == 1


@pytest.mark.parametrize("position", [0, 40, -1])
def test_a_damaged_entry_is_made_again(
    position: int, decaying: Make, pose: Pose, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = pose(decaying(initial=1), horizon=1.0, save_times=np.array([1.0]), save=("amount",))
    before = solve(problem).values
    (entry,) = entries()
    intact = entry.read_bytes()
    damaged = bytearray(intact)
    damaged[position] ^= 1
    entry.write_bytes(bytes(damaged))
    monkeypatch.setattr(kernel, "_LOADED", {})

    after = solve(problem).values

    assert np.array_equal(before, after)
    assert entry.read_bytes() == intact


@pytest.mark.parametrize("content", [b"", b"short", bytes(32)])
def test_a_truncated_entry_is_no_entry(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "entry"
    path.write_bytes(content)

    assert read_entry(path) is None


def test_an_entry_reads_as_it_was_written_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "entry"

    write_entry(path, b"code")

    assert read_entry(path) == b"code"
    assert list(path.parent.iterdir()) == [path]


def test_a_system_that_is_asked_for_again_is_not_written_out_again(
    decaying: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = decaying()
    first = kernel_for(system, width=WIDTH)
    monkeypatch.setattr(kernel, "content_key", None)  # writing it out again would fail

    assert kernel_for(system, width=WIDTH) is first
    assert kernel_for(replace(system, name="renamed"), width=WIDTH) is first


def test_a_system_that_was_changed_in_place_is_another_one(decaying: Make) -> None:
    event = Event(name="low", trigger=1 - symbol("amount"), sets={"amount": sympy.Integer(1)})
    system = decaying(events=(event,))
    first = kernel_for(system, width=WIDTH)
    event.sets["amount"] = sympy.Integer(2)  # type: ignore[index]

    assert kernel_for(system, width=WIDTH) is not first


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_directory_that_cannot_be_written_is_done_without(
    decaying: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv("TRIALEUKIN_CACHE", str(tmp_path / "cache"))

    assert kernel_for(decaying(), width=WIDTH).width == WIDTH


def test_a_cache_whose_place_is_a_file_is_done_without(
    decaying: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("not a directory", encoding="utf-8")
    monkeypatch.setenv("TRIALEUKIN_CACHE", str(occupied))

    assert kernel_for(decaying(), width=WIDTH).width == WIDTH
    assert occupied.read_text(encoding="utf-8") == "not a directory"


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_directory() == tmp_path / "cache"
    monkeypatch.delenv("TRIALEUKIN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "shared"))
    assert cache_directory() == tmp_path / "shared" / "trialeukin"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_directory() == Path.home() / ".cache" / "trialeukin"


def test_whatever_decides_on_the_code_decides_on_its_name(decaying: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    system = decaying()
    amount = symbol("amount")
    event = Event(name="low", trigger=1 - amount, sets={"amount": amount * 2})
    variants = [
        replace(system, terms=(*system.terms, Term(state="amount", name="more", rate=amount))),
        replace(system, parameters=dict(reversed(system.parameters.items()))),
        replace(system, events=(event,)),
        replace(system, events=(replace(event, sets={"amount": amount * 3}),)),
        replace(system, inputs=(replace(system.inputs[0], lag=symbol("delay")), *system.inputs[1:])),
        replace(system, states=(replace(system.states[0], initial=sympy.Integer(3)),)),
    ]

    keys = [
        content_key(system, WIDTH),
        content_key(system, 2 * WIDTH),
        *(content_key(each, WIDTH) for each in variants),
    ]
    monkeypatch.setattr(kernel, "generator_digest", lambda: "another generator")
    keys.append(content_key(system, WIDTH))

    assert len(set(keys)) == len(keys)
    assert content_key(system, WIDTH) == content_key(replace(system, name="renamed"), WIDTH)


def test_every_field_of_an_event_but_its_name_decides_on_the_code(decaying: Make) -> None:
    event = Event(name="low", trigger=1 - symbol("amount"), sets={"amount": sympy.Integer(3)})
    seen = Switch(name="seen", initial=0.0, meaning="a mark")

    def key(changed: Event) -> str:
        return content_key(decaying(events=(changed,), switches=(seen,)), WIDTH)

    others = [
        replace(event, trigger=2 - symbol("amount")),
        replace(event, sets={"amount": sympy.Integer(4)}),
        replace(event, sets={"seen": sympy.Integer(3)}),
        replace(event, watch=Watch.AT_EXAMINATIONS),
        replace(event, stops_dosing=True),
        replace(event, ends=True),
    ]
    assert len({key(each) for each in (event, *others)}) == 1 + len(others)
    assert key(replace(event, name="lower")) == key(event)
