"""Residual leukaemia that grows back from stem-like cells, relapses or dies out."""

from dataclasses import dataclass, field

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.residual_leukaemia import residual_log_cells
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, Event, State, Switch, Term, Watch, symbol

MARROW_CAPACITY = Parameter(
    value=1e12,
    unit="cell",
    between_patients=0.0,
    uncertainty=0.0,
    source=Source("larson_uptodate", "body burden of overt AML, about 1e12 cells"),
    meaning="leukaemic cells at which growth ends, and cells of a full marrow",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leukaemia:
    r"""Stem-like cells S renew themselves and feed bulk cells L that do not.

    With :math:`B = S + L`, net growth :math:`g = \ln 2 / \text{doubling time}` and the
    fraction f of stem-like cells in a balanced clone,

    .. math::

        \frac{d \ln S}{dt} &= g (1 - B/K) \\
        \frac{d \ln L}{dt} &= \bigl(g (1 - B/K) + \delta\bigr) \frac{1-f}{f} \frac{S}{L} - \delta

    so that a clone nobody attacks keeps its composition and grows as a logistic curve. The
    growth is net of the kill at baseline; `trialeukin.model.components.immune_kill` brings what
    exceeds it. A clone below one cell is gone: the switch ``cured`` stops its growth for good.
    Stem-like and bulk cells after Stiehl 2015; logistic growth after Clapp 2015.

    Attributes
    ----------
    log_cells : sympy.Expr, 1
        Natural logarithm of the cells at time zero, in parameters only; those left at randomisation if not given.
    remission : sympy.Expr, 1
        One while a patient is in remission and may relapse, else zero; always one if not given.
    """

    log_cells: sympy.Expr = field(default_factory=residual_log_cells)
    remission: sympy.Expr = sympy.S.One

    leukaemia_doubling_time: Parameter = fitted("control_arms", "leukaemia_doubling_time")
    marrow_capacity: Parameter = MARROW_CAPACITY
    relapse_blast_fraction: Parameter = Parameter(
        value=0.05,
        unit="1",
        between_patients=0.0,
        uncertainty=0.0,
        scale=Scale.LOGIT,
        source=Source("larson_uptodate", "remission means below 5 % marrow blasts"),
        meaning="marrow blasts at which remission ends",
    )
    stem_like_fraction: Parameter = Parameter(
        value=0.01,
        unit="1",
        between_patients=0.0,
        uncertainty=1.5,
        scale=Scale.LOGIT,
        source=assumed("no source gives it; without drug the course does not depend on it"),
        meaning="stem-like share of a balanced clone",
    )
    bulk_turnover: Parameter = Parameter(
        value=0.1,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed("bulk cells live for days to weeks; without drug the course does not depend on it"),
        meaning="loss of bulk cells that do not renew themselves",
    )

    def piece(self) -> Piece:
        """Return the two cell pools, what is seen of them, and the events in them."""
        return Piece(
            states=cell_pools(self.log_cells),
            terms=growth_terms(),
            definitions=clone_definitions(),
            switches=(
                Switch(name="relapsed", initial=0.0, meaning="one once relapse has been found, else zero"),
                Switch(name="cured", initial=0.0, meaning="one once the last leukaemic cell is gone, else zero"),
            ),
            events=_events(self.remission),
        )


def cell_pools(log_cells: sympy.Expr) -> tuple[State, ...]:
    """Return stem-like and bulk cells of a balanced clone of that many cells (natural logarithm) at time zero."""
    share = symbol("stem_like_fraction")
    return (
        State(
            name="log_leukaemia_stem",
            unit="1",
            initial=log_cells + sympy.log(share),
            size=10.0,
            meaning="natural logarithm of the number of stem-like leukaemic cells",
            positive=False,
        ),
        State(
            name="log_leukaemia_bulk",
            unit="1",
            initial=log_cells + sympy.log(1 - share),
            size=10.0,
            meaning="natural logarithm of the number of bulk leukaemic cells",
            positive=False,
        ),
    )


def growth_terms() -> tuple[Term, ...]:
    """Return renewal, supply and turnover, as the class `Leukaemia` has them."""
    stem, bulk, share = symbol("log_leukaemia_stem"), symbol("log_leukaemia_bulk"), symbol("stem_like_fraction")
    alive, growth, turnover = 1 - symbol("cured"), symbol("leukaemia_net_growth"), symbol("bulk_turnover")
    feeding = (growth + turnover) * (1 - share) / share * sympy.exp(stem - bulk)
    return (
        Term(state="log_leukaemia_stem", name="renewal of stem-like cells", rate=alive * growth),
        Term(state="log_leukaemia_bulk", name="supply from stem-like cells", rate=alive * feeding),
        Term(state="log_leukaemia_bulk", name="turnover of bulk cells", rate=-alive * turnover),
    )


def clone_definitions() -> tuple[Definition, ...]:
    """Return the burden, its share of a full marrow and the net growth."""
    cells = sympy.exp(symbol("log_leukaemia_stem")) + sympy.exp(symbol("log_leukaemia_bulk"))
    fraction = symbol("leukaemia_burden") / symbol("marrow_capacity")
    return (
        Definition(
            name="leukaemia_burden",
            unit="cell",
            expression=symbol("one_cell") * cells,
            meaning="leukaemic cells in the body",
        ),
        Definition(
            name="marrow_blast_fraction",
            unit="1",
            expression=fraction,
            meaning="leukaemic cells as a fraction of a full marrow",
        ),
        Definition(
            name="leukaemia_net_growth",
            unit="1/day",
            expression=sympy.log(2) / symbol("leukaemia_doubling_time") * (1 - symbol("marrow_blast_fraction")),
            meaning="growth of the clone net of the immune kill at baseline",
        ),
    )


def _events(remission: sympy.Expr) -> tuple[Event, ...]:
    over = sympy.log(symbol("marrow_blast_fraction") / symbol("relapse_blast_fraction"))
    found = remission * over - (1 - remission)
    return (
        Event(name="relapse_crossing", trigger=found, sets={}),
        Event(
            name="relapse",
            trigger=found,
            sets={"relapsed": sympy.S.One},
            watch=Watch.AT_EXAMINATIONS,
            stops_dosing=True,
        ),
        Event(
            name="extinction",
            trigger=-sympy.log(symbol("leukaemia_burden") / symbol("one_cell")),
            sets={"cured": sympy.S.One},
        ),
    )
