"""What Great Expectations is handed of a table's rows: no more than each expectation is about.

Belongs here: the form of rows, and of the distinct values of a column, in pandas. Does not:
what is expected (`checks.statements`), asking and counting (`checks.suites`).

Whether a text has its form, or is one of its codes, follows from the text alone: such an
expectation is asked of each distinct text, and the rows that have one it names are counted.
Whether a value is there, or a key stands twice, takes no reading of texts: there each text goes
by a number of its own. What a condition on rows reads it reads as it is, in Arrow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from assets.declaration import Table
from checks.statements import statements

if TYPE_CHECKING:
    import pandas as pd

_ROWS = "_rows"


def texts(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The distinct values of a column, and the rows that have each."""
    return frame[column].drop_nulls().value_counts(name=_ROWS)


def rows_with(told: pl.DataFrame, values: list[str]) -> int:
    """The rows that have one of some values (`texts`)."""
    return int(told.filter(pl.col(told.columns[0]).is_in(values))[_ROWS].sum())


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
        bounded = column.minimum is not None or column.maximum is not None
        if bounded and column.name not in read:
            handed[column.name] = frame[column.name].cast(pl.Float64).to_numpy()
    return handed


def numbered(table: Table, frame: pl.DataFrame) -> pd.DataFrame:
    """`in_full`, with a number for each text that no condition reads; the same for the same text.

    As NumPy arrays too: where keys are compared these take a quarter of the time of texts.
    """
    read = _in_conditions(table)
    codes = frame.select(
        pl.col(name).cast(pl.Categorical(pl.Categories.random())).to_physical()
        for name, dtype in frame.schema.items()
        if dtype == pl.String and name not in read
    )
    handed = in_full(table, frame.with_columns(pl.lit(0).alias(name) for name in codes.columns))
    for column in codes:
        handed[column.name] = column.to_numpy()
    return handed


def _in_conditions(table: Table) -> frozenset[str]:
    """Columns that a condition on rows reads."""
    asked = " ".join(statement.only_rows for statement in statements(table))
    return frozenset(table.schema) & frozenset(re.findall(r"\w+", asked))
