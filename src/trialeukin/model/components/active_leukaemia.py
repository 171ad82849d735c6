"""How much leukaemia a patient has who is treated for active disease: refractory or in relapse."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import CHILD, FROM_60
from trialeukin.model.components.residual_leukaemia import ONE_CELL
from trialeukin.model.system import Definition, symbol


def entry_share() -> sympy.Expr:
    """Return the leukaemic cells at entry as a share of a full marrow, in parameters only; nobody enters in remission.

    It is l + (1 - l) x with the limit of remission l and the excess of blasts x.
    """
    limit = symbol("relapse_blast_fraction")
    share: sympy.Expr = limit + (1 - limit) * symbol("excess_blasts_at_entry")
    return share


def active_log_cells() -> sympy.Expr:
    r"""Return the natural logarithm of the leukaemic cells at entry, in parameters only.

    .. math:: \ln B_0 = \ln \bigl(K (l + (1 - l) \, x)\bigr)

    with the full marrow K and the share of `entry_share`.
    """
    return sympy.log(entry_share() * symbol("marrow_capacity") / symbol("one_cell"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveLeukaemia:
    """The spread of marrow blasts at entry; a cohort gives its own, from the range that its source prints."""

    excess_blasts_at_entry: Parameter = Parameter(
        value=0.34,
        unit="1",
        between_patients=1.4,
        uncertainty=0.0,
        scale=Scale.LOGIT,
        source=assumed("without a cohort: 95 % of patients between the 8 and 90 % of the published series"),
        meaning="marrow blasts at entry, as a share of the way from the limit of remission to a full marrow",
    )
    one_cell: Parameter = ONE_CELL
    from_60: Parameter = FROM_60
    child: Parameter = CHILD

    def piece(self) -> Piece:
        """Return the blasts at entry as an observable."""
        cells = symbol("one_cell") * sympy.exp(active_log_cells())
        return Piece(
            definitions=(
                Definition(
                    name="entry_blast_fraction",
                    unit="1",
                    expression=cells / symbol("marrow_capacity"),
                    meaning="leukaemic cells at entry as a fraction of a full marrow",
                ),
            )
        )
