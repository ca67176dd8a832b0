"""Parquet: typed columns into the text a raw table keeps.

Belongs here: the one text of each type, and types that lose what a column says. Does not:
what a value means.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:  # half a second to import: only where a file is one
    import pyarrow as pa
from assets.adapters.delivered import (
    Delivered,
    DeliveryError,
    numbered,
    require_columns,
    unreadable,
)
from assets.adapters.limits import Limits, too_large
from assets.channels import Feed
from assets.tables.intake import Failure

_NUMBERS = ("integer", "number", "yuan", "wan_yuan", "flag", "code")
"""Readings that a floating-point column may carry; an identifier loses digits in one."""


def read(content: bytes, feed: Feed, limits: Limits) -> Delivered:
    """A Parquet file of flat columns."""
    import pyarrow as pa

    try:
        frame = _frame(content, feed, limits)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise unreadable("parquet", str(error).partition("\n")[0]) from error
    readings = {reading.source: reading.read for reading in (*feed.fields, *feed.measures)}
    readings |= {mark.source: "code" for mark in feed.marks}
    unfit = [
        f"{name}: {dtype}"
        for name, dtype in frame.schema.items()
        if not _is_fit(dtype, readings[name])
    ]
    if unfit:
        raise DeliveryError(
            Failure.TYPES,
            f"列的类型无法如实读取{unfit}；证件号等标识请用文本类型，嵌套类型请展开后再送",
            f"columns have types that cannot be read truly: {unfit}; write identifiers as text and "
            "flatten nested columns, then send it anew",
        )
    texts = frame.select(_text(name, dtype) for name, dtype in frame.schema.items())
    # Texts are shared between rows until somebody joins them: count them before.
    size = texts.select(pl.sum_horizontal(pl.all().str.len_bytes().sum())).item()
    if size is not None and size > limits.file_bytes:
        raise too_large(limits)
    return Delivered(numbered(texts, feed))


def _frame(content: bytes, feed: Feed, limits: Limits) -> pl.DataFrame:
    """The declared columns in their types.

    By Arrow's reader, because Polars' panics on some files that are spoilt. Texts stay in
    their dictionary, so that a long one in a million rows is in memory once.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(content), page_checksum_verification=True)
    require_columns(file.schema_arrow.names, feed)
    if file.metadata.num_rows * len(feed.columns) > limits.cells:
        raise too_large(limits)
    texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
    file = pq.ParquetFile(
        io.BytesIO(content), read_dictionary=texts, page_checksum_verification=True
    )
    held = [name for name in feed.columns if name in file.schema_arrow.names]
    table = file.read(columns=held)
    table.validate(full=True)
    frame = pl.from_arrow(table.cast(pa.schema([(f.name, f.type) for f in table.schema])))
    assert isinstance(frame, pl.DataFrame)
    return frame


def _is_text(dtype: pa.DataType) -> bool:
    import pyarrow as pa

    is_text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(test(dtype) for test in is_text)


def _is_fit(dtype: pl.DataType, reading: str) -> bool:
    if dtype.is_float():
        return reading in _NUMBERS
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Time, pl.Duration, pl.Object))


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Boolean:
        return column.cast(pl.Int8).cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        zone = "%:z" if dtype.time_zone else ""
        return column.dt.strftime(f"%Y-%m-%d %H:%M:%S{zone}")
    if dtype.is_float():
        return _plain_decimal(column)
    return column.cast(pl.String)


def _plain_decimal(column: pl.Expr) -> pl.Expr:
    """Without exponent where the value is of a size that figures here have."""
    exact = column.cast(pl.Decimal(38, 6), strict=False)
    is_exact = exact.cast(pl.Float64) == column
    text = exact.cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")
    return pl.when(is_exact).then(text).otherwise(column.cast(pl.String))
