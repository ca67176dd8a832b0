"""Which rows of a table differ between an earlier version and the newest.

Belongs here: telling rows that are gone and rows that are new, at the cost of the data files
that were written between. Does not: when a row was true or known (`assets.history`), or what
follows from a change.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from deltalake.exceptions import DeltaError

from assets.declaration import Table
from assets.store import Store


class EarlierUnreadable(LookupError):
    """An earlier version of a table cannot be read any more: its files have been vacuumed."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows of a table, in its columns: a row that was told otherwise is in both."""

    gone: pl.DataFrame
    """What the earlier version held and the newest does not."""
    fresh: pl.DataFrame
    """What the newest version holds and the earlier did not."""

    @property
    def both(self) -> pl.DataFrame:
        """Gone and fresh rows one after the other."""
        return pl.concat([self.gone, self.fresh])


def changes(store: Store, table: Table, since: int) -> Changes:
    """The rows of a table that differ since a version.

    A data file is never written twice: only files that stand in one of the two versions are
    read. Whatever was written into another file unchanged is found by its digest.

    Args:
        store: the lakehouse.
        table: one whose rows differ from each other, as those of a view with a key do.
        since: a version of it.

    Raises:
        EarlierUnreadable: a data file of the earlier version has been vacuumed.
    """
    now = store.version(table)
    if now is None or now == since:
        return Changes(table.empty(), table.empty())
    after = store.files(table, now)
    try:
        before = store.files(table, since)
        old = store.read_files(table, before - after)
    except (DeltaError, OSError, pl.exceptions.PolarsError) as error:
        raise EarlierUnreadable(f"{table.name} at version {since}: {error}") from error
    new = store.read_files(table, after - before)
    if old.is_empty() or new.is_empty():
        return Changes(old, new)
    was, now_is = old.hash_rows(), new.hash_rows()
    gone = old.filter(~was.is_in(now_is.implode()))
    fresh = new.filter(~now_is.is_in(was.implode()))
    if old.height - gone.height != new.height - fresh.height:  # digests that met
        columns = old.columns
        gone = old.join(new, on=columns, how="anti", nulls_equal=True)
        fresh = new.join(old, on=columns, how="anti", nulls_equal=True)
    return Changes(gone, fresh)
