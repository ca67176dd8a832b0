"""XLSX: the first sheet of a workbook, read as text.

Belongs here: a sheet into a frame of text, and what makes a workbook untrustworthy: a
formula, whose value is what the sender's program last made of it, a number of which it keeps
only the first fifteen digits, and a second sheet with the same columns, which nobody would read.
Does not: what a cell means.
"""

from __future__ import annotations

import re

import fastexcel
import polars as pl

from assets.adapters import packed
from assets.adapters.delivered import (
    Delivered,
    DeliveryError,
    numbered,
    require_columns,
    unreadable,
)
from assets.adapters.limits import Limits
from assets.channels import Feed
from assets.tables.intake import Failure

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_LONG = re.compile(
    rb"<((?:\w+:)?c\s[^<>]*)>\s*<(?:\w+:)?v>-?"
    rb"(?:[0-9]{16,}|[0-9](?:\.[0-9]+)?[Ee]\+?(?:1[5-9]|[2-9][0-9]))[.0]*<"
)
"""A cell of a number of sixteen digits or more, as an identity number that was typed as one."""
_DIGITS = re.compile(rb"v>-?(?:[0-9]{16}|[0-9](?:\.[0-9]+)?[Ee])")
"""Whether there may be one: found in a tenth of the time."""
_IS_TEXT = re.compile(rb"""\st=["'](?!n["'])""")
_SHEETS = "xl/worksheets/"
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]+[0-9]+)["']""")
_OVERLAP = 256
"""Bytes of a chunk that are looked at again with the next: a tag may lie across both."""


def read(content: bytes, feed: Feed, limits: Limits) -> Delivered:
    """The first sheet of a workbook; its first line names the columns."""
    try:
        _require_values(content, limits)
        book = fastexcel.read_excel(content)
        frame = _sheet(book, 0)
        others = [name for name in book.sheet_names[1:] if _is_alike(book, name, feed)]
    except fastexcel.FastExcelError as error:
        raise unreadable("xlsx", str(error).partition("\n")[0]) from error
    if others:
        raise DeliveryError(
            Failure.SHEETS,
            f"工作表{others}也含有约定的列，只能有一张；请合并或拆分为多个文件后再送",
            f"the sheets {others} have the declared columns too, and only the first is read; put "
            "all rows into one sheet or one file each and send it anew",
        )
    require_columns(frame.columns, feed)
    return Delivered(numbered(frame, feed))


def _sheet(book: fastexcel.ExcelReader, sheet: int | str, rows: int | None = None) -> pl.DataFrame:
    frame = book.load_sheet(sheet, dtypes="string", n_rows=rows).to_polars()
    frame.columns = [name.strip() for name in frame.columns]
    return frame.cast(pl.String)


def _is_alike(book: fastexcel.ExcelReader, sheet: str, feed: Feed) -> bool:
    found = _sheet(book, sheet, rows=1)
    return found.height > 0 and set(feed.columns) - feed.optional <= set(found.columns)


def _require_values(content: bytes, limits: Limits) -> None:
    """Unpacks the workbook once, within the limits, and looks for formulas on the way."""
    with packed.opened(content, limits, form="xlsx") as archive:
        if packed.WORKBOOK not in archive.namelist():
            raise unreadable("xlsx", f"no {packed.WORKBOOK}")
        total = 0
        for part in archive.infolist():
            is_sheet = part.filename.startswith(_SHEETS)
            before = b""
            for chunk in packed.unpacked(archive, part):
                total += len(chunk)
                packed.require_small(total, len(content), limits)
                seen = before + chunk if is_sheet else b""
                sheet = part.filename.removeprefix(_SHEETS)
                if formula := _FORMULA.search(seen):
                    raise _formula(sheet, seen[: formula.start()])
                for long in _LONG.finditer(seen) if _DIGITS.search(seen) else ():
                    if not _IS_TEXT.search(long[1]):
                        raise _long(sheet, seen[: long.end()])
                before = chunk[-_OVERLAP:]


def _long(sheet: str, before: bytes) -> DeliveryError:
    cell = _last_cell(before)
    return DeliveryError(
        Failure.TYPES,
        f"{sheet}的单元格{cell}是超过15位的数值，电子表格只保留前15位；请将该列设为文本格式、"
        "从来源重新导出后再送",
        f"the cell {cell} of {sheet} is a number of more than 15 digits, of which a spreadsheet "
        "keeps the first 15; format the column as text, export it again and send it anew",
    )


def _last_cell(before: bytes) -> str:
    cells = _CELL.findall(before)
    return cells[-1].decode() if cells else "?"


def _formula(sheet: str, before: bytes) -> DeliveryError:
    cell = _last_cell(before)
    return DeliveryError(
        Failure.FORMULA,
        f"{sheet}的单元格{cell}含有公式，其值不可信；请将公式粘贴为数值后再送",
        f"the cell {cell} of {sheet} holds a formula, whose value cannot be trusted; paste "
        "formulas as values and send it anew",
    )
