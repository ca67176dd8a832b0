"""Files that fail as a whole, in every way that channels show, and what each is refused for.

What belongs here: sound rows made a bad file. What does not: bad rows in a good file (`faults`).
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import xlsxwriter

from assets.calendar import SHANGHAI
from assets.channels import Channel, Feed
from assets.sample.clean import FEED_OF
from assets.sample.writing import DeliveryFile, Manifest
from assets.tables.intake import Failure

ROWS = 20
_ALL = 10**9
_SILENT = "3301"
"""The city that is missing from a refresh of the province."""
_MIB = 1024 * 1024
Spoil = Callable[[bytes, Feed], bytes]


def _wrong_encoding(content: bytes, feed: Feed) -> bytes:
    del feed
    return content.decode("utf-8").encode("gbk")


def _truncated(content: bytes, feed: Feed) -> bytes:
    del feed
    return content[: len(content) * 2 // 3]


def _other_columns(change: Callable[[list[str]], list[str]]) -> Spoil:
    def spoil(content: bytes, feed: Feed) -> bytes:
        del feed
        lines = content.decode().splitlines()
        return "".join(",".join(change(line.split(","))) + "\n" for line in lines).encode()

    return spoil


def _renamed(content: bytes, feed: Feed) -> bytes:
    name = feed.columns[0].encode()
    return content.replace(name, name + b"_new", 1)


def _endless(content: bytes, feed: Feed) -> bytes:
    del feed
    return content + b"x" * (_MIB + 1)


def _bomb(content: bytes, feed: Feed) -> bytes:
    del feed
    return gzip.compress(content + b"\n" * (32 * _MIB), compresslevel=9, mtime=0)


def _entities(content: bytes, feed: Feed) -> bytes:
    del feed
    head, _, rest = content.partition(b"\n")
    return head + b'<!DOCTYPE dataTable [<!ENTITY a "b">]>\n' + rest


def _formula(content: bytes, feed: Feed) -> bytes:
    del content
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, feed.columns)
        for column in range(len(feed.columns)):
            sheet.write_formula(1, column, '=HYPERLINK("http://example.invalid","x")')
    return memory.getvalue()


def _as_it_is(content: bytes, feed: Feed) -> bytes:
    del feed
    return content


_FAULTS: dict[str, tuple[str, Failure, Spoil]] = {
    "wrong_encoding": ("statement", Failure.ENCODING, _wrong_encoding),
    "column_missing": ("statement", Failure.COLUMNS, _other_columns(lambda cells: cells[1:])),
    "column_added": ("statement", Failure.COLUMNS, _other_columns(lambda cells: [*cells, "x"])),
    "column_renamed": ("statement", Failure.COLUMNS, _renamed),
    "line_without_end": ("statement", Failure.LINE_TOO_LONG, _endless),
    "bomb": ("statement", Failure.BOMB, _bomb),
    "truncated": ("registration", Failure.UNREADABLE, _truncated),
    "entities": ("registration", Failure.UNSAFE, _entities),
    "broken_xlsx": ("title", Failure.UNREADABLE, _truncated),
    "formula": ("title", Failure.FORMULA, _formula),
    "wrong_count": ("skill", Failure.COUNT, _as_it_is),
    "too_many_deleted": ("party", Failure.DELETIONS, _as_it_is),
    "region_missing": ("equipment", Failure.CLIFF, _as_it_is),
}
"""Fault to the table whose file shows it, what it is refused for, and how it comes about."""


def broken(
    out: Path,
    rendered: Callable[[str, int, int, str], pl.DataFrame],
    channels: Mapping[str, Channel],
    as_of: date,
    files: int,
    deleted: int,
) -> pl.DataFrame:
    """Writes so many bad files of each kind.

    Args:
        out: the inbox.
        rendered: rows of a table as its channel sends them: table, first row, how many, and
            whether they are `kept` or `deleted`.
        channels: the senders.
        as_of: the day the province is seen on.
        files: of each kind.
        deleted: rows that are too many to be deleted at once.

    Returns:
        `channel`, `feed`, `file`, `fault`, `reason_code`.
    """
    told = []
    for fault, (key, reason, spoil) in _FAULTS.items():
        channel, name = FEED_OF[key]
        feed = channels[channel].feeds[name]
        for number in range(files):
            if fault == "too_many_deleted":
                rows = rendered(key, number, deleted, "deleted")
            elif fault == "region_missing":
                rows = rendered(key, 0, _ALL, "kept").filter(
                    pl.col("HavecorpCode").str.slice(2, 4) != _SILENT
                )
            else:
                rows = rendered(key, ROWS * number, ROWS, "kept")
            # An old day each: a file that fails changes nothing, in whatever order it comes.
            day = as_of - timedelta(days=30 + number)
            file = DeliveryFile(out / channel / name, f"{day:%Y%m%d}-{fault}", feed)
            file.append(rows)
            stated = Manifest(
                sent_at=datetime.combine(day, time(22), SHANGHAI),
                region_code="330000",
                is_complete=False,
                as_of=day,
                is_refresh=fault == "region_missing",
            )
            file.close(stated, rows=file.rows + 7 if fault == "wrong_count" else None)
            path = file.path
            if fault == "bomb":
                path = path.rename(path.with_name(path.name + ".gz"))
                file.path.with_name(file.path.name + ".manifest.json").unlink()
                stated.write(path, file.rows)
            path.write_bytes(spoil(path.read_bytes(), feed))
            told.append((channel, name, path.name, fault, reason.value))
    columns = ("channel", "feed", "file", "fault", "reason_code")
    return pl.DataFrame(told, schema=columns, orient="row")
