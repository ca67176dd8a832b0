"""The opened Delta tables of one lakehouse: found or made, kept open, their rows as plans.

Belongs here: handles and what a fresh table is configured with. Does not: writing rows
(`assets.lake.store`), what a table is like (`assets.lake.delta`).

Old handles slow down with every commit (deltalake 1.6), so they are opened anew every
`REOPEN_AFTER` commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from assets.lake.declaration import Layer, Mode, Table
from assets.lake.delta import declared_only, delta_schema, evolve

REOPEN_AFTER = 50
CHECKPOINT_EVERY = 50
"""Commits between checkpoints; without them 10,000 small commits cost seconds to open."""


@dataclass(slots=True)
class _Handle:
    table: DeltaTable
    commits: int = 0


class Handles:
    """The tables under one root that were opened; of one thread at a time.

    Args:
        root: folder path or URL, without a slash at the end.
        storage_options: of the object store, passed through.
    """

    def __init__(self, root: str, storage_options: Mapping[str, str]) -> None:
        self._root = root
        self._options = dict(storage_options) or None
        self._held: dict[str, _Handle] = {}
        self._evolved: set[str] = set()
        """Tables known to be as this version declares them."""

    def path(self, table: Table) -> str:
        """Folder or URL of a table."""
        return f"{self._root}/{table.name}"

    def opened(self, table: Table) -> DeltaTable | None:
        """A table at its newest version; None while it has never been written."""
        held = self._held.get(table.name)
        if held is not None and held.commits < REOPEN_AFTER:
            held.table.update_incremental()
            return held.table
        try:
            opened = DeltaTable(self.path(table), storage_options=self._options)
        except TableNotFoundError:
            return None
        self._held[table.name] = _Handle(opened)
        return opened

    def at(self, table: Table, version: int) -> DeltaTable:
        """A table at a version."""
        return DeltaTable(self.path(table), version=version, storage_options=self._options)

    def ready(self, table: Table) -> DeltaTable:
        """A table to write to, made if need be and as this version declares it."""
        handle = self.opened(table)
        if handle is None:
            handle = self._create(table)
        if table.name not in self._evolved:
            evolve(handle, table)
            self._evolved.add(table.name)
        return handle

    def committed(self, table: Table, handle: DeltaTable) -> None:
        """A commit was made by the handle: it is brought up to it."""
        held = self._held.get(table.name)
        if held is not None:
            held.commits += 1
        handle.update_incremental()

    def forget(self, table: Table) -> None:
        """The table is opened anew the next time."""
        self._held.pop(table.name, None)

    def _create(self, table: Table) -> DeltaTable:
        """Makes a table, or opens the one that another process made meanwhile."""
        is_decision = table.layer is Layer.DECISION
        try:
            made = DeltaTable.create(
                self.path(table),
                schema=delta_schema(table),
                mode="error",
                name=table.name,
                description=table.en,
                configuration={
                    "delta.appendOnly": "true" if table.mode is Mode.LOG else "false",
                    "delta.enableChangeDataFeed": "true" if is_decision else "false",
                    "delta.logRetentionDuration": "interval 3650 days",
                    "delta.deletedFileRetentionDuration": "interval 3650 days",
                    "delta.checkpointInterval": str(CHECKPOINT_EVERY),
                },
                storage_options=self._options,
            )
        except DeltaError:
            if (others := self.opened(table)) is None:
                raise
            return others
        self._held[table.name] = _Handle(made)
        return made


def scan(handle: DeltaTable, table: Table) -> pl.LazyFrame:
    """The declared columns of an opened table; null where it was made before they were declared.

    Polars 2.1 looks for `%20` on disk where a folder's name has a blank, or `%E5` where it
    has a Chinese character; for such folders the data files are scanned by their paths.
    """
    if not (files := handle.file_uris()):
        return table.empty().lazy()
    if "%" not in handle.table_uri or not handle.table_uri.startswith("file://"):
        return declared_only(pl.scan_delta(handle), handle, table)
    paths = [unquote(path) for path in files]
    return pl.scan_parquet(paths, schema=table.schema, missing_columns="insert")
