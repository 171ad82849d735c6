"""Reference data of meta-analysis (see data/README.md)."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trialeukin.evidence.effects import Effects
from trialeukin.evidence.two_by_two import TwoByTwo

DATA = Path(__file__).parent / "data"
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-published-study.md"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def example() -> str:
    """Read the study file that the how-to page on adding a study shows."""
    return HOW_TO.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]


@pytest.fixture(scope="session")
def table() -> Callable[[str], list[dict[str, str]]]:
    """Read a CSV file as its rows."""
    return rows


@pytest.fixture(scope="session")
def column() -> Callable[[str, str], np.ndarray]:
    """Read one column of numbers of a CSV file."""
    return lambda name, key: np.array([float(row[key]) for row in rows(name)])


@pytest.fixture(scope="session")
def effects_of(column: Callable) -> Callable[[str], Effects]:
    """Read the effect sizes of a data set."""

    def read(name: str) -> Effects:
        estimates = column(name, "yi")
        labels = tuple(f"study {place + 1}" for place in range(len(estimates)))
        return Effects(labels=labels, estimates=estimates, variances=column(name, "vi"))

    return read


@pytest.fixture(scope="session")
def bcg(column: Callable) -> TwoByTwo:
    """Read the counts of the trials of BCG vaccine."""
    events, control = column("bcg_RR", "tpos"), column("bcg_RR", "cpos")
    return TwoByTwo(
        labels=tuple(f"study {place + 1}" for place in range(len(events))),
        events_treated=events,
        n_treated=events + column("bcg_RR", "tneg"),
        events_control=control,
        n_control=control + column("bcg_RR", "cneg"),
    )


@pytest.fixture(scope="session")
def pairwise() -> dict[str, Any]:
    """Read what metafor and papers say of the data sets."""
    found: dict[str, Any] = json.loads((DATA / "pairwise.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def networks() -> dict[str, Any]:
    """Read what metafor, netmeta and papers say of the networks."""
    found: dict[str, Any] = json.loads((DATA / "network.json").read_text(encoding="utf-8"))
    return found
