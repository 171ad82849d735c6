"""Counts of blood that the definition of complete remission asks for."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.system import Definition, symbol

LARSON = "remission: below 5 % marrow blasts, neutrophils over 1.0 G/L, platelets over 100 G/L"


def remission_limit(value: float, unit: str, meaning: str) -> Parameter:
    """Return a limit of the definition of complete remission."""
    return Parameter(
        value=value,
        unit=unit,
        between_patients=0.0,
        uncertainty=0.0,
        source=Source("larson_uptodate", LARSON),
        meaning=meaning,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredCounts:
    r"""How far counts are over their limits, as the one that is nearest to its limit says.

    .. math:: \min \left( \ln \frac{N}{N_r}, \ln \frac{P}{P_r} \right)

    with neutrophils N and platelets P.
    """

    remission_neutrophils: Parameter = remission_limit(1.0, "G/L", "neutrophils above which remission is possible")
    remission_platelets: Parameter = remission_limit(100.0, "G/L", "platelets above which remission is possible")

    def piece(self) -> Piece:
        """Return the definition that remission asks for."""
        return Piece(
            definitions=(
                Definition(
                    name="counts_over_limits",
                    unit="1",
                    expression=sympy.Min(
                        sympy.log(symbol("neutrophils") / symbol("remission_neutrophils")),
                        sympy.log(symbol("platelets") / symbol("remission_platelets")),
                    ),
                    meaning="natural logarithm of the count nearest to its limit of remission over that limit",
                ),
            )
        )
