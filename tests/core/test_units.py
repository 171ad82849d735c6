"""Units convert exactly, and refuse to when they measure different things."""

import pytest

from trialeukin.core.errors import UnitError
from trialeukin.core.units import convert, same_dimension

ROUNDING = 1e-12


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (1.0, "nmol/L", "pmol/L", 1000.0),
        (120.0, "mL/min", "L/day", 172.8),
        (2.5, "MIU", "IU", 2.5e6),
        (5.0, "percent", "1", 0.05),
        (250.0, "cell/uL", "cell/L", 2.5e8),
    ],
)
def test_a_value_is_given_in_another_unit(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected, rel=ROUNDING)


def test_activity_is_not_mass_and_a_cell_is_not_a_number() -> None:
    with pytest.raises(UnitError, match="18 MIU cannot be given in mg"):
        convert(18.0, "MIU", "mg")

    assert not same_dimension("cell", "1")
