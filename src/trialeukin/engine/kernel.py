"""The machine code of a model: made once, kept on disk by the hash of all that decides on it.

An entry holds a digest of its own content. One that is damaged or was made by another generator, for
another processor or another model has another name or digest, and is never used. Entries are written
beside their place and moved there in one go, so that processes can share the directory.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Protocol

import sympy

from trialeukin.engine.frame import FUNCTIONS
from trialeukin.engine.lowering import lower
from trialeukin.engine.machine import Loaded, assemble, load, this_machine
from trialeukin.model.digest import equations_of
from trialeukin.model.system import System

CACHE_VARIABLE = "TRIALEUKIN_CACHE"
DIGEST_BYTES = 32
MOST_REMEMBERED = 64
_LOADED: dict[str, "Kernel"] = {}
_KEYS: dict[tuple[object, ...], tuple[list[object], str]] = {}


class Generated(Protocol):
    """What tables need to know of generated functions, wherever they run."""

    @property
    def width(self) -> int:
        """Lanes side by side."""
        ...

    @property
    def fixed(self) -> int:
        """How many numbers are computed once between events."""
        ...

    @property
    def factors(self) -> int:
        """How many entries the factorised matrix has."""
        ...

    @property
    def addresses(self) -> tuple[int, ...]:
        """Where the functions are, in the order of `trialeukin.engine.frame.FUNCTIONS`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """Generated functions in memory.

    Attributes
    ----------
    width, fixed, factors : int
        Lanes, and rows of the arrays that generated functions keep to themselves.
    loaded : Loaded
        The machine code.
    """

    width: int
    fixed: int
    factors: int
    loaded: Loaded

    @property
    def addresses(self) -> tuple[int, ...]:
        """Where the functions are, in the order of `trialeukin.engine.frame.FUNCTIONS`."""
        return self.loaded.addresses


def kernel_for(system: System, *, width: int | None = None, sensitive_to: tuple[str, ...] = ()) -> Kernel:
    """Return the generated functions of a system, from memory, from disk, or made now."""
    lanes = this_machine().width if width is None else width
    key = _remembered_key(system, lanes, sensitive_to)
    if key not in _LOADED:
        stored = read_entry(cache_directory() / f"{key}.kernel")
        if stored is None:
            stored = _make(system, lanes, sensitive_to)
            write_entry(cache_directory() / f"{key}.kernel", stored)
        _LOADED[key] = _unpack(stored)
    return _LOADED[key]


def _remembered_key(system: System, width: int, sensitive_to: tuple[str, ...]) -> str:
    """Return the content key, from memory where it was computed from the very same objects.

    Writing out all equations takes 20 ms, as long as following a dozen patients for years. What is remembered keeps the
    objects alive, so that an address means the same one; they cannot change, and the dictionaries that
    could are taken apart.
    """
    parts: list[object] = [*system.parameters, *system.states, *system.switches, *system.terms]
    parts += [*system.definitions, *system.inputs]
    for event in system.events:
        parts += [event, *event.sets.keys(), *event.sets.values()]
    identity = (width, sensitive_to, *map(id, parts))
    known = _KEYS.get(identity)
    if known is None:
        known = parts, content_key(system, width, sensitive_to)
        if len(_KEYS) >= MOST_REMEMBERED:
            _KEYS.clear()
        _KEYS[identity] = known
    return known[1]


def content_key(system: System, width: int, sensitive_to: tuple[str, ...] = ()) -> str:
    """Return a name that differs whenever the generated code may differ."""
    machine = this_machine()
    nameless = replace(system, events=tuple(replace(each, name="") for each in system.events))
    parts = [*equations_of(nameless), " ".join(system.parameters), generator_digest(), f"sympy {sympy.__version__}"]
    parts += [machine.versions, machine.processor, machine.features, f"width {width}", *FUNCTIONS, *sensitive_to]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def generator_digest() -> str:
    """Return a digest of the source of every module of the engine."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def cache_directory() -> Path:
    """Return where entries are kept: ``TRIALEUKIN_CACHE``, or trialeukin in the user's cache directory."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "trialeukin"


def _make(system: System, width: int, sensitive_to: tuple[str, ...]) -> bytes:
    lowered = lower(system, width=width, sensitive_to=sensitive_to)
    header = json.dumps({"width": width, "fixed": lowered.fixed, "factors": lowered.factors}).encode()
    return len(header).to_bytes(4, "little") + header + assemble(lowered.text)


def _unpack(stored: bytes) -> Kernel:
    length = int.from_bytes(stored[:4], "little")
    header = json.loads(stored[4 : 4 + length])
    return Kernel(**header, loaded=load(stored[4 + length :]))


def read_entry(path: Path) -> bytes | None:
    """Return the content of an entry, or None when there is none or it is damaged."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    digest, content = raw[:DIGEST_BYTES], raw[DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest and content else None


def write_entry(path: Path, content: bytes) -> None:
    """Keep an entry; where the directory cannot be written, nothing is kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        Path(name).replace(path)
    except OSError:
        return
