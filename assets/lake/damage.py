"""Damage to the lakehouse: tables whose log or data files are gone or cannot be read.

Belongs here: finding them, once something failed to be read. Does not: mending them (a backup
does), old versions of a table, what is wrong with a delivery (`assets.intake.deliveries`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl
from deltalake.exceptions import DeltaError

from assets.lake.declaration import Table
from assets.lake.store import Store

UNREADABLE = (
    DeltaError,
    FileNotFoundError,
    pl.exceptions.ComputeError,
    pl.exceptions.InvalidOperationError,
    pl.exceptions.PanicException,
)
"""What says that a table, a version of it or its files are gone or damaged. Of a damaged file
Polars says one of the last three, by where the damage is."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Damage:
    """What of a table cannot be read: a data file, or its log (`_delta_log`), and what is said."""

    table: str
    file: str
    said: str


def damage(store: Store, tables: Iterable[Table]) -> Iterator[Damage]:
    """What of the newest versions of some tables cannot be read.

    Of each data file the end is read, where Parquet has its index, not every row.

    Args:
        store: the lakehouse.
        tables: those looked at.
    """
    for table in tables:
        try:
            version = store.version(table)
            files = set() if version is None else store.files(table, version)
        except DeltaError as error:
            yield Damage(table.name, f"{store.path(table)}/_delta_log", said(error))
            continue
        for file in sorted(files):
            try:
                store.scan_files(table, [file]).select(pl.len()).collect()
            except UNREADABLE as error:
                yield Damage(table.name, file, said(error))


def said(error: BaseException) -> str:
    """What a library says, in one line and without its trace."""
    lines = str(error).splitlines()
    return lines[0][:_LONGEST] if lines else type(error).__name__
