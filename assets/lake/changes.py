"""Which rows of a table differ between an earlier version and the newest.

Belongs here: telling rows that are gone and rows that are new, or only what these have in a few
columns, at the cost of the data files that were written between. Does not: when a row was true or
known (`assets.lake.history`), or what follows from a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from deltalake.exceptions import DeltaError

from assets.lake.declaration import Table
from assets.lake.store import Store


class EarlierUnreadable(LookupError):
    """An earlier version of a table cannot be read any more: its files have been vacuumed."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows of a table, in the columns asked for: one that was told otherwise is in both."""

    gone: pl.DataFrame
    """What the earlier version held and the newest does not."""
    fresh: pl.DataFrame
    """What the newest version holds and the earlier did not."""

    @property
    def both(self) -> pl.DataFrame:
        """Gone and fresh rows one after the other."""
        return pl.concat([self.gone, self.fresh])


def changes(
    store: Store, table: Table, since: int, columns: Sequence[str] | None = None
) -> Changes:
    """The rows of a table that differ since a version.

    A data file is never written twice: only files that stand in one of the two versions are
    read. Whatever was written into another file unchanged is found by its digest. Where this
    process made all versions since, it knows the rows, and no file is read.

    Args:
        store: the lakehouse.
        table: one whose rows differ from each other, as those of a view with a key do.
        since: a version of it.
        columns: those that are told, its key among them (default: all): rows that differ in
            others alone do not differ.

    Raises:
        EarlierUnreadable: a data file of the earlier version has been vacuumed.
    """
    asked = columns or table.schema.names()
    if (exchanged := store.exchanged(table, since, asked)) is not None:
        return Changes(*exchanged)
    old, new = _written_since(store, table, since, asked)
    if old.is_empty() or new.is_empty():
        return Changes(old, new)
    was, now_is = old.hash_rows(), new.hash_rows()
    gone = old.filter(~was.is_in(now_is.implode()))
    fresh = new.filter(~now_is.is_in(was.implode()))
    if old.height - gone.height != new.height - fresh.height:  # digests that met
        gone = old.join(new, on=old.columns, how="anti", nulls_equal=True)
        fresh = new.join(old, on=old.columns, how="anti", nulls_equal=True)
    return Changes(gone, fresh)


def values_written(store: Store, table: Table, columns: Sequence[str], since: int) -> pl.DataFrame:
    """What rows of a table have in columns, where it may be that none had it at a version.

    Each once. It is there also where another row, which has not been written since, has it. Where
    this process made all versions since, no file is read.

    Raises:
        EarlierUnreadable: a data file of the earlier version has been vacuumed.
    """
    told = list(dict.fromkeys((*table.key, *columns)))
    if (exchanged := store.exchanged(table, since, told)) is not None:
        before, after = (rows.select(columns) for rows in exchanged)
    else:
        before, after = _written_since(store, table, since, columns)
    return after.unique().join(before.unique(), on=columns, how="anti", nulls_equal=True)


def _written_since(
    store: Store, table: Table, since: int, columns: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the data files of only an earlier version have in columns, and those of the newest."""
    now = store.version(table)
    if now is None or now == since:
        nothing = table.empty().select(columns)
        return nothing, nothing
    after = store.files(table, now)
    try:
        before = store.files(table, since)
        old = store.scan_files(table, before - after).select(columns).collect()
    except (DeltaError, OSError, pl.exceptions.PolarsError) as error:
        raise EarlierUnreadable(f"{table.name} at version {since}: {error}") from error
    return old, store.scan_files(table, after - before).select(columns).collect()
