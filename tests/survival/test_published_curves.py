"""Curves of a publication from the tables of a Python user; what is refused is in `tests/cli`."""

import pandas as pd
import pyarrow as pa
import pytest

from trialeukin.survival.published_curves import curve_points, published_curves, risk_tables
from trialeukin.survival.reconstruction import reconstruct

POINTS = pd.DataFrame({"trt": [1, 1, 1, 0, 0], "months": [0, 6, 12, 0, 9], "surv": [1.0, 0.9, 0.8, 1.0, 0.5]})
RISK = pd.DataFrame({"trt": [1, 1, 0], "months": [0, 12, 0], "n": [20, 16, 10]})


@pytest.mark.parametrize("kind", [lambda frame: frame, pa.Table.from_pandas], ids=["pandas", "pyarrow"])
def test_tables_of_points_and_numbers_at_risk_become_patients(kind) -> None:
    given = published_curves(curve_points(kind(POINTS)), risk_tables(kind(RISK)), {"1": 4})

    found = {label: reconstruct(curve) for label, curve in given.items()}

    assert {label: (each.times.size, int(each.events.sum())) for label, each in found.items()} == {
        "0": (10, 5),
        "1": (20, 4),
    }
    assert all(each.largest_error < 1e-12 for each in found.values())


def test_of_points_at_one_time_the_lowest_counts_and_heights_beyond_one_are_one() -> None:
    points = pd.DataFrame({"x": [3, 0, 3, 6], "y": [95.0, 101.0, 80.0, -1.0]})

    (only,) = curve_points(points, in_per_cent=True).values()

    assert only.times.tolist() == [0.0, 3.0, 6.0]
    assert only.survival.tolist() == [1.0, 0.8, 0.0]
    assert only.beyond == 2
