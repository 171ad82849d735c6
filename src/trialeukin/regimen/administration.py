"""One planned dose, as a protocol means it and before it is scaled to a patient."""

from dataclasses import dataclass
from enum import Enum

from trialeukin.core.errors import RegimenError


class Route(Enum):
    """How a dose enters the body; the values are the words of the language."""

    IV_BOLUS = "iv bolus"
    IV_INFUSION = "iv"
    CIV = "civ"
    SC = "sc"
    IM = "im"
    IP = "ip"


INTRAVENOUS = (Route.IV_BOLUS, Route.IV_INFUSION, Route.CIV)


class Per(Enum):
    """What a dose is scaled by."""

    PATIENT = "patient"
    SQUARE_METRE = "m2"
    KILOGRAM = "kg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """One planned administration of a drug.

    Attributes
    ----------
    drug : str
        Name of the product, such as ``aldesleukin``.
    amount : float or None
        What is given, in ``unit``, per patient, m2 or kg; None where the protocol's dose is not known.
    unit : str
        Unit of ``amount`` without its ``/m2`` or ``/kg``: MIU, IU, ug, mg, cells ...
    per : Per
        What ``amount`` is scaled by.
    cap : float or None
        The most one patient gets, in ``unit``, after scaling.
    route : Route
        How it is given.
    start, duration : float, h
        Hours from the start of the regimen's first day, and length; zero is a bolus.
    begins_cycle : bool
        Whether nothing of its cycle is given before it.
    """

    drug: str
    amount: float | None
    unit: str
    per: Per
    route: Route
    start: float
    duration: float = 0.0
    cap: float | None = None
    begins_cycle: bool = False

    def __post_init__(self) -> None:
        if self.amount is not None and not self.amount > 0.0:
            raise RegimenError(f"amount {self.amount:g} {self.unit} of {self.drug}: give more than zero")
        if self.start < 0.0 or self.duration < 0.0:
            raise RegimenError(f"{self.drug} at {self.start:g} h for {self.duration:g} h: neither may be negative")
