"""The days on which neutrophils and platelets are back after a transplant."""

from collections.abc import Iterator
from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.system import Event, symbol


def limit(value: float, meaning: str) -> Parameter:
    """Return a count whose first reaching is an event."""
    return Parameter(
        value=value,
        unit="G/L",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("by definition: the counts whose days publications give"),
        meaning=meaning,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Engraftment:
    """Engraftment and recovery of a lineage: the first time that its count reaches a limit."""

    neutrophil_engraftment_threshold: Parameter = limit(0.5, "neutrophils at engraftment")
    neutrophil_recovery_threshold: Parameter = limit(1.0, "neutrophils at recovery")
    platelet_engraftment_threshold: Parameter = limit(20.0, "platelets at engraftment")
    platelet_recovery_threshold: Parameter = limit(50.0, "platelets at recovery")

    def piece(self) -> Piece:
        """Return the events."""
        return Piece(events=tuple(_recovered()))


def _recovered() -> Iterator[Event]:
    for name, blood, limit in (
        ("neutrophil_engraftment", "neutrophils", "neutrophil_engraftment_threshold"),
        ("neutrophil_recovery", "neutrophils", "neutrophil_recovery_threshold"),
        ("platelet_engraftment", "platelets", "platelet_engraftment_threshold"),
        ("platelet_recovery", "platelets", "platelet_recovery_threshold"),
    ):
        yield Event(name=name, trigger=symbol(blood) - symbol(limit), sets={})
