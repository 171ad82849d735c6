"""A cell in a dish under a constant concentration of one ligand, whose signalling receptors are lost meanwhile."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.receptor_clearance import sites
from trialeukin.model.components.receptor_numbers import CROSS_LINKING
from trialeukin.model.components.ternary_binding import Constants, bridged, engaged, free_cd122, load
from trialeukin.model.system import Definition, State, Term, symbol
from trialeukin.regimen.engineered_il2 import ALPHA, BETA_GAMMA

DISH = assumed("the experiment sets it")


@dataclass(frozen=True, slots=True, kw_only=True)
class StimulatedCell:
    r"""CD122 B on the surface falls as complexes S carry it away, and what is made replaces it.

    .. math:: \frac{dB}{dt} = k (B_0 - B) - k_S S(L, A_T, B)

    Binding is at equilibrium all the time (`trialeukin.model.components.ternary_binding`). What is lost is
    what no longer signals: a receptor that signals from inside the cell, or is recycled, is not lost, so
    :math:`k_S` is at most the rate of internalisation. CD25 is not lost: it does not go in alone.
    """

    cd25_sites: Parameter = sites(3476.0, 0.3, DISH, "CD25 on the cell; zero for a ligand that does not bind it")
    cd122_sites: Parameter = sites(657.0, 0.7, DISH, "CD122 on the cell before the ligand comes")
    alpha_constant: Parameter = ALPHA
    beta_gamma_constant: Parameter = BETA_GAMMA
    cross_linking_constant: Parameter = CROSS_LINKING
    ligand_concentration: Parameter = Parameter(
        value=100.0, unit="pmol/L", between_patients=0.0, uncertainty=0.0, source=DISH, meaning="free ligand"
    )
    receptor_loss: Parameter = Parameter(
        value=0.0555,
        unit="1/minute",
        between_patients=0.0,
        uncertainty=1.0,
        source=Source("jem1987", "internalisation half-life 10 to 15 min, the most it can be; spread assumed"),
        meaning="loss of signalling complexes",
    )
    receptor_replacement: Parameter = Parameter(
        value=0.00097,
        unit="1/minute",
        between_patients=0.0,
        uncertainty=0.5,
        source=Source(
            "farhat2021",
            "posterior: endocytosis 0.093, recycling 0.091, degradation 0.0068 a minute of the share 0.124 sorted to "
            "it, at steady state",
        ),
        meaning="turnover of CD122 without ligand",
    )

    def piece(self) -> Piece:
        """Return the receptor and its complexes."""
        cd25, cd122, concentration = symbol("cd25_sites"), symbol("surface_cd122"), symbol("ligand_concentration")
        constants = Constants(
            alpha=symbol("alpha_constant"),
            beta_gamma=symbol("beta_gamma_constant"),
            cross_linking=symbol("cross_linking_constant"),
        )
        loads = load(concentration, constants)
        complexes = symbol("bridging_complexes")
        signalling = engaged(loads, cd25, complexes) * free_cd122(loads, cd122, complexes)
        back: sympy.Expr = symbol("receptor_replacement") * (symbol("cd122_sites") - cd122)
        return Piece(
            states=(
                State(
                    name="surface_cd122",
                    unit="1/cell",
                    initial=symbol("cd122_sites"),
                    size=100.0,
                    meaning="CD122 on the surface, free and bound",
                ),
            ),
            terms=(
                Term(state="surface_cd122", name="replacement", rate=back),
                Term(
                    state="surface_cd122",
                    name="loss of complexes",
                    rate=-symbol("receptor_loss") * symbol("signalling_complexes"),
                ),
            ),
            definitions=(
                Definition(
                    name="bridging_complexes",
                    unit="1/cell",
                    expression=bridged(loads, cd25, cd122),
                    meaning="ligand bound to CD25 and CD122",
                ),
                Definition(
                    name="signalling_complexes",
                    unit="1/cell",
                    expression=signalling,
                    meaning="ligand bound to CD122, with CD25 or without",
                ),
            ),
        )
