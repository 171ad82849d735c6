"""What a worker process is given and what it says; light, so that a process starts before its tools are read."""

from collections.abc import Callable
from dataclasses import dataclass

from trialeukin.store.run_record import Problem, RunOrder

Tell = Callable[[str, float], None]
"""Called with the stage in words and the fraction of the whole that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker is to do.

    Attributes
    ----------
    order : RunOrder
        The study's text and the options.
    directory : str
        Where the run is written; neither it nor its parent is there yet.
    """

    order: RunOrder
    directory: str


@dataclass(frozen=True, slots=True)
class Told:
    """How far a worker is with its task: the stage in words, and the fraction of the whole that is done."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A worker is done with its task; with a problem, it has written nothing that counts."""

    problem: Problem | None = None


Message = Told | Finished
Work = Callable[[Task, Tell], None]
"""Does a task; what it raises says why it could not."""
