"""A run as the catalogue knows it: what was asked for, how far it is, and what became of it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from trialeukin.core.errors import Fault


class State(Enum):
    """How far a run is; the values are the words of the catalogue."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self not in {State.QUEUED, State.RUNNING}


class ProblemKind(Enum):
    """Why a run failed, in kinds that programs may rely on."""

    INPUT = "input"
    RUN = "run"
    STORAGE = "storage"
    MEMORY = "memory"
    TIME_LIMIT = "time-limit"
    LOST = "lost"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a run failed.

    Attributes
    ----------
    kind : ProblemKind
        The kind of failure.
    message : str
        What happened and the way out.
    faults : tuple of Fault
        Where the study's text is at fault, if it is.
    """

    kind: ProblemKind
    message: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How much is computed, and from which seed; `trialeukin.store.run_order.order_of` checks it.

    Attributes
    ----------
    patients, replicates : int
        Virtual patients under every arm, and virtual trials drawn from them.
    seed : int
        Of all random numbers.
    effect : bool
        False for the null hypothesis.
    """

    patients: int
    replicates: int
    seed: int
    effect: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """All that a run's result depends on beside the code: the study's text and the options.

    Attributes
    ----------
    study, title : str
        The study's short name and its title, as its text gives them.
    study_text : str
        The study file's text.
    options : RunOptions
        How much is computed.
    """

    study: str
    title: str
    study_text: str
    options: RunOptions

    @property
    def digest(self) -> str:
        """SHA-256 of what is asked for: two orders with the same digest and code have the same result."""
        options = self.options
        asked = [self.study_text, options.patients, options.replicates, options.seed, options.effect]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    @property
    def command(self) -> str:
        """The command that does the same with the study's text in a file."""
        options = self.options
        words = ["trialeukin", "run", f"{self.study}.toml", "--patients", f"{options.patients}"]
        words += ["--replicates", f"{options.replicates}", "--seed", f"{options.seed}"]
        return " ".join(words if options.effect else [*words, "--without-effect"])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of the catalogue.

    Attributes
    ----------
    number : int
        Its place in the order in which runs were asked for.
    id : str
        Random, of a-f and digits.
    study, title : str
        The study's short name and its title.
    options : RunOptions
        How much is computed.
    state : State
        How far it is.
    created, started, ended : datetime, UTC
        When it was asked for, last started, and over; None for not yet.
    stage : str
        What is being done, in words.
    fraction : float, 1
        How much of the whole is done.
    attempts : int
        How often it was started.
    problem : Problem or None
        Why it failed.
    cancelling : bool
        Whether it still runs and is about to be stopped.
    order_digest : str
        See `RunOrder.digest`.
    code_version, code_digest : str or None
        The version of trialeukin that ran it, and the digest of its source.
    revision : int
        Grows with every change.
    """

    number: int
    id: str
    study: str
    title: str
    options: RunOptions
    state: State
    created: datetime
    started: datetime | None
    ended: datetime | None
    stage: str
    fraction: float
    attempts: int
    problem: Problem | None
    cancelling: bool
    order_digest: str
    code_version: str | None
    code_digest: str | None
    revision: int
