"""One prescription, from the tree of a regimen's text to its value."""

from dataclasses import dataclass, replace
from enum import Enum

from trialeukin.core.arrays import listed
from trialeukin.regimen.administration import Per, Route
from trialeukin.regimen.course import (
    HOURS,
    MINUTES,
    TIMES_PER_DAY,
    Cap,
    Days,
    Dose,
    Prescription,
    last_day,
    refuse_long_daily,
)
from trialeukin.regimen.dose_unit import Measure, WrittenUnit, ratio, read_unit
from trialeukin.regimen.place import (
    DAYS_OF_WEEK,
    Node,
    Text,
    branches,
    optional_token,
    plain,
    token,
    tokens,
    whole,
    whole_days,
)
from trialeukin.regimen.product import Product
from trialeukin.regimen.products import product


class Slot(Enum):
    """What a prescription may say once; the values are how messages name it."""

    ROUTE = "the route"
    TURNS = "how often a day"
    STRIDE = "every how many days"
    DAYS = "the list of days"
    SO_MANY = "how many doses"
    CAP = "the cap"
    COUNTED = "what a unit is counted as"


ROUTES = {"bolus": Route.IV_BOLUS, "civ": Route.CIV, "sc": Route.SC, "im": Route.IM, "ip": Route.IP}
TURNS = {"once": 1, "twice": 2, "thrice": 3, "four_times": 4}
STRIDES = {"every_other_day": 2, "weekly": DAYS_OF_WEEK}
SLOTS = {
    **dict.fromkeys((*ROUTES, "infusion"), Slot.ROUTE),
    **dict.fromkeys((*TURNS, "every_hours"), Slot.TURNS),
    **dict.fromkeys((*STRIDES, "every_days"), Slot.STRIDE),
    "days": Slot.DAYS,
    "so_many": Slot.SO_MANY,
    "cap": Slot.CAP,
    "counted": Slot.COUNTED,
}
ROUTE_CHOICES = "'iv bolus', 'iv over 1 h', 'civ', 'sc', 'im' or 'ip'"


@dataclass(frozen=True, slots=True)
class _Item:
    """A prescription being read: its node, what it says by slot, and the one it goes on from, if it does."""

    node: Node
    text: Text
    parts: dict[Slot, Node]
    before: Prescription | None
    drug: Product


def read_prescription(node: Node, before: Prescription | None, text: Text) -> Prescription:
    """Return a prescription; one without a drug (``5e7 day 120``) takes what it does not say from the one before.

    Raises
    ------
    RegimenError
        When something is missing, said twice, or has no meaning for the drug.
    """
    item = _item(node, before, text)
    dose = _counted(item, _dose(item))
    route, minutes = _route(item)
    item.text.at(item.parts.get(Slot.ROUTE, item.node), lambda: item.drug.refuse_route(route))
    item.text.at(item.parts.get(Slot.ROUTE, item.node), lambda: refuse_long_daily(dose, minutes / MINUTES))
    times_per_day, every = _times_per_day(item), _every(item)
    days, doses = _so_many(item, _days(item), times_per_day, every)
    cap = _cap(item, dose)
    return text.at(
        item.parts.get(Slot.SO_MANY, item.parts[Slot.DAYS]),  # what is left to be wrong is on which days
        lambda: Prescription(
            drug=item.drug.name,
            dose=dose,
            route=route,
            minutes=minutes,
            days=days,
            times_per_day=times_per_day,
            every=every,
            doses=doses,
            cap=cap,
        ),
    )


def _item(node: Node, before: Prescription | None, text: Text) -> _Item:
    parts: dict[Slot, Node] = {}
    for part in (branch for branch in branches(node) if branch.data in SLOTS):
        slot = SLOTS[str(part.data)]
        if slot in parts:
            raise text.fault_at(f"{slot.value} is said twice: say it once, or join two doses by '+'", part)
        parts[slot] = part
    named = optional_token(node, "DRUG")
    if named is not None:
        return _Item(node, text, parts, None, text.at(named, lambda: product(str(named))))
    if before is None:
        raise text.fault_at("a dose of what? Name the drug first, such as 'aldesleukin 1 MIU/m2/day sc days 1-5'", node)
    return _Item(node, text, parts, before, product(before.drug))


def _dose(item: _Item) -> Dose:
    written = branches(item.node, "known_dose", "unknown_dose")
    if written and written[0].data == "unknown_dose":
        return Dose(amount=None, unit=item.drug.usual_unit)
    where = written[0] if written else item.node
    number = token(where, "NUMBER")
    amount = float(plain(number))
    if optional_token(where, "UNIT") is None:
        return _same_unit(item, amount)
    unit = _unit(where, item)
    counted = item.before.dose.counted_as if item.before else None
    return item.text.at(
        number, lambda: Dose(amount=amount, unit=unit.symbol, per=unit.per, daily=unit.daily, counted_as=counted)
    )


def _same_unit(item: _Item, amount: float) -> Dose:
    number = token(item.node, "NUMBER")
    if item.before is None or item.before.dose.amount is None:
        raise item.text.fault_at(
            f"{number} of what unit? The dose before is unknown; write one after the number", number
        )
    earlier = item.before.dose
    return item.text.at(number, lambda: replace(earlier, amount=amount))


def _unit(node: Node, item: _Item) -> WrittenUnit:
    written = token(node, "UNIT")
    return item.text.at(written, lambda: read_unit(str(written), frozenset(item.drug.measures)))


def _counted(item: _Item, dose: Dose) -> Dose:
    part = item.parts.get(Slot.COUNTED)
    where = part or next(iter(branches(item.node, "known_dose", "unknown_dose")), item.node)
    factor = float(plain(token(part, "NUMBER"))) if part else dose.counted_as
    if dose.amount is not None:
        item.text.at(where, lambda: item.drug.counts(dose.unit, factor))
    return item.text.at(where, lambda: replace(dose, counted_as=factor))


def _route(item: _Item) -> tuple[Route, float]:
    part = item.parts.get(Slot.ROUTE)
    if part is None:
        if item.before is None:
            raise item.text.fault_at(f"by which route? Say {ROUTE_CHOICES}", item.node)
        return item.before.route, item.before.minutes
    if part.data in ROUTES:
        return ROUTES[str(part.data)], 0.0
    if optional_token(part, "IV"):
        return _iv(item, part)
    length, unit = token(part, "NUMBER"), token(part, "TIME")
    minutes = float(plain(length)) * (MINUTES if unit.lower().startswith("h") else 1.0)
    if not minutes > 0.0:
        raise item.text.fault_at(f"an infusion over {length} {unit}: give more than 0, or say 'iv bolus'", part)
    return Route.IV_INFUSION, minutes


def _iv(item: _Item, part: Node) -> tuple[Route, float]:
    """Return what ``iv`` alone means: a bolus for cells, and nothing for a drug."""
    if Measure.CELLS in item.drug.measures:
        return Route.IV_BOLUS, 0.0
    raise item.text.fault_at("iv how? Say 'iv bolus', 'iv over 1 h', or 'civ' for the whole day", part)


def _days(item: _Item) -> tuple[Days, ...]:
    part = item.parts.get(Slot.DAYS)
    if part is None:
        so_many = item.parts.get(Slot.SO_MANY)
        if so_many is not None:
            doses = token(so_many, "NUMBER")
            raise item.text.fault_at(f"from which day on? Say so, such as 'from day 1 for {doses} doses'", so_many)
        raise item.text.fault_at("on which days? Say so at the end, such as 'days 1-5' or 'day 1'", item.node)
    return tuple(_range(node, item.text) for node in branches(part))


def _so_many(
    item: _Item, days: tuple[Days, ...], times_per_day: int, every: int
) -> tuple[tuple[Days, ...], int | None]:
    """Return the days, counted on from a single one, and the number of doses; None where they fill the days."""
    part = item.parts.get(Slot.SO_MANY)
    if part is None:
        return days, None
    doses, first = int(token(part, "NUMBER")), days[0].first
    end = last_day(first, doses, times_per_day, every)
    if doses > 0 and days == (Days(first=first, last=first),):
        days = (item.text.at(part, lambda: Days(first=first, last=end)),)
    fills = doses % times_per_day == 0 and len(days) == 1 and end <= days[0].last < end + every
    return days, None if fills else doses


def _range(node: Node, text: Text) -> Days:
    first, *rest = (whole(day, text) for day in tokens(node, "DAY"))
    return text.at(node, lambda: Days(first=first, last=rest[0] if rest else first))


def _times_per_day(item: _Item) -> int:
    part = item.parts.get(Slot.TURNS)
    if part is None:
        return item.before.times_per_day if item.before else 1
    times = TURNS[str(part.data)] if part.data in TURNS else _times_by_interval(part, item.text)
    if times > 1 and Slot.ROUTE in item.parts and item.parts[Slot.ROUTE].data == "civ":
        raise item.text.fault_at("civ is one 24-h infusion a day: leave this out, or write 'iv over 2 h'", part)
    return times


def _times_by_interval(part: Node, text: Text) -> int:
    hours = float(plain(token(part, "NUMBER")))
    fitting = {HOURS / times: times for times in TIMES_PER_DAY}
    if hours not in fitting:
        allowed = listed(sorted(fitting))
        raise text.fault_at(
            f"every {hours:g} h does not divide the day: allowed are every {allowed} h; "
            "for longer gaps write 'every other day' or 'every 3 days'",
            part,
        )
    return fitting[hours]


def _every(item: _Item) -> int:
    part = item.parts.get(Slot.STRIDE)
    if part is None:
        return item.before.every if item.before else 1
    if part.data in STRIDES:
        return STRIDES[str(part.data)]
    every = whole_days(part, item.text)
    if every < 1:
        raise item.text.fault_at(f"every {every} days: give 1 or more", part)
    return every


def _cap(item: _Item, dose: Dose) -> Cap | None:
    part = item.parts.get(Slot.CAP)
    if part is None:
        return item.before.cap if item.before else None
    unit = _unit(part, item)
    if unit.per is not Per.PATIENT:
        raise item.text.fault_at(f"a cap is for the whole patient: leave out /{unit.per.value}", token(part, "UNIT"))
    amount = float(plain(token(part, "NUMBER")))
    cap = item.text.at(part, lambda: Cap(amount=amount, unit=unit.symbol, daily=unit.daily))
    if dose.amount is None:
        raise item.text.fault_at("a cap on an unknown dose says nothing: leave it out", part)
    item.text.at(part, lambda: ratio(cap.unit, dose.unit))
    return cap
