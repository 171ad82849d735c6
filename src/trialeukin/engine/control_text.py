"""Step control for all lanes at once: how long a step is, whether it counts, how long the next should be.

A step counts when the mean square of error over tolerance is at most one and no positive state is below its
floor; the next length is 0.9 err^(-1/5) times this one, err the root of that mean, bounded, and no longer than
this one after a repetition. The power is computed by our own exp and log, so that no step depends on a
platform's mathematical library; and lanes to which nothing happens need no attention from the loop, which
took a third of the time when it judged each lane by itself.
"""

from trialeukin.engine.frame import RUNNING
from trialeukin.engine.trajectories import Status
from trialeukin.engine.vector_functions import exponential, logarithm
from trialeukin.engine.vector_text import Writer

SAFETY = 0.9
GROWTH = 8.0
SHRINKAGE = 0.1
SMALLEST_STEP = 1e-13  # of the time reached
SHORTEST_TIME = 1e-4  # day; until then as if it had been reached: layers at the start may be as thin as the step then
INVERTIBLE = 1e-90  # day; instants may be closer, but pivots, which are of the size of its inverse, are multiplied


def write_length(writer: Writer) -> str:
    """Write how long the step is, so that the last one before a stop is no splinter; return it.

    A lane without a patient has a stop that is no number, and wishes the same length for ever.
    """
    wish = writer.load("%wish", 0)
    left = writer.binary("fsub", writer.load("%stop", 0), writer.load("%time", 0))
    half = writer.binary("fmul", left, writer.splat(0.5))
    length = writer.select(writer.compare("ogt", wish, half), half, wish)
    whole = _larger(writer, left, writer.splat(INVERTIBLE))
    length = writer.select(_closes(writer, wish, left), whole, length)
    writer.store(length, "%length", 0)
    return length


def _closes(writer: Writer, wish: str, left: str) -> str:
    """Return whether a step goes to the stop."""
    return writer.compare("oge", wish, writer.binary("fmul", left, writer.splat(0.999)))


def write_judgement(writer: Writer, length: str, error: str, margin: str) -> None:
    """Write whether the step counts, where it ends, what is saved in it, the next wish, and who needs attention."""
    stop, time, wish = (writer.load(f"%{name}", 0) for name in ("stop", "time", "wish"))
    reason = writer.load("%reason", 0)
    one, zero = writer.splat(1.0), writer.splat(0.0)
    small = writer.compare("ole", error, one)
    counts = _both(writer, small, writer.compare("oge", margin, zero))
    counts = _both(writer, counts, writer.compare("ord", stop, stop))
    end = writer.binary("fadd", time, length)
    end = writer.select(_closes(writer, wish, writer.binary("fsub", stop, time)), stop, end)
    end = writer.select(counts, end, time)
    _write_saving(writer, counts, (time, end), length)
    factor = _factor(writer, error)
    last_counted = writer.compare("oeq", reason, writer.splat(float(RUNNING)))
    no_longer = writer.select(writer.compare("olt", factor, one), factor, one)
    grown = writer.binary("fmul", length, writer.select(last_counted, factor, no_longer))
    cut_short = _both(writer, last_counted, writer.compare("olt", length, wish))
    grown = writer.select(cut_short, _larger(writer, grown, wish), grown)
    shrunk = writer.binary("fmul", length, writer.select(small, writer.splat(0.5), factor))
    wished = writer.select(counts, grown, shrunk)
    writer.store(writer.select(writer.compare("ord", stop, stop), wished, wish), "%wish", 0)
    failure = writer.select(
        writer.compare("ogt", error, one), _status(writer, Status.STEP_TOO_SMALL), _status(writer, Status.NOT_FINITE)
    )
    failure = writer.select(small, _status(writer, Status.NEGATIVE_STATE), failure)
    writer.store(writer.select(counts, writer.splat(float(RUNNING)), failure), "%reason", 0)
    reached = _larger(writer, time, writer.splat(SHORTEST_TIME))
    smallest = writer.binary("fmul", reached, writer.splat(SMALLEST_STEP))
    too_small = writer.select(writer.compare("olt", shrunk, smallest), one, zero)
    steps = writer.binary("fadd", writer.load("%steps", 0), writer.select(counts, one, zero))
    due = _either(
        writer, writer.compare("oge", end, stop), writer.compare("oge", steps, writer.load_scalar("%most", 0))
    )
    writer.store(writer.select(counts, writer.select(due, one, zero), too_small), "%attention", 0)
    for value, name in ((end, "end"), (steps, "steps"), (writer.select(counts, one, zero), "accepted")):
        writer.store(value, f"%{name}", 0)


def _write_saving(writer: Writer, counts: str, step: tuple[str, str], length: str) -> None:
    """Write where in the step the next save is due, minus one where it is not."""
    (time, end), due = step, writer.load("%due", 0)
    inside = writer.binary("fdiv", writer.binary("fsub", due, time), length)
    inside = _larger(writer, inside, writer.splat(0.0))
    one = writer.splat(1.0)
    inside = writer.select(writer.compare("olt", inside, one), inside, one)
    wanted = _both(writer, counts, writer.compare("ole", due, end))
    writer.store(writer.select(wanted, inside, writer.splat(-1.0)), "%fraction", 0)


def _factor(writer: Writer, error: str) -> str:
    """Return by how much the next step is to be longer, the smallest where the error is no number."""
    power = exponential(writer, writer.binary("fmul", logarithm(writer, error), writer.splat(-0.1)))
    factor = _larger(writer, writer.binary("fmul", power, writer.splat(SAFETY)), writer.splat(SHRINKAGE))
    return writer.select(writer.compare("olt", factor, writer.splat(GROWTH)), factor, writer.splat(GROWTH))


def _larger(writer: Writer, first: str, second: str) -> str:
    """Return the larger of two, the second where the first is no number."""
    return writer.select(writer.compare("ogt", first, second), first, second)


def _both(writer: Writer, first: str, second: str) -> str:
    return writer.fresh(f"and {writer.truths} {first}, {second}")


def _either(writer: Writer, first: str, second: str) -> str:
    return writer.fresh(f"or {writer.truths} {first}, {second}")


def _status(writer: Writer, status: Status) -> str:
    return writer.splat(float(status))
