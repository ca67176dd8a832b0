"""Doing things beside each other, each once what it needs is done.

Belongs here: the two threads that take up what is ready. Does not: what is done.

Much of collection keeps one core busy: parsing, hashing, encoding. Two things that share nothing
but logs keep two. More than two would hold more in memory and be no quicker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Generic, TypeVar

T = TypeVar("T")

AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """Something to do, and the names of what must be done before it."""

    do: Callable[[], T]
    after: tuple[str, ...] = ()


def beside(works: Mapping[str, Work[T]]) -> dict[str, T]:
    """What comes of every work, by name, in the order given; some are done at the same time.

    What is ready first is taken up in the order given. After an error nothing more is taken up:
    what has begun is ended, and the error is raised.
    """
    order = TopologicalSorter({name: work.after for name, work in works.items()})
    order.prepare()
    places = {name: place for place, name in enumerate(works)}
    ready: list[str] = []
    running: dict[Future[T], str] = {}
    done: dict[str, T] = {}
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="beside") as threads:
        while order.is_active():
            ready = sorted([*ready, *order.get_ready()], key=places.__getitem__)
            while ready and len(running) < AT_ONCE:
                name = ready.pop(0)
                running[threads.submit(works[name].do)] = name
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                done[name] = future.result()
                order.done(name)
    return {name: done[name] for name in works}
