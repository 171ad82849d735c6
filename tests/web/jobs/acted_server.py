"""A server's half that runs what waits, in a process that tests may kill: ``acted_server.py DATA LEASE``."""

import sys
import time
from pathlib import Path

from acted_work import act

from trialeukin.store.data_directory import DataDirectory
from trialeukin.web.jobs.runner import JobRunner

if __name__ == "__main__":
    runner = JobRunner(DataDirectory.open(Path(sys.argv[1])), act, at_once=4, lease=float(sys.argv[2]))
    with runner:
        while True:
            time.sleep(0.05)
            Path(sys.argv[1], "workers").write_text("\n".join(map(str, runner.workers())))
