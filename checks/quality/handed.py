"""What Great Expectations is handed of a table's rows: no more than each expectation is about.

Belongs here: the form of rows, and of the distinct values of a column, in pandas. Does not:
what is expected (`checks.quality.statements`), asking and counting (`checks.quality.suites`).

Whether a text has its form, or is one of its codes, follows from the text alone: such an
expectation is asked of each distinct text, and the rows that have one it names are counted.
A condition on rows reads the columns it names as they are, in Arrow. Whether a key stands twice
takes no reading of texts: there each goes by a number of its own. Whether a value is there takes
no telling of one from another: there a text goes by its length. What is not asked about a column
is not handed over with it, since Great Expectations copies every column of a batch whenever it
leaves out rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from assets.lake.declaration import Table
from assets.row_checks import KEY_CHECK, is_complete
from checks.quality.statements import Statement, statements

if TYPE_CHECKING:
    import pandas as pd

_ROWS, _BOUNDS, _KEY, _CONDITIONS = "_rows", "_bounds", "_key", "_conditions"
"""Names of the batches that are asked about rows; those of distinct values bear their column's."""
_TIMES = "_times"


@dataclass(frozen=True, slots=True)
class Handed:
    """The batches of a frame, by name, and the distinct values of its columns of texts."""

    batches: dict[str, pd.DataFrame]
    texts: dict[str, pl.DataFrame]
    """By column: each distinct value, and the rows that have it."""

    def batch_of(self, statement: Statement) -> str:
        """The name of the batch that a statement is asked of."""
        if statement.is_of_texts and statement.column in self.texts:
            return statement.column
        if statement.only_rows:
            return _CONDITIONS
        if statement.id.endswith(":range"):
            return _BOUNDS
        return _KEY if statement.id == KEY_CHECK else _ROWS

    def told(self, statement: Statement) -> pl.DataFrame | None:
        """The distinct values that a statement is asked of; None where it is asked of rows."""
        return self.texts[statement.column] if self.batch_of(statement) in self.texts else None


def handed(table: Table, frame: pl.DataFrame) -> Handed:
    """The rows of a table, which may lack some of its columns, as its suite is asked of them."""
    asked = {one.column for one in statements(table) if one.is_of_texts}
    read = _in_conditions(table)
    texts = {name: _distinct(frame[name]) for name in frame.columns if name in asked}
    return Handed(
        batches={
            _ROWS: _rows(table, frame),
            _BOUNDS: _bounded(table, frame),
            _KEY: _keys(table, frame),
            _CONDITIONS: in_full(table, frame.select(n for n in frame.columns if n in read)),
            **{
                name: told.select(name).to_pandas(use_pyarrow_extension_array=True)
                for name, told in texts.items()
            },
        },
        texts=texts,
    )


def rows_with(told: pl.DataFrame, values: list[str]) -> int:
    """The rows that have one of some distinct values."""
    return int(told.filter(pl.col(told.columns[0]).is_in(values))[_TIMES].sum())


def _distinct(values: pl.Series) -> pl.DataFrame:
    return values.drop_nulls().value_counts(name=_TIMES)


def _keys(table: Table, frame: pl.DataFrame) -> pd.DataFrame:
    """A number for each text of the complete keys; rows of other keys are not asked about.

    Equal texts have equal numbers. Different ones hardly ever do, and keys that therefore seemed
    to stand twice would show as a count that differs from that of the row checks.
    """
    key = tuple(name for name in ("delivery_id", *table.key) if name in frame.columns)
    complete = frame.lazy().select(key).filter(is_complete(key))
    return _numbers(
        complete.with_columns(pl.col(pl.String).hash().reinterpret(signed=True)).collect()
    )


def _rows(table: Table, frame: pl.DataFrame) -> pd.DataFrame:
    """Every column: a number where a value that is asked for is there, none where it is not."""
    needed = {column.name for column in table if not column.nullable}

    def number(name: str, dtype: pl.DataType) -> pl.Expr:
        value = pl.col(name)
        if name not in needed:
            return pl.lit(value=False).alias(name)
        if dtype.is_numeric():
            return value.cast(pl.Float64)
        return value.str.len_bytes() if dtype == pl.String else value

    return _numbers(frame.select(number(*column) for column in frame.schema.items()))


def _bounded(table: Table, frame: pl.DataFrame) -> pd.DataFrame:
    """The columns with bounds, as doubles."""
    return _numbers(
        frame.select(
            pl.col(column.name).cast(pl.Float64)
            for column in table
            if column.is_bounded and column.name in frame.columns
        )
    )


def _numbers(frame: pl.DataFrame) -> pd.DataFrame:
    """Columns as NumPy arrays: where values are compared these take a quarter of the time."""
    import pandas as pd

    return pd.DataFrame(
        {column.name: column.to_physical().to_numpy() for column in frame}, copy=False
    )


def in_full(table: Table, frame: pl.DataFrame) -> pd.DataFrame:
    """The rows as Arrow-backed pandas; numbers as doubles.

    Decimals become doubles as the row checks take them. A column with bounds is handed over as
    a NumPy array, which Great Expectations compares at once and any other one by one; but not
    if a condition reads it, since a NumPy NaN makes it false where a null leaves it open.
    """
    numbers = [c for c in table if c.dtype.is_numeric() and c.name in frame.columns]
    doubles = frame.with_columns(
        pl.col(c.name).cast(pl.Float64) for c in numbers if isinstance(c.dtype, pl.Decimal)
    )
    handed = doubles.to_pandas(use_pyarrow_extension_array=True)
    read = _in_conditions(table)
    for column in numbers:
        if column.is_bounded and column.name not in read:
            handed[column.name] = frame[column.name].cast(pl.Float64).to_numpy()
    return handed


def _in_conditions(table: Table) -> frozenset[str]:
    """Columns that a condition on rows reads, or that it is about."""
    narrowed = (one for one in statements(table) if one.only_rows)
    asked = " ".join(f"{one.only_rows} {one.column}" for one in narrowed)
    return frozenset(table.schema) & frozenset(re.findall(r"\w+", asked))
