"""The outcome of a test whose statistic is chi-square under the null hypothesis."""

from dataclasses import dataclass

from scipy.special import chdtrc


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquare:
    """A chi-square statistic.

    Attributes
    ----------
    statistic : float, 1
        Zero or more.
    degrees_of_freedom : int
        One or more.
    """

    statistic: float
    degrees_of_freedom: int

    @property
    def p_value(self) -> float:
        """Probability of a statistic at least as large under the null hypothesis (two-sided for one degree)."""
        return float(chdtrc(self.degrees_of_freedom, self.statistic))
