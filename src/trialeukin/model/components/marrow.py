"""Normal marrow: the chains that neutrophils and platelets come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, State, Term, symbol

TRANSITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Marrow:
    r"""For either lineage progenitors P, three steps of maturation and cells in blood W (after Friberg 2002).

    .. math::

        \frac{d \ln P}{dt} &= k_p \left[ G(R) - 1 \right], \qquad R = (1 - w) \frac{W}{W_0} + w P \\
        \frac{dT_1}{dt} &= k_w W_0 P - k_t T_1, \quad \frac{dT_i}{dt} = k_t (T_{i-1} - T_i), \quad
        \frac{dW}{dt} = k_t T_3 - k_w W

    with progenitors relative to a full marrow. With :math:`k_p = k_t`, w = 0 and :math:`G = R^{-\gamma}` this is
    Friberg's chain. Renewal may be slower than maturation, and growth factors are used up in marrow as well as in
    blood, since that chain either recovers from induction within days or, made as slow as Jost 2019, overshoots
    severalfold.

    Attributes
    ----------
    growth : callable
        Renewal G relative to that of a full marrow, 1, of how full the marrow is, R.
    log_progenitors_left, precursors_left : sympy.Expr, 1
        Natural logarithm of the progenitors, and the share of all that follows them, at time zero, in parameters only.
    """

    growth: Callable[[sympy.Expr], sympy.Expr]
    log_progenitors_left: sympy.Expr
    precursors_left: sympy.Expr

    neutrophil_baseline: Parameter = Parameter(
        value=3.53,
        unit="G/L",
        between_patients=0.35,
        uncertainty=0.1,
        source=Source("quartino2014", "baseline of neutrophils; spreads assumed"),
        meaning="neutrophils in blood without leukaemia and drug",
    )
    neutrophil_renewal: Parameter = fitted("chemotherapy", "neutrophil_renewal")
    neutrophil_maturation: Parameter = Parameter(
        value=0.99,
        unit="1/day",
        between_patients=0.2,
        uncertainty=0.1,
        source=Source("quartino2014", "0.902; Friberg 2002 has 1.082; their geometric mean; spreads assumed"),
        meaning="passage of neutrophil precursors through each step of maturation",
    )
    neutrophil_loss: Parameter = Parameter(
        value=2.3765,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.1,
        source=Source("quartino2014", "loss of neutrophils from blood, half-life 7 h; also Jost 2019"),
        meaning="loss of neutrophils from blood",
    )
    platelet_normal: Parameter = Parameter(
        value=237.0,
        unit="G/L",
        between_patients=0.32,
        uncertainty=0.05,
        source=Source("perezruixo2016", "abstract: baseline 237, 32.9 % between patients"),
        meaning="platelets in blood without leukaemia and drug",
    )
    platelet_renewal: Parameter = fitted("chemotherapy", "platelet_renewal")
    platelet_maturation: Parameter = Parameter(
        value=0.5,
        unit="1/day",
        between_patients=0.2,
        uncertainty=0.4,
        source=assumed(
            "megakaryocytes mature in about a week; 0.17 after surgery (perezruixo2016) lumps renewal with it"
        ),
        meaning="passage of platelet precursors through each step of maturation",
    )
    platelet_loss_rate: Parameter = Parameter(
        value=0.213,
        unit="1/day",
        between_patients=0.3,
        uncertainty=0.2,
        source=Source("perezruixo2016", "abstract: 8.86e-3 1/h; its 80 % between patients after surgery cut to 0.3"),
        meaning="loss of platelets from blood",
    )
    marrow_feedback: Parameter = fitted("chemotherapy", "marrow_feedback")
    progenitor_share_of_feedback: Parameter = Parameter(
        value=0.5,
        unit="1",
        between_patients=0.0,
        uncertainty=1.0,
        scale=Scale.LOGIT,
        source=assumed("no source at hand gives it; counts after induction rise over the normal range but not far"),
        meaning="weight of progenitors, beside blood, in the feedback on proliferation",
    )

    def piece(self) -> Piece:
        """Return both chains and how full the marrow is."""
        cells = LINEAGES[0].relative()
        return Piece(
            states=tuple(state for lineage in LINEAGES for state in self._states(lineage)),
            terms=tuple(term for lineage in LINEAGES for term in self._terms(lineage)),
            definitions=(
                Definition(
                    name="normal_marrow",
                    unit="1",
                    expression=sum(cells) / len(cells),
                    meaning="neutrophil progenitors and precursors, relative to a full marrow",
                ),
            ),
        )

    def _states(self, lineage: "Lineage") -> Iterator[State]:
        yield State(
            name=lineage.progenitors,
            unit="1",
            initial=self.log_progenitors_left,
            size=1.0,
            meaning=f"natural logarithm of {lineage.stem} progenitors, relative to a full marrow",
            positive=False,
        )
        for name in lineage.transits:
            yield State(
                name=name,
                unit="G/L",
                initial=lineage.full * self.precursors_left,
                size=lineage.size,
                meaning=f"{name.replace('_', ' ')} in the marrow, as the blood its cells would fill",
            )
        yield State(
            name=lineage.blood,
            unit="G/L",
            initial=symbol(lineage.normal) * self.precursors_left,
            size=lineage.size,
            meaning=f"{lineage.blood} in blood",
        )

    def _terms(self, lineage: "Lineage") -> Iterator[Term]:
        renewal = symbol(f"{lineage.stem}_renewal")
        progenitors, blood = sympy.exp(symbol(lineage.progenitors)), symbol(lineage.blood)
        weight = symbol("progenitor_share_of_feedback")
        filled = (1 - weight) * blood / symbol(lineage.normal) + weight * progenitors
        yield Term(state=lineage.progenitors, name="renewal", rate=renewal * self.growth(filled))
        yield Term(state=lineage.progenitors, name="maturation", rate=-renewal)
        yield from lineage.maturing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A chain of marrow and blood cells: progenitors, transit compartments and the count in blood.

    Attributes
    ----------
    stem : str
        What its states and parameters are called after.
    blood, normal, loss : str
        The count in blood, its value in health and its rate of loss.
    size : float, in the unit of blood
        Scale of the count, for the absolute tolerance.
    """

    stem: str
    blood: str
    normal: str
    loss: str
    size: float

    @property
    def progenitors(self) -> str:
        """State of the progenitors, a logarithm."""
        return f"log_{self.stem}_progenitors"

    @property
    def transits(self) -> tuple[str, ...]:
        """States of the transit compartments, in their order."""
        return tuple(f"{self.stem}_transit_{step + 1}" for step in range(TRANSITS))

    @property
    def flow(self) -> sympy.Expr:
        """Flow of cells at rest without leukaemia."""
        return symbol(self.normal) * symbol(self.loss)

    @property
    def full(self) -> sympy.Expr:
        """Rest state of a transit compartment without leukaemia, in the unit of blood."""
        return self.flow / symbol(f"{self.stem}_maturation")

    def relative(self) -> tuple[sympy.Expr, ...]:
        """Cells of each compartment of the marrow, relative to their rest without leukaemia."""
        return (sympy.exp(symbol(self.progenitors)), *(symbol(name) / self.full for name in self.transits))

    def maturing(self) -> Iterator[Term]:
        """Passage of cells from the progenitors through the transit compartments to blood, and their loss from it."""
        passage = symbol(f"{self.stem}_maturation")
        progenitors = sympy.exp(symbol(self.progenitors))
        yield Term(state=self.transits[0], name="maturation of progenitors", rate=self.flow * progenitors)
        for name, following in zip(self.transits, (*self.transits[1:], self.blood), strict=True):
            yield Term(state=name, name="maturation", rate=-passage * symbol(name))
            yield Term(state=following, name=f"maturation of {name}", rate=passage * symbol(name))
        yield Term(state=self.blood, name="loss from blood", rate=-symbol(self.loss) * symbol(self.blood))


LINEAGES = (
    Lineage(stem="neutrophil", blood="neutrophils", normal="neutrophil_baseline", loss="neutrophil_loss", size=1.0),
    Lineage(stem="platelet", blood="platelets", normal="platelet_normal", loss="platelet_loss_rate", size=100.0),
)
