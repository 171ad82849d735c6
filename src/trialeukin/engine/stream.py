"""Follow any number of patients in the memory of one batch, and keep what is asked for.

Patients are posed, followed and reduced batch by batch, so a run of a million needs no more than the path
of one batch, what is kept of each patient as single numbers, and summaries whose size does not depend on
how many there are. What is kept is the same, to the bit, for any size of batch: a trajectory does not
depend on its neighbours (`trialeukin.engine.solve`), counts and sums are of whole numbers
(`trialeukin.engine.sketch`, `trialeukin.engine.moments`), and arrays are in the order of the patients.

Memory, in bytes, for n patients in batches of b, v events, d doses and s quantities at k times: a batch takes
8 b (p + 4 d + k s) as the engine's input and output (twice, as one batch is let go when the next is there) and
at most 150 MB while it is reduced; what is kept takes n (16 + 8 v), 8 n for each further number a patient, the
courses of the chosen, and a few kB for each quantity and time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.engine.bins import HALF_A_PERCENT, Bins
from trialeukin.engine.moments import Moments, moments_of
from trialeukin.engine.problem import Problem
from trialeukin.engine.sketch import Sketch, sketch_of
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Slopes, Status, Trajectories, endings_of, place_of

PATIENTS_AT_ONCE = 4096
VALUES_AT_ONCE = 2**20  # reduced together; each takes up to 130 bytes on the way
OF_THE_RUN = "times"  # the one array of Trajectories that has no row a patient
ALWAYS = ("event_times", "status", "end_times")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What a reduction keeps beside event times, statuses and end times.

    Attributes
    ----------
    numbers : tuple of str
        Fields of `Trajectories` with one row a patient to keep whole, such as ``"highest"``.
    derived : mapping of str to callable
        Further numbers of each patient, by a name of the caller's: from the trajectories of a batch, one row a
        patient, such as an exposure by `trialeukin.engine.noncompartmental`. A patient's row must not depend on the
        other patients of the batch.
    bands : Bins or None
        How finely the quantiles of the saved quantities are kept; None keeps none.
    means : bool
        Whether the means and standard deviations of the saved quantities are kept.
    chosen : tuple of int
        Patients whose whole trajectories are kept, in this order.
    """

    numbers: tuple[str, ...] = ()
    derived: Mapping[str, Callable[[Trajectories], NDArray[Any]]] = field(default_factory=lambda: MappingProxyType({}))
    bands: Bins | None = HALF_A_PERCENT
    means: bool = True
    chosen: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        arrays = {each.name for each in fields(Trajectories) if each.type in {Floats, Integers}}
        allowed = arrays - {OF_THE_RUN, *ALWAYS}
        for name in self.numbers:
            if name not in allowed:
                raise InputError(f"numbers to keep: {name!r} is none of {', '.join(sorted(allowed))}")
        taken = sorted(set(self.derived) & {*self.numbers, *ALWAYS})
        if taken:
            raise InputError(f"derived numbers: {taken[0]!r} is kept already; give it another name")
        if len(set(self.chosen)) < len(self.chosen):
            raise InputError(f"chosen patients {self.chosen}: name each once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """What is kept of n patients.

    Attributes
    ----------
    times : (k,), day
        The save times.
    save, events : tuple of str
        Names of the saved quantities and of the events.
    event_times : (n, v), day
        When each event happened; NaN where it did not.
    status, end_times : (n,), 1 and day
        How and where each trajectory ended.
    numbers : mapping of str to (n, ...)
        The fields of `Trajectories` that were asked for, and the derived numbers.
    bands : Sketch or None
        Of the saved quantities over the patients, (k, s) cells; without those who failed, and without the
        values after a trajectory's end.
    moments : Moments or None
        Likewise.
    chosen : tuple of int
        Whose trajectories are kept.
    courses : Trajectories
        Of the chosen, in their order; of nobody when nobody was chosen.
    """

    times: Floats
    save: tuple[str, ...]
    events: tuple[str, ...]
    event_times: Floats
    status: Integers
    end_times: Floats
    numbers: Mapping[str, NDArray[Any]]
    bands: Sketch | None
    moments: Moments | None
    chosen: tuple[int, ...]
    courses: Trajectories

    @property
    def failed(self) -> Booleans:
        """(n,) Whether each trajectory ended in a failure."""
        return self.status > Status.ENDED_BY_EVENT

    @property
    def endings(self) -> dict[Status, int]:
        """How many trajectories ended in each way."""
        return endings_of(self.status)

    def event_time(self, name: str) -> Floats:
        """Return when one event happened, (n,), day; NaN where it did not.

        Raises
        ------
        InputError
            When there is no such event.
        """
        return self.event_times[:, place_of(name, self.events, "events")]

    def quantiles(self, name: str, levels: Sequence[float]) -> Floats:
        """Return quantiles of one saved quantity over the patients, (levels, k).

        Raises
        ------
        InputError
            When the bands were not kept, or the quantity was not saved.
        """
        if self.bands is None:
            raise InputError(f"quantiles of {name}: the run kept no bands; ask for them with Keep(bands=Bins())")
        return self.bands.quantiles(levels)[:, :, place_of(name, self.save, "saved quantities")]


def reduce(
    problem_of: Callable[[int, int], Problem],
    patients: int,
    *,
    keep: Keep = Keep(),
    at_once: int = PATIENTS_AT_ONCE,
    follow: Callable[[Problem], Trajectories] = solve,
    progress: Callable[[int], None] | None = None,
) -> Reduction:
    """Follow patients batch by batch and return what is to be kept of them.

    Parameters
    ----------
    problem_of : callable
        Given first and last + 1, poses those patients. One patient must come out the same in whatever batch;
        draws that are keyed by the patient's number do.
    patients : int
        How many.
    keep : Keep
        What to keep.
    at_once : int
        Size of a batch. Nothing but memory and speed depends on it.
    follow : callable
        How a batch is followed, such as ``partial(solve, threads=1)``.
    progress : callable or None
        Called with the number of patients that are done, after each batch.

    Raises
    ------
    InputError
        When a number makes no sense, or the batches are not of one problem.
    """
    _check(patients, at_once, keep)
    held: dict[str, NDArray[Any]] = {}
    sums: _Sums | None = None
    courses: list[Trajectories] = []
    for first in range(0, patients, at_once):
        last = min(first + at_once, patients)
        found = follow(problem_of(first, last))
        _check_batch(found, first, last, sums)
        for name, rows in _numbers(found, keep):
            held.setdefault(name, np.empty((patients, *rows.shape[1:]), dtype=rows.dtype))[first:last] = rows
        sums = _added(sums, found, keep)
        courses.append(_of_patients(found, [each - first for each in sorted(keep.chosen) if first <= each < last]))
        if progress is not None:
            progress(last)
    assert sums is not None  # there is at least one batch
    return Reduction(
        times=sums.times,
        save=sums.save,
        events=sums.events,
        numbers={name: held[name] for name in (*keep.numbers, *keep.derived)},
        bands=sums.bands,
        moments=sums.moments,
        chosen=keep.chosen,
        courses=_in_order(courses, keep.chosen),
        **{name: held[name] for name in ALWAYS},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """What all batches share, and what has been added up over them."""

    times: Floats
    save: tuple[str, ...]
    events: tuple[str, ...]
    bands: Sketch | None
    moments: Moments | None


def _added(sums: _Sums | None, found: Trajectories, keep: Keep) -> _Sums:
    bands, moments = (None, None) if sums is None else (sums.bands, sums.moments)
    for values in _in_pieces(found.values[~found.failed] if found.failed.any() else found.values):
        if keep.bands is not None:
            piece = sketch_of(values, keep.bands)
            bands = piece if bands is None else bands + piece
        if keep.means:
            part = moments_of(values)
            moments = part if moments is None else moments + part
    return _Sums(times=found.times, save=found.save, events=found.events, bands=bands, moments=moments)


def _in_pieces(values: Floats) -> Iterator[Floats]:
    """Yield the rows of (n, k, s) values a few at a time; once without rows when there are none."""
    rows = max(1, VALUES_AT_ONCE // max(1, values.shape[1] * values.shape[2]))
    for first in range(0, max(1, values.shape[0]), rows):
        yield values[first : first + rows]


def _numbers(found: Trajectories, keep: Keep) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield what is kept of each patient of a batch, by name."""
    for name in (*ALWAYS, *keep.numbers):
        yield name, getattr(found, name)
    for name, derive in keep.derived.items():
        rows = np.asarray(derive(found))
        if rows.shape[:1] != found.status.shape:
            raise InputError(
                f"derived number {name!r}: of shape {rows.shape} for {found.status.size} patients; give one row each"
            )
        yield name, rows


def _of_patients(found: Trajectories, places: list[int]) -> Trajectories:
    """Return the trajectories of the patients at some places of a batch."""
    rows: dict[str, Any] = {name: array[places] for name, array in _arrays(found).items()}
    if found.slopes is not None:
        slopes: dict[str, Any] = {name: array[places] for name, array in _arrays(found.slopes).items()}
        rows["slopes"] = replace(found.slopes, **slopes)
    return replace(found, **rows)


def _in_order(courses: list[Trajectories], chosen: tuple[int, ...]) -> Trajectories:
    """Join trajectories that are sorted by patient, and put them in the order of the chosen."""
    order = np.argsort(np.argsort(np.array(chosen, dtype=np.int64)))
    joined = _joined(courses, order)
    if courses[0].slopes is not None:
        slopes = [each.slopes for each in courses if each.slopes is not None]
        joined["slopes"] = replace(slopes[0], **_joined(slopes, order))
    return replace(courses[0], **joined)


def _joined(parts: Sequence[Trajectories] | Sequence[Slopes], order: Integers) -> dict[str, Any]:
    """Return the arrays of parts one after the other, in an order, by name."""
    return {name: np.concatenate([getattr(each, name) for each in parts])[order] for name in _arrays(parts[0])}


def _arrays(found: Trajectories | Slopes) -> dict[str, NDArray[Any]]:
    """Return the arrays with one row a patient, by name."""
    everything = {each.name: getattr(found, each.name) for each in fields(found) if each.name != OF_THE_RUN}
    return {name: value for name, value in everything.items() if isinstance(value, np.ndarray)}


def _check(patients: int, at_once: int, keep: Keep) -> None:
    if patients < 1 or at_once < 1:
        raise InputError(f"{patients} patients in batches of {at_once}: give one or more of both")
    outside = [each for each in keep.chosen if not 0 <= each < patients]
    if outside:
        raise InputError(f"chosen patient {outside[0]}: there are {patients}, numbered from 0 to {patients - 1}")


def _check_batch(found: Trajectories, first: int, last: int, sums: _Sums | None) -> None:
    if found.status.size != last - first:
        raise InputError(
            f"patients {first} to {last - 1}: the problem posed for them has {found.status.size} patients; "
            f"give it one row of parameters, amounts and fates for each of the {last - first}"
        )
    if sums is not None and not (
        (sums.save, sums.events) == (found.save, found.events) and np.array_equal(sums.times, found.times)
    ):
        raise InputError(
            f"patients {first} to {last - 1}: what is saved, when, or the events are not those of the patients "
            "before: pose every batch with one system, save and save_times"
        )
