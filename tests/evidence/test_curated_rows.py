"""The base against the rows it was curated from, carried in data/curated_rows.csv: none lost, changed or added."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from trialeukin.evidence.catalogue import own_studies

Row = dict[str, str]
TABLES = ("arms", "outcomes", "curves", "markers", "toxicities")
NAMES = {"outcomes": "endpoint", "curves": "endpoint", "markers": "marker", "toxicities": "item"}
WORDS = {"outcomes": ("population", "measure"), "curves": ("population",), "toxicities": ("grade", "measure")}
NUMBERS = {
    "arms": ("n", "started", "completed"),
    "outcomes": ("value", "lower", "upper", "p", "events", "n"),
    "curves": ("value", "lower", "upper", "n"),
    "markers": ("value", "baseline", "p"),
    "toxicities": ("value", "events", "n"),
}
BOTH_ARMS = {  # a curve of two arms together is one of both in the base; its row names one of them
    ("GANSER2000", "il2_high"): "il2_high + il2_low",
    ("BENYUNES1993", "il2"): "il2 + il2_lak",
    ("BAER2008", "il2"): "il2 + control",
    ("BAER2008", "control"): "il2 + control",
}
WRITTEN_ONCE = {("BAER2008", "DFS"): 2, ("BAER2008", "OS"): 2}  # rows of one median of both arms
DECIMAL = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")


def plain(text: str) -> str:
    """Return a name without marks and capitals, 'vs' as 'v'."""
    return re.sub(r"\W+", "_", text.replace(" vs ", " v ")).lower()


def agrees(cell: str, found: float | None) -> bool:
    """Say whether a cell's number is that of the base; a cell of words says nothing of its number."""
    if not cell:
        return found is None
    return DECIMAL.fullmatch(cell) is None or (found is not None and float(cell) == found)


def entry_of(item: Any, table: str) -> dict[str, Any]:
    """Return an entry of the base under the names of the rows."""
    found = {name: getattr(item, name, None) for name in (*NUMBERS[table], *WORDS.get(table, ()))}
    if table == "arms":
        return found | {"arm": item.name, "what": "", "time": ""}
    if table == "curves":
        found["value"] = item.survival
    time = item.months if table == "curves" and item.months is not None else item.time
    return found | {"arm": item.arm, "what": getattr(item, NAMES[table]), "time": time}


def same(row: Row, entry: dict[str, Any]) -> bool:
    table = row["table"]
    arm = BOTH_ARMS.get((row["study"], row["arm"]), row["arm"]) if table == "curves" else row["arm"]
    if plain(arm) != plain(entry["arm"]) or row["what"] != entry["what"]:
        return False
    if any(row[word] != (entry[word] or "") for word in WORDS.get(table, ())):
        return False
    time = entry["time"]
    timely = agrees(row["time"], time) if isinstance(time, float) else row["time"] == (time or "")
    return timely and all(agrees(row[name], entry[name]) for name in NUMBERS[table])


@pytest.mark.parametrize("name", TABLES)
def test_every_curated_row_is_one_entry_of_its_study_and_every_entry_a_row(name: str, table: Callable) -> None:
    rows = [row for row in table("curated_rows") if row["table"] == name]
    entries = [
        (study.study.id, entry_of(item, name)) for study in own_studies().values() for item in getattr(study, name)
    ]

    taken = {
        place: [index for index, (of, entry) in enumerate(entries) if of == row["study"] and same(row, entry)]
        for place, row in enumerate(rows)
    }

    assert [rows[place] for place, found in taken.items() if len(found) != 1] == []
    counts = Counter(index for found in taken.values() for index in found)
    assert [entry for index, entry in enumerate(entries) if index not in counts] == []
    twice = {(entries[index][0], entries[index][1]["what"]): count for index, count in counts.items() if count > 1}
    assert twice == (WRITTEN_ONCE if name == "curves" else {})
