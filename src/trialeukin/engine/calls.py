# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"
"""What the compiled solver loop does in one way on a CPU and in another on a GPU, by the type of its lanes.

It calls a model's generated functions. On a CPU it is compiled once for all models and finds them by
address. On a GPU, where a call by address is slow, it calls them by name and is linked with one model's: until
then each name is defined, weakly, as doing nothing, so that Numba has a whole module to hand out.

It takes the next patient: on a CPU from the range it was given, on a GPU from a queue of all threads.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from trialeukin.engine.frame import FUNCTIONS
from trialeukin.engine.tables import WORD, ThreadTable

POINTER = ir.IntType(8).as_pointer()


@intrinsic
def _call(typing_context, lanes, address, frame, function, where):  # noqa: ARG001
    threaded = isinstance(lanes, ThreadTable)

    def generate(context, builder, signature, values):  # noqa: ARG001
        table, code, frame_address, index, slot = values
        handed = [builder.inttoptr(frame_address, POINTER), slot]
        if threaded:
            _call_by_name(builder, index, [*handed, builder.extract_value(table, 1)])
        else:
            kind = ir.FunctionType(ir.VoidType(), [POINTER, WORD]).as_pointer()
            builder.call(builder.inttoptr(code, kind), handed)
        return context.get_dummy_value()

    return types.void(lanes, types.int64, types.int64, types.int64, types.int64), generate


call: Any = _call
"""Call a generated function: lanes, its address, the frame's, its place in `FUNCTIONS`, a slot of states."""


@intrinsic
def _claim(typing_context, lanes, queue, following):  # noqa: ARG001
    threaded = isinstance(lanes, ThreadTable)

    def generate(context, builder, signature, values):  # noqa: ARG001
        _, view, next_in_range = values
        if not threaded:
            return next_in_range
        return builder.atomic_rmw("add", builder.extract_value(view, 0), WORD(1), "monotonic")

    return types.int64(lanes, queue, types.int64), generate


claim: Any = _claim
"""Return the next patient that nobody has: lanes, their queue, the next in the range."""


def _call_by_name(builder: Any, index: Any, handed: list[Any]) -> None:
    """Choose by the place among the functions, which inlining makes a constant."""
    done = builder.append_basic_block("called")
    choice = builder.switch(index, done)
    for place, name in enumerate(FUNCTIONS):
        block = builder.append_basic_block(name)
        choice.add_case(place, block)
        builder.position_at_end(block)
        builder.call(_named(builder.module, name), handed)
        builder.branch(done)
    builder.position_at_end(done)


def _named(module: Any, name: str) -> Any:
    """Return a function of this name, weakly defined as doing nothing."""
    kind = ir.FunctionType(ir.VoidType(), [POINTER, WORD, WORD])
    function = cgutils.get_or_insert_function(module, kind, name)
    if function.is_declaration:
        function.linkage = "weak"
        ir.IRBuilder(function.append_basic_block("entry")).ret_void()
    return function
