"""Kill of leukaemia by donor effectors, in two structures that published responses do not tell apart.

CML answers donor lymphocytes more often than acute leukaemia. `GrowthGradient` says that all leukaemias are killed
alike and those that grow faster outrun the kill. `PotencyGradient` says that all grow alike (by one law, with one
doubling time) and differ in how well they are killed. Both are fitted to the same rows.
"""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import covariate
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Term, symbol

GROWTH, POTENCY = "donor_lymphocytes", "donor_lymphocytes_potency"
HALF_SATURATION = Parameter(
    value=1e8,
    unit="cell",
    between_patients=0.0,
    uncertainty=0.0,
    source=assumed(
        "a convention that sets the scale of effectors: only f F / h_E and the crowded burden are identified"
    ),
    meaning="donor effectors at half of the greatest kill, where targets are few",
)
BLAST_PHASE = covariate("one in blast phase of CML, else zero")
AML = covariate("one in AML, else zero")
ALL = covariate("one in ALL, else zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthGradient:
    r"""One potency for all leukaemias; each disease has its own doubling time.

    .. math::

        \kappa = k \frac{E}{h_E + E + h_E B / B_c}, \qquad
        \frac{d \ln L}{dt} \mathrel{-}= \kappa, \quad \frac{d \ln S}{dt} \mathrel{-}= \omega \kappa

    Kill saturates in effectors E and thins out over many targets B (after Chaudhury 2020).
    """

    donor_kill_ceiling: Parameter = fitted(GROWTH, "donor_kill_ceiling")
    donor_crowded_burden: Parameter = fitted(GROWTH, "donor_crowded_burden")
    donor_half_saturation: Parameter = HALF_SATURATION
    donor_stem_susceptibility: Parameter = fitted(GROWTH, "donor_stem_susceptibility")
    doubling_time_cml: Parameter = fitted(GROWTH, "doubling_time_cml")
    doubling_time_blast_phase: Parameter = Parameter(
        value=9.0,
        unit="day",
        between_patients=0.3,
        uncertainty=0.15,
        source=Source("branford2012", "BCR-ABL1 doubling in blast crisis, median 9.0 days, range 6.1 to 17.6, n = 12"),
        meaning="doubling time of CML in blast phase",
    )
    doubling_time_aml: Parameter = fitted(GROWTH, "doubling_time_aml")
    doubling_time_all: Parameter = fitted(GROWTH, "doubling_time_all")
    blast_phase: Parameter = BLAST_PHASE
    aml: Parameter = AML
    lymphoblastic: Parameter = ALL

    def piece(self) -> Piece:
        """Return the kill and each disease's doubling time."""
        times = ("doubling_time_cml", "doubling_time_blast_phase", "doubling_time_aml", "doubling_time_all")
        return _kill(potency=sympy.S.One, doubling=by_disease(*(symbol(name) for name in times)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PotencyGradient:
    r"""One doubling time for all leukaemias; each disease has its own potency :math:`\psi` (CML: one).

    .. math:: \kappa = \psi \, k \frac{E}{h_E + E + h_E B / B_c}
    """

    donor_kill_ceiling: Parameter = fitted(POTENCY, "donor_kill_ceiling")
    donor_crowded_burden: Parameter = fitted(POTENCY, "donor_crowded_burden")
    donor_half_saturation: Parameter = HALF_SATURATION
    donor_stem_susceptibility: Parameter = fitted(POTENCY, "donor_stem_susceptibility")
    doubling_time_relapsed: Parameter = fitted(POTENCY, "doubling_time_relapsed")
    potency_blast_phase: Parameter = Parameter(
        value=0.7,
        unit="1",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed("no observation of blast phase is at hand: as little as acute leukaemia, as much as CML"),
        meaning="kill of CML in blast phase relative to chronic phase",
    )
    potency_aml: Parameter = fitted(POTENCY, "potency_aml")
    potency_all: Parameter = fitted(POTENCY, "potency_all")
    blast_phase: Parameter = BLAST_PHASE
    aml: Parameter = AML
    lymphoblastic: Parameter = ALL

    def piece(self) -> Piece:
        """Return the kill and the one doubling time."""
        potency = by_disease(sympy.S.One, symbol("potency_blast_phase"), symbol("potency_aml"), symbol("potency_all"))
        return _kill(potency=potency, doubling=symbol("doubling_time_relapsed"))


def by_disease(chronic: sympy.Expr, blast: sympy.Expr, aml: sympy.Expr, lymphoblastic: sympy.Expr) -> sympy.Expr:
    """Return the value of a patient's disease; chronic CML where no other disease is flagged."""
    flags = (symbol("blast_phase"), symbol("aml"), symbol("lymphoblastic"))
    others = (blast, aml, lymphoblastic)
    return (1 - sympy.Add(*flags)) * chronic + sympy.Add(
        *(flag * other for flag, other in zip(flags, others, strict=True))
    )


def _kill(*, potency: sympy.Expr, doubling: sympy.Expr) -> Piece:
    killers, half = symbol("donor_killers"), symbol("donor_half_saturation")
    crowding = half * symbol("leukaemia_burden") / symbol("donor_crowded_burden")
    kill = potency * symbol("donor_kill_ceiling") * killers / (half + killers + crowding)
    open_to_kill = (1 - symbol("cured")) * (1 - symbol("escaped"))
    return Piece(
        definitions=(
            Definition(
                name="leukaemia_doubling_time",
                unit="day",
                expression=doubling,
                meaning="doubling time of this patient's leukaemia without kill by donor cells",
            ),
            Definition(
                name="donor_kill_rate",
                unit="1/day",
                expression=kill,
                meaning="kill of leukaemic cells by donor cells that recognise them",
            ),
        ),
        terms=(
            Term(
                state="log_leukaemia_stem",
                name="graft-versus-leukaemia kill of stem-like cells",
                rate=-open_to_kill * symbol("donor_stem_susceptibility") * symbol("donor_kill_rate"),
            ),
            Term(
                state="log_leukaemia_bulk",
                name="graft-versus-leukaemia kill of bulk cells",
                rate=-open_to_kill * symbol("donor_kill_rate"),
            ),
        ),
    )
