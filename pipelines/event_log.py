"""Dagster's event log in SQLite, with its databases kept open while an instance is.

Belongs here: the connections. Does not: what an event is, or where it is stored (Dagster's own).
The name of this module stands in the `dagster.yaml` of every home, so it stays where it is.

Dagster 1.13 makes an engine for every transaction: half of a night in which little comes went into
setting engines up, opening files and compiling the same statements again. With every event it asks
anew which tables and columns there are. The files are the same, so that the UI and its daemon read
and write them as ever.

A transaction does not wait for the disk, as every one of a thousand in a run would: a process that
is killed has lost nothing that it had written, and where the power goes, at most the last events,
which only tell of what stands in the lake.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import Any

import dagster as dg
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, event

FOLDER = "history/runs"
"""Of an instance, where Dagster has them."""
OPEN = 8
"""Databases kept open: every run has its own, and some questions go through all of them."""


class KeptEventLog(SqliteEventLogStorage):
    """The event log of an instance, as each of the processes that have it open keeps it."""

    def __init__(self, *args: Any, **given: Any) -> None:
        self._engines: dict[str, Engine] = {}
        """By database, the last used last."""
        self._one_at_a_time = Lock()
        self._there: set[tuple[str, str]] = set()
        """Tables, columns and indices that were found: what is there stays."""
        super().__init__(*args, **given)

    @classmethod
    def config_type(cls) -> Any:
        """`base_dir`, the folder of the databases; by default that of the instance."""
        return {"base_dir": dg.Field(dg.StringSource, is_required=False)}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> KeptEventLog:
        """As Dagster makes what its configuration names: in the instance that `DAGSTER_HOME` is."""
        folder = config_value.get("base_dir") or str(Path(os.environ["DAGSTER_HOME"]) / FOLDER)
        return cls(inst_data=inst_data, base_dir=folder)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[Connection]:
        """A transaction on the database of a run."""
        return self._transaction(str(run_id), super().run_connection(run_id))

    def index_connection(self) -> AbstractContextManager[Connection]:
        """A transaction on the database of all runs."""
        return self._transaction(INDEX_SHARD_NAME, super().index_connection())

    def has_table(self, table_name: str) -> bool:
        """Whether the database of all runs has a table."""
        return self._is_there("table", table_name, super().has_table)

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether it tells an attribute of assets."""
        return self._is_there("column", column_name, super().has_asset_key_col)

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        look = partial(super()._has_asset_key_col_on_connection, conn)
        return self._is_there("column", column_name, look)

    def has_secondary_index(self, name: str) -> bool:
        """Whether an index that a migration makes is complete."""
        return self._is_there("index", name, super().has_secondary_index)

    def _is_there(self, kind: str, name: str, look: Callable[[str], bool]) -> bool:
        if (kind, name) not in self._there:
            if not look(name):
                return False
            self._there.add((kind, name))
        return True

    @contextmanager
    def _transaction(
        self, shard: str, first: AbstractContextManager[Connection]
    ) -> Iterator[Connection]:
        with self._one_at_a_time:
            engine = self._engines.pop(shard, None)
            if engine is None:
                with first:  # makes the database, if there is none
                    pass
                engine = create_engine(
                    self.conn_string_for_shard(shard),
                    connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
                )
                event.listen(engine, "connect", _without_waiting_for_the_disk)
            self._engines[shard] = engine
            if len(self._engines) > OPEN:
                self._engines.pop(next(iter(self._engines))).dispose()
            with engine.begin() as connection:
                yield connection

    def dispose(self) -> None:
        """Close the databases."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _without_waiting_for_the_disk(connection: SqliteConnection, _record: object) -> None:
    """Safe with the write-ahead log that Dagster's databases have: it is whole after any crash."""
    connection.execute("PRAGMA synchronous = NORMAL")
