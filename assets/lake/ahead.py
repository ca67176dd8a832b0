"""Making the next thing while the last one is being written.

Belongs here: the one thread that works ahead. Does not: what is made or written.

Reading a portion keeps one core busy, and so does writing one: beside each other they
keep two. No more than one thing is made ahead, so that memory holds two.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def ahead(things: Iterable[T]) -> Generator[T]:
    """The things, in order, each made by another thread while the one before it is in use.

    Whoever is in the middle of one must not depend on its use being over: what makes the things
    reads nothing that their user writes. An error in the making is raised in its place.
    """
    made = iter(things)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:

        def begin() -> Future[list[T]]:
            return thread.submit(lambda: list(islice(made, 1)))

        coming = begin()
        while one := coming.result():
            coming = begin()
            yield from one
