"""Adapters: the bytes of one delivery into a frame of text, or a fault that says what to do.

Belongs here: the four forms a delivery may have. Does not: what a value means
(`assets.normalise`) or where the rows go (`assets.raw`).

A file that cannot be trusted as a whole (wrong encoding, columns that are not the declared
ones, a container that cannot be opened, an XML with entities) is one `DeliveryError`. One
bad line among good ones is set apart and the rest is read. Deliveries come from outside:
XML is read with entities, DTD and network off.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import fastexcel
import polars as pl
from lxml import etree

from assets.channels import Feed
from assets.tables import BY_NAME

MAX_BAD_SHARE = 0.01
"""More undecodable lines than this, and the encoding of the file is wrong, not of a line."""
_MIN_BAD_LINES = 3
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class DeliveryError(Exception):
    """A delivery that cannot be used at all: what is wrong, where, and the remedy."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"[{code}] {zh} / {en}")
        self.code = code


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be split into the declared columns."""

    row_no: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a file holds.

    `frame` has `row_no` (Int64, from 1) and every declared source column as text; rows of
    `bad` are missing from it but counted.
    """

    frame: pl.DataFrame
    bad: list[BadLine] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """Rows of the file, good and bad."""
        return self.frame.height + len(self.bad)


def read_delivery(content: bytes, feed: Feed) -> Delivered:
    """Reads one delivery in the form its channel declares.

    Raises:
        DeliveryError: the file cannot be used as a whole.
    """
    return _ADAPTERS[feed.adapter](content, feed)


# -- CSV -----------------------------------------------------------------------------


def _read_csv(content: bytes, feed: Feed) -> Delivered:
    text, undecodable = _decoded(content.removeprefix(b"\xef\xbb\xbf"), feed.encoding or "utf-8")
    head, _, body = text.partition(b"\n")
    names = _header(head)
    _require_columns(names, feed)
    separators = len(names) - 1
    is_plain = b'"' not in body and b"\n\n" not in body and b"\n\r\n" not in body
    lines = body.count(b"\n") + (0 if not body or body.endswith(b"\n") else 1)
    if is_plain and not undecodable and body.count(b",") == lines * separators:
        try:
            return Delivered(_numbered(_parsed(body, names), feed))
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
            pass  # some line has more columns and another fewer: find them one by one
    if b'"' in body:
        return _read_quoted(body, names, feed, undecodable)
    return _read_plain(body, names, feed, undecodable)


def _decoded(content: bytes, encoding: str) -> tuple[bytes, set[int]]:
    """The content in UTF-8, and the indices of the lines (header = 0) that did not decode."""
    codec = "gb18030" if encoding == "gbk" else "utf-8"
    try:
        content.decode("utf-8")
        is_utf8 = True
    except UnicodeDecodeError:
        is_utf8 = False
    if codec == "utf-8" and is_utf8:
        return content, set()
    if codec == "gb18030" and is_utf8 and not content.isascii():
        raise DeliveryError(
            "F-04",
            "约定编码为gbk，实际为utf-8；请按约定编码重新导出后再送",
            "declared gbk but the file is utf-8; export it again as gbk and send it anew",
        )
    try:
        return content.decode(codec).encode(), set()
    except UnicodeDecodeError:
        pass
    lines = content.split(b"\n")
    bad = {i for i, line in enumerate(lines) if not _decodes(line, codec)}
    if 0 in bad or len(bad) > max(_MIN_BAD_LINES, MAX_BAD_SHARE * len(lines)):
        first = min(bad) + 1
        raise DeliveryError(
            "F-04",
            f"第{first}行起共{len(bad)}行不是{encoding}编码；请按约定编码重新导出后再送",
            f"{len(bad)} lines from line {first} on are not {encoding}; export it again as "
            f"{encoding} and send it anew",
        )
    decoded = (line.decode(codec, "replace").encode() for line in lines)
    return b"\n".join(decoded), bad


def _decodes(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _header(line: bytes) -> list[str]:
    cells = next(csv.reader([line.decode().rstrip("\r")]), [])
    return [cell.strip() for cell in cells]


def _parsed(body: bytes, names: list[str]) -> pl.DataFrame:
    if not body.strip():
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.read_csv(
        io.BytesIO(body),
        has_header=False,
        schema=dict.fromkeys(names, pl.String),
        quote_char=None,
    ).with_columns(pl.col(names[-1]).str.strip_suffix("\r"))


def _read_plain(body: bytes, names: list[str], feed: Feed, undecodable: set[int]) -> Delivered:
    lines = (
        pl.DataFrame({"line": body.decode().split("\n")})
        .with_row_index("line_no", offset=1)
        .with_columns(pl.col("line").str.strip_suffix("\r"))
        .filter(pl.col("line") != "")
        .with_row_index("row_no", offset=1)
        .cast({"row_no": pl.Int64, "line_no": pl.Int64})
    )
    is_ragged = pl.col("line").str.count_matches(",", literal=True) != len(names) - 1
    lines = lines.with_columns(
        reason=pl.when(pl.col("line_no").is_in(sorted(undecodable)))
        .then(pl.lit("undecodable"))
        .when(is_ragged)
        .then(pl.lit("ragged"))
    )
    good = lines.filter(pl.col("reason").is_null())
    frame = _parsed("\n".join(good["line"]).encode(), names)
    bad = lines.filter(pl.col("reason").is_not_null())
    return Delivered(
        _numbered(frame, feed, good["row_no"]),
        [BadLine(*row) for row in bad.select("row_no", "reason", "line").iter_rows()],
    )


def _read_quoted(body: bytes, names: list[str], feed: Feed, undecodable: set[int]) -> Delivered:
    reader = csv.reader(io.StringIO(body.decode(), newline=""))
    rows: list[list[str]] = []
    numbers: list[int] = []
    bad: list[BadLine] = []
    row_no, first_line = 0, 1
    for cells in reader:
        lines = set(range(first_line, reader.line_num + 1))
        first_line = reader.line_num + 1
        if not cells:
            continue
        row_no += 1
        if len(cells) == len(names) and not lines & undecodable:
            rows.append(cells)
            numbers.append(row_no)
        else:
            reason = "undecodable" if lines & undecodable else "ragged"
            bad.append(BadLine(row_no, reason, ",".join(cells)))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return Delivered(_numbered(frame, feed, pl.Series(numbers, dtype=pl.Int64)), bad)


# -- XLSX ----------------------------------------------------------------------------


def _read_xlsx(content: bytes, feed: Feed) -> Delivered:
    try:
        sheet = fastexcel.read_excel(content).load_sheet(0, dtypes="string")
        frame = sheet.to_polars()
    except fastexcel.FastExcelError as error:
        told = str(error).partition("\n")[0]
        raise DeliveryError(
            "unreadable",
            f"无法作为xlsx打开（{told}）；请重新导出后再送",
            f"cannot be opened as xlsx ({told}); export it again and send it anew",
        ) from error
    names = [name.strip() for name in frame.columns]
    frame.columns = names
    _require_columns(names, feed)
    return Delivered(_numbered(frame.cast(pl.String), feed))


# -- XML -----------------------------------------------------------------------------


def _read_xml(content: bytes, feed: Feed) -> Delivered:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content:
        raise DeliveryError(
            "unsafe",
            "XML含有文档类型或实体声明，不予读取；请去除后再送",
            "the XML declares a document type or entities and is not read; send it without",
        )
    columns = feed.columns
    rows: dict[str, list[str | None]] = {name: [] for name in columns}
    try:
        for record in _records(content):
            cells = {cell.tag: cell.text for cell in record}
            unknown = cells.keys() - rows.keys()
            if unknown:
                _require_columns([*columns, *sorted(map(str, unknown))], feed)
            for name, values in rows.items():
                values.append(cells.get(name))
    except etree.XMLSyntaxError as error:
        raise DeliveryError(
            "unreadable",
            f"XML不完整或有语法错误（{error}）；请重新导出后再送",
            f"the XML is cut off or broken ({error}); export it again and send it anew",
        ) from error
    return Delivered(_complete(rows, feed))


def _records(content: bytes) -> Iterator[etree._Element]:
    """The children of the root, one at a time; each is forgotten once it has been read."""
    tag = _record_tag(content)
    if tag is None:
        return
    for _, record in etree.iterparse(io.BytesIO(content), events=("end",), tag=tag, **_SAFE):
        yield record
        record.clear()
        while record.getprevious() is not None:
            del record.getparent()[0]


def _record_tag(content: bytes) -> str | None:
    """Name of the root's first child; None for a root without children."""
    for depth, (_, element) in enumerate(
        etree.iterparse(io.BytesIO(content), events=("start",), **_SAFE)
    ):
        if depth == 1:
            return str(element.tag)
    return None


# -- JSON Lines ----------------------------------------------------------------------


def _read_jsonl(content: bytes, feed: Feed) -> Delivered:
    columns = feed.columns
    rows: dict[str, list[str | None]] = {name: [] for name in columns}
    numbers: list[int] = []
    bad: list[BadLine] = []
    row_no = 0
    for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if not line.strip():
            continue
        row_no += 1
        members = _members(line)
        if isinstance(members, str):
            bad.append(BadLine(row_no, members, line.decode("utf-8", "replace")))
            continue
        unknown = members.keys() - rows.keys()
        if unknown:
            _require_columns([*columns, *sorted(unknown)], feed)
        numbers.append(row_no)
        for name, values in rows.items():
            values.append(members.get(name))
    if bad and len(bad) == row_no:
        raise DeliveryError(
            "unreadable",
            "没有一行是JSON对象；请按每行一个JSON对象重新导出后再送",
            "no line is a JSON object; export one JSON object per line and send it anew",
        )
    return Delivered(_complete(rows, feed, pl.Series(numbers, dtype=pl.Int64)), bad)


def _members(line: bytes) -> dict[str, str | None] | str:
    """The members as text, or the reason why the line is no record."""
    try:
        record = json.loads(line, parse_float=str, parse_int=str)
    except UnicodeDecodeError:
        return "undecodable"
    except ValueError:
        return "unreadable"
    if not isinstance(record, dict):
        return "unreadable"
    return {
        name: value
        if value is None or isinstance(value, str)
        else json.dumps(value, ensure_ascii=False)
        for name, value in record.items()
    }


# -- common --------------------------------------------------------------------------


def _require_columns(found: Sequence[str], feed: Feed) -> None:
    declared = feed.columns
    missing = [name for name in declared if name not in found]
    unknown = [name for name in found if name not in declared]
    doubled = sorted({name for name in found if found.count(name) > 1})
    if missing or unknown or doubled:
        raise DeliveryError(
            "columns",
            f"列与约定不符：缺少{missing}，多出{unknown}，重复{doubled}；"
            "请按约定的列重新导出，或更新渠道文件中的字段",
            f"columns differ from the declared ones: missing {missing}, unknown {unknown}, "
            f"doubled {doubled}; export the declared columns, or mend the channel file",
        )


def _complete(
    rows: dict[str, list[str | None]], feed: Feed, row_no: pl.Series | None = None
) -> pl.DataFrame:
    """Records whose empty members may be left out; a mandatory one never is in all of them."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.String))
    target = BY_NAME[feed.target]
    mandatory = [
        f.source
        for f in feed.fields
        if f.to is not None and f.blank is None and not target[f.to].nullable
    ]
    absent = [name for name in mandatory if frame[name].null_count() == frame.height]
    if absent and frame.height:
        _require_columns([name for name in feed.columns if name not in absent], feed)
    return _numbered(frame, feed, row_no)


def _numbered(frame: pl.DataFrame, feed: Feed, row_no: pl.Series | None = None) -> pl.DataFrame:
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True)
    return frame.select((numbers if row_no is None else row_no).alias("row_no"), *feed.columns)


_ADAPTERS: dict[str, Callable[[bytes, Feed], Delivered]] = {
    "csv": _read_csv,
    "xlsx": _read_xlsx,
    "xml": _read_xml,
    "jsonl": _read_jsonl,
}
