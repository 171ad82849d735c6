"""Machine code in a process whose address space is full of holes, as after long work with many arrays."""

import subprocess
import sys

import pytest

HOLES = """
import ctypes
import mmap

from trialeukin.engine.machine import assemble, load

LAZY = 0x4000  # MAP_NORESERVE of Linux: addresses without memory


def taken(size):
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | LAZY)


code = assemble(
    '''
@table = private unnamed_addr constant [200000 x double] zeroinitializer
define double @read(i64 %place) {
  %entry = getelementptr [200000 x double], ptr @table, i64 0, i64 %place
  %value = load double, ptr %entry
  %more = fadd double %value, 0x3FF8000000000000
  ret double %more
}
'''
)
gaps_filled = [taken(1 << 20) for _ in range(2000)]
small = [taken(1 << 16) for _ in range(400)]
far = taken(6 << 30)
for place in small[::2]:
    place.close()

loaded = load(code, ("read",))
print(ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64)(loaded.addresses[0])(3))
"""
"""Small code fits a hole, its table of 1.6 MB only beyond 6 GiB that are taken: further than 32 bits reach."""


@pytest.mark.skipif(sys.platform != "linux", reason="address space is laid out by flags of Linux")
def test_code_reaches_its_constants_where_free_addresses_lie_far_apart() -> None:
    done = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == 1.5
