"""Blood cells that stay as they are, for following IL-2 alone."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.components.cd8 import CD8_BASELINE
from trialeukin.model.components.conventional_cd4 import CD4_BASELINE
from trialeukin.model.components.nk import BRIGHT_SHARE, NK_BASELINE
from trialeukin.model.components.treg import TREG_BASELINE
from trialeukin.model.system import Definition, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyCells:
    """All cells at baseline and no CD25 induced: the clearance of the first doses."""

    treg_baseline: Parameter = TREG_BASELINE
    cd4_baseline: Parameter = CD4_BASELINE
    cd8_baseline: Parameter = CD8_BASELINE
    nk_baseline: Parameter = NK_BASELINE
    nk_bright_share: Parameter = BRIGHT_SHARE

    def piece(self) -> Piece:
        """Return the cells under the names that other components use."""
        share, nk = symbol("nk_bright_share"), symbol("nk_baseline")
        cells = {
            "treg": symbol("treg_baseline"),
            "cd4": symbol("cd4_baseline"),
            "cd8": symbol("cd8_baseline"),
            "nk_bright": share * nk,
            "nk_dim": (1 - share) * nk,
        }
        induction = Definition(
            name="cd25_induction", unit="1", expression=sympy.S.One, meaning="CD25 relative to baseline, held at it"
        )
        return Piece(definitions=(*(_held(name, cell) for name, cell in cells.items()), induction))


def _held(name: str, cells: sympy.Expr) -> Definition:
    return Definition(name=name, unit="cell/uL", expression=cells, meaning="cells in blood, held at baseline")
