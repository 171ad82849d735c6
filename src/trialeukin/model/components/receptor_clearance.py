"""Clearance of IL-2 by the cells that it acts on: binding to receptors and internalisation."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Term, symbol


def sites(value: float, uncertainty: float, source: Source, meaning: str) -> Parameter:
    """Return a number of receptors on one cell; what differs between people is in the counts."""
    return Parameter(
        value=value, unit="1/cell", between_patients=0.0, uncertainty=uncertainty, source=source, meaning=meaning
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceptorClearance:
    r"""Clearance from first principles, scaled by how much of the body's cells IL-2 reaches.

    .. math::

        CL = \varphi \, k_e V_b \frac{1}{N_A} \sum_i \tau_i n_i
             \left( \frac{r_i X_i}{K_h + C} + \frac{q_i}{K_m + C} \right), \qquad k_e = \frac{\ln 2}{t_{1/2}}

    over Treg, other CD4, CD8, CD56bright and CD56dim NK cells: n cells in a volume of blood, tau times
    as many in the body as in blood, r sites of high and q of intermediate affinity on each, and X the
    induced CD25, which Treg have from the start.
    """

    receptor_access: Parameter = fitted("immune", "receptor_access")
    internalisation_half_life: Parameter = Parameter(
        value=12.5,
        unit="minute",
        between_patients=0.0,
        uncertainty=0.2,
        source=Source("jem1987", "half-life 10 to 15 min, bound by beta alone or alpha and beta"),
        meaning="half-life of internalisation of bound IL-2",
    )
    high_affinity_constant: Parameter = Parameter(
        value=25.0,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=0.4,
        source=Source("nagler1990", "Scatchard analysis of CD16- NK cells; 10 to 25 pM"),
        meaning="dissociation constant of the high-affinity receptor",
    )
    intermediate_affinity_constant: Parameter = Parameter(
        value=1.9,
        unit="nmol/L",
        between_patients=0.0,
        uncertainty=0.3,
        source=Source("nagler1990", "Scatchard analysis of NK cells, 1.9 nM; 1 to 2 nM"),
        meaning="dissociation constant of the intermediate-affinity receptor",
    )
    treg_high_sites: Parameter = sites(
        657.0,
        0.7,
        Source("farhat2021", "CD122 657 below CD25 3,476; a second count gives 2,350"),
        "high-affinity receptors of a Treg",
    )
    cd4_high_sites: Parameter = sites(
        158.0,
        0.7,
        Source("farhat2021", "CD122 158 below CD25 329; a second count gives CD25 581"),
        "high-affinity receptors of a conventional CD4 cell",
    )
    cd8_high_sites: Parameter = sites(
        22.0,
        1.0,
        Source("farhat2021", "CD25 22 below CD122 511; a second count gives 526"),
        "high-affinity receptors of a CD8 cell",
    )
    cd8_intermediate_sites: Parameter = sites(
        489.0,
        0.9,
        Source("farhat2021", "CD122 511 less those with CD25; a second count gives 3,438"),
        "intermediate-affinity receptors of a CD8 cell",
    )
    nk_bright_high_sites: Parameter = sites(
        1200.0,
        0.3,
        Source("nagler1990", "CD16- NK cells, 1,200 high-affinity sites"),
        "high-affinity receptors of a CD56bright NK cell",
    )
    nk_bright_intermediate_sites: Parameter = sites(
        9600.0,
        0.3,
        Source("nagler1990", "CD16- NK cells, 9,600 intermediate-affinity sites"),
        "intermediate-affinity receptors of a CD56bright NK cell",
    )
    nk_dim_intermediate_sites: Parameter = sites(
        9000.0,
        0.3,
        Source("nagler1990", "CD16+ NK cells, 9,000 intermediate-affinity sites"),
        "intermediate-affinity receptors of a CD56dim NK cell",
    )
    blood_volume: Parameter = Parameter(
        value=2.8,
        unit="L/m^2",
        between_patients=0.1,
        uncertainty=0.1,
        source=assumed("5 L of blood in an adult of 1.8 m2"),
        meaning="blood, a square metre of body surface",
    )
    t_cell_tissue_ratio: Parameter = Parameter(
        value=50.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.5,
        source=Source("qspio_tnbc", "T cells in the body over those in blood, after Braber 2012"),
        meaning="T cells in the body over those in blood",
    )
    nk_tissue_ratio: Parameter = Parameter(
        value=20.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed("no source at hand; fewer than of T cells, since NK cells recirculate less through nodes"),
        meaning="NK cells in the body over those in blood",
    )
    molecules_per_picomole: Parameter = Parameter(
        value=6.02214076e11,
        unit="1/pmol",
        between_patients=0.0,
        uncertainty=0.0,
        source=Source("si2019", "exact by definition"),
        meaning="Avogadro constant, a picomole",
    )

    def piece(self) -> Piece:
        """Return the clearance and what it takes from plasma."""
        concentration = symbol("il2_concentration")
        high = 1 / (symbol("high_affinity_constant") + concentration)
        intermediate = 1 / (symbol("intermediate_affinity_constant") + concentration)
        reached = symbol("receptor_access") * sympy.log(2) / symbol("internalisation_half_life")
        blood = symbol("blood_volume") * symbol("body_surface_area") / symbol("molecules_per_picomole")
        return Piece(
            definitions=(
                Definition(
                    name="il2_receptor_clearance",
                    unit="L/day",
                    expression=reached * blood * (_t_cells(high, intermediate) + _nk_cells(high, intermediate)),
                    meaning="clearance of IL-2 by receptors of Treg, CD4, CD8 and NK cells",
                ),
            ),
            terms=(
                Term(
                    state="il2_central",
                    name="clearance by receptors",
                    rate=-symbol("il2_receptor_clearance") * concentration,
                ),
            ),
        )


def _t_cells(high: sympy.Expr, intermediate: sympy.Expr) -> sympy.Expr:
    induced = symbol("cd4") * symbol("cd4_high_sites") + symbol("cd8") * symbol("cd8_high_sites")
    constitutive = symbol("treg") * symbol("treg_high_sites")
    with_cd25 = high * (constitutive + symbol("cd25_induction") * induced)
    without = intermediate * symbol("cd8") * symbol("cd8_intermediate_sites")
    return symbol("t_cell_tissue_ratio") * (with_cd25 + without)


def _nk_cells(high: sympy.Expr, intermediate: sympy.Expr) -> sympy.Expr:
    bright, dim = symbol("nk_bright"), symbol("nk_dim")
    without = bright * symbol("nk_bright_intermediate_sites") + dim * symbol("nk_dim_intermediate_sites")
    return symbol("nk_tissue_ratio") * (high * bright * symbol("nk_bright_high_sites") + intermediate * without)
