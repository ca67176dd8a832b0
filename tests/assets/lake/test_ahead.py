"""The next thing is made while the last one is in use, and in no other order."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from assets.lake.ahead import ahead


def test_the_next_thing_is_made_while_the_last_one_is_in_use() -> None:
    begun = [threading.Event() for _ in range(3)]

    def things() -> Iterator[int]:
        for number, one in enumerate(begun):
            one.set()
            yield number

    taken = []
    for number in ahead(things()):
        taken.append(number)
        assert all(one.wait(10) for one in begun[: number + 2]), "one ahead"
        assert not any(one.is_set() for one in begun[number + 2 :]), "and no more than one"
    assert taken == [0, 1, 2]


def test_an_error_comes_in_the_place_of_the_thing_that_could_not_be_made() -> None:
    def things() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    taken = ahead(things())
    assert next(taken) == 1
    with pytest.raises(ValueError, match="the second"):
        next(taken)


def test_whoever_stops_early_waits_for_the_thing_begun_and_no_more_are_made() -> None:
    made = []

    def things() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    taken = ahead(things())
    next(taken)
    taken.close()
    assert made == [0, 1]
