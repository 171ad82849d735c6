"""The GPU's program, its threads run one by one on this processor behind a stand-in for the driver, and its PTX."""

import ctypes
import re
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import sympy

from trialeukin.core.errors import InputError, RunError
from trialeukin.engine.cpu import solve_on_cpu
from trialeukin.engine.device import BLOCK, Device, first_device
from trialeukin.engine.gpu import solve_on_gpu
from trialeukin.engine.machine import assemble, load
from trialeukin.engine.problem import Fate, Problem
from trialeukin.engine.ptx import KERNEL, program_for
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.threads import ENTRY, TOGETHER, thread_code
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import Event, System, Watch, symbol
from trialeukin.model.whole import MODELS, model

ROOM = 2**30  # bytes
Make = Callable[..., System]
Pose = Callable[..., Problem]


class StandIn:
    """Answers like the driver's library with memory of this machine, full of ones at first, and runs a model."""

    def __init__(self, system: System, *, free: int = ROOM, capability: tuple[int, int] = (8, 0), gpus: int = 1) -> None:
        self.free, self.capability, self.gpus = free, capability, gpus
        self.held: dict[int, Any] = {}
        self.launches: list[int] = []
        self.refuses = False
        self.loaded = load(assemble(thread_code(system).text), (ENTRY,))
        self.thread = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 7)(self.loaded.addresses[0])

    def __getattr__(self, name: str) -> Callable[..., int]:
        if name in {"cuInit", "cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuCtxSetCurrent", "cuModuleUnload"}:
            return lambda *_: 0
        if name in {"cuModuleGetFunction", "cuCtxSynchronize"}:
            return lambda *_: 0
        raise AttributeError(name)

    def cuDeviceGetCount(self, count: Any) -> int:  # noqa: N802
        count._obj.value = self.gpus
        return 0

    def cuDeviceGetName(self, name: Any, _size: Any, _device: Any) -> int:  # noqa: N802
        name.value = b"stand-in"
        return 0

    def cuDeviceGetAttribute(self, found: Any, which: Any, _device: Any) -> int:  # noqa: N802
        found._obj.value = self.capability[{75: 0, 76: 1}[which.value]]
        return 0

    def cuGetErrorName(self, code: Any, name: Any) -> int:  # noqa: N802
        name._obj.value = {2: b"CUDA_ERROR_OUT_OF_MEMORY", 218: b"CUDA_ERROR_INVALID_PTX"}.get(code.value)
        return 0

    def cuMemGetInfo_v2(self, free: Any, total: Any) -> int:  # noqa: N802
        free._obj.value, total._obj.value = self.free, self.free
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
        assert f".visible .entry {KERNEL}(".encode() in image.value
        if self.refuses:
            ctypes.memmove(values[0], b"line 7: unknown\0", 16)
        return 218 if self.refuses else 0

    def cuLaunchKernel(self, _function: Any, *given: Any) -> int:  # noqa: N802
        blocks, threads, places = given[0].value, given[3].value, given[8]
        arguments = [ctypes.c_int64.from_address(place).value for place in places]
        self.launches.append(arguments[4] - arguments[3])
        for thread in range(blocks * threads):
            self.thread(*arguments, thread)
        return 0


def same_bits(first: Trajectories, second: Trajectories) -> bool:
    found = {field.name: getattr(first, field.name) for field in fields(Trajectories)}
    arrays = {name: array for name, array in found.items() if isinstance(array, np.ndarray)}
    return all(np.array_equal(array, getattr(second, name), equal_nan=True) for name, array in arrays.items())


def busy(pose: Pose, system: System, patients: int = 70) -> Problem:
    daily = [(1.0 + 14.0 * cycle + day, 0, 40.0, 0.0) for cycle in range(2) for day in range(5)]
    pulses = [(8.0 + 14.0 * cycle + 0.5 * part, 1, 30.0, 0.75) for cycle in range(2) for part in range(3)]
    problem = pose(
        system,
        daily + pulses,
        patients=patients,
        spread=0.4,
        horizon=40.0,
        save_times=np.arange(0.0, 40.1, 1.7),
        save=tuple(state.name for state in system.states),
        extremes=(system.states[0].name,),
        examinations=np.arange(0.0, 41.0, 10.0),
    )
    problem.doses.fates[0, :3] = Fate.MISSED
    problem.doses.fates[4, :] = Fate.NEVER_STARTED
    return problem
