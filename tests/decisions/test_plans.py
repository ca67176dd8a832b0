"""Work that one of Polars' threads does from end to end: what comes of it is what it returns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import Event, get_ident

import polars as pl
import pytest

from decisions.plans import as_written, by_a_worker

NAMES = pl.LazyFrame({"name": ["a", "b", "c"], "n": [1, 2, 3]})


def _joined() -> list[int]:
    plan = NAMES.join(NAMES, on="name").group_by("name").agg(pl.col("n").sum()).sort("name")
    return as_written(plan)["n"].to_list()


@pytest.mark.skipif(pl.thread_pool_size() == 1, reason="Polars has one thread")
def test_is_done_by_another_thread_than_asks_for_it() -> None:
    assert by_a_worker(get_ident) != get_ident()


def test_returns_what_the_work_returns() -> None:
    assert by_a_worker(_joined) == [1, 2, 3]


def test_raises_the_very_error_of_the_work() -> None:
    error = KeyError("nobody")

    def fail() -> None:
        raise error

    with pytest.raises(KeyError) as raised:
        by_a_worker(fail)
    assert raised.value is error
    assert by_a_worker(_joined) == [1, 2, 3], "the next work is done as if nothing had happened"


def test_work_within_work_stays_with_the_same_thread() -> None:
    ours, theirs = by_a_worker(lambda: (get_ident(), by_a_worker(get_ident)))
    assert ours == theirs


def test_sees_the_context_of_who_asks() -> None:
    told = ContextVar("told", default="nothing")
    told.set("something")
    assert by_a_worker(told.get) == "something"


@pytest.mark.skipif(pl.thread_pool_size() == 1, reason="Polars has one thread")
def test_what_is_asked_for_meanwhile_is_done_where_it_is_asked_for() -> None:
    begun, may_end = Event(), Event()

    def wait() -> list[int]:
        begun.set()
        assert may_end.wait(timeout=60)
        return _joined()

    with ThreadPoolExecutor(1) as other:
        first = other.submit(by_a_worker, wait)
        assert begun.wait(timeout=60)
        # Its plans are run although one of Polars' threads is kept.
        assert by_a_worker(_joined) == [1, 2, 3]
        assert by_a_worker(get_ident) == get_ident()
        may_end.set()
        assert first.result(timeout=60) == [1, 2, 3]


def test_many_at_once_all_come_to_an_end() -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: by_a_worker(_joined), range(200)))
    assert found == [[1, 2, 3]] * 200
