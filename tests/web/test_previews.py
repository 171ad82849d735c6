"""What pages compute while somebody waits: side by side, each key once, and a fault is forgotten."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event

import pytest

from trialeukin.web.previews import Previews

LONG = 20.0  # seconds, for what takes none


def test_two_keys_are_computed_side_by_side() -> None:
    both = Barrier(2)
    previews = Previews(at_once=2)

    with ThreadPoolExecutor(2) as people:
        found = [people.submit(previews.of, key, lambda: both.wait(LONG)) for key in "ab"]

    assert sorted(each.result() for each in found) == [0, 1]


def test_no_more_are_computed_at_once_than_may_be() -> None:
    both = Barrier(2)
    previews = Previews(at_once=1)

    with ThreadPoolExecutor(2) as people:
        found = [people.submit(previews.of, key, lambda: both.wait(0.1)) for key in "ab"]

    assert all(each.exception() is not None for each in found)  # neither met the other


def test_a_key_that_several_ask_for_at_once_is_computed_once() -> None:
    asked, finish, calls = Event(), Event(), []
    previews = Previews(at_once=4)

    def compute() -> str:
        calls.append("called")
        asked.set()
        finish.wait(LONG)
        return "value"

    with ThreadPoolExecutor(4) as people:
        first = people.submit(previews.of, "key", compute)
        asked.wait(LONG)
        others = [people.submit(previews.of, "key", compute) for _ in range(3)]
        finish.set()

    assert [each.result() for each in (first, *others)] == ["value"] * 4
    assert calls == ["called"]


def test_a_fault_reaches_whoever_asked_and_is_forgotten() -> None:
    asked, finish = Event(), Event()
    previews = Previews(at_once=2)

    def fail() -> str:
        asked.set()
        finish.wait(LONG)
        raise ValueError("no luck")

    with ThreadPoolExecutor(2) as people:
        first = people.submit(previews.of, "key", fail)
        asked.wait(LONG)
        second = people.submit(previews.of, "key", fail)
        finish.set()

    for each in (first, second):
        with pytest.raises(ValueError, match="no luck"):
            each.result()
    assert previews.of("key", lambda: "luck") == "luck"
    assert previews.of("another", lambda: "too") == "too"  # the place of the one that failed is free


def test_the_last_are_kept() -> None:
    previews = Previews(most=2)

    found = [previews.of(key, partial(int, at)) for at, key in enumerate("abacab")]

    assert found == [0, 1, 0, 3, 4, 5]  # the third key put out the first, whose return put out the second
