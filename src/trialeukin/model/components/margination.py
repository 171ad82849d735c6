"""Lymphocytes that leave the blood for vessel walls and tissue under IL-2, and what a count sees."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.system import Definition, State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Margination:
    r"""A share of all lymphocytes leaves the blood within hours and comes back.

    .. math::

        \frac{dZ}{dt} = k \left(\frac{C}{EC + C} - Z\right), \qquad \text{count} = \text{cells} \, (1 - z Z)

    ``il2_felt`` names the concentration C that acts.
    """

    il2_felt: str = "il2_concentration"
    margination_half_signal: Parameter = Parameter(
        value=40.0,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed(
            "counts hold on low subcutaneous doses (peaks below 10 pM) and fall after boluses of 0.25 MU/m2 and more"
        ),
        meaning="IL-2 at which half of what can marginate does",
    )
    margination_rate: Parameter = Parameter(
        value=6.0,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.5,
        source=Source("thompson1987", "marked lymphopenia within the day of a dose, gone before the next; 4 h assumed"),
        meaning="rate at which lymphocytes leave and return",
    )
    margination_extent: Parameter = Parameter(
        value=0.85,
        unit="1",
        between_patients=0.0,
        uncertainty=0.5,
        scale=Scale.LOGIT,
        source=assumed("'marked' lymphopenia (Thompson 1987), without a number"),
        meaning="share of lymphocytes that can leave the blood",
    )

    def piece(self) -> Piece:
        """Return margination and every count it touches."""
        concentration = symbol(self.il2_felt)
        signal = concentration / (symbol("margination_half_signal") + concentration)
        total = symbol("cd4_count") + symbol("treg_count") + symbol("cd8_count") + symbol("nk_count")
        return Piece(
            states=(
                State(
                    name="margination",
                    unit="1",
                    initial=sympy.S.Zero,
                    size=0.1,
                    meaning="share of what can marginate that has",
                ),
            ),
            terms=(
                Term(
                    state="margination",
                    name="margination and return",
                    rate=symbol("margination_rate") * (signal - symbol("margination")),
                ),
            ),
            definitions=(
                Definition(
                    name="circulating_share",
                    unit="1",
                    expression=1 - symbol("margination_extent") * symbol("margination"),
                    meaning="share of blood lymphocytes that a blood sample meets",
                ),
                _count("cd4_count", symbol("cd4"), "conventional CD4 cells"),
                _count("treg_count", symbol("treg"), "Treg"),
                _count("cd8_count", symbol("cd8"), "CD8 cells"),
                _count("nk_bright_count", symbol("nk_bright"), "CD56bright NK cells"),
                _count("nk_count", symbol("nk_bright") + symbol("nk_dim"), "NK cells"),
                Definition(
                    name="lymphocyte_count",
                    unit="cell/uL",
                    expression=total,
                    meaning="T and NK lymphocytes in blood; B cells are not modelled",
                ),
            ),
        )


def _count(name: str, cells: sympy.Expr, meaning: str) -> Definition:
    return Definition(
        name=name, unit="cell/uL", expression=symbol("circulating_share") * cells, meaning=f"{meaning} in blood"
    )
