"""How tables and arrays of the solver lie in the memory of a device, where other addresses hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trialeukin.core.arrays import Integers
from trialeukin.engine.plan import ALIGNMENT, Lanes
from trialeukin.engine.tables import CELLS, table_of
from trialeukin.engine.threads import BYTES, OF_ALL

LINE = 256  # bytes, to which arrays are aligned: a row of a block, and more than any access needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What the threads of one block keep between steps.

    Attributes
    ----------
    image : (b,), bytes
        At the start.
    places : mapping of str to int
        Where in it the arrays of lanes lie, by the names of fields.
    slots : (s,), bytes
        Where in it the arrays of the frame lie.
    """

    image: NDArray[np.uint8]
    places: Mapping[str, int]
    slots: Integers


def block_of(lanes: Lanes) -> Block:
    """Return as one block what lanes as many as threads of a block have in one arena and in arrays beside it."""
    start = lanes.arena.ctypes.data + -lanes.arena.ctypes.data % ALIGNMENT  # where its first array is
    arena = lanes.arena.view(np.uint8)[start - lanes.arena.ctypes.data :]
    size = _aligned(arena.size)
    places = {}
    for name in (each for each in Lanes._fields if each not in OF_ALL):
        array = getattr(lanes, name)
        places[name] = array.ctypes.data - start
        if not 0 <= places[name] < arena.size:
            places[name] = size
            size += _aligned(array.nbytes)
    image = np.zeros(size, dtype=np.uint8)
    image[: arena.size] = arena
    return Block(image=image, places=places, slots=lanes.frame - start)


def lanes_image(lanes: Lanes, block: Block, at: int, arena: int) -> NDArray[np.uint8]:
    """Return the tables of the first thread, to be put at an address; its block is at the arena's.

    The queue is the last number.
    """
    frame_at = at + CELLS * BYTES * len(lanes)
    queue_at = frame_at + BYTES * lanes.frame.size
    moved = {name: arena + place for name, place in block.places.items()}
    moved |= {"code": 0, "arena": arena, "frame": frame_at, "frame_address": frame_at, "queue": queue_at}
    cells = moved_table(lanes, moved)
    for place, value in enumerate(lanes):
        if isinstance(value, np.ndarray) and Lanes._fields[place] not in OF_ALL:
            cells[CELLS * place + value.ndim] = 1  # a thread has one lane
    return np.concatenate((cells, arena + block.slots, lanes.queue)).view(np.uint8)


def moved_table(values: NamedTuple, addresses: Mapping[str, int]) -> Integers:
    """Return the table of a named tuple whose arrays are copied to other addresses."""
    cells = table_of(values)
    for name, address in addresses.items():
        cells[CELLS * values._fields.index(name)] = address
    return cells


def packed(values: NamedTuple, at: int) -> NDArray[np.uint8]:
    """Return a table, to be put at an address, and all its arrays after it."""
    arrays = {name: value for name, value in values._asdict().items() if isinstance(value, np.ndarray)}
    place = _aligned(CELLS * BYTES * len(values))
    places = {}
    for name, array in arrays.items():
        places[name] = place
        place += _aligned(array.nbytes)
    image = np.zeros(place, dtype=np.uint8)
    _fill(image, 0, moved_table(values, {name: at + place for name, place in places.items()}))
    for name, array in arrays.items():
        _fill(image, places[name], array)
    return image


def _fill(image: NDArray[np.uint8], place: int, array: NDArray[Any]) -> None:
    image[place : place + array.nbytes] = array.reshape(-1).view(np.uint8)


def _aligned(size: int) -> int:
    return -(-size // LINE) * LINE
