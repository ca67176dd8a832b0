"""CSV: UTF-8 or GBK, quoted or not, with lines that do not split set apart.

Belongs here: bytes of a table of lines into a frame of text. Does not: what a cell means:
one that begins with `=`, `@`, `+` or `-` is text like any other.
"""

from __future__ import annotations

import csv
import io

import polars as pl

from assets.adapters.delivered import BadLine, Delivered, DeliveryError, numbered, require_columns
from assets.adapters.encodings import CODECS, are_many, is_utf8, refuse_utf8, undecodable
from assets.adapters.limits import Limits
from assets.channels import Encoding, Feed
from assets.tables.intake import Failure


def read(content: bytes, feed: Feed, limits: Limits) -> Delivered:
    """A CSV file in the declared encoding, with or without a byte-order mark."""
    del limits  # lines were held to them while they came
    text, odd = _decoded(content.removeprefix(b"\xef\xbb\xbf"), feed.encoding or "utf-8")
    begin = text.find(b"\n") + 1 or len(text)
    names = _header(text[:begin])
    require_columns(names, feed)
    is_quoted = text.find(b'"', begin) >= 0
    if not is_quoted and not odd and _is_even(text, begin, len(names) - 1):
        try:
            return Delivered(numbered(_parsed(text, names, head=1), feed))
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
            pass  # some line has more columns and another fewer: find them one by one
    body = text[begin:]
    if is_quoted:
        return _read_quoted(body, names, feed, odd)
    return _read_plain(body, names, feed, odd)


def _is_even(text: bytes, begin: int, separators: int) -> bool:
    """Whether the lines have as many separators as columns ask for, taken together.

    Where one has fewer, an empty one among them, another has more: Polars refuses that one.
    """
    is_cut = len(text) > begin and not text.endswith(b"\n")
    lines = text.count(b"\n", begin) + is_cut
    return separators > 0 and text.count(b",", begin) == lines * separators


def _decoded(content: bytes, encoding: Encoding) -> tuple[bytes, set[int]]:
    """The content in UTF-8, and the indices of the lines (header = 0) that did not decode."""
    codec = CODECS[encoding]
    if encoding == "utf-8" and is_utf8(content):
        return content, set()
    refuse_utf8(content, encoding)
    try:
        return content.decode(codec).encode(), set()
    except UnicodeDecodeError:
        pass
    lines = content.split(b"\n")
    bad = {i for i, line in enumerate(lines) if not _decodes(line, codec)}
    if 0 in bad or are_many(bad, len(lines)):
        raise undecodable({index + 1 for index in bad}, encoding, "line")
    decoded = (line.decode(codec, "replace").encode() for line in lines)
    return b"\n".join(decoded), bad


def _decodes(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _header(line: bytes) -> list[str]:
    cells = next(csv.reader([line.decode().rstrip("\r\n")]), [])
    return [cell.strip() for cell in cells]


def _parsed(text: bytes, names: list[str], head: int = 0) -> pl.DataFrame:
    """The lines after the first `head`, none of them quoted or ragged."""
    schema = dict.fromkeys(names, pl.String)
    frame = pl.read_csv(
        text,
        has_header=False,
        skip_lines=head,
        schema=schema,
        quote_char=None,
        raise_if_empty=False,
    )
    last = pl.col(names[-1]).str.strip_suffix("\r")
    return frame.with_columns(last) if frame.height else pl.DataFrame(schema=schema)


def _read_plain(body: bytes, names: list[str], feed: Feed, odd: set[int]) -> Delivered:
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
        reason=pl.when(pl.col("line_no").is_in(sorted(odd)))
        .then(pl.lit("undecodable"))
        .when(is_ragged)
        .then(pl.lit("ragged"))
    )
    good = lines.filter(pl.col("reason").is_null())
    frame = _parsed("\n".join(good["line"]).encode(), names)
    bad = lines.filter(pl.col("reason").is_not_null())
    return Delivered(
        numbered(frame, feed, good["row_no"]),
        [BadLine(*row) for row in bad.select("row_no", "reason", "line").iter_rows()],
    )


def _read_quoted(body: bytes, names: list[str], feed: Feed, odd: set[int]) -> Delivered:
    text = body.decode()
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[list[str]] = []
    numbers: list[int] = []
    bad: list[BadLine] = []
    row_no, first_line = 0, 1
    try:
        for cells in reader:
            lines = set(range(first_line, reader.line_num + 1))
            last, first_line = first_line, reader.line_num + 1
            if not cells:
                continue
            row_no += 1
            if len(cells) == len(names) and not lines & odd:
                rows.append(cells)
                numbers.append(row_no)
            else:
                reason = "undecodable" if lines & odd else "ragged"
                bad.append(BadLine(row_no, reason, ",".join(cells)))
    except csv.Error as error:  # a cell without end, of 128 KiB and more
        raise _unclosed(first_line) from error
    if row_no and _never_ends(text, last):
        raise _unclosed(last)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return Delivered(numbered(frame, feed, numbers), bad)


def _never_ends(text: str, line: int) -> bool:
    """Whether the last row, from this line on, opens a quote that nothing closes."""
    tail = io.StringIO(text, newline="")
    for _ in range(1, line):
        tail.readline()
    try:
        list(csv.reader(tail, strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _unclosed(line: int) -> DeliveryError:
    return DeliveryError(
        Failure.UNREADABLE,
        f"数据第{line}行起引号未闭合，其后各行无法拆分；请重新导出后再送",
        f"a quote opened in line {line} of the data is never closed, so that what follows cannot "
        "be split; export it again and send it anew",
    )
