"""Dagster's event log in SQLite, with its databases kept open while an instance is.

Belongs here: the connections. Does not: what an event is, or where it is stored (Dagster's own).

Dagster 1.13 makes an engine for every transaction: half of a night in which little comes went into
setting engines up, opening files and compiling the same statements again. The files are the same,
so that the UI and its daemon read and write them as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Any

from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine

OPEN = 8
"""Databases kept open: every run has its own, and some questions go through all of them."""


class KeptEventLog(SqliteEventLogStorage):
    """The event log of an instance that one process opens, uses and closes."""

    def __init__(self, *args: Any, **given: Any) -> None:
        self._engines: dict[str, Engine] = {}
        """By database, the last used last."""
        self._one_at_a_time = Lock()
        super().__init__(*args, **given)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> KeptEventLog:
        """As Dagster makes what its configuration names."""
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[Connection]:
        """A transaction on the database of a run."""
        return self._transaction(str(run_id), super().run_connection(run_id))

    def index_connection(self) -> AbstractContextManager[Connection]:
        """A transaction on the database of all runs."""
        return self._transaction(INDEX_SHARD_NAME, super().index_connection())

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
