"""What is pooled: the members of a pool with a name, or all studies that meet criteria, with some left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from trialeukin.core.errors import InputError
from trialeukin.evidence.assessments import Assessments
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria, named_pool
from trialeukin.evidence.synthesis import Method, Synthesis, judged, synthesis_by_criteria, synthesis_of_pool
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is asked to be pooled.

    Attributes
    ----------
    pool : str
        The pool that is taken where no criteria are given.
    criteria : Criteria or None
        What all studies are to meet instead.
    exclude : tuple of str
        Names of studies to leave out, in capitals.
    """

    pool: str
    criteria: Criteria | None = None
    exclude: tuple[str, ...] = ()

    def synthesis(self, studies: Mapping[str, PublishedStudy], outcome: Endpoint, method: Method) -> Synthesis:
        """Return the pool.

        Raises
        ------
        InputError
            When a study to leave out is not in the base.
        """
        for name in self.exclude:
            if name not in studies:
                hint = did_you_mean(name, tuple(studies))
                raise InputError(f"cannot leave out {name!r}: no study of the base has that name{hint}; {self._of()}")
        if self.criteria is not None:
            return synthesis_by_criteria(studies, self.criteria, outcome, method, self.exclude)
        return synthesis_of_pool(studies, named_pool(self.pool), outcome, method, self.exclude)

    def judged(self, found: Synthesis, assessments: Assessments) -> Synthesis:
        """Return the pool with what a judge made of it, which is of a pool with a name alone."""
        return found if self.criteria is not None else judged(found, self.pool, assessments)

    @property
    def named(self) -> str | None:
        """The name of the pool; None where studies are chosen by criteria."""
        return self.pool if self.criteria is None else None

    @property
    def whole(self) -> str | None:
        """The name of the pool where it is taken with all its members."""
        return None if self.exclude else self.named

    def _of(self) -> str:
        if self.criteria is not None:
            return "'trialeukin evidence list' and the evidence page have them"
        return f"pool {self.pool!r} is of {', '.join(named_pool(self.pool).members)}"
