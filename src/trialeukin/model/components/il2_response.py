"""How much of a healthy response to IL-2 the T cells have after a transplant."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.system import State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Il2Response:
    r"""Growth of CD4 and CD8 cells under IL-2, as a share :math:`\rho` of what it is in health.

    .. math:: \frac{d\rho}{dt} = \frac{1 - \rho}{\tau_\rho}

    NK progenitors answer IL-2 with as much of their gain as there is marrow
    (``normal_marrow`` of `trialeukin.model.components.engraftment`), and Treg answer as they are.
    """

    t_cell_response_at_transplant: Parameter = Parameter(
        value=0.2,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        scale=Scale.LOGIT,
        source=assumed("low, and not none: CD8 cells grew under IL-2 from the first day after an autograft"),
        meaning="response of T cells to IL-2 on the day of the transplant, relative to health",
    )
    t_cell_response_time: Parameter = Parameter(
        value=200.0,
        unit="day",
        between_patients=0.3,
        uncertainty=1.0,
        source=assumed("months to years; the one published range is held out, and no fit reads it"),
        meaning="recovery of the response of T cells to IL-2",
    )

    def piece(self) -> Piece:
        """Return the response."""
        response = symbol("t_cell_response")
        return Piece(
            states=(
                State(
                    name="t_cell_response",
                    unit="1",
                    initial=symbol("t_cell_response_at_transplant"),
                    size=1.0,
                    meaning="response of T cells to IL-2, relative to health",
                ),
            ),
            terms=(
                Term(
                    state="t_cell_response",
                    name="recovery of the response",
                    rate=(1 - response) / symbol("t_cell_response_time"),
                ),
            ),
        )
