"""Which quantities of a model records are answered with, and in which units."""

from collections.abc import Sequence
from dataclasses import dataclass

from trialeukin.core.errors import InputError
from trialeukin.core.units import convert
from trialeukin.engine.quantities import place, unit_of
from trialeukin.model.system import System
from trialeukin.regimen.products import concentration_in
from trialeukin.trial.record_doses import RecordedDose


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuantity:
    """A state, switch or definition, and the unit that it is wanted in.

    Attributes
    ----------
    name : str
        What the model calls it.
    own_unit, unit : str
        The model's, and that which is wanted.
    factor : float, ``unit``/``own_unit``
        What the model's number is multiplied by.
    """

    name: str
    own_unit: str
    unit: str
    factor: float


def asked_quantities(system: System, doses: Sequence[RecordedDose], texts: Sequence[str]) -> tuple[AskedQuantity, ...]:
    """Return quantities from texts such as ``il2_concentration`` or ``il2_concentration=IU/mL``.

    Without texts these are the concentrations of the drugs that are given.

    Raises
    ------
    InputError
        When a model has no such quantity, it is named twice, or it cannot be given in the unit; or none is named and
        the drugs have no concentration.
    """
    if not texts:
        texts = list(dict.fromkeys(name for dose in doses for name in dose.concentrations))
    if not texts:
        given = ", ".join(dict.fromkeys(dose.drug for dose in doses))
        why = f"{system.name} has no concentration of {given}" if given else "no dose is there to tell which is meant"
        raise InputError(
            f"no quantity: {why}: name one with --quantity, such as {system.states[0].name}; "
            f"'trialeukin models {system.name}' lists them"
        )
    asked = [_asked(system, doses, text) for text in texts]
    for number, each in enumerate(asked):
        if each.name in {other.name for other in asked[:number]}:
            raise InputError(f"quantity {each.name!r} is named twice: name it once")
    return tuple(asked)


def _asked(system: System, doses: Sequence[RecordedDose], text: str) -> AskedQuantity:
    name, mark, unit = (part.strip() for part in text.partition("="))
    place(system, name, asked_by=f"quantity {text!r}")
    own = unit_of(system, name)
    if mark and not unit:
        raise InputError(f"quantity {text!r}: give a unit after '=', such as {name}={own}")
    if not unit:
        return AskedQuantity(name=name, own_unit=own, unit=own, factor=1.0)
    drugs = dict.fromkeys(dose.drug for dose in doses if name in dose.concentrations)
    try:
        factor = concentration_in(next(iter(drugs)), 1.0, own, unit) if drugs else convert(1.0, own, unit)
    except InputError as fault:
        raise InputError(f"quantity {text!r}: {fault}") from None
    return AskedQuantity(name=name, own_unit=own, unit=unit, factor=factor)
