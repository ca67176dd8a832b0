"""XML: one element per row below the root, one element per cell.

Belongs here: a stream of elements into a frame of text, with entities, document types and
network off; a cell may hold base64. Does not: what a cell means.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import polars as pl
from lxml import etree

from assets.adapters.delivered import (
    BadLine,
    Delivered,
    DeliveryError,
    complete,
    require_columns,
    unreadable,
)
from assets.adapters.encodings import CODECS, are_many, refuse_utf8, undecodable
from assets.adapters.limits import Limits
from assets.channels import Feed
from assets.tables.intake import Failure

ENCODINGS = ("utf-8", "gbk", "gb2312", "gb18030")
"""What an XML declaration may name; in another one a document type could hide."""
_ROWS_AT_ONCE = 20_000
"""Rows held as Python objects before they go into a frame."""
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def read(content: bytes, feed: Feed, limits: Limits) -> Delivered:
    """An XML file of rows; the name of the root and of a row are the sender's."""
    del limits  # libxml2 holds a text to 10 MB and a tree to 256 levels
    content = content.removeprefix(b"\xef\xbb\xbf")
    _require_safe(content)
    schema = dict.fromkeys(feed.columns, pl.String)
    known = frozenset(schema)
    frames: list[pl.DataFrame] = [pl.DataFrame(schema=schema)]
    rows: list[dict[str, str | None]] = []
    numbers: list[int] = []
    bad: list[BadLine] = []
    try:
        for row_no, record in enumerate(_records(content), start=1):
            cells: dict[str, str | None] = {}
            is_nested = False
            for cell in record:  # once: lxml makes an object for every look at a cell
                cells[cell.tag] = cell.text
                is_nested |= len(cell) > 0
            if is_nested or len(cells) < len(record):
                text = etree.tostring(record, encoding="unicode", with_tail=False)
                bad.append(BadLine(row_no, "unreadable", text))
                continue
            if not cells.keys() <= known:
                unknown = sorted(map(str, cells.keys() - known))
                require_columns([*feed.columns, *unknown], feed)
            numbers.append(row_no)
            rows.append(cells)
            if len(rows) == _ROWS_AT_ONCE:
                frames.append(pl.from_dicts(rows, schema=schema))
                rows.clear()
    except etree.XMLSyntaxError as error:
        raise unreadable("xml", error) from error
    if rows:
        frames.append(pl.from_dicts(rows, schema=schema))
    frame = complete(pl.concat(frames), feed, numbers)
    return Delivered(frame, bad) if feed.encoding is None else _out_of_base64(frame, bad, feed)


def _out_of_base64(frame: pl.DataFrame, bad: list[BadLine], feed: Feed) -> Delivered:
    """Rows whose values are base64 of text in the encoding of the feed."""
    assert feed.encoding is not None
    codec, values = CODECS[feed.encoding], pl.col(feed.columns)

    def text(content: bytes) -> str | None:
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            return None

    packed = frame.with_columns(
        values.str.replace_all(r"\s", "").str.decode("base64", strict=False)
    )
    told = (value for name in feed.columns for value in packed[name].drop_nulls())
    refuse_utf8(b"".join(told), feed.encoding)
    plain = packed.with_columns(values.map_elements(text, return_dtype=pl.String))
    is_lost = pl.any_horizontal(
        plain[name].is_null() & frame[name].is_not_null() for name in feed.columns
    )
    lost = frame.filter(is_lost).select(
        "row_no",
        reason=pl.lit("undecodable"),
        text=pl.concat_str(values.fill_null(""), separator=","),
    )
    if are_many(lost["row_no"], frame.height):
        raise undecodable(lost["row_no"], feed.encoding, "row")
    odd = [BadLine(*row) for row in lost.iter_rows()]
    return Delivered(plain.filter(~is_lost), [*bad, *odd])


def _require_safe(content: bytes) -> None:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content:
        raise DeliveryError(
            Failure.UNSAFE,
            "XML含有文档类型或实体声明，不予读取；请去除后再送",
            "the XML declares a document type or entities and is not read; send it without",
        )
    declared = _DECLARED.match(content[:200])
    encoding = "utf-8" if declared is None else declared[1].decode().lower()
    if encoding not in ENCODINGS:
        raise DeliveryError(
            Failure.ENCODING,
            f"XML声明的编码{encoding}不予读取；请改用{'、'.join(ENCODINGS)}之一再送",
            f"the XML declares the encoding {encoding}, which is not read; export it in one of "
            f"{list(ENCODINGS)} and send it anew",
        )


def _records(content: bytes) -> Iterator[etree._Element]:
    """The children of the root, one at a time; each is forgotten once it has been read."""
    name = _row_name(content)
    # Told of the ends of rows only: an event for every cell would cost as much as the parsing.
    ends = etree.iterparse(io.BytesIO(content), events=("end",), tag=name, **_SAFE)
    for _, element in ends:
        root = element.getparent()
        if root is None or root.getparent() is not None:
            continue  # of the same name, but inside a row
        yield element
        element.clear()
        while (before := element.getprevious()) is not None:
            _require_row(before, name)
            root.remove(before)
    for element in ends.root if ends.root is not None else ():
        _require_row(element, name)


def _row_name(content: bytes) -> str:
    """The name of the root's first child; that of the root where it has none."""
    starts = etree.iterparse(io.BytesIO(content), events=("start",), **_SAFE)
    return [str(element.tag) for _, element in islice(starts, 2)][-1]


def _require_row(element: etree._Element, name: str) -> None:
    if element.tag != name:
        raise DeliveryError(
            Failure.UNREADABLE,
            f"根元素下既有{name}又有{element.tag}，不知何为数据行；请只保留数据行后再送",
            f"the root holds both {name} and {element.tag}, so that it is not clear what a row "
            "is; keep rows only and send it anew",
        )
