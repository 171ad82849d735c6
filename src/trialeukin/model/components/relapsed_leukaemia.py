"""Leukaemia that has relapsed after an allogeneic transplant, and the responses that are read off it."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.model.component import Piece
from trialeukin.model.components.covariates import covariate
from trialeukin.model.components.graft_versus_leukaemia import by_disease
from trialeukin.model.components.leukaemia import MARROW_CAPACITY, cell_pools, clone_definitions, growth_terms
from trialeukin.model.system import Definition, Event, Switch, symbol


def fixed(value: float, unit: str, source: Source, meaning: str) -> Parameter:
    """Return a number that is neither spread between patients nor uncertain: a definition."""
    return Parameter(value=value, unit=unit, between_patients=0.0, uncertainty=0.0, source=source, meaning=meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelapsedLeukaemia:
    r"""A clone that starts within the bounds of its stage of relapse and grows as a logistic curve.

    .. math:: \log_{10} B_0 = b_\text{low} + x (b_\text{high} - b_\text{low}), \qquad x \in (0, 1)

    Growth, supply and turnover are those of `trialeukin.model.components.leukaemia`; kill comes from
    `trialeukin.model.components.graft_versus_leukaemia`. A response is the burden's first fall below a limit:
    haematological, cytogenetic (complete) and molecular (negative by PCR). After molecular remission the clone
    may return (`molecular_relapse`), after haematological remission too (`relapse`). Below one cell it is gone.
    """

    relapse_burden_low: Parameter = covariate("least burden of the stage of relapse, decimal logarithm", value=11.5)
    relapse_burden_high: Parameter = covariate(
        "greatest burden of the stage of relapse, decimal logarithm", value=11.95
    )
    relapse_burden_position: Parameter = Parameter(
        value=0.5,
        unit="1",
        between_patients=1.0,
        uncertainty=0.5,
        scale=Scale.LOGIT,
        source=assumed("no source gives burdens; the logarithm is spread over the range of the stage"),
        meaning="where the burden at the first infusion lies in the range of its stage",
    )
    marrow_capacity: Parameter = MARROW_CAPACITY
    one_cell: Parameter = fixed(
        1.0, "cell", Source("larson_uptodate", "the unit in which burden is counted"), "unit of the logarithms"
    )
    acute_limit: Parameter = fixed(
        0.05,
        "1",
        Source("larson_uptodate", "remission means below 5 % marrow blasts"),
        "share of a full marrow at which acute leukaemia is in complete remission",
    )
    chronic_limit: Parameter = fixed(
        0.3,
        "1",
        assumed(
            "blood counts are normal while leukaemic cells are the minority of the marrow; 0.1 to 0.5 are as likely"
        ),
        "share of a full marrow below which chronic CML is in haematological remission",
    )
    cytogenetic_limit: Parameter = fixed(
        0.01,
        "1",
        assumed("no Philadelphia-positive metaphase among 20 to 100 that are looked at: a few per cent at most"),
        "share of a full marrow below which cytogenetics are normal",
    )
    molecular_limit: Parameter = fixed(
        1e-6,
        "1",
        Source("mrd_chapter", "PCR detects one leukaemic cell per million"),
        "share of a full marrow below which PCR is negative",
    )
    stem_like_fraction: Parameter = Parameter(
        value=0.01,
        unit="1",
        between_patients=0.0,
        uncertainty=1.5,
        scale=Scale.LOGIT,
        source=assumed(
            "no source gives it; without kill of one pool beyond the other the course does not depend on it"
        ),
        meaning="stem-like share of a balanced clone",
    )
    bulk_turnover: Parameter = Parameter(
        value=0.1,
        unit="1/day",
        between_patients=0.0,
        uncertainty=0.7,
        source=assumed("bulk cells live for days to weeks"),
        meaning="loss of bulk cells that do not renew themselves",
    )

    def piece(self) -> Piece:
        """Return the clone, what is seen of it and the events in it."""
        return Piece(
            states=cell_pools(_log_cells()),
            terms=growth_terms(),
            definitions=(*clone_definitions(), *_readings()),
            switches=(
                _switch("cured", "one once the last leukaemic cell is gone, else zero"),
                _switch("in_haematological_remission", "one from haematological remission to relapse, else zero"),
                _switch("in_molecular_remission", "one from molecular remission to its end, else zero"),
            ),
            events=_events(),
        )


def _switch(name: str, meaning: str) -> Switch:
    return Switch(name=name, initial=0.0, meaning=meaning)


def _log_cells() -> sympy.Expr:
    low, high = symbol("relapse_burden_low"), symbol("relapse_burden_high")
    return sympy.log(10) * (low + symbol("relapse_burden_position") * (high - low))


def _readings() -> tuple[Definition, ...]:
    limit = by_disease(symbol("chronic_limit"), symbol("acute_limit"), symbol("acute_limit"), symbol("acute_limit"))
    now = sympy.log(symbol("leukaemia_burden") / symbol("one_cell"))
    return (
        Definition(
            name="haematological_limit",
            unit="1",
            expression=limit,
            meaning="share of a full marrow below which this disease is in haematological remission",
        ),
        Definition(
            name="leukaemia_log_reduction",
            unit="1",
            expression=(_log_cells() - now) / sympy.log(10),
            meaning="fall of the leukaemic burden since the first infusion, decimal logarithm",
        ),
    )


def _events() -> tuple[Event, ...]:
    share = symbol("marrow_blast_fraction")
    haematological = sympy.log(symbol("haematological_limit") / share)
    molecular = sympy.log(symbol("molecular_limit") / share)
    margin = sympy.Rational(1, 10)  # a remission and its end must not happen at one instant

    def end(remission: str, distance: sympy.Expr) -> sympy.Expr:
        inside = symbol(remission)
        return inside * (distance - margin) - (1 - inside)

    return (
        Event(
            name="haematological_remission",
            trigger=haematological,
            sets={"in_haematological_remission": sympy.S.One},
        ),
        Event(name="cytogenetic_remission", trigger=sympy.log(symbol("cytogenetic_limit") / share), sets={}),
        Event(name="molecular_remission", trigger=molecular, sets={"in_molecular_remission": sympy.S.One}),
        Event(
            name="relapse",
            trigger=end("in_haematological_remission", -haematological),
            sets={"in_haematological_remission": sympy.S.Zero},
        ),
        Event(
            name="molecular_relapse",
            trigger=end("in_molecular_remission", -molecular),
            sets={"in_molecular_remission": sympy.S.Zero},
        ),
        Event(
            name="extinction",
            trigger=-sympy.log(symbol("leukaemia_burden") / symbol("one_cell")),
            sets={"cured": sympy.S.One},
        ),
    )
