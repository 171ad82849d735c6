"""What a drug is to a regimen: its names, the units of its doses and what those mean."""

from dataclasses import dataclass, replace

from trialeukin.core.errors import RegimenError, UnitError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.regimen.administration import Route
from trialeukin.regimen.dose_unit import DOSE_UNITS, Measure
from trialeukin.regimen.pharmacology import Pharmacology

WAYS = {route: "iv over a time" if route is Route.IV_INFUSION else route.value for route in Route}
LEAST_FOR_ROCHE = Parameter(
    value=3.0,
    unit="1",
    between_patients=0.0,
    uncertainty=0.0,
    source=Source("roche_hlr", "abstract: 3 to 6 Chiron IU act as 1 Roche IU; lower end"),
    meaning="fewest aldesleukin IU that one Roche unit may be counted as",
)
MOST_FOR_ROCHE = replace(
    LEAST_FOR_ROCHE,
    value=6.0,
    source=Source("roche_hlr", "abstract: 3 to 6 Chiron IU act as 1 Roche IU; upper end"),
    meaning="most aldesleukin IU that one Roche unit may be counted as",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A drug, and what its units mean.

    Attributes
    ----------
    name : str
        Its name in this project.
    aliases : tuple of str
        Other names that mean it: brands, spellings, abbreviations.
    measures : tuple of Measure
        What its doses may be given in.
    usual_unit : str
        The unit of its totals.
    specific_activity : Parameter or None, MIU/mg
        Activity of a milligram, where it has one.
    molar_mass : Parameter or None, g/mol
        Mass of a mole, where a source for it is at hand.
    cetus_unit : Parameter or None, 1
        International units in one Cetus unit, where it is sold so.
    asks_conversion : bool
        Whether its units mean nothing until the text says ``counted as N IU``.
    pharmacology : Pharmacology or None
        How it binds and how long it stays, for engineered interleukin-2 and what that is compared with.
    given : tuple of Route
        How a source gives it; empty where its pharmacology says so, or no source is at hand.
    given_source : Source or None
        Where that is from.
    """

    name: str
    aliases: tuple[str, ...]
    measures: tuple[Measure, ...]
    usual_unit: str
    specific_activity: Parameter | None = None
    molar_mass: Parameter | None = None
    cetus_unit: Parameter | None = None
    asks_conversion: bool = False
    pharmacology: Pharmacology | None = None
    given: tuple[Route, ...] = ()
    given_source: Source | None = None

    def __post_init__(self) -> None:
        if self.usual_unit not in self.units:
            raise UnitError(f"{self.name}: totals in {self.usual_unit}, yet doses only in {', '.join(self.units)}")

    @property
    def is_interleukin_2(self) -> bool:
        """Whether it is IL-2, native or engineered."""
        return self.specific_activity is not None or self.pharmacology is not None

    @property
    def units(self) -> tuple[str, ...]:
        """The units its doses may be written in."""
        return tuple(unit.symbol for unit in DOSE_UNITS.values() if unit.measure in self.measures)

    @property
    def routes(self) -> tuple[Route, ...]:
        """How sources give it; every route where none is at hand."""
        known = () if self.pharmacology is None else self.pharmacology.routes
        return self.given or known or tuple(Route)

    def refuse_route(self, route: Route) -> None:
        """Refuse a route by which no source at hand gives it.

        Raises
        ------
        RegimenError
            With the routes that it has.
        """
        if route not in self.routes:
            source = "" if self.given_source is None else f" ({self.given_source})"
            raise RegimenError(
                f"{self.name} is not given {route.value!r} by any source at hand: its routes are "
                f"{', '.join(WAYS[each] for each in self.routes)}{source}"
            )

    def lacking(self) -> tuple[str, ...]:
        """Return what no source at hand says of an engineered interleukin-2 that a model must know to follow it."""
        if self.pharmacology is None:
            return ()
        mass = () if self.molar_mass is not None else ("molar mass",)
        return (*self.pharmacology.lacking(), *mass)

    def counts(self, symbol: str, factor: float | None) -> None:
        """Refuse a conversion that is missing, not wanted or out of the range known.

        Raises
        ------
        UnitError
            When ``counted as factor IU`` does not go with a dose in this unit.
        """
        if not self.asks_conversion:
            if factor is not None:
                raise UnitError(f"{symbol} of {self.name} has a fixed meaning: leave out 'counted as {factor:g} IU'")
            return
        least, most = LEAST_FOR_ROCHE.value, MOST_FOR_ROCHE.value
        published = DOSE_UNITS[symbol].measure is Measure.ACTIVITY
        as_it_is = " (or 1, where the source's IU are taken as aldesleukin's)" if published else ""
        if factor is None:
            raise UnitError(
                f"{symbol} of {self.name} is not interchangeable with aldesleukin's IU: add 'counted as N IU' "
                f"after the dose, N from {least:g} to {most:g}{as_it_is}"
            )
        if not (least <= factor <= most or (published and factor == 1.0)):
            raise UnitError(f"counted as {factor:g} IU: known is {least:g} to {most:g}{as_it_is}")
