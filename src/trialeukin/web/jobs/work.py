"""Does what a run's order asks for: reads the study, runs it and writes the run's directory."""

from pathlib import Path

from trialeukin.report.study_report import study_report
from trialeukin.store.run_directory import write_run
from trialeukin.trial.run import run_study
from trialeukin.trial.study_file import parse_study
from trialeukin.web.jobs.messages import Task, Tell

SHARE_OF_WRITING = 0.05


def run_and_write(task: Task, tell: Tell) -> None:
    """Run a study and write its directory.

    Raises
    ------
    InputError
        When the study has no meaning after all.
    RunError
        When the run or the writing fails.
    OSError
        When the place cannot be written.
    """
    directory, order, options = Path(task.directory), task.order, task.order.options
    directory.parent.mkdir(parents=True)
    tell("reading the study", 0.0)
    result = run_study(
        parse_study(order.study_text, name=order.study),
        patients=options.patients,
        replicates=options.replicates,
        seed=options.seed,
        effect=options.effect,
        progress=lambda stage, fraction: tell(stage, (1.0 - SHARE_OF_WRITING) * fraction),
    )
    tell("writing the report", 1.0 - SHARE_OF_WRITING)
    write_run(result, directory, report=study_report, command=order.command)
