"""A server whose first run goes on until it is stopped; others are as ever: ``restarted_server.py DATA PORT``."""

import os
import sys
import time
from functools import partial
from pathlib import Path

from trialeukin.web import server, workshop
from trialeukin.web.jobs.messages import Task, Tell
from trialeukin.web.jobs.runner import JobRunner
from trialeukin.web.jobs.work import run_and_write
from trialeukin.web.settings import Settings

LEASE = 1.0  # seconds, so that a death is noticed soon
MARK = "TRIALEUKIN_TEST_MARK"


def endless_at_first(task: Task, tell: Tell) -> None:
    """Do not come to an end where nobody has left a mark before."""
    mark = Path(os.environ[MARK])
    if mark.exists():
        run_and_write(task, tell)
        return
    mark.touch()
    while True:
        tell("following patients", 0.5)
        time.sleep(0.05)


def tell_address(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    workshop.run_and_write = endless_at_first
    workshop.JobRunner = partial(JobRunner, lease=LEASE)
    server._warm = lambda: None  # nobody waits for a model here
    server.serve(Settings(data=Path(sys.argv[1]), port=int(sys.argv[2])), listening=tell_address)
