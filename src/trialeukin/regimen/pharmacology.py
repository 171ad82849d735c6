"""What an interleukin-2 is to a body: how tightly it binds each receptor, how long it stays, how it is given."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from trialeukin.core.errors import ParameterError
from trialeukin.core.parameter import Parameter
from trialeukin.core.units import same_dimension
from trialeukin.regimen.administration import Route


class Binding(Enum):
    """What is known of a binding that is no number."""

    ABSENT = "does not bind"


Affinity: TypeAlias = Parameter | Binding | None
"""A dissociation constant, the knowledge that there is no binding, or None where no source at hand says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pharmacology:
    """Affinities and half-life of an interleukin-2; what no source at hand gives is None and stays so.

    Attributes
    ----------
    alpha : Parameter, Binding or None, concentration
        Dissociation constant from CD25 alone.
    beta_gamma : Parameter, Binding or None, concentration
        Dissociation constant from CD122 with CD132, which signal.
    half_life : Parameter or None, time
        Terminal half-life in people.
    routes : tuple of Route
        How it has been given to people.
    """

    alpha: Affinity
    beta_gamma: Affinity
    half_life: Parameter | None
    routes: tuple[Route, ...] = ()

    def __post_init__(self) -> None:
        for name, unit in (("alpha", "nmol/L"), ("beta_gamma", "nmol/L"), ("half_life", "hour")):
            value = getattr(self, name)
            if isinstance(value, Parameter) and not same_dimension(value.unit, unit):
                raise ParameterError(f"{name} {value.value:g} {value.unit}: give it in a unit such as {unit}")

    def lacking(self) -> tuple[str, ...]:
        """Return what no source at hand gives, in words."""
        known = {
            "affinity to CD25": self.alpha,
            "affinity to CD122/CD132": self.beta_gamma,
            "half-life in people": self.half_life,
        }
        return tuple(what for what, value in known.items() if value is None)
