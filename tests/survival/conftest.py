"""Readers of the data behind the survival tests (see data/README.md)."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trialeukin.survival.cox import cox
from trialeukin.survival.kaplan_meier import kaplan_meier

DATA = Path(__file__).parent / "data"


def column(words: tuple[str, ...]) -> np.ndarray:
    try:
        return np.array([float("nan") if word == "NA" else float(word) for word in words])
    except ValueError:
        return np.array(words)


@pytest.fixture(scope="session")
def table() -> Callable[[str], dict[str, np.ndarray]]:
    """Read a CSV file as columns by name."""

    def read(name: str) -> dict[str, np.ndarray]:
        with (DATA / f"{name}.csv").open(newline="") as file:
            header, *rows = csv.reader(file)
        return {key: column(words) for key, words in zip(header, zip(*rows, strict=True), strict=True)}

    return read


@pytest.fixture(scope="session")
def reference() -> Callable[[str], dict[str, Any]]:
    """Read a JSON file of expected values."""

    def read(name: str) -> dict[str, Any]:
        values: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
        return values

    return read


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Compile the kernels before a test with a deadline meets them."""
    kaplan_meier([1.0, 2.0], [1, 1])
    cox([1.0, 2.0, 2.0, 3.0], [1, 1, 1, 0], [0.0, 1.0, 0.0, 1.0], entry=[0.0, 0.0, 0.5, 0.5])
