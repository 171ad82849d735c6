"""What conditioning leaves of marrow and lymphocytes on the day of the transplant."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class MyeloablativeConditioning:
    """Shares of a healthy person's cells that are left at time zero, the day of the transplant.

    Busulfan and cyclophosphamide, or cyclophosphamide with total body irradiation, are over by then and are not
    followed as drugs: no source of this project gives a log-kill of either, of progenitors, lymphocytes or leukaemia,
    so that no number here says what conditioning does to leukaemia. Regimens of reduced intensity are not here, since
    nothing says what they leave.
    """

    marrow_left: Parameter = Parameter(
        value=1e-4,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        source=assumed("without a graft the marrow does not come back in time: next to none of what a graft brings"),
        meaning="progenitors that conditioning leaves, relative to a full marrow",
    )
    precursors_left: Parameter = Parameter(
        value=0.02,
        unit="1",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed("conditioning takes about as long as maturation, so that next to none are on the way"),
        meaning="maturing precursors and blood cells left on the day of the transplant, relative to normal",
    )
    lymphocytes_left: Parameter = Parameter(
        value=0.01,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        scale=Scale.LOGIT,
        source=assumed("next to none of what is counted two weeks later"),
        meaning="lymphocytes of each kind that conditioning leaves, relative to baseline",
    )

    def piece(self) -> Piece:
        """Return nothing that changes in time: what is left is where other components start."""
        return Piece()
