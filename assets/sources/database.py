"""A database view read into one delivery, or not at all.

Belongs here: one query of a view in PostgreSQL (and what speaks like it) or SQLite, as
Parquet of texts. Does not: what a value means.

Every cell is made a text by the database itself, so that no type is guessed on the way, and
one query sees one state of the data. SQLite's driver takes the type of a column from its
first rows and an empty one for numbers; so no cell is null on the way: a text comes with a
mark before it, nothing comes as nothing.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import polars as pl
import pyarrow as pa

from assets.adapters import LIMITS, DeliveryError, Limits
from assets.adapters.delivered import require_columns
from assets.adapters.limits import too_large
from assets.calendar import SHANGHAI
from assets.channels import Feed
from assets.channels.ways import View
from assets.sources.connection import Connection
from assets.sources.windows import Window
from assets.tables.intake import Failure

_ALIVE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""A server that has gone without a word is noticed within a minute or so."""
_STATEMENT_MINUTES = 60
# The driver tells no SQLSTATE of a login and of what happens while rows come: only what the server
# says, in English or in Chinese.
_TURNED_AWAY = re.compile("Failed to connect.*(FATAL|致命错误)")
_BUSY = re.compile("starting up|shutting down|too many|slots|recovery|启动|关闭|太多|过多|恢复")
"""A server that answers so may be asked again."""
_TIMED_OUT = re.compile("statement timeout|语句.*超时")
_ERRS = re.compile("(ERROR|错误):")
_MARK = "="


def read_view(
    channel: str,
    feed: Feed,
    view: View,
    connection: Connection,
    window: Window,
    limits: Limits = LIMITS,
) -> tuple[bytes, int]:
    """The rows of a view that a window asks for, as Parquet, and how many.

    Raises:
        DeliveryError: the database cannot be reached, refuses, breaks off, or has other columns.
    """
    with _told(channel, view), _connected(channel, connection) as cursor:
        cursor.execute(f"SELECT * FROM {_quoted(view.name)} LIMIT 0")  # noqa: S608  a quoted name
        found = [column[0] for column in cursor.description]
        require_columns(found, feed, besides=[view.updated_at] if view.updated_at else [])
        held = [name for name in feed.columns if name in found]
        cursor.execute(_query(feed, held, view, window))
        frames, size = [], 0
        for batch in cursor.fetch_record_batch():
            size += batch.nbytes
            if size > limits.file_bytes:
                raise too_large(limits)
            frames.append(_texts(batch, held))
    rows = pl.concat([pl.DataFrame(schema=dict.fromkeys(held, pl.String)), *frames])
    content = io.BytesIO()
    rows.write_parquet(content)
    return content.getvalue(), rows.height


def _query(feed: Feed, held: list[str], view: View, window: Window) -> str:
    marked = [
        f"COALESCE('{_MARK}' || CAST({_quoted(name)} AS TEXT), '') AS {_quoted(name)}"
        for name in held
    ]
    query = f"SELECT {', '.join(marked)} FROM {_quoted(view.name)}"  # noqa: S608  quoted names
    if view.updated_at is not None and window.since is not None:
        # A day compares rightly with dates, instants with and without zone, and ISO texts.
        day = window.since.astimezone(SHANGHAI).date().isoformat()
        changed = _quoted(view.updated_at)
        query += f" WHERE {changed} >= '{day}' OR {changed} IS NULL"
    order = ", ".join(str(held.index(name) + 1) for name in feed.key_sources)
    return f"{query} ORDER BY {order}"


def _texts(batch: pa.RecordBatch, held: list[str]) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    text = pl.all().cast(pl.String)
    return frame.select(
        pl.when(text != "").then(text.str.strip_prefix(_MARK)) if frame.height else text
    ).rename(dict(zip(frame.columns, held, strict=True)))


def _quoted(name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


@contextmanager
def _connected(channel: str, connection: Connection) -> Iterator[Any]:
    """A cursor that cannot write."""
    address = connection.address
    scheme = address.partition(":")[0]
    if scheme == "sqlite":
        file = Path("/" + address.removeprefix("sqlite:").lstrip("/"))
        if not file.is_file():  # SQLite says that it is short of memory
            raise _no_file(channel, file)
        opened = adbc_driver_sqlite.dbapi.connect(f"file:{quote(str(file))}?mode=ro")
        setup = []
    elif scheme in ("postgresql", "postgres"):
        opened = adbc_driver_postgresql.dbapi.connect(_postgresql(channel, connection))
        setup = [
            "SET default_transaction_read_only = on",
            "SET TIME ZONE 'Asia/Shanghai'",
            "SET DateStyle = 'ISO, YMD'",
            f"SET statement_timeout = '{_STATEMENT_MINUTES}min'",
        ]
    else:
        raise _no_address(channel)
    with opened, opened.cursor() as cursor:
        for statement in setup:
            cursor.execute(statement)
        if setup:
            opened.commit()
        yield cursor


def _no_file(channel: str, file: Path) -> DeliveryError:
    """A setting that names a file where there is none."""
    return DeliveryError(
        Failure.UNREACHABLE,
        f"没有数据库文件{file}；请核对[connections.{channel}]中的url和该文件后重新采集",
        f"there is no database file {file}; look at url under [connections.{channel}] and at the "
        "file, and collect again",
    )


def _no_address(channel: str) -> DeliveryError:
    """A setting that is not the address of a database; not told, as it may hold a password."""
    return DeliveryError(
        Failure.CONNECTION,
        f"渠道{channel}的数据库地址应以postgresql://或sqlite:///开头，并按其格式书写；请在"
        f"[connections.{channel}]中改正url",
        f"the url of {channel} is no postgresql:// or sqlite:/// address; mend it under "
        f"[connections.{channel}]",
    )


def _postgresql(channel: str, connection: Connection) -> str:
    try:
        parts = urlsplit(connection.address)
    except ValueError as error:
        raise _no_address(channel) from error
    place = parts.netloc
    if connection.secret is not None:
        user, _, host = place.rpartition("@")
        password = quote(connection.secret.get_secret_value(), safe="")
        place = f"{user.partition(':')[0]}:{password}@{host}"
    options = urlencode({**_ALIVE, **dict(parse_qsl(parts.query))})
    return urlunsplit(parts._replace(netloc=place, query=options))


@contextmanager
def _told(channel: str, view: View) -> Iterator[None]:
    """What a database says, as a fault of the delivery."""
    try:
        yield
    except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
        state = str(getattr(error, "sqlstate", "") or "")
        told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        if "invalid URI" in told:
            raise _no_address(channel) from error
        if state.startswith("28") or (_TURNED_AWAY.search(told) and not _BUSY.search(told)):
            raise DeliveryError(
                Failure.LOGIN,
                f"数据库拒绝登录（{told}）；请核对[connections.{channel}]中的用户、密码和库名及对方的"
                "授权后重新采集",
                f"the database refuses the login ({told}); look at user, password and database "
                f"under [connections.{channel}] and at the grant of its owner, and collect again",
            ) from error
        if state == "57014" or _TIMED_OUT.search(told):
            raise DeliveryError(
                Failure.TIMEOUT,
                f"视图{view.name}查询超时（{told}）；请对方优化视图后重新采集",
                f"the query of {view.name} takes too long ({told}); ask for a faster view and "
                "collect again",
            ) from error
        if state.startswith("42") or "no such" in told or _ERRS.search(told):
            raise DeliveryError(
                Failure.REFUSED,
                f"数据库不能执行对视图{view.name}的查询（{told}）；请核对视图名称、列、定义和授权后"
                "重新采集",
                f"the database does not carry out the query of {view.name} ({told}); look at the "
                "view's name, columns, definition and grants and collect again",
            ) from error
        raise DeliveryError(
            Failure.UNREACHABLE,
            f"数据库连接失败或中断（{told}）；请检查数据库和网络后重新采集",
            f"the database cannot be reached or breaks off ({told}); look at the database and the "
            "network and collect again",
        ) from error
