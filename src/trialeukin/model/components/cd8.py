"""CD8 T cells."""

from dataclasses import dataclass, replace

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.home import Home, at_rest
from trialeukin.model.components.t_cell_growth import T_CELL_CAP, T_CELL_TURNOVER, growth, half_signal
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, symbol

CD8_BASELINE = Parameter(
    value=505.0,
    unit="cell/uL",
    between_patients=0.34,
    uncertainty=0.15,
    source=Source("qspio_tnbc", "505 (410 to 505) cells/uL; spread from the limits 260 to 990 of Koster 2023"),
    meaning="CD8 cells in blood without drug",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cd8:
    """CD8 cells grow as `trialeukin.model.components.t_cell_growth.growth` says.

    Their killing goes with their number alone: no source gives an activation of CD8 cells by IL-2
    apart from that of the lymphocytes that are counted as NK cells here.

    ``il2_felt`` names the concentration C that acts; ``home`` says where the cells start and tend to.
    """

    il2_felt: str = "il2_concentration"
    home: Home = at_rest("cd8")
    cd8_baseline: Parameter = CD8_BASELINE
    cd8_turnover: Parameter = T_CELL_TURNOVER
    cd8_growth: Parameter = fitted("immune", "cd8_growth")
    cd8_half_signal: Parameter = half_signal(
        680.0,
        0.7,
        "pSTAT5 of CD8 cells after 4 h, 350 and 1,340 pM in two replicates",
        "IL-2 at half signal of CD8 cells",
    )
    cd8_cap: Parameter = T_CELL_CAP

    def piece(self) -> Piece:
        """Return the cells and their killing."""
        killing = Definition(
            name="cd8_killing",
            unit="1",
            expression=symbol("cd8") / symbol("cd8_baseline"),
            meaning="killing capacity of CD8 cells relative to baseline",
        )
        grown = growth("cd8", "CD8 cells in a volume of blood, were none marginated", self.il2_felt, self.home)
        return replace(grown, definitions=(killing,))
