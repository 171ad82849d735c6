"""Conventional CD4 T cells."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.home import Home, at_rest
from trialeukin.model.components.t_cell_growth import T_CELL_CAP, T_CELL_TURNOVER, growth, half_signal
from trialeukin.model.fitted import fitted

CD4_BASELINE = Parameter(
    value=803.0,
    unit="cell/uL",
    between_patients=0.25,
    uncertainty=0.2,
    source=Source(
        "qspio_tnbc", "861 (521 to 861) CD4 cells/uL less 58 Treg; spread from the limits 560 to 1,490 of Koster 2023"
    ),
    meaning="conventional CD4 cells in blood without drug",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConventionalCd4:
    """CD4 cells other than Treg grow as `trialeukin.model.components.t_cell_growth.growth` says.

    ``il2_felt`` names the concentration C that acts; ``home`` says where the cells start and tend to.
    """

    il2_felt: str = "il2_concentration"
    home: Home = at_rest("cd4")
    cd4_baseline: Parameter = CD4_BASELINE
    cd4_turnover: Parameter = T_CELL_TURNOVER
    cd4_growth: Parameter = fitted("immune", "cd4_growth")
    cd4_half_signal: Parameter = half_signal(
        700.0, 0.6, "pSTAT5 of memory CD4 cells, 380 to 1,270 pM", "IL-2 at half signal of conventional CD4 cells"
    )
    cd4_cap: Parameter = T_CELL_CAP

    def piece(self) -> Piece:
        """Return the cells."""
        return growth(
            "cd4", "conventional CD4 cells in a volume of blood, were none marginated", self.il2_felt, self.home
        )
