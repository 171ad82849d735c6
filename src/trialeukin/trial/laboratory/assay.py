"""One laboratory test: what it measures, in which unit, how precisely and between which limits."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import ParameterError
from trialeukin.core.parameter import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Assay:
    """A laboratory test.

    Attributes
    ----------
    name : str
        What study files and tables call it.
    quantity : str
        The model's quantity that it measures.
    unit : str
        What its results are in, as a laboratory prints it.
    scale : float
        Reported units in one unit of the quantity.
    imprecision : Parameter, 1
        Coefficient of variation of one result, all causes in the laboratory together.
    lower_limit, upper_limit : Parameter or None, ``unit``
        Limits of quantification; results beyond are reported as below or above them.
    digits : int
        Significant digits of a printed result.
    """

    name: str
    quantity: str
    unit: str
    imprecision: Parameter
    scale: float = 1.0
    lower_limit: Parameter | None = None
    upper_limit: Parameter | None = None
    digits: int = 3

    def __post_init__(self) -> None:
        if self.scale <= 0.0 or self.digits < 1:
            raise ParameterError(f"{self.name}: scale {self.scale:g}, {self.digits} digits: give more than 0 of each")
        limits = (self.lower_limit, self.upper_limit)
        if limits[0] is not None and limits[1] is not None and limits[0].value >= limits[1].value:
            raise ParameterError(
                f"{self.name}: lower limit {limits[0].value:g} is not below upper limit {limits[1].value:g} {self.unit}"
            )

    def measured(self, true: Floats, deviation: Floats) -> "Results":
        r"""Return what the laboratory reports.

        .. math:: y = x \exp(\omega z - \omega^2 / 2), \qquad \omega^2 = \ln(1 + CV^2)

        so that a result is right on average, has the coefficient of variation CV, and is never negative.

        Parameters
        ----------
        true : (...), unit of the quantity
            True values x.
        deviation : (...), 1
            Standard normal deviations z.

        Returns
        -------
        Results
            Of the same shape.
        """
        spread = np.log1p(self.imprecision.value**2)
        read = self.scale * np.asarray(true) * np.exp(np.sqrt(spread) * np.asarray(deviation) - spread / 2.0)
        lowest = 0.0 if self.lower_limit is None else self.lower_limit.value
        highest = np.inf if self.upper_limit is None else self.upper_limit.value
        below, above = read < lowest, read > highest
        return Results(values=np.where(below | above, np.nan, rounded(read, self.digits)), below=below, above=above)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Reported results of one assay.

    Attributes
    ----------
    values : (...), the assay's unit
        NaN where a result is beyond a limit or there was no sample.
    below, above : (...), 1
        Whether it is reported as below the lower or above the upper limit.
    """

    values: Floats
    below: Booleans
    above: Booleans


def rounded(values: Floats, digits: int) -> Floats:
    """Return values with so many significant digits; zero and NaN stay."""
    with np.errstate(divide="ignore", invalid="ignore"):
        place = digits - 1 - np.floor(np.log10(np.abs(values)))
        shift = 10.0 ** np.where(np.isfinite(place), place, 0.0)
        return np.asarray(np.round(values * shift) / shift, dtype=np.float64)
