"""Kinetics of an engineered interleukin-2: one depot, one compartment and the half-life that was observed."""

from dataclasses import dataclass, replace

import sympy

from trialeukin.core.errors import ModelError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.receptor_occupancy import Ligand
from trialeukin.model.system import Definition, Input, State, Term, symbol
from trialeukin.regimen.administration import INTRAVENOUS, Route
from trialeukin.regimen.engineered_il2 import ALPHA, BETA_GAMMA, REZPEGALDESLEUKIN
from trialeukin.regimen.pharmacology import Binding
from trialeukin.regimen.product import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineeredIl2:
    r"""Depot D and amount A in plasma of one product; the names of its parameters begin with ``prefix``.

    .. math::

        \frac{dD}{dt} = \text{dose} - \frac{\ln 2}{t_a} D, \qquad
        \frac{dA}{dt} = \frac{\ln 2}{t_a} D - \frac{\ln 2}{t_{1/2}} A, \qquad C = \frac{A}{V}

    Clearance by receptors is inside the half-life that was observed; that the product keeps aldesleukin from the
    receptors that clear it is left out. The volume of a product that is given under the skin is that over its
    bioavailability, which nothing at hand tells apart.
    """

    prefix: str
    drug: str
    half_life: Parameter
    alpha_constant: Parameter | None
    beta_gamma_constant: Parameter
    volume: Parameter = Parameter(
        value=1.54,
        unit="L/m^2",
        between_patients=0.3,
        uncertainty=0.5,
        source=assumed("stays in plasma, as aldesleukin does at first (1.54 L/m2, Konrad 1990); no source at hand"),
        meaning="volume of distribution of an engineered interleukin-2, a square metre of body surface",
    )
    absorption_half_life: Parameter = Parameter(
        value=1.0,
        unit="day",
        between_patients=0.3,
        uncertainty=0.7,
        source=assumed("large molecules are absorbed through lymph within days; no source at hand"),
        meaning="half-life of absorption of an engineered interleukin-2 from under the skin",
    )
    routes: tuple[Route, ...] = (Route.SC,)

    def __post_init__(self) -> None:
        if not self.prefix.isidentifier() or not self.prefix.endswith("_"):
            raise ModelError(f"prefix {self.prefix!r}: give letters and an underscore at the end, such as rezpeg_")

    @property
    def ligand(self) -> Ligand:
        """How its concentration and its constants are called in equations."""
        return Ligand(
            concentration=f"{self.prefix}concentration",
            alpha=None if self.alpha_constant is None else f"{self.prefix}alpha_constant",
            beta_gamma=f"{self.prefix}beta_gamma_constant",
        )

    def piece(self) -> Piece:
        """Return both amounts, the concentration and the routes."""
        depot, plasma = symbol(f"{self.prefix}depot"), symbol(f"{self.prefix}plasma")
        absorbed = sympy.log(2) / symbol(f"{self.prefix}absorption_half_life") * depot
        lost = sympy.log(2) / symbol(f"{self.prefix}half_life") * plasma
        volume = symbol(f"{self.prefix}volume") * symbol("body_surface_area")
        return Piece(
            states=(
                self._amount("depot", f"{self.drug} under the skin"),
                self._amount("plasma", f"{self.drug} in plasma"),
            ),
            terms=(
                Term(state=str(depot), name="absorption", rate=-absorbed),
                Term(state=str(plasma), name="absorption", rate=absorbed),
                Term(state=str(plasma), name="elimination", rate=-lost),
            ),
            definitions=(
                Definition(
                    name=f"{self.prefix}concentration",
                    unit="pmol/L",
                    expression=plasma / volume,
                    meaning=f"concentration of {self.drug} in plasma",
                ),
            ),
            inputs=tuple(
                Input(drug=self.drug, routes=taken, state=str(state))
                for state, takes in ((depot, (Route.SC, Route.IM)), (plasma, INTRAVENOUS))
                if (taken := tuple(route for route in self.routes if route in takes))
            ),
        )

    def _amount(self, name: str, meaning: str) -> State:
        return State(name=f"{self.prefix}{name}", unit="pmol", initial=sympy.S.Zero, size=1000.0, meaning=meaning)


def engineered(product: Product) -> EngineeredIl2:
    """Return the kinetics and binding of a product of which the sources give all that is needed.

    Raises
    ------
    ModelError
        When they do not; the message names what is missing.
    """
    lacking = product.lacking()
    pharmacology = product.pharmacology
    if pharmacology is None:
        raise ModelError(f"{product.name} is not known as an engineered interleukin-2: give one with a pharmacology")
    if lacking:
        raise ModelError(f"{product.name} cannot be followed: no source at hand gives its {', '.join(lacking)}")
    assert isinstance(pharmacology.beta_gamma, Parameter)
    assert pharmacology.half_life is not None
    return EngineeredIl2(
        prefix="".join(letter if letter.isalnum() else "_" for letter in product.name.lower()) + "_",
        drug=product.name,
        half_life=pharmacology.half_life,
        alpha_constant=None if isinstance(pharmacology.alpha, Binding) else pharmacology.alpha,
        beta_gamma_constant=pharmacology.beta_gamma,
        routes=pharmacology.routes,
    )


def _weakened(native: Parameter) -> Parameter:
    return replace(
        native,
        value=10.0 * native.value,
        uncertainty=1.15,
        source=assumed(
            "no source at hand gives its affinity; it has aldesleukin's sequence (Ann Rheum Dis 2019, OP0195) and PEG "
            "that can only weaken binding: between not at all and 100-fold (95 %), the middle taken"
        ),
        meaning=native.meaning.replace("aldesleukin", "rezpegaldesleukin"),
    )


def rezpegaldesleukin() -> EngineeredIl2:
    """Return rezpegaldesleukin with its observed half-life and affinities that are assumed, far from certain."""
    known = REZPEGALDESLEUKIN.pharmacology
    assert known is not None
    bound = replace(known, alpha=_weakened(ALPHA), beta_gamma=_weakened(BETA_GAMMA))
    return engineered(replace(REZPEGALDESLEUKIN, pharmacology=bound))
