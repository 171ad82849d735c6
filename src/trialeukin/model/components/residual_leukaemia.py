"""How much leukaemia a patient in remission still carries at randomisation."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import ADVERSE_RISK, CHILD, FAVOURABLE_RISK, FROM_60, covariate
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, symbol

ONE_CELL = Parameter(
    value=1.0,
    unit="cell",
    between_patients=0.0,
    uncertainty=0.0,
    source=Source("larson_uptodate", "the unit in which burden is counted"),
    meaning="unit whose multiples the logarithms count",
)


def residual_log_cells() -> sympy.Expr:
    r"""Return the natural logarithm of the leukaemic cells at randomisation, in parameters only.

    .. math:: \ln B_0 = \ln 10 \, b - \ln(1 + 10^{b} / B_{\max}), \qquad
              b = b_\text{reference} + \text{shifts by risk, consolidation and age}

    The second term keeps a patient who is in remission below the limit of remission.
    """
    exponent = (
        symbol("residual_burden_log10")
        + symbol("favourable_risk") * symbol("burden_shift_favourable")
        + symbol("adverse_risk") * symbol("burden_shift_adverse")
        + symbol("conventional") * symbol("burden_shift_conventional")
        + symbol("from_60") * symbol("burden_shift_from_60")
        + symbol("child") * symbol("burden_shift_child")
    )
    largest = sympy.log(symbol("remission_limit") / symbol("one_cell"))
    natural = sympy.log(10) * exponent
    return natural - sympy.log(1 + sympy.exp(natural - largest))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualLeukaemia:
    """The spread of the residual burden and what shifts it.

    The reference is intermediate risk, under 60, after high-dose cytarabine or an
    autologous transplant. A value
    below one cell means that the treatment before randomisation has cured.
    """

    residual_burden_log10: Parameter = fitted("control_arms", "residual_burden_log10")
    burden_shift_favourable: Parameter = fitted("control_arms", "burden_shift_favourable")
    burden_shift_adverse: Parameter = fitted("control_arms", "burden_shift_adverse")
    burden_shift_conventional: Parameter = fitted("control_arms", "burden_shift_conventional")
    burden_shift_from_60: Parameter = fitted("control_arms", "burden_shift_from_60")
    burden_shift_child: Parameter = fitted("control_arms", "burden_shift_child")
    remission_limit: Parameter = Parameter(
        value=1e10,
        unit="cell",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed(
            "between 1e9 cells, which cytology no longer sees, and the 5e10 of 5 % marrow blasts "
            "(UpToDate, Larson): nobody is randomised on the brink of relapse"
        ),
        meaning="residual burden that a patient in remission stays below",
    )
    one_cell: Parameter = ONE_CELL
    favourable_risk: Parameter = FAVOURABLE_RISK
    adverse_risk: Parameter = ADVERSE_RISK
    conventional: Parameter = covariate("one after consolidation without high-dose cytarabine or transplant, else zero")
    from_60: Parameter = FROM_60
    child: Parameter = CHILD

    def piece(self) -> Piece:
        """Return the burden at entry as an observable."""
        entry = Definition(
            name="entry_burden",
            unit="cell",
            expression=symbol("one_cell") * sympy.exp(residual_log_cells()),
            meaning="leukaemic cells at randomisation",
        )
        return Piece(definitions=(entry,))
