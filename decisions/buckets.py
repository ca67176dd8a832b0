"""Buckets of enterprises: population jobs go bucket by bucket, each independent of the others.

Belongs here: which bucket an enterprise is in, how many are taken together, and that all cores
have some. Does not: what is done with them. The bucket follows from the code alone, so that it is
the same on every machine and for good.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar
from zlib import crc32

import polars as pl

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

COUNT = 16
"""A province of 10,000 enterprises has some 600 in each."""
BUCKETS = tuple(f"{number:02d}" for number in range(COUNT))
PROVINCE = 12_000
"""Enterprises whose facts are held in memory at once: a province whole, of a country a bucket."""


def bucket_of(usc_code: str) -> str:
    """The bucket of an enterprise."""
    return BUCKETS[crc32(usc_code.encode()) % COUNT]


def with_bucket(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the `bucket` of their `usc_code`."""
    codes = rows.select(pl.col("usc_code").unique())
    buckets = pl.Series("bucket", [bucket_of(code) for code in codes["usc_code"]], pl.String())
    return rows.join(codes.with_columns(buckets), on="usc_code", maintain_order="left")


def batches(
    usc_codes: Iterable[str], buckets: Sequence[str], at_most: int
) -> Iterator[tuple[list[str], list[str]]]:
    """Buckets with their enterprises, as many buckets together as hold `at_most` of these.

    One plan for many cases costs little more than for one; what is held in memory stays within
    bounds. A bucket that alone holds more is a batch of its own.
    """
    together: list[str] = []
    codes: list[str] = []
    for bucket, mine in _members(usc_codes, buckets).items():
        if together and len(codes) + len(mine) > at_most:
            yield together, codes
            together, codes = [], []
        together.append(bucket)
        codes = codes + mine
    if together:
        yield together, codes


def _members(usc_codes: Iterable[str], buckets: Sequence[str]) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {bucket: [] for bucket in buckets}
    for code in usc_codes:
        members.get(bucket_of(code), []).append(code)
    return members


def portions(
    usc_codes: Iterable[str], buckets: Sequence[str], at_most: int
) -> Iterator[tuple[list[str], list[str]]]:
    """Enterprises, bucket after bucket, `at_most` at once; a bucket may be cut.

    The portions are of one size and as many for each core, so that none is idle at the end.

    Yields:
        The buckets whose last enterprise is in the portion, and the portion.
    """
    members = _members(usc_codes, buckets)
    size = _even(sum(map(len, members.values())), at_most)
    ended: list[str] = []
    codes: list[str] = []
    for bucket, mine in members.items():
        codes = codes + mine
        while len(codes) > size:
            yield ended, codes[:size]
            ended, codes = [], codes[size:]
        ended.append(bucket)
    if ended:
        yield ended, codes


_WORTH_PARTING = 4
"""A portion of less than this part of what it may hold takes longer to prepare than to do."""


def _even(count: int, at_most: int) -> int:
    """The size of the portions: of as many for each core as it takes with `at_most` in each."""
    cores = pl.thread_pool_size()
    rounds = max(-(-count // (at_most * cores)), 1)
    return max(-(-count // (rounds * cores)), at_most // _WORTH_PARTING, 1)


def side_by_side(
    work: Callable[[_Item], _Answer], items: Iterable[_Item]
) -> Iterator[tuple[_Item, _Answer]]:
    """Each item with what the work makes of it, in order, as many at once as there are cores.

    One plan of Polars seldom keeps two cores busy. One more than is worked on may wait to be
    taken, so that what is in memory stays within bounds.
    """
    cores = pl.thread_pool_size()
    with ThreadPoolExecutor(cores) as pool:
        waiting: deque[tuple[_Item, Future[_Answer]]] = deque()
        for item in items:
            waiting.append((item, pool.submit(work, item)))
            if len(waiting) > cores:
                first, future = waiting.popleft()
                yield first, future.result()
                del future
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
            del future
