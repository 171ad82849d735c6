"""What cyclophosphamide and fludarabine before a cell infusion leave of the host's lymphocytes and of the leukaemia."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.active_leukaemia import active_log_cells
from trialeukin.model.components.covariates import covariate
from trialeukin.model.system import Definition, symbol


def conditioned_log_cells() -> sympy.Expr:
    """Return the natural logarithm of the leukaemic cells that conditioning leaves, in parameters only."""
    return active_log_cells() - symbol("conditioning_log_kill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lymphodepletion:
    r"""The host's lymphocytes are gone in part at time zero and come back; Treg may be depleted further.

    .. math::

        h(t) = 1 - d \, e^{-t/\tau}, \qquad
        T(t) = T_{IL2} \, h(t) \, (1 - q \, d_T \, e^{-t/\tau})

    q is one where a fusion of IL-2 and diphtheria toxin was given, else zero. Neither drug of the conditioning has
    kinetics here: no source of this project gives what they do to lymphocytes or blasts, so both effects are carried
    as unknown.
    """

    lymphodepletion_depth: Parameter = Parameter(
        value=0.9,
        unit="1",
        between_patients=0.7,
        uncertainty=0.7,
        scale=Scale.LOGIT,
        source=assumed("cyclophosphamide with fludarabine takes most lymphocytes; no source at hand counts them"),
        meaning="share of the host's lymphocytes that conditioning takes",
    )
    lymphocyte_return_time: Parameter = Parameter(
        value=14.0,
        unit="day",
        between_patients=0.4,
        uncertainty=0.4,
        source=assumed("lymphocytes return over weeks; no source at hand follows them after this conditioning"),
        meaning="time in which the lymphocytes that are missing fall to 1/e",
    )
    treg_depletion_depth: Parameter = Parameter(
        value=0.8,
        unit="1",
        between_patients=0.7,
        uncertainty=1.0,
        scale=Scale.LOGIT,
        source=assumed(
            "depletion is called effective below 5 % Treg (Bachanova 2014, abstract), which says neither how deep it "
            "was on the whole nor how long it lasted"
        ),
        meaning="share of the Treg left by conditioning that the fusion of IL-2 and diphtheria toxin takes",
    )
    treg_depleted: Parameter = covariate("one after IL-2 diphtheria toxin, else zero")
    conditioning_log_kill: Parameter = Parameter(
        value=0.7,
        unit="1",
        between_patients=0.5,
        uncertainty=1.0,
        source=assumed(
            "no source gives it; one halving of blasts that chemotherapy had not cleared, within a factor 3"
        ),
        meaning="fall of the natural logarithm of leukaemic cells by the conditioning",
    )

    def piece(self) -> Piece:
        """Return what is left of host cells."""
        missing = sympy.exp(-symbol("day_of_treatment") / symbol("lymphocyte_return_time"))
        depleted = symbol("treg_depleted") * symbol("treg_depletion_depth") * missing
        return Piece(
            definitions=(
                Definition(
                    name="host_lymphocytes",
                    unit="1",
                    expression=1 - symbol("lymphodepletion_depth") * missing,
                    meaning="the host's lymphocytes relative to those without conditioning",
                ),
                Definition(
                    name="host_treg",
                    unit="1",
                    expression=symbol("treg_suppression") * symbol("host_lymphocytes") * (1 - depleted),
                    meaning="Treg of the host relative to baseline, conditioning and depletion included",
                ),
            )
        )
