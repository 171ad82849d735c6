"""What the tests of cases share: one valid row of a table, to be changed one cell at a time."""

import csv
import io
from collections.abc import Callable

import pytest

from trialeukin.inference.case import Case, Unusable
from trialeukin.inference.cases import COLUMNS, read_cases

ROW = {
    "case": "koreth_nk",
    "group": "cell counts",
    "study": "Koreth 2011",
    "model": "il2-immune",
    "patients": "typical",
    "regimen": "aldesleukin 1 MIU/m2/day sc days 1-84",
    "start_day": "0",
    "quantity": "nk_count",
    "reading": "change",
    "from_day": "84",
    "to_day": "84",
    "value": "4",
    "unit": "1",
    "spread": "0.3",
    "use": "fitted",
    "key": "koreth2011",
    "place": "table 1",
    "row": "il2_pd_observations.csv:14",
}
SHARE = {
    "patients": "aml-cr1-adults",
    "reading": "fraction above",
    "threshold": "800",
    "from_day": "0",
    "to_day": "84",
    "value": "40",
    "unit": "%",
    "spread": "",
    "n": "20",
}
ReadRow = Callable[..., Case | Unusable]


def table(*rows: dict[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def read_row() -> ReadRow:
    """Read the valid row with some of its cells changed."""

    def read(**changed: str) -> Case | Unusable:
        (found,) = read_cases(table(ROW | changed), "trial.csv")
        return found

    return read


@pytest.fixture
def case(read_row: ReadRow) -> Callable[..., Case]:
    """Return the valid row as a case, with some of its cells changed."""

    def make(**changed: str) -> Case:
        found = read_row(**changed)
        assert isinstance(found, Case)
        return found

    return make


@pytest.fixture
def share(case: Callable[..., Case]) -> Callable[..., Case]:
    """Return a share of patients as a case, with some of its cells changed."""
    return lambda **changed: case(**(SHARE | changed))
