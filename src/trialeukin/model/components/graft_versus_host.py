"""Graft-versus-host disease after donor lymphocytes: onset, severity and death of it."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import covariate
from trialeukin.model.components.death_in_remission import hazard_threshold
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Event, State, Switch, Term, symbol

TABLE = "donor_lymphocytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraftVersusHost:
    r"""A hazard that rises with donor cells that react to the host and falls as the host comes to tolerate them.

    .. math::

        \frac{dX_h}{dt} &= f \, a \, I - X_h / \tau, \qquad \frac{dG}{dt} = F X_h / \tau - c G \\
        \frac{dH}{dt} &= \eta \, s \, e^{\beta u} \, g (g + g_0)^{p - 1}, \qquad g = \frac{G / W}{G_{\text{ref}}} \\
        \frac{ds}{dt} &= -\kappa \, s \frac{x}{x + x_0}, \qquad x = \frac{I / W}{10^7 \, \text{/kg}}, \qquad
                         s(0) = e^{-\gamma (\text{time since transplant} - \text{reference})}

    Cells that react to the host (:math:`X_h`, then effectors G) are called up and expand as those that react to the
    leukaemia do (`trialeukin.model.components.donor_lymphocytes`), save that the host's tissues always show their
    antigen. A donor whose cells are many in one are many in the other (f): GVHD and response go together, as they do
    (Frey 2008), and GVHD waits for cells to divide. IL-2 that makes cells of them acts through F like a larger dose.

    The cumulative hazard of one dose is in proportion to :math:`d^{\,p}`; :math:`g_0`, far below any dose, only makes
    the power zero without cells. The susceptibility s falls while infused cells I are present, so that a later dose
    meets a host used to the earlier ones and splitting helps. u flags an unrelated donor. The onset is where H reaches
    an exponential threshold.

    Of the patients with GVHD, those whose own exponential number lies below :math:`-\ln(1 - \text{share})` have
    it acute and of grade II-IV; of these, a share III-IV. Death comes by a hazard that fades:
    :math:`dD/dt = q (1 - D / \ell)`, with :math:`\ell = -\ln(1 - \text{share who die})`.
    """

    gvhd_hazard: Parameter = fitted(TABLE, "gvhd_hazard")
    gvhd_dose_exponent: Parameter = fitted(TABLE, "gvhd_dose_exponent")
    gvhd_tolerance: Parameter = fitted(TABLE, "gvhd_tolerance")
    gvhd_unrelated_shift: Parameter = fitted(TABLE, "gvhd_unrelated_shift")
    gvhd_reference_dose: Parameter = Parameter(
        value=1e7,
        unit="cell/kg",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("by definition: the dose of which present cells are counted in parts"),
        meaning="donor cells of the reference dose",
    )
    gvhd_reference_effectors: Parameter = Parameter(
        value=3.9e7,
        unit="cell/kg",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("by definition: what 1e7/kg become, called up at once, of which 1e-3 react and make 3,900 each"),
        meaning="effectors against the host to which the fitted hazard refers",
    )
    gvhd_trace: Parameter = Parameter(
        value=1e-4,
        unit="1",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed(
            "what a thousand cells per kg come to, a thousandth of the least dose: keeps the power finite at zero"
        ),
        meaning="donor cells, relative to those of the reference dose, too few to matter",
    )
    months_since_transplant: Parameter = covariate(
        "time from transplant to the first infusion", value=21.0, unit="month"
    )
    gvhd_reference_interval: Parameter = Parameter(
        value=21.0,
        unit="month",
        between_patients=0.0,
        uncertainty=0.0,
        source=assumed("by definition; 12 months to relapse and 9.4 from there to infusion are medians in CML"),
        meaning="time since transplant to which the fitted hazard refers",
    )
    gvhd_interval_decline: Parameter = Parameter(
        value=0.1,
        unit="1/year",
        between_patients=0.0,
        uncertainty=1.0,
        source=assumed("a longer interval is safer (Porter 2000, multivariable analysis); no size is given"),
        meaning="fall of the logarithm of susceptibility a year since transplant",
    )
    gvhd_threshold: Parameter = hazard_threshold("cumulative hazard at the onset of GVHD")
    gvhd_mildness: Parameter = hazard_threshold("rank of a patient's GVHD from severe to mild")
    gvhd_acute_share: Parameter = fitted(TABLE, "gvhd_acute_share")
    gvhd_severe_share: Parameter = Parameter(
        value=0.6,
        unit="1",
        between_patients=0.0,
        uncertainty=0.5,
        scale=Scale.LOGIT,
        source=Source(
            "lymphodepletion_dli", "III-IV in 10 of 25 % at 5e7 and 53 of 66 % at 1e8 CD3/kg, after chemotherapy"
        ),
        meaning="share of acute GVHD of grade II-IV that is of grade III-IV",
    )
    gvhd_death_share: Parameter = fitted(TABLE, "gvhd_death_share")
    gvhd_death_rate: Parameter = Parameter(
        value=0.005,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.5,
        source=assumed("deaths of GVHD fall within the first year or two; published mortality is at 3 years"),
        meaning="hazard of death at the onset of GVHD",
    )
    gvhd_death_threshold: Parameter = hazard_threshold("cumulative hazard at death of GVHD")

    def piece(self) -> Piece:
        """Return cells that react to the host, susceptibility, both cumulative hazards and the events."""
        present = symbol("donor_relative_dose")
        total, death = symbol("cumulative_hazard_of_gvhd"), symbol("cumulative_hazard_of_gvhd_death")
        trace = symbol("gvhd_trace")
        years = symbol("months_since_transplant") - symbol("gvhd_reference_interval")
        fading = 1 + death / sympy.log(1 - symbol("gvhd_death_share"))
        return Piece(
            states=(
                _cells("host_reactive_expanding", "host-reactive donor cells that begin to divide", 1e3),
                _cells("host_reactive_effector", "effector cells of donor origin that attack the host", 1e6),
                _state(
                    "gvhd_susceptibility",
                    "susceptibility of the host to GVHD",
                    sympy.exp(-symbol("gvhd_interval_decline") * years),
                ),
                _state("cumulative_hazard_of_gvhd", "cumulative hazard of GVHD"),
                _state("cumulative_hazard_of_gvhd_death", "cumulative hazard of death of GVHD"),
            ),
            switches=(Switch(name="gvhd", initial=0.0, meaning="one once GVHD has begun, else zero"),),
            definitions=_definitions(),
            terms=(
                *_programme(),
                Term(
                    state="gvhd_susceptibility",
                    name="tolerance",
                    rate=-symbol("gvhd_tolerance") * symbol("gvhd_susceptibility") * present / (present + trace),
                ),
                Term(state=str(total), name="hazard of GVHD", rate=symbol("hazard_of_gvhd")),
                Term(
                    state=str(death), name="hazard of death", rate=symbol("gvhd") * symbol("gvhd_death_rate") * fading
                ),
            ),
            events=_events(),
        )


def _state(name: str, meaning: str, initial: sympy.Expr = sympy.S.Zero) -> State:
    return State(name=name, unit="1", initial=initial, size=0.1, meaning=meaning)


def _cells(name: str, meaning: str, size: float) -> State:
    return State(name=name, unit="cell", initial=sympy.S.Zero, size=size, meaning=meaning)


def _programme() -> tuple[Term, ...]:
    called = symbol("donor_recruitment") * symbol("donor_inactive")
    leaving = symbol("host_reactive_expanding") / symbol("expansion_time")
    effector = symbol("host_reactive_effector")
    return (
        Term(
            state="host_reactive_expanding",
            name="activation of host-reactive cells",
            rate=symbol("reactive_fraction") * called,
        ),
        Term(state="host_reactive_expanding", name="end of the programme", rate=-leaving),
        Term(
            state=str(effector),
            name="programmed expansion",
            rate=symbol("donor_expansion") * leaving,
        ),
        Term(state=str(effector), name="contraction", rate=-symbol("donor_contraction") * effector),
    )


def _definitions() -> tuple[Definition, ...]:
    attacking, exponent = symbol("host_attack"), symbol("gvhd_dose_exponent")
    power = attacking * (attacking + symbol("gvhd_trace")) ** (exponent - 1)
    return (
        Definition(
            name="donor_relative_dose",
            unit="1",
            expression=symbol("donor_inactive") / symbol("body_weight") / symbol("gvhd_reference_dose"),
            meaning="infused donor cells still present, relative to 1e7 per kg",
        ),
        Definition(
            name="host_attack",
            unit="1",
            expression=symbol("host_reactive_effector") / symbol("body_weight") / symbol("gvhd_reference_effectors"),
            meaning="effectors against the host relative to those of the reference dose",
        ),
        Definition(
            name="hazard_of_gvhd",
            unit="1/day",
            expression=symbol("gvhd_hazard")
            * symbol("gvhd_susceptibility")
            * sympy.exp(symbol("gvhd_unrelated_shift") * symbol("unrelated_donor"))
            * power,
            meaning="hazard of the onset of GVHD",
        ),
    )


def _events() -> tuple[Event, ...]:
    begun, mildness = symbol("gvhd"), symbol("gvhd_mildness")

    def graded(share: sympy.Expr) -> sympy.Expr:
        return begun * (-sympy.log(1 - share) - mildness) - (1 - begun)

    acute = symbol("gvhd_acute_share")

    return (
        Event(
            name="gvhd_onset",
            trigger=symbol("cumulative_hazard_of_gvhd") - symbol("gvhd_threshold"),
            sets={"gvhd": sympy.S.One},
        ),
        Event(name="acute_gvhd_2_to_4", trigger=graded(acute), sets={}),
        Event(name="acute_gvhd_3_to_4", trigger=graded(acute * symbol("gvhd_severe_share")), sets={}),
        Event(
            name="death_of_gvhd",
            trigger=symbol("cumulative_hazard_of_gvhd_death") - symbol("gvhd_death_threshold"),
            sets={},
            ends=True,
        ),
    )
