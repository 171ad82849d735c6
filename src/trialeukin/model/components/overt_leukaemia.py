"""How much leukaemia a patient has at diagnosis."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import ADVERSE_RISK, CHILD, FAVOURABLE_RISK, FROM_60
from trialeukin.model.components.residual_leukaemia import ONE_CELL
from trialeukin.model.system import Definition, symbol


def overt_log_cells() -> sympy.Expr:
    r"""Return the natural logarithm of the leukaemic cells at diagnosis, in parameters only: :math:`\ln (b_0 K)`."""
    cells = symbol("leukaemia_at_diagnosis") * symbol("marrow_capacity")
    return sympy.log(cells / symbol("one_cell"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OvertLeukaemia:
    r"""The spread of the burden at diagnosis, as a share of the cells of a full marrow.

    What a smear shows is larger, since normal cells are suppressed:
    :math:`b_0 / (b_0 + (1 - c \, b_0)^{1/\gamma})` with the feedback :math:`\gamma` and the displacement c of
    `trialeukin.model.components.marrow`. With the 0.3 of normal that counts at diagnosis are of normal counts
    (Slovak 2000, palliative2023), 0.54 gives the median of 64 % in intermediate risk.
    """

    leukaemia_at_diagnosis: Parameter = Parameter(
        value=0.54,
        unit="1",
        between_patients=0.9,
        uncertainty=0.2,
        scale=Scale.LOGIT,
        source=Source(
            "slovak2000",
            "table 3: median marrow blasts 56, 64 and 69 % by risk, solved for the share of a full marrow; its spread "
            "from the range of 20 to 98 % in 102 patients (palliative2023, table 1)",
        ),
        meaning="leukaemic cells at diagnosis as a share of a full marrow",
    )
    one_cell: Parameter = ONE_CELL
    favourable_risk: Parameter = FAVOURABLE_RISK
    adverse_risk: Parameter = ADVERSE_RISK
    from_60: Parameter = FROM_60
    child: Parameter = CHILD

    def piece(self) -> Piece:
        """Return the burden at diagnosis as an observable."""
        return Piece(
            definitions=(
                Definition(
                    name="diagnosis_burden",
                    unit="cell",
                    expression=symbol("one_cell") * sympy.exp(overt_log_cells()),
                    meaning="leukaemic cells at diagnosis",
                ),
            )
        )
