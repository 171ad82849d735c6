"""Response of active disease by its blasts alone, beside remission, which asks for counts as well."""

from dataclasses import dataclass

from trialeukin.model.component import Piece
from trialeukin.model.components.active_remission import under_limit
from trialeukin.model.system import Event, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastClearance:
    """The first examination with marrow blasts under the limit of remission, whatever the counts; it decides nothing.

    The abstracts of the series on active disease do not say whether they asked for counts.
    """

    def piece(self) -> Piece:
        """Return the finding."""
        return Piece(
            events=(Event(name="blast_clearance", trigger=under_limit(), sets={}, watch=Watch.AT_EXAMINATIONS),)
        )
