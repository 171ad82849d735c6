"""The solver for machines of very many threads, each with one patient at a time: loop and generated code as one.

The loop is the one that a CPU runs, for one lane a thread; the generated code is written by the same
emitter, for vectors of one. A thread that is done with a patient takes the next from a queue of all, so that
those which run in step wait for none. Threads share all tables: those of the first thread, and how far on
a thread's own numbers lie. A block is what `TOGETHER` threads, which a GPU runs in step, keep between
steps: rows of one number a thread, which are read and written as whole lines of memory.
"""

import hashlib
import json
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

import numba
from llvmlite import binding
from numba import types

from trialeukin.engine.compiled import compiled
from trialeukin.engine.follow import as_plan, as_results, follow
from trialeukin.engine.kernel import cache_directory, generator_digest, read_entry, write_entry
from trialeukin.engine.lowering import lower
from trialeukin.engine.machine import this_machine
from trialeukin.engine.plan import Lanes
from trialeukin.engine.tables import thread_caster
from trialeukin.model.system import System

TOGETHER = 32  # threads, a warp
BYTES = 8  # of a number
OF_ALL = ("code", "frame", "frame_address", "arena", "queue")  # fields of lanes that no thread has its own of
ENTRY = "patients_of_thread"
ARGUMENTS = ("plan", "lanes", "results", "last", "block")  # and which thread it is
LOOP = "loop"
OF_A_MACHINE = ("target ", "source_filename", "; ModuleID")  # beginnings of lines that name one
as_thread = thread_caster(Lanes, OF_ALL, TOGETHER)


@compiled
def follow_in_thread(plan: int, lanes: int, results: int, last: int, block: int, thread: int) -> None:
    """Follow patients before the last: the addresses of tables, the bytes of a block, which thread it is."""
    within = thread & (TOGETHER - 1)
    shift = (thread - within) // TOGETHER * block + within * BYTES
    follow(as_plan(plan), as_thread(lanes, shift), as_results(results), 0, last)


@cache
def loop_text() -> tuple[str, str]:
    """Return the loop as LLVM assembly, and what its function is called there; from disk, or compiled now."""
    machine = this_machine()
    parts = (
        generator_digest(),
        f"numba {numba.__version__}",
        sys.version,
        machine.versions,
        machine.processor,
        machine.features,
    )
    path = cache_directory() / f"{hashlib.sha256(' '.join(parts).encode()).hexdigest()}.loop"
    stored = read_entry(path)
    if stored is None:
        stored = json.dumps(_compiled_loop()).encode()
        write_entry(path, stored)
    text, name = json.loads(stored)
    return text, name


def _compiled_loop() -> tuple[str, str]:
    function: Any = follow_in_thread
    kinds = (types.int64,) * (len(ARGUMENTS) + 1)
    function.compile(kinds)
    found = function.overloads[kinds]
    return found.library.get_llvm_str(), found.fndesc.llvm_func_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadCode:
    """The code of one model for many threads.

    Attributes
    ----------
    text : str
        LLVM assembly, for no machine in particular, of a function named `ENTRY`.
    fixed, factors : int
        See `trialeukin.engine.kernel.Generated`.
    """

    text: str
    fixed: int
    factors: int


def thread_code(system: System, sensitive_to: tuple[str, ...] = ()) -> ThreadCode:
    """Return the code of a system: the loop, the generated functions, and a function of their arguments only."""
    lowered = lower(system, width=1, threads=TOGETHER, sensitive_to=sensitive_to)
    text, loop = loop_text()
    module = binding.parse_assembly(text)
    module.link_in(binding.parse_assembly(lowered.text))
    _keep_to_itself(module, loop)
    given = ", ".join(f"i64 %{each}" for each in (*ARGUMENTS, "thread"))
    entry = f"""
        define void @{ENTRY}({given}) {{
          %result = alloca ptr
          %fault = alloca ptr
          %code = call i32 @{LOOP}(ptr %result, ptr %fault, {given})
          ret void
        }}
    """
    whole = [line for line in str(module).splitlines() if not line.startswith(OF_A_MACHINE)]
    return ThreadCode(text="\n".join([*whole, entry]), fixed=lowered.fixed, factors=lowered.factors)


def _keep_to_itself(module: Any, loop: str) -> None:
    """Let nothing be seen from outside; give the loop's functions, which Numba names at length, numbers."""
    for variable in module.global_variables:  # what Numba would need to call Python
        variable.linkage = "internal"
    for place, function in enumerate(each for each in module.functions if not each.is_declaration):
        function.linkage = "internal"
        if function.name == loop:
            function.name = LOOP
        elif function.name.startswith("_Z"):
            function.name = f"{LOOP}_{place}"
