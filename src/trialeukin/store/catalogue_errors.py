"""What can be wrong with a request to the catalogue of runs or to its queue."""

from trialeukin.core.errors import InputError, RunError


class UnknownRunError(InputError):
    """No run of that id, or it has no such file."""


class RunStateError(InputError):
    """The run is in a state in which this cannot be done."""


class QueueFullError(InputError):
    """As many runs wait as may wait."""


class CatalogueError(RunError):
    """The data directory or its catalogue cannot be read or written."""


def unknown_run(name: str) -> UnknownRunError:
    """Return the error for an id that no run has."""
    return UnknownRunError(f"no run {name[:40]!r} here: it may have been deleted; see the list of runs")
