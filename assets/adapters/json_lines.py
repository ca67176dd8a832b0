"""JSON Lines: one object per line; a line that is none is set apart.

Belongs here: lines into a frame of text, numbers with the digits they came with. Does not:
what a member means.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from assets.adapters.delivered import (
    BadLine,
    Delivered,
    DeliveryError,
    complete,
    require_columns,
)
from assets.adapters.limits import Limits
from assets.channels import Feed
from assets.tables.intake import Failure


def read(content: bytes, feed: Feed, limits: Limits) -> Delivered:
    """A file of JSON objects in UTF-8."""
    del limits  # lines were held to them while they came
    columns = feed.columns
    rows: dict[str, list[str | None]] = {name: [] for name in columns}
    numbers: list[int] = []
    bad: list[BadLine] = []
    unknown: set[str] = set()
    row_no = 0
    for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if not line.strip():
            continue
        row_no += 1
        members = _members(line)
        if isinstance(members, str):
            bad.append(BadLine(row_no, members, line.decode("utf-8", "replace")))
            continue
        unknown |= members.keys() - rows.keys()
        numbers.append(row_no)
        for name, values in rows.items():
            values.append(members.get(name))
    if unknown:
        # A member that no line has is most likely there under a name that nobody knows.
        told = [name for name, values in rows.items() if any(v is not None for v in values)]
        require_columns([*told, *sorted(unknown)], feed)
    if bad and len(bad) == row_no:
        if any(line.reason == "undecodable" for line in bad):
            raise DeliveryError(
                Failure.ENCODING,
                "没有一行是utf-8编码的JSON对象；请按utf-8重新导出后再送",
                "no line is a JSON object in utf-8; export it again as utf-8 and send it anew",
            )
        raise DeliveryError(
            Failure.UNREADABLE,
            "没有一行是JSON对象；请按每行一个JSON对象重新导出后再送",
            "no line is a JSON object; export one JSON object per line and send it anew",
        )
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.String))
    return Delivered(complete(frame, feed, numbers), bad)


def as_text(value: Any) -> str | None:
    """A JSON value as the text a raw table keeps."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _members(line: bytes) -> dict[str, str | None] | str:
    """The members as text, or the reason why the line is no record."""
    try:
        record = json.loads(line, parse_float=str, parse_int=str, object_pairs_hook=_once)
    except UnicodeDecodeError:
        return "undecodable"
    except (ValueError, RecursionError):  # brackets nested a thousand deep are no record
        return "unreadable"
    if not isinstance(record, dict):
        return "unreadable"
    return {name: as_text(value) for name, value in record.items()}


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object, unless it names a member twice: no order says which of them holds."""
    record = dict(members)
    if len(record) < len(members):
        raise ValueError("a member is named twice")
    return record
