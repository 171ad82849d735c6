"""Turn LLVM assembly into machine code for this processor, and machine code into addresses."""

from dataclasses import dataclass
from functools import cache

import llvmlite
from llvmlite import binding

from trialeukin.core.errors import InputError
from trialeukin.engine.frame import FUNCTIONS

OPTIMISATION = 1  # measured: higher levels take longer to compile and run no faster
WIDTHS = (("avx512f", 8), ("avx2", 4), ("avx", 4))
NARROW = 2  # every 64-bit processor has vectors of two


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What decides on the machine code besides the model.

    Attributes
    ----------
    processor, features, versions : str
        Name and features of the processor as LLVM knows them, and what generates the code.
    width : int
        Doubles in a vector that suits it.
    """

    processor: str
    features: str
    versions: str
    width: int


@cache
def this_machine() -> Machine:
    """Return the machine this runs on."""
    _initialise()
    features = binding.get_host_cpu_features()
    width = next((width for name, width in WIDTHS if features.get(name)), NARROW)
    version = ".".join(str(part) for part in binding.llvm_version_info)
    return Machine(
        processor=binding.get_host_cpu_name(),
        features=features.flatten(),
        versions=f"llvmlite {llvmlite.__version__}, LLVM {version}, level {OPTIMISATION}",
        width=width,
    )


@cache
def _initialise() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


def _target() -> binding.TargetMachine:
    """Return this processor; code reaches its constants by whole addresses.

    In the smaller models it reaches them by distances of 32 bits. MCJIT asks for the memory of code and of constants
    apart, and where free addresses lie further apart than that, LLVM ends the process.
    """
    machine = this_machine()
    target = binding.Target.from_default_triple()
    return target.create_target_machine(
        cpu=machine.processor, features=machine.features, opt=OPTIMISATION, reloc="pic", codemodel="large", jit=True
    )


def assemble(text: str, *, on: binding.TargetMachine | None = None) -> bytes:
    """Return the object file of a module, for this processor or another."""
    _initialise()
    module = binding.parse_assembly(text)
    module.verify()
    return bytes((on or _target()).emit_object(module))


def another_target(triple: str, processor: str, features: str, level: int = OPTIMISATION) -> binding.TargetMachine:
    """Return a processor that need not be this one, by the names that LLVM gives it.

    Raises
    ------
    InputError
        When LLVM was built without it.
    """
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    try:
        target = binding.Target.from_triple(triple)
    except RuntimeError as error:
        raise InputError(f"this llvmlite cannot write code for {triple} ({error}); choose Backend.CPU") from error
    return target.create_target_machine(cpu=processor, features=features, opt=level, reloc="pic", codemodel="default")


def assembly_of(text: str, *, on: binding.TargetMachine | None = None) -> str:
    """Return the assembly of a module on this processor or another, to look at."""
    _initialise()
    return str((on or _target()).emit_assembly(binding.parse_assembly(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Machine code in memory; the addresses hold as long as this lives.

    Attributes
    ----------
    addresses : tuple of int
        Of the functions asked for, in that order.
    engine : llvmlite ExecutionEngine
        The owner of the memory.
    """

    addresses: tuple[int, ...]
    engine: binding.ExecutionEngine


def load(code: bytes, functions: tuple[str, ...] = FUNCTIONS) -> Loaded:
    """Return an object file's functions, ready to be called."""
    _initialise()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _target())
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return Loaded(addresses=tuple(engine.get_function_address(name) for name in functions), engine=engine)
