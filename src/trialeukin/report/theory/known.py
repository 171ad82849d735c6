"""How well the parameters of a model are known: where each is from, and what observations said of it."""

from dataclasses import dataclass
from enum import Enum

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import citation
from trialeukin.model.fitted import Fit, fit_of_parameter, fitted_names, remark_on
from trialeukin.model.system import System
from trialeukin.model.whole import FITS, USUAL_FITS
from trialeukin.report.theory.page import WIDE
from trialeukin.report.wording import words


class Origin(Enum):
    """Where a number comes from."""

    SOURCE = "from a source"
    FITTED = "fitted by this project"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownParameter:
    """A parameter with all that is known of it.

    Attributes
    ----------
    name : str
        As the model has it.
    parameter : Parameter
        Value, unit, spreads, scale, source and meaning.
    origin : Origin
        Where it comes from.
    fit : Fit or None
        How a fit moved it, where one says so.
    remark : str
        What a fit says in words alone, such as its prior and how much of it the observations took away.
    """

    name: str
    parameter: Parameter
    origin: Origin
    fit: Fit | None
    remark: str

    @property
    def words(self) -> str:
        """The name in words."""
        return words(self.name)

    @property
    def cited(self) -> str:
        """The work and the place in it, or the reason of an assumption."""
        source = self.parameter.source
        return f"assumed: {source.place}" if source.assumed else f"{citation(source.key)}, {source.place}"

    @property
    def known(self) -> str:
        """How well it is known, in words."""
        hardly = self.parameter.uncertainty >= WIDE[self.parameter.scale]
        far = "; hardly known" if hardly else ""
        if self.fit is not None:
            return f"{self.fit.verdict.value}, shrinkage {self.fit.shrinkage:.2f}{far}"
        if self.remark:
            return f"{self.origin.value}: {self.remark}{far}"
        exact = "; taken as exact" if self.parameter.uncertainty == 0.0 else ""
        return f"{self.origin.value}{exact}{far}"


def known_parameters(system: System) -> tuple[KnownParameter, ...]:
    """Return every parameter of a model, in its order, with what is known of it."""
    tables = FITS.get(system.name, USUAL_FITS)
    return tuple(
        KnownParameter(
            name=name,
            parameter=parameter,
            origin=_origin(name, parameter),
            fit=fit_of_parameter(tables, name, parameter),
            remark=next(filter(None, (remark_on(table, name) for table in tables)), ""),
        )
        for name, parameter in system.parameters.items()
    )


def _origin(name: str, parameter: Parameter) -> Origin:
    if name in fitted_names() and parameter.uncertainty > 0.0:
        return Origin.FITTED
    return Origin.ASSUMED if parameter.source.assumed else Origin.SOURCE
