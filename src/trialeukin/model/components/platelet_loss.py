"""Platelets that IL-2 takes away."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Term, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateletLoss:
    r"""A loss from blood, whatever marrow platelets come from.

    .. math:: \frac{dP}{dt} \mathrel{-}= h \frac{C}{EC + C} P

    ``il2_felt`` names the concentration C that acts.
    """

    il2_felt: str = "il2_concentration"
    platelet_loss: Parameter = fitted("immune", "platelet_loss")
    platelet_loss_half_signal: Parameter = fitted("immune", "platelet_loss_half_signal")

    def piece(self) -> Piece:
        """Return the loss."""
        concentration = symbol(self.il2_felt)
        signal = concentration / (symbol("platelet_loss_half_signal") + concentration)
        return Piece(
            terms=(
                Term(
                    state="platelets",
                    name="loss of platelets to IL-2",
                    rate=-symbol("platelet_loss") * signal * symbol("platelets"),
                ),
            )
        )
