"""Quantiles to a stated relative accuracy, from counts that do not depend on the order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import InputError
from trialeukin.engine.bins import HALF_A_PERCENT, Bins
from trialeukin.engine.sketch import Sketch, empty_sketch, sketch_of

TINY = float(np.finfo(np.float64).tiny)
LEVELS = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-10.0, 10.0),
    st.sampled_from([0.0, -0.0, 1.0, 1.0, -2.5, TINY, -TINY, 5e-324, 1.7976931348623157e308]),
)
SAMPLES = st.lists(NUMBERS, min_size=1, max_size=60)
ACCURACIES = st.sampled_from([0.001, 0.005, 0.02, 0.3])


def distance(found: float, wanted: float) -> float:
    """Return how far an estimate is off, relative to the number; below the smallest normal number, absolutely."""
    return abs(found / 2.0 - wanted / 2.0) / (max(abs(wanted), TINY) / 2.0)  # halves cannot overflow


@given(SAMPLES, ACCURACIES)
def test_every_quantile_is_within_the_accuracy(numbers: list[float], accuracy: float) -> None:
    values = np.array(numbers)[:, None]

    found = sketch_of(values, Bins(accuracy=accuracy)).quantiles(LEVELS)[:, 0]

    order = np.sort(values[:, 0])
    for level, estimate in zip(LEVELS, found, strict=True):
        wanted = order[int(np.floor(level * (order.size - 1)))]
        allowed = 1.0 if abs(wanted) <= TINY else accuracy  # at most the smallest normal number is zero
        assert distance(estimate, wanted) <= allowed


@pytest.mark.parametrize("accuracy", [0.002, 0.005, 0.05])
def test_quantiles_of_heavy_tails_on_both_sides_are_within_the_accuracy(accuracy: float) -> None:
    drawn = np.random.default_rng(5).standard_cauchy((20_001, 3)) ** 3

    found = sketch_of(drawn, Bins(accuracy=accuracy)).quantiles(LEVELS)

    wanted = np.quantile(drawn, LEVELS, axis=0, method="lower")
    assert (np.abs(found - wanted) <= accuracy * np.abs(wanted)).all()


def test_a_bin_tells_its_numbers_to_the_accuracy_at_both_ends() -> None:
    bins = Bins(accuracy=0.01, smallest=1e-6)
    middle = np.arange(1, bins.number, 97) + bins.number + 1
    estimates = bins.estimates(middle)
    low, high = estimates * (1.0 - 0.0099), estimates * (1.0 + 0.0099)

    places = [bins.places(each) for each in (estimates, low, high)]

    assert all(np.abs(each - middle).max() <= 1 for each in places)
    assert (places[0] == middle).all()
    for values, where in zip((low, high), places[1:], strict=True):
        assert (np.abs(bins.estimates(where) - values) <= 0.01 * values).all()


@settings(max_examples=50)
@given(st.lists(st.lists(NUMBERS | st.just(np.nan) | st.just(np.inf), min_size=2, max_size=2), min_size=1), st.data())
def test_any_split_in_any_order_gives_the_same_bits(rows: list[list[float]], data: st.DataObject) -> None:
    values = np.array(rows)
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))

    whole = sketch_of(values)
    parts = empty_sketch((2,))
    for part in np.split(values[order], cuts):
        parts = sketch_of(part) + parts

    assert parts == whole
    np.testing.assert_array_equal(parts.quantiles(LEVELS), whole.quantiles(LEVELS))
    for left, right in ((parts.lowest, whole.lowest), (parts.highest, whole.highest)):
        assert left.tobytes() == right.tobytes()


@given(SAMPLES)
def test_numbers_counts_and_ends_are_exact_and_nan_is_counted_apart(numbers: list[float]) -> None:
    values = np.array([*numbers, np.nan, np.nan])[:, None]

    found = sketch_of(values)

    assert found.counted == len(numbers)
    assert found.missing == 2
    assert (found.lowest, found.highest) == (min(numbers), max(numbers))
    assert found.quantiles([0.0, 1.0])[:, 0].tolist() == [min(numbers), max(numbers)]


def test_a_cell_without_numbers_has_no_quantile_beside_one_that_has() -> None:
    found = sketch_of(np.array([[np.nan, 2.0, np.nan], [np.nan, 2.0, np.nan]]))

    quantiles = found.quantiles([0.0, 0.5, 1.0])

    assert np.isnan(quantiles[:, [0, 2]]).all()
    assert (quantiles[:, 1] == 2.0).all()
    assert found.counted.tolist() == [0, 2, 0]


def test_infinities_have_bins_of_their_own() -> None:
    sample = sketch_of(np.array([-np.inf, 0.0, 0.0, 0.0, np.inf])[:, None])

    found = sample.quantiles([0.1, 0.5, 0.9, 1.0])

    assert found[:, 0].tolist() == [-np.inf, 0.0, 0.0, np.inf]


def test_cells_keep_the_shape_of_what_went_in() -> None:
    values = np.random.default_rng(1).lognormal(size=(500, 4, 3))

    found = sketch_of(values)

    assert found.quantiles([0.5]).shape == (1, 4, 3)
    alone = sketch_of(values[:, 2, 1][:, None])
    assert found.quantiles(LEVELS)[:, 2, 1].tolist() == alone.quantiles(LEVELS)[:, 0].tolist()


def test_memory_is_within_what_the_module_says() -> None:
    decades = 10.0 ** np.linspace(-1.5, 1.5, 100_000)[:, None]

    typical = sketch_of(decades).bytes_held
    several = sum((sketch_of(decades) for _ in range(3)), start=empty_sketch((1,))).bytes_held

    assert typical == several <= 24 + 16 * (np.log(1000.0) / 0.01 + 2)
    assert HALF_A_PERCENT.number == 141_817


def test_numbers_up_to_the_smallest_magnitude_count_as_zero() -> None:
    found = sketch_of(np.array([-1e-9, 1e-9, 1e-9, 3.0])[:, None], Bins(smallest=1e-9))

    assert found.quantiles([0.4, 0.7])[:, 0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Bins(accuracy=0.0), "between 0 and 1"),
        (lambda: Bins(accuracy=1e-6), "bins, more than"),
        (lambda: Bins(smallest=0.0), "give a positive number below 1"),
        (lambda: empty_sketch((1,)).quantiles([1.5]), "from 0 to 1"),
        (lambda: empty_sketch((1,)) + empty_sketch((2,)), "do not add up"),
        (lambda: empty_sketch((1,)) + empty_sketch((1,), Bins(accuracy=0.1)), "do not add up"),
    ],
)
def test_what_has_no_meaning_is_refused(make: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()  # type: ignore[operator]


def test_sketches_are_values() -> None:
    one, same, other = (sketch_of(np.array([[each]])) for each in (1.0, 1.0, 2.0))

    assert isinstance(one, Sketch)
    assert one == same != other
    assert one != "a sketch"
