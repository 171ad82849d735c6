"""From nothing to the first patients, in a process of its own: `python starts.py` prints the seconds of each part."""

import json
import time

BEGIN = time.perf_counter()

from cases import maintenance  # noqa: E402

from trialeukin.engine.kernel import kernel_for  # noqa: E402
from trialeukin.engine.solve import solve  # noqa: E402

PATIENTS, DAYS = 8, 28


def main() -> None:
    """Print one JSON object."""
    seconds = {"import": time.perf_counter() - BEGIN}

    def lap(part: str) -> None:
        seconds[part] = time.perf_counter() - BEGIN - sum(seconds.values())

    problem = maintenance(PATIENTS, days=DAYS)
    lap("compose")
    kernel_for(problem.system)
    lap("kernel")
    solve(problem, threads=1)
    lap("loop and first patients")
    solve(problem, threads=1)
    lap("patients")
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
