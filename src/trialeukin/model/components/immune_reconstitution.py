"""How many cells of one kind the body keeps after a transplant: few at first, as many as ever in the end."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.components.home import Home
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, State, Term, symbol

AUTOLOGOUS, ALLOGENEIC = "", "allogeneic_"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmuneReconstitution:
    r"""The set point of one kind of cell as a share S of its baseline :math:`N_0`.

    .. math::

        \frac{dS}{dt} = \frac{1 - S}{\tau}, \qquad S(0) = \ell + (1 - \ell) g, \qquad N_s = S N_0

    :math:`\ell` is what conditioning left and g what the graft brought and what came of it within days: the first
    weeks are not resolved, since nothing here is counted before day 13. The time :math:`\tau` stands for the thymus and
    the growth of what is there in T cells, and for the marrow in NK cells; sources do not part them. The cells
    themselves follow their set point at their own turnover.

    ``cell`` is the kind of cell and ``transplant`` leads the names of parameters that are not those of an autograft.
    """

    cell: str
    transplant: str = AUTOLOGOUS
    from_graft: Parameter
    recovery_time: Parameter

    @property
    def prefix(self) -> str:
        """What leads the names of the parameters."""
        return f"{self.transplant}{self.cell}_"

    @property
    def start(self) -> sympy.Expr:
        """Share of the baseline at time zero."""
        left = symbol("lymphocytes_left")
        share: sympy.Expr = left + (1 - left) * symbol(f"{self.prefix}from_graft")
        return share

    def home(self, response: sympy.Expr = sympy.S.One) -> Home:
        """Return where the cells start and tend to."""
        return Home(
            set_point=symbol(f"{self.cell}_set_point"),
            start=self.start * symbol(f"{self.cell}_baseline"),
            response=response,
        )

    def piece(self) -> Piece:
        """Return the share and the set point."""
        share = symbol(f"{self.cell}_restored")
        kind = self.cell.replace("treg", "Treg").replace("nk", "NK cells").replace("cd", "CD")
        return Piece(
            states=(
                State(
                    name=str(share),
                    unit="1",
                    initial=self.start,
                    size=1.0,
                    meaning=f"set point of {kind}, relative to baseline",
                ),
            ),
            terms=(
                Term(
                    state=str(share),
                    name="reconstitution",
                    rate=(1 - share) / symbol(f"{self.prefix}recovery_time"),
                ),
            ),
            definitions=(
                Definition(
                    name=f"{self.cell}_set_point",
                    unit="cell/uL",
                    expression=share * symbol(f"{self.cell}_baseline"),
                    meaning=f"{kind} that the body keeps without drug",
                ),
            ),
        )


def reconstitution(cell: str, transplant: str = AUTOLOGOUS) -> ImmuneReconstitution:
    """Return how one kind of cell comes back, with the parameters that were fitted to counts after transplants."""
    name = f"{transplant}{cell}"
    return ImmuneReconstitution(
        cell=cell,
        transplant=transplant,
        from_graft=fitted("reconstitution", f"{name}_from_graft"),
        recovery_time=fitted("reconstitution", f"{name}_recovery_time"),
    )
