"""How much IL-2 each kind of cell needs: the bands that stand behind plasma concentrations."""

from dataclasses import dataclass

from trialeukin.core.sources import Source
from trialeukin.report.fan_figure import Zone
from trialeukin.report.palette import Colour

PLACE = "Hill curves refitted to pSTAT5 of human blood cells after 1 to 4 h in wild-type IL-2, two experiments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """The range of an EC50 of STAT5 phosphorylation over 1 to 4 hours in IL-2.

    Attributes
    ----------
    cell : str
        Kind of cell.
    low, high : float, pmol/L
        Least and greatest of the refits.
    colour : Colour
        Of its band.
    source : Source
        Where the data are from.
    """

    cell: str
    low: float
    high: float
    colour: Colour
    source: Source

    @property
    def zone(self) -> Zone:
        """How it is drawn."""
        return Zone(label=f"{self.cell} EC50", colour=self.colour, low=self.low, high=self.high)


SENSITIVITIES = (
    Sensitivity(cell="Treg", low=7.2, high=28.6, colour=Colour.BAND_TREG, source=Source("farhat2021", PLACE)),
    Sensitivity(cell="NK", low=173.0, high=1687.0, colour=Colour.BAND_NK, source=Source("farhat2021", PLACE)),
    Sensitivity(cell="CD8", low=350.0, high=2913.0, colour=Colour.BAND_CD8, source=Source("farhat2021", PLACE)),
)
