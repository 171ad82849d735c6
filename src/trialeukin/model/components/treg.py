"""Regulatory T cells: growth under IL-2 with tachyphylaxis and a homeostatic cap."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.components.home import Home, at_rest
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, State, Term, symbol

TREG_BASELINE = Parameter(
    value=58.0,
    unit="cell/uL",
    between_patients=0.4,
    uncertainty=0.2,
    source=Source("bachanova2010", "58 cells/uL before IL-2, +/- 24 in 6 patients with lymphoma"),
    meaning="Treg in blood without drug",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treg:
    r"""Treg T grow at IL-2 that other cells hardly notice, and tire of it.

    .. math::

        \frac{dT}{dt} &= k (T_s - T) + \frac{p \, s}{1 + a \theta} \, T \left(1 - \frac{T}{c T_0}\right),
            \qquad s = \frac{C}{EC + C} \\
        \frac{d\theta}{dt} &= k_\theta (s - \theta)

    The cap c keeps long infusions within what has been seen: cells compete for what else they need.

    ``il2_felt`` names the concentration C that acts; ``home`` says where the cells start and tend to, :math:`T_s`,
    which is the baseline :math:`T_0` in a patient at rest.
    """

    il2_felt: str = "il2_concentration"
    home: Home = at_rest("treg")
    treg_baseline: Parameter = TREG_BASELINE
    treg_turnover: Parameter = Parameter(
        value=0.087,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.2,
        source=Source("vukmanovic2006", "CD45RO+ Treg double in 8 days"),
        meaning="turnover of Treg without drug",
    )
    treg_growth: Parameter = fitted("immune", "treg_growth")
    treg_half_signal: Parameter = fitted("immune", "treg_half_signal")
    treg_fatigue: Parameter = fitted("immune", "treg_fatigue")
    treg_fatigue_rate: Parameter = Parameter(
        value=0.14,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.5,
        source=Source("kovacs2001", "the proliferative effect is lost after 1 week of IL-2; taken as the mean time"),
        meaning="onset and recovery of the fatigue of Treg",
    )
    treg_cap: Parameter = Parameter(
        value=17.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.3,
        source=Source("fanton2022", "highest rise of CD25bright Treg seen with any IL-2, 12 to 17 times baseline"),
        meaning="Treg, relative to baseline, at which growth under IL-2 ends",
    )

    def piece(self) -> Piece:
        """Return Treg, their fatigue and their suppression."""
        treg, baseline, fatigue = symbol("treg"), symbol("treg_baseline"), symbol("treg_tiredness")
        room = 1 - treg / (symbol("treg_cap") * baseline)
        slowed = 1 + symbol("treg_fatigue") * fatigue
        return Piece(
            states=(
                State(
                    name="treg",
                    unit="cell/uL",
                    initial=self.home.start,
                    size=50.0,
                    meaning="Treg in a volume of blood, were none marginated",
                ),
                State(
                    name="treg_tiredness",
                    unit="1",
                    initial=sympy.S.Zero,
                    size=0.1,
                    meaning="recent IL-2 signal of Treg, which tires them",
                ),
            ),
            terms=(
                Term(
                    state="treg", name="turnover of Treg", rate=symbol("treg_turnover") * (self.home.set_point - treg)
                ),
                Term(
                    state="treg",
                    name="growth of Treg",
                    rate=self.home.response * symbol("treg_growth") * symbol("treg_signal") / slowed * treg * room,
                ),
                Term(
                    state="treg_tiredness",
                    name="tiring of Treg",
                    rate=symbol("treg_fatigue_rate") * (symbol("treg_signal") - fatigue),
                ),
            ),
            definitions=(
                Definition(
                    name="treg_signal",
                    unit="1",
                    expression=symbol(self.il2_felt) / (symbol("treg_half_signal") + symbol(self.il2_felt)),
                    meaning="IL-2 signal of Treg, share of the greatest",
                ),
                Definition(
                    name="treg_suppression",
                    unit="1",
                    expression=treg / baseline,
                    meaning="Treg relative to baseline",
                ),
            ),
        )
