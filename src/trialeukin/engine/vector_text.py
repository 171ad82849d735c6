"""Text of LLVM instructions on vectors of doubles, one lane a patient.

On a CPU a row of an array is one vector. On a GPU every thread works on vectors of one lane, and a row
is what neighbouring threads hold side by side, so that they read and write whole lines of memory at once.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from trialeukin.engine.frame import COMMON, Slot

BYTES = 8  # of a double


def number(value: float) -> str:
    """Return a double as LLVM reads it without loss."""
    return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"


@dataclass(slots=True)
class Writer:
    """Collects the lines of functions for vectors of one width.

    Attributes
    ----------
    width : int
        Lanes of a vector.
    threads : int
        Vectors side by side in a row; with more than one, functions are told where theirs are.
    lines : list of str
        What has been written.
    constants : list of str
        What functions look up.
    """

    width: int
    threads: int = 1
    lines: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    _count: int = 0

    @property
    def handed(self) -> str:
        """The arguments of a function that the solver loop calls."""
        return "ptr %frame, i64 %where" + (", i64 %shift" if self.threads > 1 else "")

    @property
    def vector(self) -> str:
        """The type of a vector of doubles."""
        return f"<{self.width} x double>"

    @property
    def words(self) -> str:
        """The type of a vector of 64-bit integers."""
        return f"<{self.width} x i64>"

    @property
    def truths(self) -> str:
        """The type of a vector of truths."""
        return f"<{self.width} x i1>"

    def splat(self, value: float) -> str:
        """Return a vector constant."""
        return "<" + ", ".join([f"double {number(value)}"] * self.width) + ">"

    def splat_word(self, value: int) -> str:
        """Return a vector constant of integers."""
        return "<" + ", ".join([f"i64 {value}"] * self.width) + ">"

    def fresh(self, instruction: str) -> str:
        """Write an instruction and return the name of its result."""
        self._count += 1
        self.lines.append(f"  %t{self._count} = {instruction}")
        return f"%t{self._count}"

    def name(self, name: str, instruction: str) -> None:
        """Write an instruction whose result has a given name."""
        self.lines.append(f"  %{name} = {instruction}")

    def write(self, line: str) -> None:
        """Write a line without a result."""
        self.lines.append(f"  {line}")

    @contextmanager
    def function(self, name: str, arguments: str, *, internal: bool = False, result: str = "void") -> Iterator[None]:
        """Write a function around what is written inside."""
        self.lines.append(f"define {'internal ' if internal else ''}{result} @{name}({arguments}) #0 {{")
        self.lines.append("entry:")
        yield
        if result == "void":
            self.write("ret void")
        self.lines.append("}")
        self.lines.append("")

    @contextmanager
    def loop(self, count: int, **carried: str) -> Iterator[str]:
        """Write a loop from zero to a count and give the name of its counter.

        A vector carried from one turn to the next starts as given, is ``%name`` inside, and its
        next value, also the one after the loop, must be written as ``%name_next``.
        """
        self._count += 1
        label, counter = f"loop{self._count}", f"%i{self._count}"
        before = self._block()
        self.write(f"br label %{label}")
        self.lines.append(f"{label}:")
        self.write(f"{counter} = phi i64 [ 0, %{before} ], [ {counter}n, %{label} ]")
        for name, start in carried.items():
            self.write(f"%{name} = phi {self.vector} [ {start}, %{before} ], [ %{name}_next, %{label} ]")
        yield counter
        self.write(f"{counter}n = add i64 {counter}, 1")
        self.write(f"{counter}c = icmp slt i64 {counter}n, {count}")
        self.write(f"br i1 {counter}c, label %{label}, label %{label}e")
        self.lines.append(f"{label}e:")

    @contextmanager
    def loop_over(self, indices: Sequence[int], **carried: str) -> Iterator[str]:
        """Write a loop over indices and give the present one; see `loop`."""
        with self.loop(len(indices), **carried) as counter:
            if list(indices) == list(range(len(indices))):
                yield counter
                return
            name, kind = f"@indices{len(self.constants)}", f"[{len(indices)} x i64]"
            words = ", ".join(f"i64 {index}" for index in indices)
            self.constants.append(f"{name} = internal constant {kind} [{words}]")
            address = self.fresh(f"getelementptr {kind}, ptr {name}, i64 0, i64 {counter}")
            yield self.fresh(f"load i64, ptr {address}, align {BYTES}")

    def _block(self) -> str:
        return next(line[:-1] for line in reversed(self.lines) if line.endswith(":"))

    def take(self, *names: str) -> None:
        """Write the loading of addresses from the frame, each under the name of its slot; look is where to look."""
        for name in names:
            index = "%where" if name == "look" else str(Slot[name.upper()].value)
            place = self.fresh(f"getelementptr ptr, ptr %frame, i64 {index}")
            if self.threads == 1 or name in (slot.name.lower() for slot in COMMON):
                self.name(name, f"load ptr, ptr {place}, align {BYTES}")
            else:
                first = self.fresh(f"load ptr, ptr {place}, align {BYTES}")
                self.name(name, f"getelementptr i8, ptr {first}, i64 %shift")

    def place(self, pointer: str, index: int | str) -> str:
        """Return the address of the vector in a row."""
        row = f"[{self.threads} x {self.vector}]"
        return self.fresh(f"getelementptr {row}, ptr {pointer}, i64 {index}")

    def load(self, pointer: str, index: int | str) -> str:
        """Return the vector in a row."""
        address = self.place(pointer, index)
        return self.fresh(f"load {self.vector}, ptr {address}, align {BYTES * self.width}")

    def store(self, value: str, pointer: str, index: int | str) -> None:
        """Store a vector in a row."""
        address = self.place(pointer, index)
        self.write(f"store {self.vector} {value}, ptr {address}, align {BYTES * self.width}")

    def load_scalar(self, pointer: str, index: int | str) -> str:
        """Return one double at an index, in every lane."""
        address = self.fresh(f"getelementptr double, ptr {pointer}, i64 {index}")
        one = self.fresh(f"load double, ptr {address}, align {BYTES}")
        first = self.fresh(f"insertelement {self.vector} poison, double {one}, i64 0")
        zeros = f"<{self.width} x i32> zeroinitializer"
        return self.fresh(f"shufflevector {self.vector} {first}, {self.vector} poison, {zeros}")

    def binary(self, operation: str, first: str, second: str) -> str:
        """Return fadd, fsub, fmul or fdiv of two vectors."""
        return self.fresh(f"{operation} {self.vector} {first}, {second}")

    def fused(self, first: str, second: str, third: str) -> str:
        """Return first * second + third, rounded once."""
        kind = f"v{self.width}f64"
        vector = self.vector
        return self.fresh(f"call {vector} @llvm.fma.{kind}({vector} {first}, {vector} {second}, {vector} {third})")

    def unary(self, function: str, value: str) -> str:
        """Return a function of a vector."""
        return self.fresh(f"call {self.vector} @{function}({self.vector} {value})")

    def intrinsic(self, name: str, value: str) -> str:
        """Return one of LLVM's functions of a vector."""
        return self.unary(f"llvm.{name}.v{self.width}f64", value)

    def compare(self, relation: str, first: str, second: str) -> str:
        """Return in which lanes an ordering holds."""
        return self.fresh(f"fcmp {relation} {self.vector} {first}, {second}")

    def select(self, truth: str, first: str, second: str) -> str:
        """Return the first where a truth holds, otherwise the second."""
        return self.fresh(f"select {self.truths} {truth}, {self.vector} {first}, {self.vector} {second}")

    def text(self) -> str:
        """Return the whole module."""
        kind, vector = f"v{self.width}f64", self.vector
        declarations = [
            f"declare {vector} @llvm.fma.{kind}({vector}, {vector}, {vector})",
            *(f"declare {vector} @llvm.{name}.{kind}({vector})" for name in ("sqrt", "fabs", "nearbyint")),
        ]
        attributes = 'attributes #0 = { noinline nounwind alignstack=64 "prefer-vector-width"="512" }'
        return "\n".join([*declarations, *self.constants, "", *self.lines, attributes, ""])
