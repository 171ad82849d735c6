"""A study from its file to its report, in a process of its own.

python run_parts.py STUDY.toml DIRECTORY [patients] [draws]

prints the seconds of each part as JSON. It does what ``trialeukin run`` does with its defaults, by the same
functions, after making the code that a run makes on the way in steps that can be told apart: the kernel alone,
then the loop with the first eight patients.
"""

import json
import sys
import time

BEGIN = time.perf_counter()

from pathlib import Path  # noqa: E402

from trialeukin.engine.kernel import kernel_for  # noqa: E402
from trialeukin.report.study_report import study_report  # noqa: E402
from trialeukin.store.run_directory import write_run  # noqa: E402
from trialeukin.trial.run import DRAWS, PATIENTS, SEED, run_study  # noqa: E402
from trialeukin.trial.simulate import cohort_of, setting_of, simulate  # noqa: E402
from trialeukin.trial.study_file import load_study  # noqa: E402

FIRST = 8  # patients


def main(study: str, directory: str, patients: int = PATIENTS, draws: int = DRAWS) -> None:
    """Print one JSON object."""
    seconds = {"import": time.perf_counter() - BEGIN}

    def lap(part: str) -> None:
        seconds[part] = time.perf_counter() - BEGIN - sum(seconds.values())

    planned = load_study(Path(study))
    setting = setting_of(planned, seed=SEED)
    lap("study and model")
    kernel_for(setting.system)
    lap("lowering and compile of the kernel")
    simulate(setting, setting.arms[0], (cohort_of(setting, FIRST),), horizon=1.0)
    lap("compile of the loop")
    result = run_study(planned, patients=patients, draws=draws)
    lap("solve and trials")
    write_run(result, Path(directory), report=study_report, command="benchmarks/run_parts.py")
    lap("report")
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
