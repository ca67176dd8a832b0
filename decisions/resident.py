"""Rows found by the values of their columns: lazily in Delta, or at once in memory.

Belongs here: the two ways to find few rows of a release. Does not: which rows are wanted
(`decisions.narrow`), what they mean.

A release stands still, so who asks of it again and again may hold its tables in memory, each
with the order of the columns it is asked by: few rows are then found by bisection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import polars as pl

BISECTED_BELOW = 500
"""Rows per value looked for above which bisection is quicker than a look at every row."""

Values = Mapping[str, pl.Series]
"""Column to the values looked for."""


@dataclass(frozen=True)
class Wanted:
    """Rows that have one of the values in any of the columns.

    Attributes:
        name: the table.
        values: what is looked for.
        within: every row must also have one of these; tables sorted by it are read in part.
    """

    name: str
    values: Values
    within: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Resident:
    """A table in memory."""

    rows: pl.DataFrame
    _orders: dict[str, tuple[pl.Series, pl.Series]] = field(default_factory=dict, repr=False)

    def find(self, wanted: Wanted) -> pl.DataFrame:
        """The rows wanted, in the order of the table."""
        found = [self._numbers(column, values) for column, values in wanted.values.items()]
        rows = self.rows[pl.concat(found).unique().sort()]
        return rows.filter(_are_in(wanted.within)) if wanted.within else rows

    def _numbers(self, column: str, values: pl.Series) -> pl.Series:
        asked = values.drop_nulls().unique()
        if asked.len() * BISECTED_BELOW > self.rows.height:
            return self.rows[column].is_in(asked.implode()).fill_null(False).arg_true()
        if column not in self._orders:
            numbered = self.rows.select(column).with_row_index("n").drop_nulls().sort(column)
            self._orders[column] = numbered[column], numbered["n"]
        keys, numbers = self._orders[column]
        low, high = (keys.search_sorted(asked, side=side) for side in ("left", "right"))
        places = pl.select(pl.int_ranges(low, high).explode()).to_series().drop_nulls()
        return numbers.gather(places)


def find(
    tables: Mapping[str, pl.LazyFrame],
    residents: Mapping[str, Resident],
    wanted: Sequence[Wanted],
) -> list[pl.DataFrame]:
    """The rows wanted of each table, from memory where it is held there.

    Args:
        tables: every table.
        residents: those that are held in memory.
        wanted: what is looked for.
    """
    read = [_lazily(tables[one.name], one) for one in wanted if one.name not in residents]
    from_delta = iter(pl.collect_all(read) if read else [])
    return [
        residents[one.name].find(one) if one.name in residents else next(from_delta)
        for one in wanted
    ]


def _lazily(rows: pl.LazyFrame, one: Wanted) -> pl.LazyFrame:
    # As plain lists and a plain "or": else no row group is left unread.
    return rows.filter(*_are_in(one.within), reduce(or_, _are_in(one.values)))


def _are_in(values: Values) -> list[pl.Expr]:
    return [pl.col(column).is_in(wanted.to_list()) for column, wanted in values.items()]
