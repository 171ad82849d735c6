"""Platelets of a marrow that nothing disturbs."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.system import State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Platelets:
    r"""Turnover, to which `trialeukin.model.components.platelet_loss` adds what IL-2 takes.

    .. math:: \frac{dP}{dt} = k (P_0 - P)
    """

    platelet_baseline: Parameter = Parameter(
        value=180.0,
        unit="G/L",
        between_patients=0.35,
        uncertainty=0.15,
        source=assumed("remission asks for 100 G/L; recovered marrows reach the lower half of the normal range"),
        meaning="platelets in remission without drug",
    )
    platelet_turnover: Parameter = Parameter(
        value=0.1,
        unit="1/day",
        between_patients=0.2,
        uncertainty=0.2,
        source=assumed("platelets live 8 to 10 days; no source of this project measures it"),
        meaning="turnover of platelets",
    )

    def piece(self) -> Piece:
        """Return the platelets."""
        return Piece(
            states=(
                State(
                    name="platelets",
                    unit="G/L",
                    initial=symbol("platelet_baseline"),
                    size=100.0,
                    meaning="platelets in blood",
                ),
            ),
            terms=(
                Term(
                    state="platelets",
                    name="turnover of platelets",
                    rate=symbol("platelet_turnover") * (symbol("platelet_baseline") - symbol("platelets")),
                ),
            ),
        )
