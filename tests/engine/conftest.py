"""Systems to try the engine on, and short ways to pose problems."""

import ctypes
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.engine import gpu
from trialeukin.engine.device import Device, first_device
from trialeukin.engine.graph import TRUTHS, Bank, Graph, Node, Op
from trialeukin.engine.machine import Loaded, assemble, load
from trialeukin.engine.problem import Doses, Fate, Manner, Problem, Tolerance
from trialeukin.engine.ptx import Program
from trialeukin.engine.threads import ENTRY, thread_code
from trialeukin.model.system import Definition, Event, Input, State, Switch, System, Term, Watch, symbol
from trialeukin.regimen.administration import Route


def parameter(value: float) -> Parameter:
    return Parameter(
        value=value, unit="1", between_patients=0.3, uncertainty=0.0, source=assumed("a number to test the engine with")
    )


def state(name: str, initial: object = 0, size: float = 1.0, *, positive: bool = True) -> State:
    return State(name=name, unit="pmol", initial=sympy.sympify(initial), size=size, meaning=name, positive=positive)


Banks = Mapping[Bank, Sequence[float] | Floats]
COMPARED: dict[object, Callable[[float, float], bool]] = {
    "olt": float.__lt__,
    "ole": float.__le__,
    "ogt": float.__gt__,
    "oge": float.__ge__,
    "oeq": float.__eq__,
}


def values(graph: Graph, numbers: Banks, wanted: Sequence[Node]) -> dict[Node, float]:
    """Return the values of nodes, each computed once."""
    needed, waiting = set(wanted), list(wanted)
    while waiting:
        new = set(graph.operands(waiting.pop())) - needed
        needed |= new
        waiting += new
    known: dict[Node, float] = {}
    for node in sorted(needed):
        known[node] = value(graph, node, [known[inner] for inner in graph.operands(node)], numbers)
    return known


def value(graph: Graph, node: Node, inner: list[float], numbers: Banks) -> float:
    op, *rest = graph.keys[node]
    if op in TRUTHS:
        return float(COMPARED[rest[0]](*inner) if op is Op.COMPARE else (all if op is Op.BOTH else any)(inner))
    with np.errstate(all="ignore"):
        return float(
            {
                Op.CONSTANT: lambda: rest[0],
                Op.LOAD: lambda: numbers[rest[0]][rest[1]],  # type: ignore[index]
                Op.ADD: lambda: math.fsum(inner),
                Op.MULTIPLY: lambda: inner[0] * inner[1],
                Op.NEGATE: lambda: -inner[0],
                Op.RECIPROCAL: lambda: 1.0 / inner[0],
                Op.EXP: lambda: np.exp(inner[0]),
                Op.LOG: lambda: np.log(inner[0]),
                Op.SQRT: lambda: np.sqrt(inner[0]),
                Op.TANH: lambda: np.tanh(inner[0]),
                Op.ABSOLUTE: lambda: abs(inner[0]),
                Op.LARGER: lambda: max(inner),
                Op.SMALLER: lambda: min(inner),
                Op.SELECT: lambda: inner[1] if inner[0] else inner[2],
            }[op]()  # type: ignore[index]
        )


def linear_system(**numbers: float) -> System:
    """Return a depot, a central and up to two peripheral compartments, with the parameters given."""
    clearance, volume, absorption = symbol("CL"), symbol("V"), symbol("ka")
    depot, central = symbol("depot"), symbol("central")
    states = [state("depot", size=100.0), state("central", size=100.0)]
    terms = [
        Term(state="central", name="elimination", rate=-clearance / volume * central),
        Term(state="depot", name="absorption", rate=-absorption * depot),
        Term(state="central", name="absorption", rate=absorption * depot),
    ]
    for number, flow in (("2", "Q"), ("3", "Q3")):
        if flow in numbers:
            name = f"peripheral{number}"
            states.append(state(name, size=100.0))
            exchange = symbol(flow) * (central / volume - symbol(name) / symbol(f"V{number}"))
            terms.append(Term(state="central", name=f"to {name}", rate=-exchange))
            terms.append(Term(state=name, name="from central", rate=exchange))
    given = {"ka": 1.0, "available": 1.0, "delay": 0.0} | numbers
    return System(
        name="linear",
        states=tuple(states),
        terms=tuple(terms),
        definitions=(
            Definition(name="concentration", unit="pmol/L", expression=central / volume, meaning="in plasma"),
        ),
        parameters={name: replace(parameter(1.0), scale=Scale.LINEAR, value=value) for name, value in given.items()},
        inputs=(
            Input(
                drug="drug",
                routes=(Route.SC,),
                state="depot",
                bioavailability=symbol("available"),
                lag=symbol("delay"),
            ),
            Input(
                drug="drug",
                routes=(Route.IV_BOLUS, Route.IV_INFUSION),
                state="central",
                bioavailability=symbol("available"),
                lag=symbol("delay"),
            ),
        ),
    )


def decaying(
    events: tuple[Event, ...] = (),
    switches: tuple[Switch, ...] = (),
    definitions: tuple[Definition, ...] = (),
    initial: object = 0,
) -> System:
    """Return one state that decays at rate ``loss``, with one input by two routes of two drugs."""
    return System(
        name="decaying",
        states=(state("amount", initial),),
        terms=(Term(state="amount", name="loss", rate=-symbol("loss") * symbol("amount")),),
        definitions=definitions,
        parameters={"loss": parameter(0.5), "delay": parameter(1.0)},
        switches=switches,
        inputs=(
            Input(drug="first", routes=(Route.SC,), state="amount"),
            Input(drug="second", routes=(Route.SC,), state="amount"),
            Input(drug="late", routes=(Route.SC,), state="amount", lag=symbol("delay")),
        ),
        events=events,
    )


def immune_system() -> System:
    """Return a stiff nonlinear system shaped like IL-2 maintenance: doses, receptors, cells, relapse, death."""
    s = symbol
    depot, plasma, tissue, active, killers, blasts = (
        s(n) for n in ("depot", "plasma", "tissue", "active", "killers", "blasts")
    )
    platelets, hazard, occupancy = s("platelets"), s("hazard"), s("occupancy")
    saturable = s("uptake") * killers * plasma / (s("half_uptake") + plasma)
    definitions = (
        Definition(
            name="occupancy",
            unit="1",
            expression=(sympy.Max(plasma, 0) / s("half_effect")) ** s("hill")
            / (1 + (sympy.Max(plasma, 0) / s("half_effect")) ** s("hill")),
            meaning="receptors taken",
        ),
        Definition(name="log_blasts", unit="1", expression=sympy.log(blasts) / sympy.log(10), meaning="burden"),
        Definition(
            name="grade",
            unit="1",
            expression=sympy.Piecewise((0, occupancy < s("half_effect") / 100), (occupancy * 4, True)),
            meaning="toxicity",
        ),
    )
    return System(
        name="immune",
        states=(
            state("depot", size=100.0),
            state("plasma", size=10.0),
            state("tissue", size=10.0),
            state("active", size=1.0),
            state("killers", s("killers_start"), size=10.0),
            state("blasts", s("blasts_start"), size=1e4),
            state("platelets", s("platelets_start"), size=200.0),
            state("hazard", 0, size=0.1),
        ),
        terms=(
            Term(state="depot", name="absorption", rate=-s("absorption") * depot),
            Term(state="plasma", name="absorption", rate=s("absorption") * depot),
            Term(state="plasma", name="elimination", rate=-s("elimination") * plasma),
            Term(state="plasma", name="uptake", rate=-saturable),
            Term(state="plasma", name="exchange", rate=-s("exchange") * (plasma - tissue)),
            Term(state="tissue", name="exchange", rate=s("exchange") * (plasma - tissue)),
            Term(state="active", name="activation", rate=s("activation") * (occupancy - active)),
            Term(
                state="killers",
                name="growth",
                rate=s("turnover") * (s("killers_start") * (1 + 5 * active) - killers),
            ),
            Term(
                state="blasts",
                name="growth",
                rate=s("growth") * blasts * sympy.log(s("most_blasts") / blasts)
                - s("kill") * killers * active * blasts,
            ),
            Term(
                state="platelets",
                name="turnover",
                rate=s("platelet_loss") * (s("platelets_start") - platelets) - s("toxicity") * occupancy * platelets,
            ),
            Term(state="hazard", name="rate", rate=s("death_rate") * (1 + occupancy) * (1 + 20 * s("relapsed"))),
        ),
        definitions=definitions,
        parameters={
            name: parameter(value)
            for name, value in {
                "absorption": 6.0,
                "elimination": 15.0,
                "uptake": 8.0,
                "half_uptake": 2.0,
                "exchange": 40.0,
                "activation": 1.5,
                "turnover": 0.2,
                "growth": 0.015,
                "kill": 0.0015,
                "platelet_loss": 0.15,
                "toxicity": 0.3,
                "death_rate": 1e-3,
                "half_effect": 1.0,
                "hill": 1.3,
                "killers_start": 5.0,
                "blasts_start": 1e4,
                "most_blasts": 1e12,
                "platelets_start": 200.0,
                "tolerance_of_hazard": 0.25,
            }.items()
        },
        switches=(Switch(name="relapsed", initial=0.0, meaning="relapse was seen"),),
        inputs=(
            Input(drug="il2", routes=(Route.SC,), state="depot", bioavailability=sympy.Rational(4, 5)),
            Input(drug="il2", routes=(Route.CIV,), state="plasma"),
        ),
        events=(
            Event(name="crossing", trigger=s("log_blasts") - 9, sets={}),
            Event(
                name="relapse",
                trigger=s("log_blasts") - 10,
                sets={"relapsed": sympy.S.One},
                watch=Watch.AT_EXAMINATIONS,
                stops_dosing=True,
            ),
            Event(name="death", trigger=hazard - s("tolerance_of_hazard"), sets={}, ends=True),
        ),
    )


def pose(
    system: System,
    doses: list[tuple[float, int, float, float]] = [],  # noqa: B006
    *,
    patients: int = 1,
    spread: float = 0.0,
    **others: Any,
) -> Problem:
    """Return a problem with doses (time, input, amount, duration) that are the same for every patient."""
    typical = np.array([each.value for each in system.parameters.values()])
    factors = np.exp(spread * np.random.default_rng(1).standard_normal((patients, typical.size)))
    rows = sorted(doses, key=lambda dose: dose[0])
    amounts = np.tile([row[2] for row in rows], (patients, 1)).reshape(patients, len(rows))
    defaults: dict[str, Any] = {
        "save_times": np.zeros(0),
        "save": (),
        "examinations": np.zeros(0),
        "tolerance": Tolerance(),
    }
    return Problem(
        system=system,
        parameters=typical * factors,
        doses=Doses(
            times=np.array([row[0] for row in rows], dtype=float),
            durations=np.array([row[3] for row in rows], dtype=float),
            inputs=np.array([row[1] for row in rows], dtype=np.int64),
            manners=np.array([row[4] if len(row) > 4 else Manner.PLAIN for row in rows], dtype=np.int64),
            amounts=amounts.astype(float),
            fates=np.full((patients, len(rows)), int(Fate.GIVEN), dtype=np.int64),
        ),
        **(defaults | others),
    )


@pytest.fixture(name="pose")
def pose_fixture() -> Callable[..., Problem]:
    return pose


@pytest.fixture(name="values")
def values_fixture() -> Callable[..., dict[Node, float]]:
    return values


@pytest.fixture(name="decaying")
def decaying_fixture() -> Callable[..., System]:
    return decaying


@pytest.fixture(name="linear_system")
def linear_system_fixture() -> Callable[..., System]:
    return linear_system


@pytest.fixture(name="immune_system")
def immune_system_fixture() -> Callable[[], System]:
    return immune_system


WORKERS = 8  # threads of a stand-in at the same time


@cache
def loaded_program(text: bytes) -> Loaded:
    return load(assemble(text.decode()), (ENTRY,))


class StandIn:
    """Answers like the library of a GPU's driver, with memory of this machine that is full of ones at first.

    Programs are LLVM assembly instead of PTX; their threads run on this processor, some at the same time.
    """

    def __init__(
        self, *, free: int = 2**32, capability: tuple[int, int] = (8, 0), gpus: int = 1, processors: int = 2
    ) -> None:
        self.free, self.capability, self.gpus, self.processors = free, capability, gpus, processors
        self.held: dict[int, Any] = {}
        self.launches: list[tuple[int, int]] = []  # threads, and the patient after the last
        self.refuses = False
        self.thread: Any = None

    def __getattr__(self, name: str) -> Callable[..., int]:
        if name in {"cuInit", "cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuCtxSetCurrent", "cuCtxSynchronize"}:
            return lambda *_: 0
        if name in {"cuModuleGetFunction", "cuModuleUnload"}:
            return lambda *_: 0
        raise AttributeError(name)

    def cuDeviceGetCount(self, count: Any) -> int:  # noqa: N802
        count._obj.value = self.gpus
        return 0

    def cuDeviceGetName(self, name: Any, _size: Any, _device: Any) -> int:  # noqa: N802
        name.value = b"stand-in"
        return 0

    def cuDeviceGetAttribute(self, found: Any, which: Any, _device: Any) -> int:  # noqa: N802
        found._obj.value = {16: self.processors, 75: self.capability[0], 76: self.capability[1]}[which.value]
        return 0

    def cuOccupancyMaxActiveBlocksPerMultiprocessor(self, blocks: Any, *_: Any) -> int:  # noqa: N802
        blocks._obj.value = 1
        return 0

    def cuGetErrorName(self, code: Any, name: Any) -> int:  # noqa: N802
        name._obj.value = {2: b"CUDA_ERROR_OUT_OF_MEMORY", 218: b"CUDA_ERROR_INVALID_PTX"}.get(code.value)
        return 0

    def cuMemGetInfo_v2(self, free: Any, total: Any) -> int:  # noqa: N802
        free._obj.value = total._obj.value = self.free
        return 0

    def cuMemAlloc_v2(self, address: Any, size: Any) -> int:  # noqa: N802
        if size.value > self.free:
            return 2
        memory = np.full(size.value + 256, 0xFF, dtype=np.uint8)
        address._obj.value = memory.ctypes.data + -memory.ctypes.data % 256
        self.held[address._obj.value] = memory
        return 0

    def cuMemFree_v2(self, address: Any) -> int:  # noqa: N802
        del self.held[address.value]
        return 0

    def cuMemsetD8_v2(self, address: Any, value: Any, size: Any) -> int:  # noqa: N802
        ctypes.memset(address.value, value.value, size.value)
        return 0

    def cuMemcpyHtoD_v2(self, target: Any, source: Any, size: Any) -> int:  # noqa: N802
        ctypes.memmove(target.value, source.value, size.value)
        return 0

    cuMemcpyDtoH_v2 = cuMemcpyHtoD_v2  # noqa: N815

    def cuModuleLoadDataEx(self, _module: Any, image: Any, _count: Any, _options: Any, values: Any) -> int:  # noqa: N802
        if self.refuses:
            ctypes.memmove(values[0], b"line 7: unknown\0", 16)
            return 218
        address = loaded_program(image.value).addresses[0]
        self.thread = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 6)(address)
        return 0

    def cuLaunchKernel(self, _function: Any, *given: Any) -> int:  # noqa: N802
        blocks, threads, places = given[0].value, given[3].value, given[8]
        arguments = [ctypes.c_int64.from_address(place).value for place in places]
        self.launches.append((blocks * threads, arguments[3]))
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda thread: self.thread(*arguments, thread), reversed(range(blocks * threads))))
        return 0


@pytest.fixture(name="stand_in")
def stand_in_fixture(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    """Make programs for stand-ins, until the test ends."""

    def program(system: System, sensitive_to: tuple[str, ...]) -> Program:
        code = thread_code(system, sensitive_to)
        return Program(text=code.text, fixed=code.fixed, factors=code.factors)

    monkeypatch.setattr(gpu, "program_for", program)
    return StandIn


@pytest.fixture(autouse=True)
def some_gpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test that asks for a GPU have the real one, or a stand-in where there is none."""
    try:
        first_device()
    except InputError:
        device = Device(request.getfixturevalue("stand_in")())
        monkeypatch.setattr(gpu, "first_device", lambda: device)
