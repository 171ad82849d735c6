"""What chemotherapy kills: leukaemia by each patient's sensitivity, and progenitors of the marrow."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.components.marrow import LINEAGES
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class ChemotherapyKill:
    r"""Log-kill by both drugs, additive.

    .. math::

        k &= k_C \, a + k_D \, C_D, \qquad
        \frac{d \ln S}{dt} \mathrel{-}= s \, k, \qquad \frac{d \ln L}{dt} \mathrel{-}= s \, k \\
        s &= s_0 \exp(\text{shifts by risk and age}), \qquad \frac{d \ln P}{dt} \mathrel{-}= \rho \, k

    a is the triphosphate of cytarabine in cells, which saturates at high doses, and C_D daunorubicin in plasma. Both
    cell pools die alike: no datum tells them apart. s is log-normal between patients, and its lower tail is the
    resistant fraction: those whose leukaemia no course brings below the limit of remission. Progenitors P of both
    lineages of `trialeukin.model.components.marrow` die alike, whatever the leukaemia's sensitivity.
    """

    cytarabine_kill: Parameter = fitted("chemotherapy", "cytarabine_kill")
    daunorubicin_kill: Parameter = fitted("chemotherapy", "daunorubicin_kill")
    chemotherapy_sensitivity: Parameter = fitted("chemotherapy", "chemotherapy_sensitivity")
    sensitivity_shift_favourable: Parameter = fitted("chemotherapy", "sensitivity_shift_favourable")
    sensitivity_shift_adverse: Parameter = fitted("chemotherapy", "sensitivity_shift_adverse")
    sensitivity_shift_from_60: Parameter = fitted("chemotherapy", "sensitivity_shift_from_60")
    marrow_kill_ratio: Parameter = fitted("chemotherapy", "marrow_kill_ratio")

    def piece(self) -> Piece:
        """Return the rate of kill and what it takes from both cell pools and both lineages."""
        shift = (
            symbol("favourable_risk") * symbol("sensitivity_shift_favourable")
            + symbol("adverse_risk") * symbol("sensitivity_shift_adverse")
            + symbol("from_60") * symbol("sensitivity_shift_from_60")
        )
        by_cytarabine = symbol("cytarabine_kill") * symbol("cytarabine_activation")
        by_daunorubicin = symbol("daunorubicin_kill") * symbol("daunorubicin_concentration")
        of_marrow = -symbol("marrow_kill_ratio") * symbol("drug_kill")
        killed = -(1 - symbol("cured")) * symbol("leukaemia_drug_kill")
        return Piece(
            definitions=(
                Definition(
                    name="drug_kill",
                    unit="1/day",
                    expression=by_cytarabine + by_daunorubicin,
                    meaning="kill by chemotherapy of leukaemia of typical sensitivity",
                ),
                Definition(
                    name="leukaemia_drug_kill",
                    unit="1/day",
                    expression=symbol("chemotherapy_sensitivity") * sympy.exp(shift) * symbol("drug_kill"),
                    meaning="kill of the patient's leukaemia by chemotherapy",
                ),
            ),
            terms=(
                Term(state="log_leukaemia_stem", name="kill of stem-like cells by chemotherapy", rate=killed),
                Term(state="log_leukaemia_bulk", name="kill of bulk cells by chemotherapy", rate=killed),
                *(Term(state=each.progenitors, name="kill by chemotherapy", rate=of_marrow) for each in LINEAGES),
            ),
        )
