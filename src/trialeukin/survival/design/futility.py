"""Lower boundaries: when a trial is stopped because it will not succeed."""

from dataclasses import dataclass
from enum import Enum

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.spending import SpendingFunction


class Spent(Enum):
    """Which error a futility boundary spends."""

    BETA = "the chance of missing the effect that the trial is powered for"
    UNDER_NULL = "the chance of stopping when there is no effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class FutilityRule:
    """A futility boundary from a spending function.

    Attributes
    ----------
    function : SpendingFunction
        How much by when.
    binding : bool
        Whether the efficacy boundary counts on the trial's being stopped. With a binding one it is lower, and
        the type I error is not kept if somebody goes on; regulators ask for one that is not binding.
    spends : Spent
        BETA: the last futility limit meets the last efficacy limit.
    total : float or None, 1
        The error that is spent; None: 1 - power. Must be given for UNDER_NULL.
    """

    function: SpendingFunction
    binding: bool = False
    spends: Spent = Spent.BETA
    total: float | None = None

    def __post_init__(self) -> None:
        if self.total is not None and not 0.0 < self.total < 1.0:
            raise AnalysisError(f"futility error {self.total!r}: give a probability between 0 and 1")
        if (self.total is None) is (self.spends is Spent.UNDER_NULL):
            raise AnalysisError(
                f"futility error {self.total!r}: it is 1 - power where beta is spent, and must be given (total = 0.1) "
                "where the chance of stopping without an effect is"
            )

    @property
    def name(self) -> str:
        """What a protocol calls it."""
        what = "beta" if self.spends is Spent.BETA else "null"
        return f"{'binding' if self.binding else 'non-binding'} {what}-spending futility boundary, {self.function.name}"
