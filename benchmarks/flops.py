"""Floating-point operations of a step, and the instructions that do them, counted in the text of the generated code.

Additions, subtractions, multiplications, divisions and square roots are one each, a fused multiply-add is two;
what changes signs, compares, chooses and rounds is none. Every lane of a vector counts for its own patient.
"""

import re
from collections.abc import Iterator, Mapping

from trialeukin.engine.lowering import lower
from trialeukin.model.system import System

WORTH = {"fadd": 1, "fsub": 1, "fmul": 1, "fdiv": 1, "llvm.sqrt": 1, "llvm.fma": 2}
EACH = dict.fromkeys(WORTH, 1)
OPERATION = re.compile(r"= (?:tail )?(?:call [^@]*@)?(fadd|fsub|fmul|fdiv|llvm\.sqrt|llvm\.fma)\b")
CALL = re.compile(r"call (?:void|<[^>]*>) @(\w+)\(")
FUNCTION = re.compile(r"^define [^@]*@(\w+)\((.*?)^}", re.MULTILINE | re.DOTALL)
LOOP = re.compile(r"^(loop\d+):$(.*?)^\1e:$", re.MULTILINE | re.DOTALL)
ROUNDS = re.compile(r"icmp slt i64 %\w+, (\d+)$", re.MULTILINE)


def flops_per_step(system: System, *, width: int = 8, sensitive_to: tuple[str, ...] = ()) -> int:
    """Return how many operations a step of one patient takes, whether it counts in the end or not."""
    return operations(lower(system, width=width, sensitive_to=sensitive_to).text, "step")


def instructions_per_step(system: System, *, width: int = 8) -> int:
    """Return how many instructions those operations are: a fused multiply-add is one."""
    return operations(lower(system, width=width).text, "step", EACH)


def operations(text: str, function: str, worth: Mapping[str, int] = WORTH) -> int:
    """Return how many operations a lane does in a function of a module, calls and rounds of loops included."""
    bodies = {found[1]: found[2] for found in FUNCTION.finditer(text)}

    def of(called: str) -> int:
        return sum(
            times * (sum(worth[name] for name in OPERATION.findall(part)) + sum(map(of, CALL.findall(part))))
            for part, times in _parts(bodies[called])
        )

    return of(function)


def _parts(body: str) -> Iterator[tuple[str, int]]:
    """Yield each loop with its rounds, then what is outside of loops."""
    for found in LOOP.finditer(body):
        (rounds,) = ROUNDS.findall(found[2])
        yield found[2], int(rounds)
    yield LOOP.sub("", body), 1
