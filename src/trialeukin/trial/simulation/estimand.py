"""What counts as the event and what ends follow-up, by how intercurrent events are dealt with (ICH E9 R1)."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from trialeukin.core.arrays import Floats


class Strategy(Enum):
    """How an intercurrent event is dealt with; the values are their names in ICH E9 (R1)."""

    TREATMENT_POLICY = "treatment policy"
    HYPOTHETICAL = "hypothetical"
    WHILE_ON_TREATMENT = "while on treatment"
    COMPOSITE = "composite"


class Followed(Protocol):
    """Times of patients since randomisation, month, of any shape; see `trialeukin.trial.simulation.courses.Courses`."""

    @property
    def event(self) -> Floats:
        """Of the event, as it comes."""

    @property
    def undisturbed(self) -> Floats:
        """Of the event had the intercurrent event not been possible."""

    @property
    def intercurrent(self) -> Floats:
        """Of the intercurrent event."""

    @property
    def lost(self) -> Floats:
        """Of loss to follow-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """When the event of an estimand comes and until when anybody looks for it, months since randomisation.

    Attributes
    ----------
    event, until : shape of the courses
        Infinity for never.
    """

    event: Floats
    until: Floats


def seen_under(courses: Followed, strategy: Strategy) -> Seen:
    """Return what a trial sees of patients' courses under a strategy.

    TREATMENT_POLICY: the event as it comes. COMPOSITE: the intercurrent event is an event itself. WHILE_ON_TREATMENT:
    follow-up ends at the intercurrent event. HYPOTHETICAL: the event as if the intercurrent event were impossible,
    which only a simulation can see; a trial estimates it from the data of WHILE_ON_TREATMENT and an assumption.
    """
    match strategy:
        case Strategy.TREATMENT_POLICY:
            return Seen(event=courses.event, until=courses.lost)
        case Strategy.HYPOTHETICAL:
            return Seen(event=courses.undisturbed, until=courses.lost)
        case Strategy.WHILE_ON_TREATMENT:
            return Seen(event=courses.event, until=np.minimum(courses.lost, courses.intercurrent))
        case Strategy.COMPOSITE:
            return Seen(event=np.minimum(courses.event, courses.intercurrent), until=courses.lost)
