"""Fever: the temperature that released cytokines bring, by grade."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Fever:
    r"""Temperature rises with the cytokines I of `trialeukin.model.components.inflammation`, and levels off.

    .. math:: \text{grade} = g \frac{I}{h + I}

    A grade is a degree above 37: 38, 39 and 40 degrees Celsius are where grades 1, 2 and 3 begin, in CTCAE and in the
    criteria before it. Grade 4 (above 40 for a day) has no temperature of its own; here it is the ceiling g, which
    nobody reaches. Antipyretics, which most protocols give, are part of what the published shares saw.
    """

    fever_ceiling: Parameter = Parameter(
        value=4.0,
        unit="1",
        between_patients=0.0,
        uncertainty=0.15,
        source=assumed("fevers end near 41 degrees Celsius; no source of this project measures those of IL-2"),
        meaning="highest fever, degrees Celsius above 37",
    )
    fever_half_effect: Parameter = fitted("hypotension_fever", "fever_half_effect")

    def piece(self) -> Piece:
        """Return the grade."""
        level = symbol("inflammation")
        return Piece(
            definitions=(
                Definition(
                    name="fever_grade",
                    unit="1",
                    expression=symbol("fever_ceiling") * level / (symbol("fever_half_effect") + level),
                    meaning="grade of fever, continuous from 0: degrees Celsius above 37",
                ),
            ),
        )
