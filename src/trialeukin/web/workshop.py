"""What a server has open: its data directory, the catalogue and queue of runs, and who does them."""

from dataclasses import dataclass

from fastapi import Request

from trialeukin.core.errors import InputError
from trialeukin.store.catalogue import Catalogue
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import JobQueue
from trialeukin.store.run_order import order_of
from trialeukin.store.run_record import RunOptions, RunRecord
from trialeukin.web.jobs.runner import JobRunner
from trialeukin.web.jobs.work import run_and_write
from trialeukin.web.settings import Limits, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The runs of a server.

    Attributes
    ----------
    data : DataDirectory
        Where they are kept.
    catalogue : Catalogue
        Finds them.
    queue : JobQueue
        Those that wait and are done.
    limits : Limits
        What is refused.
    """

    data: DataDirectory
    catalogue: Catalogue
    queue: JobQueue
    limits: Limits

    @classmethod
    def open(cls, settings: Settings) -> "Workshop":
        """Return the workshop of a server's data directory.

        Raises
        ------
        InputError
            When the directory is a file, or cannot be made.
        CatalogueError
            When its catalogue cannot be read or written.
        """
        data, limits = DataDirectory.open(settings.data), settings.limits
        return cls(
            data=data,
            catalogue=Catalogue(data),
            queue=JobQueue(data, waiting=limits.jobs_waiting),
            limits=limits,
        )

    def runner(self) -> JobRunner:
        """Return who does the runs, from its start to its stop."""
        return JobRunner(self.data, run_and_write, at_once=self.limits.jobs_at_once, seconds=self.limits.job_seconds)

    def submit(self, study_text: str, options: RunOptions) -> RunRecord:
        """Put a run of a study's text in the queue.

        Raises
        ------
        StudyError
            When the text does not describe a study, with every fault's place.
        InputError
            When it asks for more than this server computes.
        QueueFullError
            When too many wait.
        """
        for name, asked, most in (
            ("patients", options.patients, self.limits.run_patients),
            ("replicates", options.replicates, self.limits.run_replicates),
        ):
            if asked > most:
                raise InputError(f"{name} {asked:,}: give at most {most:,} here; the command line has no such limit")
        return self.queue.submit(order_of(study_text, options))


def workshop_of(request: Request) -> Workshop:
    """Return the workshop of the server that answers a request."""
    workshop: Workshop = request.app.state.workshop
    return workshop
