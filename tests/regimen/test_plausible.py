"""Doses far beyond the library's are warned of, with the highest and where it is from."""

import pytest

from trialeukin.regimen.library import load, names
from trialeukin.regimen.parse import parse
from trialeukin.regimen.plausible import warnings


def test_a_millionfold_slip_is_warned_of_with_the_highest_dose_and_where_it_is_from() -> None:
    (said,) = warnings(parse("aldesleukin 1000000 MIU/m2 sc days 1-5"))

    assert "one dose of aldesleukin is 1.84e6 MIU" in said
    assert "times the highest of the library (33.1 MIU, blaise-1990)" in said  # 3 M Cetus U/m2 x 6 IU x 1.84 m2
    assert "assumed" in said


def test_the_sum_of_a_day_is_looked_at_too() -> None:
    (said,) = warnings(parse("aldesleukin 50 MIU/m2 sc every 1 h day 1"))

    assert said.startswith("the dose of a day of aldesleukin")
    assert "vey-1999" in said  # three times 8 MIU/m2


@pytest.mark.parametrize("name", names())
def test_no_regimen_of_the_library_is_warned_of(name: str) -> None:
    assert warnings(load(name)) == ()


def test_high_doses_in_use_are_not_warned_of() -> None:
    assert warnings(parse("aldesleukin 0.72 MIU/kg iv over 15 min every 8 h days 1-5")) == ()
