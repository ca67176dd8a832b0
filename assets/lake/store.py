"""The Delta store: read at a version, grow a log exactly once, keep a view by one writer.

Belongs here: everything that reads or writes rows of Delta. Does not: opening and making tables
(`assets.lake.handles`), what a data file is like (`assets.lake.layout`), what a table means
(`assets.tables`) or when a stage runs (`pipelines`).

Facts the code rests on (deltalake 1.6): repeating an application transaction id is
accepted silently by a fresh handle, so a `Turn` compares the recorded id first and then
writes on the very handle it compared; of two racing handles one conflicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import polars as pl
from deltalake import (
    CommitProperties,
    DeltaTable,
    Transaction,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError

from assets.lake.declaration import Mode, Table
from assets.lake.delta import conflicts
from assets.lake.exchanged import Exchanged
from assets.lake.handles import Handles, scan
from assets.lake.keys import in_order, meeting, put_in
from assets.lake.layout import (
    FILE_BYTES,
    LOOKED_AT,
    among,
    are_few,
    is_little,
    order_of,
    without,
    written_by,
)

GRACE_HOURS = 24
"""So long a data file stays that is out of use, or that no commit names yet. No process decides,
nor writes, for so long."""
PART_ROWS = 2_000_000
"""Rows of a view that are rewritten with one commit; bounds the memory of an exchange."""


class SnapshotConflict(RuntimeError):
    """Another writer changed the table since it was read; read again and redo what is left."""


class WrongMode(RuntimeError):
    """A write that the declared mode of the table does not allow."""


class Store:
    """All declared tables under one root folder or object-store URL.

    Args:
        root: folder path or URL (`s3://bucket/prefix`); one folder per table below it.
        storage_options: credentials and options of the object store, passed through.
    """

    def __init__(self, root: str | Path, storage_options: Mapping[str, str] | None = None) -> None:
        self.root = str(root).rstrip("/")
        self.storage_options = dict(storage_options or {})
        self._handles = Handles(self.root, self.storage_options)
        self._pinned: dict[str, tuple[int, pl.LazyFrame]] = {}
        """What stands at a version never changes: the last one asked for stays open."""
        self._kept: dict[str, tuple[int, pl.DataFrame]] = {}
        self._exchanged = Exchanged()
        self._twin: Store | None = None

    def twin(self) -> Store:
        """The same lakehouse with handles of its own, for one other thread; always the same."""
        if self._twin is None:
            self._twin = Store(self.root, self.storage_options)
            self._twin._exchanged = self._exchanged
        return self._twin

    # -- reading ---------------------------------------------------------------------

    def path(self, table: Table) -> str:
        """Folder or URL of a table."""
        return self._handles.path(table)

    def version(self, table: Table) -> int | None:
        """The newest Delta version, or None while the table has never been written."""
        handle = self._handles.opened(table)
        return None if handle is None else handle.version()

    def conflicts(self, table: Table) -> dict[str, str]:
        """Columns that are not as declared (`assets.lake.delta`); none where unwritten."""
        handle = self._handles.opened(table)
        return {} if handle is None else conflicts(handle, table)

    def scan(self, table: Table, version: int | None = None) -> pl.LazyFrame:
        """The rows at a version (newest if None); an unwritten table has no rows."""
        if version is None:
            handle = self._handles.opened(table)
            if handle is None:
                return table.empty().lazy()
            return scan(handle, table)
        held = self._pinned.get(table.name)
        if held is None or held[0] != version:
            held = (version, scan(self._handles.at(table, version), table))
            self._pinned[table.name] = held
        return held[1]

    def read(self, table: Table, version: int | None = None) -> pl.DataFrame:
        """`scan`, collected."""
        return self.scan(table, version).collect()

    def kept(self, table: Table) -> pl.DataFrame:
        """The newest rows of a small table that is asked for again and again.

        Its files are read once a version; the rows stay in memory.
        """
        handle = self._handles.opened(table)
        if handle is None:
            return table.empty()
        held = self._kept.get(table.name)
        if held is None or held[0] != handle.version():
            held = (handle.version(), scan(handle, table).collect())
            self._kept[table.name] = held
        return held[1]

    def files(self, table: Table, version: int) -> set[str]:
        """The data files that a version of a table consists of."""
        return set(self._handles.at(table, version).file_uris())

    def exchanged(
        self, table: Table, since: int, columns: Sequence[str]
    ) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """Rows that differ since a version, gone and fresh, where this process knows them itself.

        Args:
            table: one of which no two rows agree in all of `columns`.
            since: a version of it.
            columns: those that are told.

        Returns:
            None where a version since was made by another process, or by no exchange, or where
            its rows are forgotten (`assets.lake.exchanged.MOST_ROWS`).
        """
        now = self.version(table)
        return None if now is None else self._exchanged.between(table.name, since, now, columns)

    def scan_files(self, table: Table, files: Iterable[str]) -> pl.LazyFrame:
        """The rows of some data files of a table (`files`)."""
        paths = [path if "://" in path else unquote(path) for path in sorted(files)]
        if not paths:
            return table.empty().lazy()
        options = self.storage_options or None
        return pl.scan_parquet(
            paths, schema=table.schema, missing_columns="insert", storage_options=options
        )

    def count(self, table: Table) -> int:
        """How many rows the newest version has, as its log tells: no data file is opened."""
        handle = self._handles.opened(table)
        return 0 if handle is None else handle.count()

    # -- writing ---------------------------------------------------------------------

    def turn(self, table: Table, stage: str) -> Turn:
        """A snapshot of a log for one exactly-once turn of `stage` (see `Turn`)."""
        self._refuse_view(table)
        handle = self._handles.ready(table)
        return Turn(self, table, stage, handle.version(), handle)

    def append(self, table: Table, rows: pl.DataFrame) -> int:
        """Grow a log whose rows need no guard against a second writer; returns the version."""
        self._refuse_view(table)
        handle = self._handles.ready(table)
        return self._add(table, handle, rows)

    def replace(self, table: Table, rows: pl.DataFrame) -> int:
        """Set a view to exactly `rows`; returns the version, unchanged if they are the same."""
        self._refuse_log(table)
        handle = self._handles.ready(table)
        ordered = self._ordered(table, rows)
        is_alike = handle.count() == ordered.height  # as its log tells: no data file is opened
        if is_alike and ordered.equals(self._ordered(table, self.read(table))):
            return handle.version()
        return self._write(table, handle, ordered, "overwrite")

    def meeting(
        self, table: Table, values: pl.DataFrame, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """The known rows that have one of `values` in its columns.

        Args:
            table: where they are.
            values: of some of its columns.
            columns: those wanted, these among them (default: all).
        """
        handle = self._handles.opened(table)
        wanted = table.schema.names() if columns is None else columns
        if values.is_empty() or handle is None or not handle.file_uris():
            return table.empty().select(wanted)
        # Bounds first: row groups out of reach are never read.
        within = [
            pl.col(c).is_between(pl.lit(values[c].min()), pl.lit(values[c].max()))
            for c in values.columns
        ]
        known = scan(handle, table).select(wanted).filter(within)
        return meeting(known, values, handle.count()).collect()

    def exchange(self, table: Table, met: pl.DataFrame, rows: pl.DataFrame) -> int:
        """Put `rows` in the place of `met`; rows that meet nothing known are only appended.

        Args:
            table: a view.
            met: known rows, of which any may stay by standing in `rows` too.
            rows: unique by the declared key.

        Returns:
            The version; an exchange that changes nothing makes none.
        """
        self._refuse_log(table)
        handle = self._handles.ready(table)
        new, old = table.conform(rows), table.conform(met)
        gone, fresh = old, new
        if old.height:
            gone = old.join(new, on=old.columns, how="anti", nulls_equal=True)
            fresh = new.join(old, on=old.columns, how="anti", nulls_equal=True)
        if gone.height:
            fresh = self._take_out(table, handle, gone, fresh)
        with self._noting(table, handle, gone.clear(), fresh):
            return self._add(table, handle, fresh)

    @contextmanager
    def _noting(
        self, table: Table, handle: DeltaTable, gone: pl.DataFrame, fresh: pl.DataFrame
    ) -> Iterator[None]:
        """Notes the rows of an exchange with the version that it makes, if nobody wrote between."""
        before = handle.version()
        yield
        if handle.version() == before + 1:
            self._exchanged.note(table.name, before + 1, gone, fresh)

    def _add(self, table: Table, handle: DeltaTable, fresh: pl.DataFrame) -> int:
        if fresh.height:
            self._write(table, handle, self._ordered(table, fresh), "append")
        return handle.version()

    def _take_out(
        self, table: Table, handle: DeltaTable, gone: pl.DataFrame, fresh: pl.DataFrame
    ) -> pl.DataFrame:
        """Takes rows out of a view and puts in those of `fresh` that belong to what is rewritten.

        Of a table of many rows, or of any where few values go, only the files are rewritten where
        the first column in physical order has a value of a row that goes, some `PART_ROWS` at a
        time; so it costs, in time and memory, what is touched. A process that dies in between has
        written whole parts.

        Returns:
            The rows of `fresh` that no part took.
        """
        key = list(table.key)
        first = table[order_of(table)[0]]
        name = first.name
        values = gone.select(name).unique()
        has_little = is_little(values.height, len(handle.file_uris()))
        is_ranged = not first.nullable and first.dtype == pl.String()
        if not is_ranged or (handle.count() <= PART_ROWS and not has_little):
            kept = without(self.scan(table), gone, key)
            whole = put_in(kept, table.conform(fresh), order_of(table))
            with self._noting(table, handle, gone, fresh):
                self._write(table, handle, whole, "overwrite")
            return fresh.clear()
        rows = self.scan(table)
        if are_few(values.height):
            rows = rows.filter(pl.col(name).is_in(values[name].implode()))
        counted = (
            rows.group_by(name)
            .len()
            .sort(name)
            .collect()
            .with_columns(part=pl.col("len").cum_sum() // PART_ROWS)
        )
        touched = counted.join(values, on=name, how="semi", maintain_order="left")
        taken = pl.lit(False)
        for part in touched.partition_by("part", maintain_order=True):
            here, predicate = among(name, part[name])
            taken |= here
            kept = without(self.scan(table).filter(here), gone, key)
            mine = fresh.filter(here)
            anew = put_in(kept, table.conform(mine), order_of(table))
            with self._noting(table, handle, gone.filter(here), mine):
                self._write(table, handle, anew, "overwrite", predicate=predicate)
        return fresh.filter(~taken)

    def replace_part(self, table: Table, rows: pl.DataFrame, column: str, value: str) -> int:
        """Set the rows of a view whose text `column` has `value` to exactly `rows`.

        Returns:
            The version; rows that change nothing make none.

        Raises:
            ValueError: a row belongs to another part.
        """
        self._refuse_log(table)
        if not (rows[column] == value).all():
            raise ValueError(f"{table.name}: rows to replace {column} = {value!r} are of others")
        handle = self._handles.ready(table)
        ordered = self._ordered(table, rows)
        known = self.scan(table).filter(pl.col(column) == value).collect()
        if ordered.equals(self._ordered(table, known)):
            return handle.version()
        quoted = value.replace("'", "''")
        return self._write(table, handle, ordered, "overwrite", predicate=f"{column} = '{quoted}'")

    def upsert(
        self, table: Table, rows: pl.DataFrame, replacing: pl.DataFrame | None = None
    ) -> int:
        """Set a view's rows by key (see `exchange`).

        Args:
            table: a view.
            rows: unique by the declared key.
            replacing: values of some key columns; every known row with one of them goes, also
                where `rows` does not bring its key again. Without it: the keys of `rows`.
        """
        self._refuse_log(table)
        values = rows.select(table.key) if replacing is None else replacing
        return self.exchange(table, self.meeting(table, values), rows)

    def merge(self, table: Table, rows: pl.DataFrame) -> int:
        """Set a view's rows by key, writing only those that differ.

        Unlike `upsert` it rewrites nothing else, so that the table's change feed tells the rows
        that changed and no others, each with what it was before.

        Returns:
            The version; rows that the view has already make none.

        Raises:
            SnapshotConflict: another writer changed the view meanwhile; call again.
        """
        self._refuse_log(table)
        handle = self._handles.ready(table)
        new = self._ordered(table, rows)
        known = scan(handle, table).join(new.lazy().select(table.key), on=table.key, how="semi")
        changed = new.join(known.collect(), on=new.columns, how="anti", nulls_equal=True)
        if changed.is_empty():
            return handle.version()
        merger = handle.merge(
            changed,
            predicate=" AND ".join(f"old.{name} = new.{name}" for name in table.key),
            source_alias="new",
            target_alias="old",
            writer_properties=written_by(table, changed),
            commit_properties=CommitProperties(max_commit_retries=0),
        )
        try:
            merger.when_matched_update_all().when_not_matched_insert_all().execute()
        except CommitFailedError as error:
            raise SnapshotConflict(f"{table.name}: {error}") from error
        self._handles.committed(table, handle)
        return handle.version()

    # -- upkeep ----------------------------------------------------------------------

    def maintain(self, table: Table) -> None:
        """Compact small files, write a checkpoint, drop log files it has made needless.

        Only the table's one writer may call it. Never removes a version's data files.
        """
        handle = self._handles.opened(table)
        if handle is None:
            return
        written = written_by(table, self.scan(table).head(LOOKED_AT).collect())
        handle.optimize.compact(target_size=FILE_BYTES[table.mode], writer_properties=written)
        handle.create_checkpoint()
        handle.cleanup_metadata()
        self._handles.forget(table)

    def vacuum(
        self, table: Table, cited: Iterable[int], grace_hours: int = GRACE_HOURS
    ) -> list[str]:
        """Delete data files that no version in `cited`, and not the newest, refers to.

        `cited` are the versions that releases name, so that what a decision read can be
        read again. Files younger than `grace_hours`, or out of use for less, stay: another
        process may be about to commit them, or be reading the version before. Returns the names
        of the deleted files.
        """
        handle = self._handles.opened(table)
        if handle is None:
            return []
        return handle.vacuum(
            retention_hours=grace_hours,
            dry_run=False,
            enforce_retention_duration=False,
            full=True,
            keep_versions=sorted({*cited, handle.version()}),
        )

    # -- inside ----------------------------------------------------------------------

    def _refuse_log(self, table: Table) -> None:
        if table.mode is Mode.LOG:
            raise WrongMode(f"{table.name} is a log: it only grows; use turn or append")

    def _refuse_view(self, table: Table) -> None:
        if table.mode is not Mode.LOG:
            raise WrongMode(f"{table.name} is a view; write it with replace or upsert")

    def _ordered(self, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
        return in_order(table.conform(rows), order_of(table))

    def _write(
        self,
        table: Table,
        handle: DeltaTable,
        ordered: pl.DataFrame,
        mode: Literal["append", "overwrite"],
        commit: CommitProperties | None = None,
        predicate: str | None = None,
    ) -> int:
        options = self.storage_options or None
        if mode == "append":
            write_deltalake(
                handle,
                ordered,
                mode="append",
                target_file_size=FILE_BYTES[table.mode],
                writer_properties=written_by(table, ordered),
                commit_properties=commit,
                storage_options=options,
            )
        else:
            write_deltalake(
                handle,
                ordered,
                mode="overwrite",
                predicate=predicate,
                target_file_size=FILE_BYTES[table.mode],
                writer_properties=written_by(table, ordered),
                commit_properties=commit,
                storage_options=options,
            )
        self._handles.committed(table, handle)
        return handle.version()


@dataclass(frozen=True, slots=True)
class Turn:
    """One stage's turn on a log: what the log held, and one append that nobody raced.

    Work on "upstream minus this log", then `append`. Of two racing turns of a stage one
    raises `SnapshotConflict`; it reads again and finds nothing left to do.
    """

    store: Store
    table: Table
    stage: str
    version: int
    """Delta version of the snapshot."""
    _handle: DeltaTable

    def scan(self) -> pl.LazyFrame:
        """The log's rows in the snapshot."""
        if self._handle.version() == self.version:
            return scan(self._handle, self.table)
        return self.store.scan(self.table, self.version)

    def append(self, rows: pl.DataFrame) -> int:
        """Append `rows` if the log has not grown since the snapshot; returns the version.

        Raises:
            SnapshotConflict: another writer appended first; nothing was written.
        """
        if rows.is_empty():
            return self.version
        if self._handle.version() != self.version:
            raise SnapshotConflict(
                f"{self.table.name}: grew from version {self.version} to "
                f"{self._handle.version()} during this turn"
            )
        stage_turn = self.version + 1
        recorded = self._handle.transaction_version(self.stage)
        if recorded is not None and recorded >= stage_turn:
            raise SnapshotConflict(
                f"{self.table.name}: turn {stage_turn} of {self.stage} was already taken"
            )
        commit = CommitProperties(
            app_transactions=[Transaction(self.stage, stage_turn)], max_commit_retries=0
        )
        try:
            ordered = self.store._ordered(self.table, rows)
            return self.store._write(self.table, self._handle, ordered, "append", commit)
        except CommitFailedError as error:
            raise SnapshotConflict(f"{self.table.name}: {error}") from error
