"""PTX, the assembly of NVIDIA's GPUs, from the same LLVM text as the code of a CPU: no toolkit is needed.

LLVM's own back end writes it; the driver of the GPU translates it further. Nothing here allows a
faster and less exact operation: every operation is that of IEEE 754, rounded to nearest, and only what
the emitter fused is fused. So a GPU computes the same bits as a CPU.
"""

import hashlib
import json
from dataclasses import dataclass

import numba
from llvmlite import binding

from trialeukin.engine.frame import FUNCTIONS
from trialeukin.engine.kernel import cache_directory, content_key, read_entry, write_entry
from trialeukin.engine.machine import another_target
from trialeukin.engine.threads import ARGUMENTS, ENTRY, TOGETHER, thread_code
from trialeukin.model.system import System

TRIPLE = "nvptx64-nvidia-cuda"
PROCESSOR, ISA = "sm_70", "+ptx70"  # every GPU since 2017, every driver since 2020; drivers take older PTX
OPTIMISATION = 2
KERNEL = "patients"
PLACE = ("tid", "ntid", "ctaid")  # in the block of threads, threads of a block, which block


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a GPU runs for one model.

    Attributes
    ----------
    text : str
        PTX with one entry, `KERNEL`, which takes `trialeukin.engine.threads.ARGUMENTS`.
    fixed, factors : int
        See `trialeukin.engine.kernel.Generated`.
    """

    text: str
    fixed: int
    factors: int

    @property
    def width(self) -> int:
        """Threads side by side in a row."""
        return TOGETHER

    @property
    def addresses(self) -> tuple[int, ...]:
        """Nowhere: functions call each other by name."""
        return (0,) * len(FUNCTIONS)


def program_for(system: System, sensitive_to: tuple[str, ...] = ()) -> Program:
    """Return the program of a system, with sensitivities to some parameters, from disk or made now."""
    parts = (
        content_key(system, 1, sensitive_to),
        f"numba {numba.__version__}",
        PROCESSOR,
        ISA,
        f"level {OPTIMISATION}",
    )
    path = cache_directory() / f"{hashlib.sha256(' '.join(parts).encode()).hexdigest()}.ptx"
    stored = read_entry(path)
    if stored is None:
        code = thread_code(system, sensitive_to)
        made = {"text": ptx_of(code.text), "fixed": code.fixed, "factors": code.factors}
        stored = json.dumps(made).encode()
        write_entry(path, stored)
    return Program(**json.loads(stored))


def ptx_of(text: str) -> str:
    """Return the PTX of a module with a function for one thread, and an entry that says which thread it is.

    Raises
    ------
    InputError
        When LLVM was built without its back end for NVIDIA's GPUs.
    """
    machine = another_target(TRIPLE, PROCESSOR, ISA, OPTIMISATION)
    module = binding.parse_assembly(text + _entry())
    module.triple, module.data_layout = TRIPLE, str(machine.target_data)
    module.get_function(ENTRY).linkage = "internal"
    module.verify()
    tuning = binding.create_pipeline_tuning_options(speed_level=OPTIMISATION)
    tuning.loop_vectorization = tuning.slp_vectorization = False
    builder = binding.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return str(machine.emit_assembly(module))


def _entry() -> str:
    """Return the entry: threads are numbered through all blocks."""
    given = ", ".join(f"i64 %{name}" for name in ARGUMENTS)
    lines = [f"declare i32 @llvm.nvvm.read.ptx.sreg.{name}.x()" for name in PLACE]
    lines += [f"define ptx_kernel void @{KERNEL}({given}) {{"]
    for name in PLACE:
        lines += [f"  %{name} = call i32 @llvm.nvvm.read.ptx.sreg.{name}.x()", f"  %{name}.l = zext i32 %{name} to i64"]
    lines += ["  %before = mul i64 %ctaid.l, %ntid.l", "  %thread = add i64 %before, %tid.l"]
    lines += [f"  call void @{ENTRY}({given}, i64 %thread)", "  ret void", "}"]
    return "\n" + "\n".join(lines) + "\n"
