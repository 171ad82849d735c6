"""What the doses of records are: a drug, its route and the unit of AMT for each number of a compartment."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from trialeukin.core.errors import InputError, UnitError
from trialeukin.core.units import convert
from trialeukin.engine.dosing import input_of
from trialeukin.engine.recorded_doses import compartments_of
from trialeukin.engine.records import Record, Records
from trialeukin.model.disposition import concentrations_of
from trialeukin.model.system import Input, System
from trialeukin.regimen.administration import Per, Route
from trialeukin.regimen.dose_unit import read_unit
from trialeukin.regimen.product import Product
from trialeukin.regimen.products import amount_in, any_name, product

TEXT = re.compile(
    rf"\s*(?:(?P<number>\d+)\s*=)?\s*(?P<what>\S.*?)\s+(?P<route>{'|'.join(route.value for route in Route)})\s*",
    re.IGNORECASE,
)
SUCH_AS = "'aldesleukin MIU sc', or '1=aldesleukin MIU sc' where CMT has more than one number"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDose:
    """What the dose records of one compartment are.

    Attributes
    ----------
    compartment : int
        CMT.
    drug : str
        Name of the product.
    route : Route
        How it is given; a RATE makes a dose into a vein an infusion.
    unit : str
        Of AMT.
    factor : float, ``state_unit``/``unit``
        What AMT is multiplied by.
    state_unit : str
        The unit of the state that the dose enters.
    entry : int
        Index into the system's inputs.
    concentrations : tuple of str
        The quantities that are this drug's concentration.
    """

    compartment: int
    drug: str
    route: Route
    unit: str
    factor: float
    state_unit: str
    entry: int
    concentrations: tuple[str, ...]


def recorded_doses(system: System, records: Records, texts: Sequence[str]) -> tuple[RecordedDose, ...]:
    """Return what the doses of records are, from texts such as ``aldesleukin MIU sc`` or ``1=aldesleukin sc``.

    Without a unit, AMT is in that of the state which the dose enters. Without texts, compartments are counted in the
    order of the model's states, and only one input enters each.

    Raises
    ------
    InputError
        When a text is not understood, names what the model does not take, or a compartment with doses is not named.
    """
    numbers = sorted({row.compartment for row in records.rows if row.evid.doses})
    if not texts:
        single = compartments_of(system)
        known = {number: _of_input(system, single[number], number) for number in numbers if number in single}
    else:
        known = {}
        for text in texts:
            each = _read(system, text, numbers)
            if each.compartment in known:
                raise InputError(f"dose {text!r}: CMT {each.compartment} is named twice: name it once")
            known[each.compartment] = each
    for number in numbers:
        if number not in known and not (number == 0 and len(known) == 1):
            raise InputError(_unnamed(system, number, known))
    return tuple(known.values())


def in_state_units(records: Records, doses: Iterable[RecordedDose]) -> Records:
    """Return the records with AMT and RATE in the units of the states that they enter."""
    factors = {each.compartment: each.factor for each in doses}
    only = next(iter(factors.values())) if len(factors) == 1 else 1.0
    return replace(records, rows=tuple(_scaled(row, factors.get(row.compartment, only)) for row in records.rows))


def _scaled(row: Record, factor: float) -> Record:
    if not row.evid.doses:
        return row
    try:
        return replace(row, amount=row.amount * factor, rate=row.rate * factor if row.rate > 0.0 else row.rate)
    except InputError as fault:
        raise InputError(f"ID {row.patient}, TIME {row.time:g}, in the unit of the state: {fault}") from None


def _read(system: System, text: str, numbers: Sequence[int]) -> RecordedDose:
    found = TEXT.fullmatch(text)
    if found is None:
        routes = ", ".join(route.value for route in Route)
        raise InputError(f"dose {text!r}: give a drug, the unit of AMT and a route ({routes}), such as {SUCH_AS}")
    number, what, route = found.group("number", "what", "route")
    try:
        drug, unit = _drug_and_unit(what)
        entry = input_of(system, drug.name, Route(route.casefold()))
        dose = _of_input(system, entry, _number(number, numbers))
        if unit:
            dose = replace(dose, unit=unit, factor=_factor(drug, unit, dose.state_unit))
    except InputError as fault:
        raise InputError(f"dose {text!r}: {fault}") from None
    return replace(dose, route=Route(route.casefold()))


def _number(written: str | None, numbers: Sequence[int]) -> int:
    if written is not None:
        if int(written) == 0:
            raise InputError("CMT 0: compartments are numbered from 1; leave the number out where there is no CMT")
        return int(written)
    if len(numbers) > 1:
        raise InputError(
            f"doses have CMT {', '.join(map(str, numbers))}: say what each is, such as '{numbers[-1]}=aldesleukin sc'"
        )
    return max(numbers, default=1) or 1


def _drug_and_unit(what: str) -> tuple[Product, str]:
    """Return the drug that the first words name, and the rest, which is its unit."""
    words = what.split()
    for count in range(len(words), 0, -1):
        if any_name(" ".join(words[:count])):
            return product(" ".join(words[:count])), " ".join(words[count:])
    return product(words[0] if len(words) == 2 else what), ""


def _factor(drug: Product, unit: str, state_unit: str) -> float:
    try:
        return convert(1.0, unit, state_unit)
    except UnitError:
        written = read_unit(unit, frozenset(drug.measures))
    if written.per is not Per.PATIENT or written.daily:
        raise UnitError(f"unit {unit!r}: AMT is what the patient got: multiply it out, and give {written.symbol}")
    if drug.asks_conversion:
        raise UnitError(
            f"{written.symbol} of {drug.name} is not interchangeable with aldesleukin's IU: count AMT in those, and "
            "give aldesleukin MIU"
        )
    return amount_in(drug.name, 1.0, written.symbol, state_unit)


def _of_input(system: System, entry: int, number: int) -> RecordedDose:
    given: Input = system.inputs[entry]
    unit = next(state.unit for state in system.states if state.name == given.state)
    return RecordedDose(
        compartment=number,
        drug=given.drug,
        route=given.routes[0],
        unit=unit,
        factor=1.0,
        state_unit=unit,
        entry=entry,
        concentrations=concentrations_of(system, given),
    )


def _unnamed(system: System, number: int, known: Iterable[int]) -> str:
    """Return why a dose cannot be followed, and what to say."""
    if not system.inputs:
        return f"model {system.name} takes no drug: leave the doses out, or choose one that does ('trialeukin models')"
    where = f"CMT {number}" if number else "no CMT"
    if named := sorted(known):
        names, such_as = ", ".join(map(str, named)), f"'{number or named[0]}=aldesleukin MIU sc'"
        return f"{where} in a dose: named are {names}: say what it is with --dose, such as {such_as}"
    routes: dict[str, list[str]] = {each.drug: [] for each in system.inputs}
    for each in system.inputs:
        routes[each.drug] += [route.value for route in each.routes]
    takes = "; ".join(f"{drug} {', '.join(ways)}" for drug, ways in routes.items())
    return f"{where} in a dose: say which drug of {system.name} it is with --dose, such as {SUCH_AS}; it takes {takes}"
