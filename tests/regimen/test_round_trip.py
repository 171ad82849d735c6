"""Laws: what is written reads back the same, and nothing is lost on the way to the dose table."""

import math
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.administration import Per, Route
from trialeukin.regimen.course import (
    LONGEST,
    TIMES_PER_DAY,
    Cap,
    Course,
    Days,
    Dose,
    Prescription,
    Regimen,
    Repeat,
)
from trialeukin.regimen.describe import blocks, sentence, totals
from trialeukin.regimen.dose_unit import DOSE_UNITS, Measure
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load, names
from trialeukin.regimen.numerals import numeral, percentage, read_percentage
from trialeukin.regimen.parse import parse
from trialeukin.regimen.products import product, products
from trialeukin.regimen.render import render
from trialeukin.regimen.rules import Action, Adherence, Comparison, Condition, DoseRule

SUM_OF_MANY = 1e-9  # relative; adding some thousand amounts one by one
AMOUNTS = st.floats(1e-6, 1e12, exclude_min=True)
FRACTIONS = st.floats(0.001, 1.0)
SHARES = st.just(0.0) | st.floats(0.001, 0.99)
QUANTITIES = st.sampled_from(["platelets", "capillary_leak_grade", "sIL_2R", "time_below_zero", "NK", "x_at_1"])
UNITS = st.sampled_from(["1", "G/L", "cell/uL", "percent", "mg/dL", "pmol/L"])


@st.composite
def days(draw: st.DrawFn) -> tuple[Days, ...]:
    edges = sorted(draw(st.sets(st.integers(-12, 24), min_size=1, max_size=6)))
    pairs = [Days(first=first, last=last) for first, last in zip(edges[::2], edges[1::2], strict=False)]
    return tuple(draw(st.permutations(pairs or [Days(first=edges[0], last=edges[0])])))


@st.composite
def doses(draw: st.DrawFn, drug: str) -> Dose:
    item = product(drug)
    if draw(st.integers(0, 9)) == 0:
        return Dose(amount=None, unit=item.usual_unit)
    unit = draw(st.sampled_from(item.units))
    counted = draw(st.floats(3.0, 6.0)) if item.asks_conversion else None
    per, daily = draw(st.sampled_from(Per)), draw(st.booleans())
    return Dose(amount=draw(AMOUNTS), unit=unit, per=per, daily=daily, counted_as=counted)


@st.composite
def prescriptions(draw: st.DrawFn) -> Prescription:
    drug = draw(st.sampled_from(sorted(products())))
    dose = draw(doses(drug))
    route = draw(st.sampled_from(product(drug).routes))
    times = 1 if route is Route.CIV else draw(st.sampled_from((*TIMES_PER_DAY[:4], 1, 2, 24)))
    longest = 1440.0 / times
    minutes = draw(st.floats(0.5, longest) | st.just(min(60.0, longest))) if route is Route.IV_INFUSION else 0.0
    units = [unit for unit in product(drug).units if DOSE_UNITS[unit].measure is DOSE_UNITS[dose.unit].measure]
    caps = st.builds(Cap, amount=AMOUNTS, unit=st.sampled_from(units), daily=st.booleans())
    when, every = draw(days()), draw(st.sampled_from([1, 1, 2, 3]))
    held = times * len(range(when[0].first, when[0].last + 1, every))
    fewer = st.integers(held - times + 1, held - 1) if len(when) == 1 and times > 1 else st.none()
    return Prescription(
        drug=drug,
        dose=dose,
        route=route,
        minutes=minutes,
        days=when,
        times_per_day=times,
        every=every,
        doses=draw(st.none() | fewer),
        cap=None if dose.amount is None else draw(st.none() | caps),
    )


@st.composite
def courses(draw: st.DrawFn) -> Course:
    single = Course(prescriptions=tuple(draw(st.lists(prescriptions(), min_size=1, max_size=3))))
    lengths = st.integers(single.length, single.length + 60)
    repeats = draw(st.lists(st.builds(Repeat, every=lengths, cycles=st.integers(1, 4)), max_size=3))
    return Course(prescriptions=single.prescriptions, repeats=tuple(repeats))


@st.composite
def dose_rules(draw: st.DrawFn, drugs: tuple[str, ...]) -> DoseRule:
    action = draw(st.sampled_from(Action))
    quantity, unit = draw(QUANTITIES), draw(UNITS)
    least, most = 0.0 if unit in {"G/L", "cell/uL"} else -1e6, 1e6
    if quantity.endswith("grade"):
        least, most = 0.0, 5.0
    condition = Condition(
        quantity=quantity,
        comparison=draw(st.sampled_from(Comparison)),
        threshold=draw(st.floats(least, most)),
        unit=unit,
    )
    cycles = action is Action.DELAY and draw(st.booleans())
    kept = action in {Action.STOP, Action.DELAY}
    step = draw(st.integers(1, 60)) if action is Action.DELAY else 1
    return DoseRule(
        drug=None if cycles else draw(st.none() | st.sampled_from(drugs)),
        cycles=cycles,
        action=action,
        condition=condition,
        fraction=1.0 if kept else draw(FRACTIONS | st.just(1.0)),
        step=step,
        limit=draw(st.none() | st.integers(step, 365)) if action is Action.DELAY else None,
    )


@st.composite
def regimens(draw: st.DrawFn) -> Regimen:
    plain = Regimen(courses=tuple(draw(st.lists(courses(), max_size=3))))
    if not plain.courses:
        return plain
    return Regimen(
        courses=plain.courses,
        rules=tuple(draw(st.lists(dose_rules(plain.drugs), max_size=3))),
        adherence=Adherence(never_started=draw(SHARES), missed=draw(SHARES)),
    )


@settings(max_examples=120, deadline=None)
@given(regimens())
def test_a_regimen_that_is_written_reads_back_the_same(regimen: Regimen) -> None:
    text = render(regimen)

    assert parse(text) == regimen
    assert render(parse(text)) == text


def test_every_regimen_of_the_library_reads_back_the_same() -> None:
    for name in names():
        assert parse(render(load(name))) == load(name)


@settings(max_examples=40, deadline=None)
@given(regimens())
def test_the_dose_table_and_the_totals_hold_every_administration(regimen: Regimen) -> None:
    given_doses = expand(regimen)

    counted = Counter[str]()
    for block in blocks(regimen):
        counted[block.drug] += (block.end_day - block.start_day + 1) * block.times_per_day
    assert counted == Counter(each.drug for each in given_doses)
    assert list(totals(regimen, 1.84, 70.0)) == list(regimen.drugs)
    assert sentence(regimen).endswith(".")


@settings(max_examples=40, deadline=None)
@given(regimens())
def test_administrations_come_in_order_and_start_with_the_first_day(regimen: Regimen) -> None:
    given_doses = expand(regimen)

    times = [each.start for each in given_doses]
    assert times == sorted(times)
    if regimen.first_day < 1:
        assert times[0] == 0.0 or regimen.first_day == 0
    assert all(time >= 0.0 for time in times)


@settings(max_examples=40, deadline=None)
@given(prescriptions(), st.integers(2, 5))
def test_a_repeat_multiplies_the_total_by_its_cycles(item: Prescription, cycles: int) -> None:
    once = Course(prescriptions=(item,))
    repeated = Course(prescriptions=(item,), repeats=(Repeat(every=once.length, cycles=cycles),))

    first, many = (totals(Regimen(courses=(course,)), 1.84, 70.0)[item.drug].amount for course in (once, repeated))

    assert (many is None) == (first is None)
    if many is not None and first is not None:
        assert math.isclose(many, cycles * first, rel_tol=SUM_OF_MANY)


VOCABULARY = (
    "aldesleukin IL-2 histamine 1 MIU MIU/m2/day U mg sc civ iv over 30 min h bolus days day 1-5 0 -1 3-1 , ; + "
    "repeat every 28 days for 3 cycles then hold while platelets < 25 G/L resume at 50 % stop missed doses never "
    "started none cap counted as IU dose unknown # every other twice daily 1e999 \n"
)
WORDS = st.sampled_from(VOCABULARY.split(" "))


def outcome(text: str) -> Regimen | str:
    try:
        return parse(text, name="any")
    except RegimenError as fault:
        return str(fault)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_regimen_or_refused_with_its_place(text: str) -> None:
    found = outcome(text)

    if isinstance(found, Regimen):
        assert parse(render(found)) == found
    else:
        assert found.startswith(("any, line ", "any: empty"))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_numeral_reads_back_exactly(value: float) -> None:
    assert float(numeral(value)) == value


@given(st.floats(0.0, 1.0))
def test_a_percentage_reads_back_exactly(fraction: float) -> None:
    assert read_percentage(percentage(fraction).removesuffix(" %")) == fraction


def test_numerals_are_short() -> None:
    printed = [numeral(value) for value in (1.0, 0.9, 16400.0, 1e7, 1.5e6, 123456789.0, 1e-5, -1.0)]

    assert printed == ["1", "0.9", "16400", "1e7", "1.5e6", "1.23456789e8", "1e-5", "-1"]


def test_units_are_known_to_some_product_and_the_longest_regimen_is_a_century() -> None:
    measured = {measure for each in products().values() for measure in each.measures}

    assert measured == set(Measure)
    assert LONGEST == 100 * 365 + 25
