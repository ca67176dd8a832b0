"""What this process itself has put in the place of what, by the version that it made.

Belongs here: keeping the rows of an exchange, and what several come to. Does not: writing them
(`assets.lake.store`), or telling changes from the data files (`assets.lake.changes`).

A data file is rewritten for one row of it, so that files tell a few changed rows at the cost of
the table. Who exchanged them knows them: a night is collected and checked by one process. It is
memory, and bounded; what is not in it is told from the files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import polars as pl

MOST_ROWS = 250_000
"""Rows kept of a table: those of a night. Beyond, the oldest exchanges are forgotten."""
_TIMES = "_times"


class Exchanged:
    """The exchanges of one process, shared by the stores of its threads: a table has one writer."""

    def __init__(self) -> None:
        self._kept: defaultdict[str, dict[int, tuple[pl.DataFrame, pl.DataFrame]]] = defaultdict(
            dict
        )

    def note(self, table: str, version: int, gone: pl.DataFrame, fresh: pl.DataFrame) -> None:
        """Keeps what a version does not hold of the one before, and what it holds besides."""
        kept = {**self._kept[table], version: (gone, fresh)}
        rows = sum(was.height + now.height for was, now in kept.values())
        for oldest in sorted(kept):
            if rows <= MOST_ROWS:
                break
            rows -= sum(frame.height for frame in kept.pop(oldest))
        self._kept[table] = kept

    def between(
        self, table: str, since: int, now: int, columns: Sequence[str]
    ) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """What is gone and what is fresh of a table between two of its versions, in columns.

        Returns:
            None where a version between was not made by an exchange that is kept.
        """
        kept = self._kept[table]
        if now <= since or not all(version in kept for version in range(since + 1, now + 1)):
            return None
        told = [
            rows.select(*columns, pl.lit(times, pl.Int64).alias(_TIMES))
            for version in range(since + 1, now + 1)
            for rows, times in zip(kept[version], (-1, 1), strict=True)
        ]
        # What came and went again, or went and came back, is as it was.
        net = pl.concat(told).group_by(columns).agg(pl.col(_TIMES).sum())
        gone, fresh = (net.filter(pl.col(_TIMES) == times).select(columns) for times in (-1, 1))
        return gone, fresh
