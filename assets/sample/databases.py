"""Databases of the sample's senders: what is read from a view, not sent as files.

What belongs here: a table of rows and the view over it, in SQLite. What does not: what the rows
say. The table has more than the view shows, as such tables have.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import SecretStr

from assets.channels import Channel, Feed
from assets.sources.connection import Connection

_KEYED_BY = "xgr"
"""Who keyed the row: a column of the table that no view shows."""


def database_file(folder: Path, channel: str) -> Path:
    """The database of a sender."""
    return folder / f"{channel}.sqlite"


def connections(
    folder: Path, channels: Mapping[str, Channel], within: Path | None = None
) -> dict[str, Connection]:
    """How the databases of a sample are reached, by channel.

    Args:
        folder: where they are.
        channels: the senders.
        within: a home that holds the folder: the files are named relatively to it, so that a copy
            of the home reads its own.
    """

    def named(file: Path) -> Path:
        return file.resolve() if within is None else file.relative_to(within)

    return {
        name: Connection(url=SecretStr(f"sqlite:///{named(database_file(folder, name))}"))
        for name, channel in channels.items()
        if any(feed.view is not None for feed in channel.feeds.values())
    }


def write(file: Path, feed: Feed, rows: pl.DataFrame, changed_on: date) -> None:
    """Adds rows to the table under a feed's view, making both if they are not there.

    Args:
        file: the database.
        feed: read from a view with an instant of change.
        rows: its source columns, as text; a row takes the place of one with its key.
        changed_on: the day they were keyed.
    """
    view = feed.view
    assert view is not None
    assert view.updated_at is not None
    name, table = view.name, view.name.removeprefix("v_")
    columns = [*feed.columns, view.updated_at]
    listed = ", ".join(f'"{column}"' for column in columns)
    key = ", ".join(f'"{column}"' for column in feed.key_sources)
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as database, database:
        typed = ", ".join(f'"{column}" TEXT' for column in (*columns, _KEYED_BY))
        database.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ({typed}, PRIMARY KEY ({key}))')
        database.execute(
            f'CREATE VIEW IF NOT EXISTS "{name}" AS SELECT {listed} FROM "{table}"'  # noqa: S608  names of a channel file
        )
        marks = ", ".join("?" * (len(columns) + 1))
        instant = f"{changed_on.isoformat()} 18:00:00"
        database.executemany(
            f'INSERT OR REPLACE INTO "{table}" VALUES ({marks})',  # noqa: S608  names of a channel file
            ((*row, instant, "前置库") for row in rows.select(feed.columns).iter_rows()),
        )
