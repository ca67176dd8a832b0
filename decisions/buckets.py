"""Buckets of enterprises: population jobs go bucket by bucket, each independent of the others.

Belongs here: which bucket an enterprise is in. Does not: what is done with a bucket. The bucket
follows from the code alone, so that it is the same on every machine and for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

import polars as pl

COUNT = 16
"""A province of 10,000 enterprises has some 600 in each."""
BUCKETS = tuple(f"{number:02d}" for number in range(COUNT))


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
    members: dict[str, list[str]] = {bucket: [] for bucket in buckets}
    for code in usc_codes:
        members.get(bucket_of(code), []).append(code)
    together: list[str] = []
    codes: list[str] = []
    for bucket, mine in members.items():
        if together and len(codes) + len(mine) > at_most:
            yield together, codes
            together, codes = [], []
        together.append(bucket)
        codes = codes + mine
    if together:
        yield together, codes
