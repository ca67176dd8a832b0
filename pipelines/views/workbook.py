"""A table as an Excel workbook.

Belongs here: rows on one sheet, the meaning of each column on another. Does not: which rows.
"""

from __future__ import annotations

import io

import polars as pl
import xlsxwriter

from assets.calendar import SHANGHAI
from assets.lake.declaration import Table
from pipelines.handbook.dictionary import type_name

MOST_ROWS = 1_048_575
"""What a sheet holds below its heading."""


class TooManyRows(ValueError):
    """More rows than a sheet holds."""


def workbook(table: Table, rows: pl.DataFrame) -> bytes:
    """The rows in the declared order, times in China standard time, as XLSX.

    Texts are written as texts: none is read as a formula or a link.

    Raises:
        TooManyRows: a sheet cannot hold them.
    """
    if rows.height > MOST_ROWS:
        raise TooManyRows(
            f"行数超出工作表容量 {rows.height} rows are more than the {MOST_ROWS} of a sheet"
        )
    # Excel knows no time zones: the clock of China is written, as its reader expects.
    local = pl.selectors.datetime(time_zone="*")
    shown = rows.sort(*table.sort_by, *table.key).with_columns(
        local.dt.convert_time_zone(SHANGHAI.key).dt.replace_time_zone(None)
    )
    meanings = pl.DataFrame(
        [(c.name, c.zh, c.en, type_name(c) + (f" [{c.unit}]" if c.unit else "")) for c in table],
        schema=["列 column", "含义", "meaning", "类型 type"],
        orient="row",
    )
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        for frame, sheet in ((shown, table.zh), (meanings, "各列 columns")):
            frame.write_excel(
                book,
                sheet,
                autofit=True,
                freeze_panes=(1, 1),
                dtype_formats={pl.Datetime: "yyyy-mm-dd hh:mm:ss", pl.Date: "yyyy-mm-dd"},
            )
    return out.getvalue()
