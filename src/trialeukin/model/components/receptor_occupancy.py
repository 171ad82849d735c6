"""What each kind of cell feels of all interleukin-2 in plasma, as a concentration of aldesleukin."""

from dataclasses import dataclass
from functools import reduce
from operator import add

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.receptor_clearance import sites
from trialeukin.model.components.receptor_numbers import CROSS_LINKING
from trialeukin.model.components.ternary_binding import (
    Constants,
    Loads,
    bridged,
    engaged,
    equivalent,
    free_cd122,
    hold,
    load,
)
from trialeukin.model.system import Definition, symbol
from trialeukin.regimen.engineered_il2 import ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligand:
    """One interleukin-2 as equations call it.

    Attributes
    ----------
    concentration : str
        Name of its concentration in plasma.
    alpha, beta_gamma : str
        Names of its dissociation constants; ``alpha`` is None where it does not bind CD25.
    """

    concentration: str
    alpha: str | None
    beta_gamma: str


ALDESLEUKIN = Ligand(
    concentration="il2_concentration", alpha="alpha_affinity_constant", beta_gamma="intermediate_affinity_constant"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceptorOccupancy:
    r"""Aldesleukin-equivalent concentrations :math:`C^*` at Treg, CD4, CD8, CD56bright and CD56dim cells.

    All ligands compete for the CD25 and CD122 of a cell
    (`trialeukin.model.components.ternary_binding`), and :math:`C^*` is the concentration of aldesleukin that would
    alone engage as much CD122. It takes the place of the concentration in the laws of growth, so that what was
    fitted to aldesleukin holds for every product, and aldesleukin alone is felt as it is. CD25 of conventional
    T cells is multiplied by what was induced. A ligand's cross-linking constant is aldesleukin's times the ratio
    of their affinities to CD122: bound to CD25, both search the same surface.
    """

    ligands: tuple[Ligand, ...]
    treg_cd25_sites: Parameter = sites(
        3476.0,
        0.3,
        Source("farhat2021", "CD25 3,476 (2,698 to 4,895); a second count gives 3,646"),
        "CD25 on a Treg",
    )
    cd4_cd25_sites: Parameter = sites(
        329.0,
        0.5,
        Source("farhat2021", "CD25 329 (234 to 507); a second count gives 581"),
        "CD25 on a conventional CD4 cell",
    )
    nk_dim_cd25_sites: Parameter = sites(
        22.0,
        1.3,
        Source("farhat2021", "CD25 22 on all NK cells; a second count gives 274"),
        "CD25 on a CD56dim NK cell",
    )
    alpha_affinity_constant: Parameter = ALPHA
    cross_linking_constant: Parameter = CROSS_LINKING

    def piece(self) -> Piece:
        """Return complexes and equivalent concentration of each kind of cell."""
        induced = symbol("cd25_induction")
        bright = symbol("nk_bright_high_sites")
        cells = {
            # name: (CD25, CD122); what is named a high-affinity site of a T cell is the scarcer of the two
            "treg": (symbol("treg_cd25_sites"), symbol("treg_high_sites")),
            "cd4": (induced * symbol("cd4_cd25_sites"), symbol("cd4_high_sites")),
            "cd8": (
                induced * symbol("cd8_high_sites"),
                symbol("cd8_high_sites") + symbol("cd8_intermediate_sites"),
            ),
            "nk_bright": (bright, bright + symbol("nk_bright_intermediate_sites")),
            "nk_dim": (symbol("nk_dim_cd25_sites"), symbol("nk_dim_intermediate_sites")),
        }
        found = tuple(each for cell, (cd25, cd122) in cells.items() for each in _definitions(cell, cd25, cd122))
        return Piece(definitions=(*self._loads(), *found))

    def _loads(self) -> tuple[Definition, ...]:
        total = reduce(add, (load(symbol(each.concentration), _constants(each)) for each in self.ligands))
        return (
            Definition(
                name="alpha_load",
                unit="1",
                expression=total.alpha,
                meaning="interleukin-2 of any kind over its affinity to CD25: bound over free CD25, were it alone",
            ),
            Definition(
                name="beta_gamma_load",
                unit="1",
                expression=total.beta_gamma,
                meaning="interleukin-2 of any kind over its affinity to CD122: bound over free CD122, were it alone",
            ),
            Definition(
                name="bridging_load",
                unit="cell",
                expression=total.bridge,
                meaning="complexes with both receptors for each pair of free ones",
            ),
        )


LOADS = Loads(alpha=symbol("alpha_load"), beta_gamma=symbol("beta_gamma_load"), bridge=symbol("bridging_load"))


def _definitions(cell: str, cd25: sympy.Expr, cd122: sympy.Expr) -> tuple[Definition, ...]:
    parts = ("bridging_complexes", "free_cd122", "engagement", "hold")
    bridging, free, ratio, held = (symbol(f"{cell}_{part}") for part in parts)
    native = _constants(ALDESLEUKIN)
    where = f"of one cell ({_words(cell)})"
    return (
        _sites(bridging, bridged(LOADS, cd25, cd122), f"interleukin-2 of any kind bound to CD25 and CD122 {where}"),
        _sites(free, free_cd122(LOADS, cd122, bridging), f"CD122 that nothing is bound to {where}"),
        Definition(
            name=str(ratio),
            unit="1",
            expression=engaged(LOADS, cd25, bridging),
            meaning=f"engaged over free CD122 {where}",
        ),
        _sites(symbol(f"{cell}_signalling_complexes"), ratio * free, f"interleukin-2 bound to CD122 {where}"),
        Definition(
            name=str(held),
            unit="L/pmol",
            expression=hold(free, native),
            meaning=f"load of CD25 by aldesleukin beside the free CD122, over its concentration, {where}",
        ),
        Definition(
            name=f"il2_at_{cell}",
            unit="pmol/L",
            expression=equivalent(ratio, held, cd25, native),
            meaning=f"aldesleukin that would engage as much CD122 as all interleukin-2 does {where}",
        ),
    )


def _sites(name: sympy.Symbol, expression: sympy.Expr, meaning: str) -> Definition:
    return Definition(name=str(name), unit="1/cell", expression=expression, meaning=meaning)


def _words(cell: str) -> str:
    return cell.replace("_", " ").replace("nk", "NK").replace("cd", "CD").replace("treg", "Treg")


def _constants(ligand: Ligand) -> Constants:
    beta_gamma = symbol(ligand.beta_gamma)
    native = symbol(ALDESLEUKIN.beta_gamma)
    cross_linking = symbol("cross_linking_constant")
    return Constants(
        alpha=None if ligand.alpha is None else symbol(ligand.alpha),
        beta_gamma=beta_gamma,
        cross_linking=cross_linking if ligand is ALDESLEUKIN else cross_linking * beta_gamma / native,
    )
