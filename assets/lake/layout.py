"""How the rows of a table lie in its data files: sizes, order, encodings.

Belongs here: what a data file is like, and which rows are rewritten with those that go. Does not:
reading or writing one (`assets.lake.store`).
"""

from __future__ import annotations

import polars as pl
from deltalake import ColumnProperties, WriterProperties

from assets.lake.declaration import Mode, Table

ROW_GROUP_ROWS = 65_536
"""About 64k rows: one enterprise among two million rows is then found in some 5 ms."""
FILE_BYTES = {Mode.LOG: 8 * 2**20, Mode.VIEW: 2**18}
"""Of a data file. What is rewritten is in small ones, so that a few changed rows take little with
them: those of 41 enterprises among 21 million rows 42 of 285 files, where of 1 MiB they took 52 of
63, at four times the processor time. To write and to read all costs no more. A log is only read."""
LISTED_VALUES = 100
"""Values that a rewrite names one by one; of more it takes the range."""

_NUMBERS = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED")
"""Row numbers and digests do not repeat: a dictionary of them is built, found too large and
dropped, at a third of the time of a write. Their differences take half of the room."""
_TEXTS = ColumnProperties(dictionary_enabled=False, encoding="DELTA_LENGTH_BYTE_ARRAY")
"""Nor do the numbers and names of persons and works: without one they are written in half of the
time, in four fifths of the room, and read as quickly. Of texts that are met twice one is worth it:
without it they are read in one and a half times the time."""
LOOKED_AT = 4_096
"""Rows that tell whether a text repeats: beside each other it repeats the most."""
_DIFFERENT = 0.75
"""Share of different texts from which a dictionary is not worth its building."""


def without(rows: pl.LazyFrame, gone: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The rows whose key is not gone, in the order of the data files."""
    return rows.join(gone.lazy(), on=key, how="anti", maintain_order="left").collect()


def order_of(table: Table) -> list[str]:
    """The columns that rows of a table are sorted by within a data file."""
    return list(dict.fromkeys((*table.sort_by, *table.key)))


def written_by(table: Table, rows: pl.DataFrame) -> WriterProperties:
    """How the data files of a table are written.

    Args:
        table: the table.
        rows: those that are written, or some like them.
    """
    first = rows.head(LOOKED_AT)
    rarely = _DIFFERENT * first.height
    columns = {c.name: _NUMBERS for c in table if c.dtype == pl.Int64()}
    columns |= {
        c.name: _TEXTS
        for c in table
        if c.dtype == pl.String() and first[c.name].n_unique() > rarely
    }
    return WriterProperties(
        compression="ZSTD",
        max_row_group_size=ROW_GROUP_ROWS,
        write_batch_size=ROW_GROUP_ROWS,
        column_properties=columns or None,
    )


def are_few(values: int) -> bool:
    """Whether values are so few that they are named one by one."""
    return values <= LISTED_VALUES


def is_little(values: int, files: int) -> bool:
    """Whether so few values are named one by one, and leave most files of a table alone."""
    return are_few(values) and values <= files // 2


def among(name: str, values: pl.Series) -> tuple[pl.Expr, str]:
    """A condition that rows with one of the sorted values meet, for Polars and for Delta.

    Of many values it is their range: Delta's engine takes a long list apart by recursion, which
    ends a process of a few thousand values.
    """

    def quoted(value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    if are_few(values.len()):
        listed = ", ".join(map(quoted, values))
        return pl.col(name).is_in(values.implode()), f"{name} IN ({listed})"
    low, high = values[0], values[-1]
    predicate = f"{name} >= {quoted(low)} AND {name} <= {quoted(high)}"
    return pl.col(name).is_between(pl.lit(low), pl.lit(high)), predicate
