"""Hypotension, which comes with capillary leak."""

from dataclasses import dataclass

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.components.capillary_leak import WORST_GRADE
from trialeukin.model.fitted import fitted
from trialeukin.model.system import Definition, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypotension:
    r"""Blood pressure falls as vessels leak: the same exposure C_e acts, in the patients who leak most.

    .. math:: \text{grade} = 5 \frac{C_e}{r \, EC + C_e}

    EC is the half-signal of leak of `trialeukin.model.components.capillary_leak`, with its spread between
    patients, so that who leaks early falls early; r is the one number of hypotension. Grades are those of the trials'
    criteria: 1 needs no therapy, 3 a pressor or more than a day of care, 5 is death. Assumed: nothing but leak lowers
    pressure (no loss of tone of vessels, of the heart, no antihypertensive drug), and fluid, which treats hypotension,
    is part of what the published grades saw.
    """

    hypotension_over_leak: Parameter = fitted("hypotension_fever", "hypotension_over_leak")

    def piece(self) -> Piece:
        """Return the grade."""
        felt = symbol("capillary_exposure")
        half = symbol("hypotension_over_leak") * symbol("capillary_leak_half_signal")
        return Piece(
            definitions=(
                Definition(
                    name="hypotension_grade",
                    unit="1",
                    expression=WORST_GRADE * felt / (half + felt),
                    meaning="grade of hypotension, continuous from 0 to 5",
                ),
            ),
        )
