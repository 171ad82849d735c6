"""Where in a TOML text a key stands, so that an error can point at it."""

import re

Path = tuple[str | int, ...]
HEADER = re.compile(r"^\s*(\[\[?)([^\]]+)\]\]?\s*(#.*)?$")
KEY = re.compile(r"""^\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))((?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=""")


def line_of(text: str, path: Path) -> int | None:
    """Return the line, from 1, of the key at a path; of the nearest table above where the key is not there.

    A path of tables that repeat is at the first of them.

    Tables, arrays of tables, keys and dotted keys are found; what stands inside an inline
    value is found at the line where that value starts.
    """
    best: tuple[int, int] | None = None
    for number, place in places(text):
        shared = _shared(place, path)
        if shared == len(place) and shared > 0 and (best is None or shared > best[0]):
            best = (shared, number)
    if best is None:
        return next((number for number, place in places(text) if _shared(place, path) == len(path) > 0), None)
    return best[1]


def places(text: str) -> list[tuple[int, Path]]:
    """Return the line and path of every key and header of a TOML text; what is within inline values is not there."""
    found: list[tuple[int, Path]] = []
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            table = _table(header.group(2), header.group(1) == "[[", counts)
            found.append((number, table))
        elif key := KEY.match(line):
            first = key.group(1) or key.group(2) or key.group(3)
            rest = tuple(part.strip() for part in key.group(4).split(".")[1:])
            found.append((number, (*table, first, *rest)))
    return found


def _table(name: str, repeated: bool, counts: dict[Path, int]) -> Path:
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, parts[-1])
    if not repeated:
        return path
    counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path])


def _shared(first: Path, second: Path) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
