"""Marrow aplasia after donor lymphocytes: what is left when host haematopoiesis is killed with the leukaemia."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import covariate
from trialeukin.model.system import Definition, Event, State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class MarrowAplasia:
    r"""Host marrow H and donor marrow C share one capacity; donor cells kill the host's.

    .. math::

        \frac{dH}{dt} = r \, q(H) (1 - H - C) - \phi \, \kappa \, H, \qquad
        \frac{dC}{dt} = r \, q(C) (1 - H - C), \qquad q(x) = \frac{x^3}{x^2 + \sigma^2}

    as shares of a full marrow, with :math:`C(0)` the donor share of CD34 cells. Where it is zero nothing replaces
    the host's marrow, and a marrow far below :math:`\sigma` has no stem cell left to regrow from. Aplasia
    is a marrow below a limit. The leukaemia's own crowding of the marrow is left out.
    """

    donor_chimerism: Parameter = covariate("donor share of CD34 cells in the marrow before infusion", value=0.5)
    host_marrow_susceptibility: Parameter = Parameter(
        value=3.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed(
            "kill must outrun regrowth, since both patients without donor cells became aplastic "
            "(Blood 1997;89:3113); no ratio was measured"
        ),
        meaning="kill of host marrow relative to that of leukaemia",
    )
    marrow_regrowth: Parameter = Parameter(
        value=0.15,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.4,
        source=Source("cd34_chimerism1997", "5 % donor CD34 recovered in 10 days: a rise of four-fold or so"),
        meaning="growth of a marrow that is nearly empty",
    )
    marrow_last_stem_cells: Parameter = Parameter(
        value=1e-6,
        unit="1",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("a millionth of a marrow, some 1e6 cells, holds no stem cell that could rebuild it"),
        meaning="share of a full marrow that cannot regrow",
    )
    aplasia_limit: Parameter = Parameter(
        value=0.1,
        unit="1",
        between_patients=0.0,
        uncertainty=0.7,
        scale=Scale.LOGIT,
        source=assumed("counts stay near normal at half of a marrow and are critical at a tenth or less"),
        meaning="share of a full marrow below which counts fail",
    )

    def piece(self) -> Piece:
        """Return both marrows, what is left and the aplasia."""
        host, donor = symbol("host_marrow"), symbol("donor_marrow")
        room = symbol("marrow_regrowth") * (1 - host - donor)
        kill = symbol("host_marrow_susceptibility") * symbol("donor_kill_rate")
        return Piece(
            states=(
                _marrow("host_marrow", "haematopoiesis of the host", 1 - symbol("donor_chimerism")),
                _marrow("donor_marrow", "haematopoiesis of the donor", symbol("donor_chimerism")),
            ),
            terms=(
                Term(state="host_marrow", name="regrowth of host marrow", rate=room * _able_to_regrow(host)),
                Term(state="host_marrow", name="graft-versus-host kill of marrow", rate=-kill * host),
                Term(state="donor_marrow", name="regrowth of donor marrow", rate=room * _able_to_regrow(donor)),
            ),
            definitions=(
                Definition(
                    name="marrow_function",
                    unit="1",
                    expression=host + donor,
                    meaning="haematopoiesis as a share of a full marrow",
                ),
            ),
            events=(Event(name="aplasia", trigger=symbol("aplasia_limit") - symbol("marrow_function"), sets={}),),
        )


def _able_to_regrow(marrow: sympy.Expr) -> sympy.Expr:
    return marrow**3 / (marrow**2 + symbol("marrow_last_stem_cells") ** 2)


def _marrow(name: str, meaning: str, initial: sympy.Expr) -> State:
    return State(name=name, unit="1", initial=initial, size=0.1, meaning=f"{meaning}, share of a full marrow")
