"""A GPU by the library of its driver, called directly: memory, programs, runs.

Names and numbers are those of NVIDIA's CUDA driver API; the library comes with the driver itself.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from numpy.typing import NDArray

from trialeukin.core.errors import InputError, RunError

LIBRARIES = {"linux": ("libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"), "win32": ("nvcuda.dll",)}
INSTEAD = "Backend.CPU gives the same answer"
OLDEST = (7, 0)  # compute capability
CAPABILITY = (75, 76)  # attributes of a device: major, minor
ERROR_LOG, ERROR_LOG_SIZE = 5, 6  # options of loading a program
LOG_BYTES = 8192
BLOCK = 64  # threads that start and end together
PROCESSORS = 16  # attribute of a device
MEBIBYTE = 2**20


class Device:
    """One GPU, used from whichever thread of this process calls.

    Parameters
    ----------
    library : library of ctypes
        The driver's, or anything that answers like it.

    Raises
    ------
    InputError
        When the driver finds no GPU, or one that is too old.
    """

    def __init__(self, library: Any) -> None:
        self._library = library
        code = library.cuInit(0)
        count = ctypes.c_int(0)
        if code == 0:
            self._ask("cuDeviceGetCount", ctypes.byref(count))
        if count.value == 0:
            raise InputError(f"backend GPU: the driver finds no GPU ({self._reason(code)}); {INSTEAD}")
        handle, name = ctypes.c_int(0), ctypes.create_string_buffer(128)
        self._ask("cuDeviceGet", ctypes.byref(handle), ctypes.c_int(0))
        self._ask("cuDeviceGetName", name, ctypes.c_int(len(name)), handle)
        self.name = name.value.decode()
        capability = tuple(self._attribute(which, handle) for which in CAPABILITY)
        if capability < OLDEST:
            found, wanted = (".".join(str(part) for part in each) for each in (capability, OLDEST))
            raise InputError(f"backend GPU: {self.name} has compute capability {found}, not {wanted}; {INSTEAD}")
        self._processors = self._attribute(PROCESSORS, handle)
        self._context = ctypes.c_void_p(0)
        self._ask("cuDevicePrimaryCtxRetain", ctypes.byref(self._context), handle)
        self.enter()

    def enter(self) -> None:
        """Make the calls of this thread reach this device."""
        self._ask("cuCtxSetCurrent", self._context)

    def free(self) -> int:
        """Return how many bytes of memory are free."""
        free, total = ctypes.c_size_t(0), ctypes.c_size_t(0)
        self._ask("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
        return free.value

    @contextmanager
    def memory(self, size: int) -> Iterator[int]:
        """Hold memory of so many bytes; give its address."""
        address = ctypes.c_uint64(0)
        self._ask("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(1, size)))
        try:
            yield address.value
        finally:
            self._library.cuMemFree_v2(address)

    def clear(self, address: int, size: int) -> None:
        """Fill memory with zeros."""
        self._ask("cuMemsetD8_v2", ctypes.c_uint64(address), ctypes.c_ubyte(0), ctypes.c_size_t(size))

    def put(self, array: NDArray[Any], address: int) -> None:
        """Copy a contiguous array to memory of the device."""
        if array.nbytes:
            given = ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes)
            self._ask("cuMemcpyHtoD_v2", ctypes.c_uint64(address), *given)

    def get(self, array: NDArray[Any], address: int) -> None:
        """Copy memory of the device to a contiguous array."""
        if array.nbytes:
            size = ctypes.c_size_t(array.nbytes)
            self._ask("cuMemcpyDtoH_v2", ctypes.c_void_p(array.ctypes.data), ctypes.c_uint64(address), size)

    @contextmanager
    def program(self, text: str, entry: str) -> Iterator[Any]:
        """Hold a program made from PTX; give its entry.

        Raises
        ------
        RunError
            When the driver does not take the program.
        """
        module, function = ctypes.c_void_p(0), ctypes.c_void_p(0)
        log = ctypes.create_string_buffer(LOG_BYTES)
        options = (ctypes.c_int * 2)(ERROR_LOG, ERROR_LOG_SIZE)
        values = (ctypes.c_void_p * 2)(ctypes.addressof(log), LOG_BYTES)
        image = ctypes.c_char_p(text.encode() + b"\0")
        code = self._library.cuModuleLoadDataEx(ctypes.byref(module), image, ctypes.c_uint(2), options, values)
        if code != 0:
            said = log.value.decode(errors="replace").strip()
            raise RunError(f"{self.name} refused the program ({self._reason(code)}): {said}; {INSTEAD}")
        try:
            self._ask("cuModuleGetFunction", ctypes.byref(function), module, ctypes.c_char_p(entry.encode()))
            yield function
        finally:
            self._library.cuModuleUnload(module)

    def threads(self, function: Any) -> int:
        """Return how many threads run a function at once."""
        blocks = ctypes.c_int(0)
        given = function, ctypes.c_int(BLOCK), ctypes.c_size_t(0)
        self._ask("cuOccupancyMaxActiveBlocksPerMultiprocessor", ctypes.byref(blocks), *given)
        return max(1, blocks.value) * self._processors * BLOCK

    def run(self, function: Any, threads: int, arguments: tuple[int, ...]) -> None:
        """Run so many threads, rounded up to whole blocks, and wait for all."""
        given = [ctypes.c_int64(each) for each in arguments]
        places = (ctypes.c_void_p * len(given))(*(ctypes.addressof(each) for each in given))
        grid = [ctypes.c_uint(each) for each in (-(-threads // BLOCK), 1, 1, BLOCK, 1, 1, 0)]
        nothing = ctypes.c_void_p(0)
        self._ask("cuLaunchKernel", function, *grid, nothing, places, nothing)
        self._ask("cuCtxSynchronize")

    def _attribute(self, which: int, handle: ctypes.c_int) -> int:
        found = ctypes.c_int(0)
        self._ask("cuDeviceGetAttribute", ctypes.byref(found), ctypes.c_int(which), handle)
        return found.value

    def _ask(self, function: str, *given: Any) -> None:
        """Call a function of the library.

        Raises
        ------
        RunError
            When it fails.
        """
        code = getattr(self._library, function)(*given)
        if code != 0:
            raise RunError(f"backend GPU: {function} failed ({self._reason(code)}); {INSTEAD}")

    def _reason(self, code: int) -> str:
        """Return what the driver calls an error."""
        name = ctypes.c_char_p(None)
        known = self._library.cuGetErrorName(ctypes.c_int(code), ctypes.byref(name)) == 0
        return name.value.decode() if known and name.value else f"error {code}"


@cache
def first_device() -> Device:
    """Return the first GPU of this machine; ``CUDA_VISIBLE_DEVICES`` tells the driver which that is.

    Raises
    ------
    InputError
        When there is no driver or no GPU.
    """
    names = LIBRARIES.get(sys.platform, ())
    for name in names:
        try:
            return Device(ctypes.CDLL(name))
        except OSError:
            continue
    looked = f"looked for {', '.join(names)}" if names else f"there is none for {sys.platform}"
    raise InputError(f"backend GPU: no driver of NVIDIA's ({looked}); {INSTEAD}")
