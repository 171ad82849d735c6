"""Haematopoietic and leukaemic cells that share a signal, of Stiehl 2015."""

from dataclasses import dataclass

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.published.typical import typical, untreated
from trialeukin.model.system import Definition, State, Term, symbol

PAPER = "stiehl2015"
SUPPLEMENT = Source(PAPER, "supplement and figure 3A, as copied in the R package myelo")
COUNT = "cell/kg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stiehl2015:
    r"""Two cascades of three kinds of cells, healthy C and leukaemic L, whose mature cells use up one signal.

    .. math::

        X_1' &= (2 a_1 s - 1) p_1 X_1, \qquad s = \frac{1}{1 + k (C_3 + L_3)} \\
        X_2' &= 2 (1 - a_1 s) p_1 X_1 + (2 a_2 s - 1) p_2 X_2 \\
        X_3' &= 2 (1 - a_2 s) p_2 X_2 - d_3 X_3

    with X being C or L. What is not measured follows from healthy cells at rest (:math:`x = d_3 C_3 / (p_1 C_1)`):

    .. math::

        k = \frac{2 a_1 - 1}{C_3}, \qquad a_2 = a_1 \frac{x - 2}{x - 1}, \qquad
        p_2 = \frac{p_1 C_1 / C_2}{1 - a_2/a_1}

    Read in the R package myelo, whose author notes that half the marrow is leukaemic at about day 175, where the
    paper's figure 3A has about day 200. Leukaemic self-renewal of 1.6 times 0.85 exceeds one before the signal.
    """

    renewal: Parameter = typical(0.85, "1", SUPPLEMENT, "most self-renewal of healthy primitive cells, a1")
    proliferation: Parameter = typical(0.1, "1/day", SUPPLEMENT, "division of healthy primitive cells, p1")
    mature_loss: Parameter = typical(2.3, "1/day", SUPPLEMENT, "loss of healthy mature cells, d3")
    primitive_at_rest: Parameter = typical(1e7, COUNT, SUPPLEMENT, "healthy primitive cells at rest, C1")
    marrow_at_rest: Parameter = typical(2e9, COUNT, SUPPLEMENT, "healthy dividing marrow cells at rest, C2")
    mature_at_rest: Parameter = typical(4e8, COUNT, SUPPLEMENT, "healthy mature cells at rest, C3")
    renewal_ratio: Parameter = typical(1.6, "1", SUPPLEMENT, "leukaemic over healthy a1")
    proliferation_ratio: Parameter = typical(2.0, "1", SUPPLEMENT, "leukaemic over healthy p1")
    marrow_renewal_ratio: Parameter = typical(1.0, "1", SUPPLEMENT, "leukaemic over healthy a2")
    marrow_proliferation_ratio: Parameter = typical(0.5, "1", SUPPLEMENT, "leukaemic over healthy p2")
    mature_loss_ratio: Parameter = typical(0.25, "1", SUPPLEMENT, "leukaemic over healthy d3")
    leukaemic_at_start: Parameter = untreated(1.0, COUNT, SUPPLEMENT, "leukaemic stem cells at the start, L1")

    def piece(self) -> Piece:
        """Return both cascades, the signal and the blasts of the marrow."""
        s = symbol
        one = sympy.S.One
        healthy = _cascade("healthy", {"a1": one, "p1": one, "a2": one, "p2": one, "d3": one})
        ratios = {
            "a1": s("renewal_ratio"),
            "p1": s("proliferation_ratio"),
            "a2": s("marrow_renewal_ratio"),
            "p2": s("marrow_proliferation_ratio"),
            "d3": s("mature_loss_ratio"),
        }
        return Piece(states=_states(), terms=(*healthy, *_cascade("leukaemic", ratios)), definitions=_definitions())


def _states() -> tuple[State, ...]:
    healthy = tuple(
        State(
            name=f"healthy_{kind}",
            unit=COUNT,
            initial=symbol(f"{kind}_at_rest"),
            size=1e4,
            meaning=f"healthy {kind} cells",
        )
        for kind in ("primitive", "marrow", "mature")
    )
    starts = {"primitive": symbol("leukaemic_at_start"), "marrow": sympy.S.Zero, "mature": sympy.S.Zero}
    leukaemic = tuple(
        State(name=f"leukaemic_{kind}", unit=COUNT, initial=start, size=1.0, meaning=f"leukaemic {kind} cells")
        for kind, start in starts.items()
    )
    return (*healthy, *leukaemic)


def _cascade(kin: str, ratio: dict[str, sympy.Expr]) -> tuple[Term, ...]:
    s = symbol
    first, second, third = (f"{kin}_{kind}" for kind in ("primitive", "marrow", "mature"))
    kept = ratio["a1"] * s("renewal") * s("signal")
    kept_later = ratio["a2"] * s("marrow_renewal") * s("signal")
    division = ratio["p1"] * s("proliferation") * s(first)
    division_later = ratio["p2"] * s("marrow_proliferation") * s(second)
    return (
        Term(state=first, name="renewal less differentiation", rate=(2 * kept - 1) * division),
        Term(state=second, name="differentiation of primitive cells", rate=2 * (1 - kept) * division),
        Term(state=second, name="renewal less differentiation", rate=(2 * kept_later - 1) * division_later),
        Term(state=third, name="differentiation of marrow cells", rate=2 * (1 - kept_later) * division_later),
        Term(state=third, name="loss", rate=-ratio["d3"] * s("mature_loss") * s(third)),
    )


def _definitions() -> tuple[Definition, ...]:
    s = symbol
    turnover = s("mature_loss") * s("mature_at_rest") / (s("proliferation") * s("primitive_at_rest"))
    share = (turnover - 2) / (turnover - 1)
    mature = s("healthy_mature") + s("leukaemic_mature")
    blasts = s("leukaemic_primitive") + s("leukaemic_marrow")
    return (
        Definition(
            name="marrow_renewal",
            unit="1",
            expression=s("renewal") * share,
            meaning="self-renewal of healthy marrow cells, a2",
        ),
        Definition(
            name="marrow_proliferation",
            unit="1/day",
            expression=s("proliferation") * s("primitive_at_rest") / s("marrow_at_rest") / (1 - share),
            meaning="division of healthy marrow cells, p2",
        ),
        Definition(
            name="signal",
            unit="1",
            expression=1 / (1 + (2 * s("renewal") - 1) * mature / s("mature_at_rest")),
            meaning="signal for self-renewal, s",
        ),
        Definition(
            name="marrow_blasts",
            unit="1",
            expression=blasts / (s("healthy_primitive") + s("healthy_marrow") + blasts),
            meaning="leukaemic part of the marrow's dividing cells",
        ),
    )
