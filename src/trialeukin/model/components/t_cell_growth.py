"""The law by which conventional CD4 and CD8 cells grow under IL-2."""

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.home import Home
from trialeukin.model.system import State, Term, symbol

T_CELL_TURNOVER = Parameter(
    value=0.029,
    unit="1/day",
    between_patients=0.0,
    uncertainty=0.5,
    source=Source(
        "vukmanovic2006", "memory CD4 cells double in 24 days; deuterated water gives 260 days for CD8 (Vrisekoop 2008)"
    ),
    meaning="return of T cells to baseline",
)
T_CELL_CAP = Parameter(
    value=16.0,
    unit="1",
    between_patients=0.0,
    uncertainty=0.4,
    source=Source("lotze1985", "lymphoid cells expand 2 to 16 times in 3 weeks of intravenous IL-2"),
    meaning="T cells, relative to baseline, at which growth under IL-2 ends",
)


def half_signal(value: float, uncertainty: float, place: str, meaning: str) -> Parameter:
    """Return the IL-2 at which half of the cells of one kind signal."""
    return Parameter(
        value=value,
        unit="pmol/L",
        between_patients=0.0,
        uncertainty=uncertainty,
        source=Source("farhat2021", place),
        meaning=meaning,
    )


def growth(cell: str, meaning: str, il2_felt: str, home: Home) -> Piece:
    r"""Return cells that grow where IL-2 meets induced CD25, and go home afterwards.

    .. math::

        \frac{dN}{dt} = k (N_s - N) + \rho \, p X \frac{C}{EC + C} N \left(1 - \frac{N}{c N_0}\right)

    at rest with the set point :math:`N_s` at the baseline :math:`N_0` and a response :math:`\rho` of one.
    """
    cells, baseline, concentration = symbol(cell), symbol(f"{cell}_baseline"), symbol(il2_felt)
    signal = concentration / (symbol(f"{cell}_half_signal") + concentration)
    room = 1 - cells / (symbol(f"{cell}_cap") * baseline)
    growing = home.response * symbol(f"{cell}_growth") * symbol("cd25_induction") * signal
    back: sympy.Expr = symbol(f"{cell}_turnover") * (home.set_point - cells)
    return Piece(
        states=(State(name=cell, unit="cell/uL", initial=home.start, size=500.0, meaning=meaning),),
        terms=(
            Term(state=cell, name="turnover", rate=back),
            Term(state=cell, name="growth under IL-2", rate=growing * cells * room),
        ),
    )
