"""What is ready is done beside each other, what needs another after it."""

from __future__ import annotations

import threading

import pytest

from assets.lake.beside import Work, beside


def test_two_things_are_done_at_the_same_time_and_told_in_the_order_given() -> None:
    both = threading.Barrier(2, timeout=10)

    def meet(name: str) -> str:
        both.wait()  # alone it would wait in vain
        return name

    done = beside({"b": Work(lambda: meet("b")), "a": Work(lambda: meet("a"))})
    assert list(done.items()) == [("b", "b"), ("a", "a")]


def test_what_needs_another_begins_once_that_is_done() -> None:
    done: list[str] = []
    works = {
        "table": Work(lambda: done.append("table"), after=("aliases",)),
        "aliases": Work(lambda: done.append("aliases"), after=("registry",)),
        "registry": Work(lambda: done.append("registry")),
    }
    beside(works)
    assert done == ["registry", "aliases", "table"]


def test_after_an_error_what_has_begun_is_ended_and_nothing_more_is_taken_up() -> None:
    begun = threading.Event()
    done: list[str] = []

    def fail() -> None:
        assert begun.wait(10)
        raise ValueError("the first")

    def last() -> None:
        begun.set()
        done.append("beside it")

    with pytest.raises(ValueError, match="the first"):
        beside(
            {
                "one": Work(fail),
                "two": Work(last),
                "three": Work(lambda: done.append("three"), after=("one",)),
            }
        )
    assert done == ["beside it"]
