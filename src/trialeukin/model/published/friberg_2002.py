"""Neutrophils under docetaxel of Friberg 2002."""

from dataclasses import dataclass
from itertools import pairwise

import sympy

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.component import Piece
from trialeukin.model.published.typical import typical, untreated
from trialeukin.model.system import Definition, State, Term, symbol

PAPER = "friberg2002"
DOCETAXEL = Source(PAPER, "docetaxel and neutrophils, as copied in the R package myelo")
KINETICS = Source("bruno1996", "three compartments, as copied in the R package myelo")
CHAIN = ("proliferating", "transit_1", "transit_2", "transit_3", "circulating")
EXCHANGE = {"peripheral": ("rate_12", "rate_21"), "deep": ("rate_13", "rate_31")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Friberg2002:
    r"""Proliferating cells mature in three steps; fewer circulating cells make them proliferate faster.

    .. math::

        P' &= k P (1 - s C) (N_0/N)^\gamma - k P, \qquad k = 4 / \text{mean transit time} \\
        T_1' &= k (P - T_1), \quad T_2' = k (T_1 - T_2), \quad T_3' = k (T_2 - T_3), \quad N' = k (T_3 - N)

    with the linear effect of docetaxel's plasma concentration C, whose kinetics are the three compartments of
    Bruno 1996. The regimen language has no docetaxel: one dose is in plasma at the start, as in the R package
    myelo, where equations and values were read (the paper's infusion lasts an hour).
    """

    neutrophils_at_rest: Parameter = typical(5.05, "G/L", DOCETAXEL, "neutrophils without drug, Circ0")
    mean_transit_time: Parameter = typical(88.7, "hour", DOCETAXEL, "mean time of maturation, MTT")
    feedback: Parameter = typical(0.161, "1", DOCETAXEL, "power of the feedback, gamma")
    docetaxel_slope: Parameter = typical(8.58, "L/umol", DOCETAXEL, "effect of docetaxel, slope")
    docetaxel_dose: Parameter = untreated(200.0, "mg", DOCETAXEL, "docetaxel in plasma at the start")
    docetaxel_molar_mass: Parameter = typical(808.0, "g/mol", DOCETAXEL, "molar mass of docetaxel")
    docetaxel_volume: Parameter = typical(7.4, "L", KINETICS, "volume of plasma for docetaxel, V1")
    rate_10: Parameter = typical(5.2, "1/hour", KINETICS, "elimination of docetaxel, k10")
    rate_12: Parameter = typical(1.06, "1/hour", KINETICS, "docetaxel from plasma to the second compartment, k12")
    rate_21: Parameter = typical(1.51, "1/hour", KINETICS, "docetaxel from the second compartment to plasma, k21")
    rate_13: Parameter = typical(1.26, "1/hour", KINETICS, "docetaxel from plasma to the third compartment, k13")
    rate_31: Parameter = typical(0.084, "1/hour", KINETICS, "docetaxel from the third compartment to plasma, k31")

    def piece(self) -> Piece:
        """Return docetaxel's compartments and the chain of maturation."""
        s = symbol
        drug = tuple(
            State(name=name, unit="umol", initial=sympy.S.Zero, size=1.0, meaning=f"docetaxel, {name} compartment")
            for name in EXCHANGE
        )
        plasma = State(
            name="plasma",
            unit="umol",
            initial=s("docetaxel_dose") / s("docetaxel_molar_mass"),
            size=1.0,
            meaning="docetaxel in plasma",
        )
        cells = tuple(
            State(name=name, unit="G/L", initial=s("neutrophils_at_rest"), size=1.0, meaning=f"neutrophils, {name}")
            for name in CHAIN
        )
        definitions = (
            Definition(
                name="docetaxel",
                unit="umol/L",
                expression=s("plasma") / s("docetaxel_volume"),
                meaning="docetaxel's concentration in plasma, C",
            ),
            Definition(
                name="transit_rate", unit="1/day", expression=4 / s("mean_transit_time"), meaning="rate of each step, k"
            ),
        )
        return Piece(states=(plasma, *drug, *cells), terms=(*_kinetics(), *_chain()), definitions=definitions)


def _kinetics() -> tuple[Term, ...]:
    s = symbol
    elimination = Term(state="plasma", name="elimination", rate=-s("rate_10") * s("plasma"))
    exchange = tuple(
        Term(state=state, name=f"exchange with the {name} compartment", rate=sign * net)
        for name, (there, back) in EXCHANGE.items()
        for net in (s(there) * s("plasma") - s(back) * s(name),)
        for state, sign in (("plasma", -1), (name, 1))
    )
    return (elimination, *exchange)


def _chain() -> tuple[Term, ...]:
    s = symbol
    rate, feedback = s("transit_rate"), (s("neutrophils_at_rest") / s("circulating")) ** s("feedback")
    proliferation = rate * s("proliferating") * (1 - s("docetaxel_slope") * s("docetaxel")) * feedback
    steps = tuple(
        Term(state=now, name="maturation", rate=rate * (s(before) - s(now))) for before, now in pairwise(CHAIN)
    )
    return (
        Term(state="proliferating", name="proliferation", rate=proliferation),
        Term(state="proliferating", name="maturation", rate=-rate * s("proliferating")),
        *steps,
    )
