"""No IL-2: what other components read of it when nobody gets any."""

from dataclasses import dataclass

import sympy

from trialeukin.model.component import Piece
from trialeukin.model.system import Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutIl2:
    """IL-2 at zero and Treg at baseline, for models that follow donor lymphocytes alone."""

    def piece(self) -> Piece:
        """Return both readings, held."""
        return Piece(
            definitions=(
                Definition(
                    name="il2_concentration",
                    unit="pmol/L",
                    expression=sympy.S.Zero,
                    meaning="concentration of administered IL-2 in plasma, none",
                ),
                Definition(
                    name="treg_suppression",
                    unit="1",
                    expression=sympy.S.One,
                    meaning="Treg relative to baseline, held at it",
                ),
            )
        )
