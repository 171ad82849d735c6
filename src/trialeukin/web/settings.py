"""How a server is set up: where it listens, where it keeps things, and what it refuses."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from trialeukin.core.errors import InputError

LEAST_TOKEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one request may ask for.

    Attributes
    ----------
    body : int, byte
        Of a request.
    body_seconds : float, s
        For a request's body to arrive.
    text : int
        Characters of a regimen.
    arms : int
        Regimens compared at once.
    preview_patients : int
        Virtual patients of a page that answers at once.
    run_patients, run_replicates : int
        Of a run.
    jobs_waiting, jobs_at_once : int
        Runs in the queue, and those that are computed at the same time.
    job_seconds : float, s
        For one run.
    """

    body: int = 1_000_000
    body_seconds: float = 20.0
    text: int = 6_000
    arms: int = 4
    preview_patients: int = 500
    run_patients: int = 20_000
    run_replicates: int = 20_000
    jobs_waiting: int = 1_000
    jobs_at_once: int = 1
    job_seconds: float = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A server.

    Attributes
    ----------
    host : str
        The address it listens on.
    port : int
        The port; zero for any that is free.
    data : Path
        The directory of its catalogue and runs.
    evidence : Path or None
        The directory of its user's own studies and assessments.
    token : str or None
        What every request has to show; needed beyond this machine.
    limits : Limits
        What it refuses.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    evidence: Path | None = None
    token: str | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise InputError(f"--port {self.port}: give a number from 0 to 65535")
        if self.token is not None and len(self.token) < LEAST_TOKEN:
            raise InputError(
                f"a token of {len(self.token)} characters: give {LEAST_TOKEN} or more, such as the output of "
                "python -c 'import secrets; print(secrets.token_urlsafe())'"
            )
        if self.token is None and not is_loopback(self.host):
            raise InputError(
                f"--host {self.host} can be reached from other machines: set the environment variable TRIALEUKIN_TOKEN "
                f"to a secret of {LEAST_TOKEN} characters or more, or listen on 127.0.0.1"
            )


def is_loopback(host: str) -> bool:
    """Say whether an address reaches this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
