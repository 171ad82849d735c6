"""Other solvers on the same problem: each restarts at every dose and keeps the states at the save times."""

from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from compiled import Compiled
from course import Follow


class Known(NamedTuple):
    """A peer that can be asked for.

    Attributes
    ----------
    words : str
        What it is.
    package : str
        What has to be installed.
    module, factory : str
        The module here that wraps it, and the function there that turns a compiled model into a `Follow`.
    loosest, tightest : float, 1
        Ends of its ladder of relative tolerances. Where a peer's error is far above what it was asked for, or
        far below, its ladder is moved, so that it holds the error that solvers are compared at. A ladder ends where
        the error is below 1e-9, which is still far above the doubt of the truth; where a peer takes minutes, sooner.
    rounds : int
        The most that it takes part in: one that takes minutes is measured once.
    together : bool
        Whether it follows patients in the lanes of a vector, so that, like ours, it is given enough to fill them.
    """

    words: str
    package: str
    module: str
    factory: str
    loosest: float = 1e-4
    tightest: float = 1e-12
    rounds: int = 100
    together: bool = False


PEERS = {
    "sundials": Known("SUNDIALS CVODE by scikit-sundae", "sksundae", "peer_cvode", "cvode"),
    "lsoda": Known("SciPy LSODA (`odeint`)", "scipy", "peer_lsoda", "lsoda"),
    "numbalsoda": Known("numbalsoda LSODA", "numbalsoda", "peer_numbalsoda", "compiled_lsoda"),
    "heyoka": Known("heyoka, Taylor series, patients in SIMD lanes", "heyoka", "peer_heyoka", "heyoka", together=True),
    "libroadrunner": Known("libRoadRunner CVODE, from SBML", "roadrunner", "peer_roadrunner", "roadrunner"),
    "diffrax": Known("diffrax Kvaerno5", "diffrax", "peer_diffrax", "kvaerno5", 1e-5, 1e-6, rounds=1),
    "diffrax_tsit5": Known("diffrax Tsit5", "diffrax", "peer_diffrax", "tsit5", 1e-4, 10**-6.5, rounds=2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another solver.

    Attributes
    ----------
    name : str
        Its key in the results.
    known : Known
        What it is.
    follow : callable
        See `Follow`.
    """

    name: str
    known: Known
    follow: Follow


def installed() -> tuple[str, ...]:
    """Return the names of the peers that can be run here."""
    return tuple(name for name, known in PEERS.items() if find_spec(known.package) is not None)


def peers_for(names: tuple[str, ...], functions: Compiled) -> tuple[Peer, ...]:
    """Return peers for a model; each compiles on its first call."""
    return tuple(_peer(name, PEERS[name], functions) for name in names)


def _peer(name: str, known: Known, functions: Compiled) -> Peer:
    factory = getattr(_beside(known.module), known.factory)
    return Peer(name=name, known=known, follow=factory(functions))


def _beside(name: str) -> ModuleType:
    """Return a module beside this one, found by its file, whatever the import path is by the time it is needed."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"no loader for {name}.py beside {__file__}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
