"""Platelets, which IL-2 takes away."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import State, Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Platelets:
    r"""Turnover and a loss that IL-2 adds.

    .. math:: \frac{dP}{dt} = k (P_0 - P) - h \frac{C}{EC + C} P

    ``il2_felt`` names the concentration C that acts.
    """

    il2_felt: str = "il2_concentration"
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
    platelet_loss: Parameter = fitted("immune", "platelet_loss")
    platelet_loss_half_signal: Parameter = fitted("immune", "platelet_loss_half_signal")

    def piece(self) -> Piece:
        """Return the platelets."""
        concentration, platelets = symbol(self.il2_felt), symbol("platelets")
        signal = concentration / (symbol("platelet_loss_half_signal") + concentration)
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
                    rate=symbol("platelet_turnover") * (symbol("platelet_baseline") - platelets),
                ),
                Term(
                    state="platelets",
                    name="loss of platelets to IL-2",
                    rate=-symbol("platelet_loss") * signal * platelets,
                ),
            ),
        )
