# mypy: disable-error-code="no-untyped-call, untyped-decorator, override, attr-defined, return-value"
"""Named tuples of arrays for compiled code, handed over as one address each.

Numba can take tuples of arrays as they are, but spells out every pointer and extent of every array at
every call: 46 s to compile the solver loop, against a few this way. A table is a row of integers,
four for each field: for an array its address and three extents, for a number its bits. In compiled code
``table.name`` is the number, or a view that is indexed like an array; nothing is counted or checked.

On a GPU all threads read one table, that of the first thread. What is a thread's own lies by so many
bytes, its shift, further on, and its numbers lie as many places apart as threads work together.
"""

import operator
import struct
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global, signature
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_builtin,
    lower_getattr,
    lower_getattr_generic,
    models,
    register_model,
)

from trialeukin.core.arrays import Floats, Integers

CELLS = 4  # of a field
EXTENTS = 3
WORD = ir.IntType(64)
KINDS = {Floats: "floats", Integers: "integers", float: "float", int: "integer"}


def kinds_of(fields: Any) -> tuple[tuple[str, str], ...]:
    """Return name and kind of each field of a class of named tuples."""
    return tuple((name, KINDS[kind]) for name, kind in fields.__annotations__.items())


def table_of(values: NamedTuple) -> Integers:
    """Return the table of a named tuple, which must outlive every use of the table."""
    cells = np.zeros(CELLS * len(values), dtype=np.int64)
    for place, (value, (_, kind)) in enumerate(zip(values, kinds_of(type(values)), strict=True)):
        start = CELLS * place
        if isinstance(value, np.ndarray):
            wanted = np.float64 if kind == "floats" else np.int64
            if value.dtype != wanted or not value.flags.c_contiguous:
                raise TypeError(f"field {place} of {type(values).__name__} must be plain {kind}")
            cells[start] = value.ctypes.data
            cells[start + 1 : start + CELLS] = [*value.shape, *[1] * (EXTENTS - value.ndim)]
        else:
            packed = struct.pack("<d", value) if kind == "float" else struct.pack("<q", value)
            cells[start] = struct.unpack("<q", packed)[0]
    return cells


class Table(types.Type):
    """The type of a table in compiled code."""

    def __init__(self, fields: tuple[tuple[str, str], ...]) -> None:
        self.fields = fields
        super().__init__(name=f"Table({fields})")


class ThreadTable(types.Type):
    """The type of a table with a thread's shift, which applies to all arrays but the shared ones."""

    def __init__(self, fields: tuple[tuple[str, str], ...], shared: tuple[str, ...], together: int) -> None:
        self.fields, self.shared, self.together = fields, shared, together
        super().__init__(name=f"ThreadTable({fields}, {shared}, {together})")


class View(types.Type):
    """The type of an array of a table in compiled code, its numbers so many places apart."""

    def __init__(self, item: types.Type, apart: int = 1) -> None:
        self.item, self.apart = item, apart
        super().__init__(name=f"View({item}, {apart})")


FOUND = {"floats": types.float64, "integers": types.int64, "float": types.float64, "integer": types.int64}


def found_kind(table: Table | ThreadTable, name: str) -> Any:
    """Return the type of a field."""
    kind = dict(table.fields)[name]
    if kind not in {"floats", "integers"}:
        return FOUND[kind]
    if isinstance(table, ThreadTable) and name not in table.shared:
        return View(FOUND[kind], table.together)
    return View(FOUND[kind])


@register_model(Table)
class _TableModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, WORD.as_pointer())


@register_model(ThreadTable)
class _ThreadTableModel(models.StructModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("table", types.CPointer(types.int64)), ("shift", types.int64)])


@register_model(View)
class _ViewModel(models.StructModel):
    """An array's address, and where in its table its extents are, which are loaded only when they are needed."""

    def __init__(self, manager: Any, kind: View) -> None:
        super().__init__(manager, kind, [("data", types.CPointer(kind.item)), ("cells", types.CPointer(types.int64))])


def caster(fields: Any) -> Any:
    """Return a compiled function from the address of a table to the table of a class of named tuples."""
    kind = Table(kinds_of(fields))

    @intrinsic
    def cast(typing_context: Any, address: Any) -> Any:  # noqa: ARG001
        def generate(context: Any, builder: Any, called: Any, arguments: Any) -> Any:  # noqa: ARG001
            return builder.inttoptr(arguments[0], WORD.as_pointer())

        return kind(types.int64), generate

    return cast


def thread_caster(fields: Any, shared: tuple[str, ...], together: int) -> Any:
    """Return a compiled function from the address of a table and a thread's shift to that thread's table."""
    kind = ThreadTable(kinds_of(fields), shared, together)

    @intrinsic
    def cast(typing_context: Any, address: Any, shift: Any) -> Any:  # noqa: ARG001
        def generate(context: Any, builder: Any, called: Any, arguments: Any) -> Any:  # noqa: ARG001
            table = cgutils.create_struct_proxy(kind)(context, builder)
            table.table, table.shift = builder.inttoptr(arguments[0], WORD.as_pointer()), arguments[1]
            return table._getvalue()

        return kind(types.int64, types.int64), generate

    return cast


class _Fields(AttributeTemplate):
    def generic_resolve(self, table: Table | ThreadTable, name: str) -> Any:
        return found_kind(table, name) if name in dict(table.fields) else None


@infer_getattr
class _TableFields(_Fields):
    key = Table


@infer_getattr
class _ThreadTableFields(_Fields):
    key = ThreadTable


@lower_getattr_generic(Table)
def _lower_field(context: Any, builder: Any, table: Table, value: Any, name: str) -> Any:
    return _field(context, builder, (table, value), name, WORD(0))


@lower_getattr_generic(ThreadTable)
def _lower_field_of_thread(context: Any, builder: Any, table: ThreadTable, value: Any, name: str) -> Any:
    shift = WORD(0) if name in table.shared else builder.extract_value(value, 1)
    return _field(context, builder, (table, builder.extract_value(value, 0)), name, shift)


def _field(context: Any, builder: Any, table: tuple[Any, Any], name: str, shift: Any) -> Any:
    """Return a number of a table, or a view of an array so many bytes further on than the table says."""
    kind, value = table
    place, found = [field for field, _ in kind.fields].index(name), found_kind(kind, name)
    cells = builder.gep(value, [WORD(CELLS * place)])
    first = builder.load(cells)
    if not isinstance(found, View):
        return builder.bitcast(first, context.get_value_type(found))
    data = builder.inttoptr(builder.add(first, shift), context.get_value_type(types.CPointer(found.item)))
    view = builder.insert_value(cgutils.get_null_value(context.get_value_type(found)), data, 0)
    return builder.insert_value(view, cells, 1)


def _extent(builder: Any, view: Any, axis: int) -> Any:
    return builder.load(builder.gep(builder.extract_value(view, 1), [WORD(1 + axis)]))


@infer_getattr
class _ViewSize(AttributeTemplate):
    key = View

    def resolve_size(self, view: View) -> Any:  # noqa: ARG002
        return types.int64


@lower_getattr(View, "size")
def _lower_size(context: Any, builder: Any, kind: View, value: Any) -> Any:  # noqa: ARG001
    first, second, third = (_extent(builder, value, axis) for axis in range(EXTENTS))
    return builder.mul(builder.mul(first, second), third)


def _is_index(index: Any) -> bool:
    parts = index.types if isinstance(index, types.BaseTuple) else (index,)
    return all(isinstance(part, types.Integer) for part in parts)


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    def generic(self, arguments: Any, _: Any) -> Any:
        view, index = arguments
        return signature(view.item, view, index) if isinstance(view, View) and _is_index(index) else None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    def generic(self, arguments: Any, _: Any) -> Any:
        view, index, _value = arguments
        return signature(types.none, view, index, view.item) if isinstance(view, View) and _is_index(index) else None


def _place(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
    """Return the address of an item; missing indices are of extent one and so zero."""
    view_kind, index_kind = kinds
    if isinstance(index_kind, types.BaseTuple):
        indices = list(zip(index_kind.types, cgutils.unpack_tuple(builder, values[1], len(index_kind)), strict=True))
    else:
        indices = [(index_kind, values[1])]
    whole = [context.cast(builder, value, kind, types.int64) for kind, value in indices]
    place = whole[0]
    for axis, index in enumerate(whole[1:], start=1):
        place = builder.add(builder.mul(place, _extent(builder, values[0], axis)), index)
    if view_kind.apart != 1:
        place = builder.mul(place, WORD(view_kind.apart))
    return builder.gep(builder.extract_value(values[0], 0), [place])


@lower_builtin(operator.getitem, View, types.Integer)
@lower_builtin(operator.getitem, View, types.BaseTuple)
def _lower_get(context: Any, builder: Any, called: Any, values: Any) -> Any:
    return builder.load(_place(context, builder, called.args, values))


@lower_builtin(operator.setitem, View, types.Integer, types.Number)
@lower_builtin(operator.setitem, View, types.BaseTuple, types.Number)
def _lower_set(context: Any, builder: Any, called: Any, values: Any) -> Any:
    builder.store(values[2], _place(context, builder, called.args[:2], values[:2]))
    return context.get_dummy_value()
