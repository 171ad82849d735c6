"""A regimen at a multiple of its doses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load, names
from trialeukin.regimen.parse import parse
from trialeukin.regimen.render import render
from trialeukin.regimen.scale import scaled

BOTH = "aldesleukin 16400 IU/kg sc twice daily days 1-21 + histamine 0.5 mg sc twice daily days 1-21"
RULED = (
    "aldesleukin 1 MIU/m2/day cap 2 MIU sc days 1-5; hold aldesleukin while platelets < 25 G/L; "
    "reduce aldesleukin to 50 % at capillary leak grade 3"
)
KNOWN = tuple(name for name in names() if load(name).drugs and all(d.amount is not None for d in expand(load(name))))


@given(name=st.sampled_from(KNOWN), factor=st.floats(0.01, 100.0))
def test_doses_of_the_library_are_multiplied_and_nothing_else(name: str, factor: float) -> None:
    regimen = load(name)
    drug = regimen.drugs[0]
    before, after = expand(regimen), expand(scaled(regimen, factor, drug=drug))
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        times = factor if old.drug == drug else 1.0
        assert old.amount is not None
        assert new.amount == pytest.approx(old.amount * times, rel=1e-11)
        assert (old.drug, old.start, old.duration, old.route, old.unit, old.per) == (
            new.drug, new.start, new.duration, new.route, new.unit, new.per,
        )  # fmt: skip


@given(name=st.sampled_from(KNOWN), factor=st.floats(0.01, 100.0))
def test_a_multiple_is_a_regimen_that_can_be_written_and_read(name: str, factor: float) -> None:
    changed = scaled(load(name), factor, drug=load(name).drugs[0])
    assert parse(render(changed)) == changed


@pytest.mark.parametrize("name", KNOWN)
def test_once_the_doses_is_the_same_regimen(name: str) -> None:
    regimen = load(name)
    assert scaled(regimen, 1.0, drug=regimen.drugs[0]) == regimen


def test_no_digit_of_rounding_is_written() -> None:
    assert "0.3 MIU/m2" in render(scaled(parse("aldesleukin 1 MIU/m2/day sc days 1-5"), 0.1 + 0.2))


def test_caps_are_multiplied_and_rules_stay() -> None:
    changed = render(scaled(parse(RULED), 2.0))
    assert "2 MIU/m2/day" in changed
    assert "cap 4 MIU" in changed
    assert "25 G/L" in changed
    assert "50 %" in changed


def test_one_of_several_drugs_is_named() -> None:
    assert "histamine 0.5 mg" in render(scaled(parse(BOTH), 2.0, drug="aldesleukin"))
    with pytest.raises(RegimenError, match="gives aldesleukin, histamine: name the one whose doses change"):
        scaled(parse(BOTH), 2.0)
    with pytest.raises(RegimenError, match="does not give 'cytarabine': it gives aldesleukin, histamine"):
        scaled(parse(BOTH), 2.0, drug="cytarabine")
    with pytest.raises(RegimenError, match="gives no drug: take one that does"):
        scaled(parse("none"), 2.0)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_a_factor_that_is_none_is_refused(factor: float) -> None:
    with pytest.raises(RegimenError, match="give a factor above 0"):
        scaled(parse(RULED), factor)


def test_an_unknown_dose_is_not_multiplied() -> None:
    with pytest.raises(RegimenError, match="the dose of aldesleukin is not known"):
        scaled(parse("aldesleukin dose unknown sc days 1-5"), 2.0)
