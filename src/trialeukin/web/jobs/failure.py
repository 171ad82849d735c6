"""Why a task failed, for the one who asked for it: no path of the server, and the way out."""

import errno

from trialeukin.core.errors import InputError, RunError
from trialeukin.store.run_record import Problem, ProblemKind

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def problem_of(fault: Exception) -> Problem:
    """Return why a task failed."""
    cause = _system_error(fault)
    if cause is not None:
        return Problem(kind=ProblemKind.STORAGE, message=_storage(cause))
    match fault:
        case InputError():
            return Problem(kind=ProblemKind.INPUT, message=str(fault), faults=fault.faults)
        case RunError():
            return Problem(kind=ProblemKind.RUN, message=str(fault))
        case MemoryError():
            message = "the memory of the server is used up: repeat the run with fewer patients or replicates"
            return Problem(kind=ProblemKind.MEMORY, message=message)
    message = f"an error of trialeukin itself, {type(fault).__name__}: please report it with the study's text"
    return Problem(kind=ProblemKind.INTERNAL, message=message)


def _system_error(fault: BaseException | None) -> OSError | None:
    while fault is not None and not isinstance(fault, OSError):
        fault = fault.__cause__ or fault.__context__
    return fault


def _storage(cause: OSError) -> str:
    if cause.errno in NO_SPACE:
        return "the disk of the server is full: delete runs that are no longer needed, then repeat this one"
    reason = cause.strerror or type(cause).__name__
    return f"the server cannot write to its directory for data ({reason}): tell who runs it, then repeat the run"
