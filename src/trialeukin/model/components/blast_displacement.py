"""Blasts in the place of the marrow's normal cells."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.components.marrow import Marrow
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, symbol


def room_beside(blasts: sympy.Expr) -> sympy.Expr:
    """Return the renewal that a share of leukaemic cells in a full marrow leaves to normal cells: one without any."""
    room: sympy.Expr = 1 - symbol("blast_displacement") * blasts
    return room


def growth_beside_blasts(filled: sympy.Expr) -> sympy.Expr:
    """Return the renewal of `trialeukin.model.components.marrow` in the room that blasts leave."""
    grown: sympy.Expr = room_beside(symbol("marrow_blast_fraction")) * filled ** -symbol("marrow_feedback")
    return grown


def marrow_beside(blasts: sympy.Expr) -> Marrow:
    """Return the marrow of a patient whose share of leukaemic cells at time zero is given, in parameters only."""
    room, feedback = room_beside(blasts), symbol("marrow_feedback")
    return Marrow(
        growth=growth_beside_blasts,
        log_progenitors_left=sympy.log(room) / feedback,
        precursors_left=room ** (1 / feedback),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastDisplacement:
    r"""Leukaemic cells, of which the marrow holds the share b, take the place of normal progenitors.

    .. math:: G(R) = (1 - c \, b) R^{-\gamma}

    is the renewal of `trialeukin.model.components.marrow`, which starts at the rest state that the leukaemia leaves,
    :math:`P = T / T_0 = W / W_0 = (1 - c \, b_0)^{1/\gamma}`.
    """

    blast_displacement: Parameter = fitted("chemotherapy", "blast_displacement")

    def piece(self) -> Piece:
        """Return the percentage of blasts."""
        blasts = symbol("marrow_blast_fraction")
        return Piece(
            definitions=(
                Definition(
                    name="marrow_blast_percentage",
                    unit="percent",
                    expression=blasts / (blasts + symbol("normal_marrow")),
                    meaning="leukaemic cells among the cells of the marrow, as a smear shows them",
                ),
            )
        )
