"""Rows found by the values of their columns: lazily in Delta, or at once in memory.

Belongs here: the two ways to find few rows of a release. Does not: which rows are wanted
(`decisions.facts.narrow`), what they mean.

A release stands still, so who asks of it again and again may hold its tables in memory, each
with the order of the columns it is asked by: few rows are then found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_

import polars as pl

from assets.tables import BY_NAME
from decisions.plans import among, as_written

BISECTED_BELOW = 60
"""Rows per value looked for above which bisection is quicker than a look at every row."""
FEW = 8
"""Values up to which looking for each costs less than a plan that looks for all."""
MANY = 2_000
"""Values above which a plan costs less than the list of them: a join finds rows in Delta sooner."""

SOUGHT_BY_GROUP = 50
"""Values up to which it is quicker to ask which row groups can have them than to read them all."""

_PLACE = "place of the row"
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
class _Order:
    """The values of a column in order, and the rows they are of."""

    keys: pl.Series
    numbers: pl.Series

    @cached_property
    def is_of_table(self) -> bool:
        """Whether the rows stand in this order."""
        return self.numbers.is_sorted()

    @cached_property
    def written(self) -> tuple[pl.Expr, pl.Expr]:
        """Keys and numbers for a plan."""
        return pl.lit(self.keys), pl.lit(self.numbers)


@dataclass(frozen=True)
class Resident:
    """A table in memory."""

    rows: pl.DataFrame
    _orders: dict[str, _Order] = field(default_factory=dict, repr=False)

    def numbers(self, sought: Values) -> pl.Expr:
        """The numbers of the rows that have one of the values, in the order of the table.

        Args:
            sought: in order, each once, none of them null.
        """
        found = [self._having(column, values) for column, values in sought.items()]
        # Of one column each row is found once, and in order.
        return found[0] if len(found) == 1 else reduce(pl.Expr.append, found).unique().sort()

    def _order(self, column: str) -> _Order:
        if column not in self._orders:
            numbered = self.rows.select(column).with_row_index(_PLACE).drop_nulls()
            # Stable: a table that is sorted by the column already is found so.
            numbered = numbered.sort(column, maintain_order=True)
            self._orders[column] = _Order(numbered[column], numbered[_PLACE])
        return self._orders[column]

    def having_few(self, column: str, sought: pl.Series) -> pl.DataFrame:
        """The rows that have one of a few values, found without any plan.

        Args:
            column: the column.
            sought: in order, each once, none of them null.
        """
        order = self._order(column)
        places = [(bisect_left(order.keys, one), bisect_right(order.keys, one)) for one in sought]
        runs = [(low, high - low) for low, high in places if low < high]
        if not runs:
            return self.rows.clear()
        numbers = pl.concat([order.numbers.slice(low, count) for low, count in runs])
        return self.at(numbers if order.is_of_table else numbers.sort())

    def _having(self, column: str, sought: pl.Series) -> pl.Expr:
        if sought.len() * BISECTED_BELOW > self.rows.height:
            return pl.lit(self.rows[column]).is_in(sought.implode()).fill_null(False).arg_true()
        order = self._order(column)
        keys, numbers = order.written
        values = pl.lit(sought)
        low, high = keys.search_sorted(values, "left"), keys.search_sorted(values, "right")
        found = numbers.gather(pl.int_ranges(low, high).explode(empty_as_null=False))
        return found if order.is_of_table else found.sort()

    def at(self, numbers: pl.Series) -> pl.DataFrame:
        """The rows of these numbers, which are in order, each once."""
        count = numbers.len()
        first = numbers[0] if count else 0
        # Rows that stand together need not be copied.
        if not count or numbers[-1] - first < count:
            return self.rows.slice(first, count)
        return self.rows[numbers]


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
    lazily = [one for one in wanted if one.name not in residents]
    read = iter(_read([(tables[one.name], one) for one in lazily]))
    found = iter(_held(residents, [one for one in wanted if one.name in residents]))
    return [next(found) if one.name in residents else next(read) for one in wanted]


def _held(residents: Mapping[str, Resident], wanted: Sequence[Wanted]) -> list[pl.DataFrame]:
    """The rows in memory."""
    # By the enterprises that they must be of, where these are fewer than the numbers they may bear.
    searches = [_sooner(one) for one in wanted]
    # The same values are looked for in many tables.
    given = {id(values): values for search, _ in searches for values in search.values()}
    sought = {name: _sought(values) for name, values in given.items()}
    found: dict[int, pl.DataFrame] = {}
    numbers: dict[int, pl.Expr] = {}
    for n, one in enumerate(wanted):
        resident = residents[one.name]
        values = {column: sought[id(series)] for column, series in searches[n][0].items()}
        (column, first), *others = values.items()
        if not others and first.len() <= FEW:
            found[n] = resident.having_few(column, first)
        else:
            numbers[n] = resident.numbers(values)
    if numbers:
        # All in one plan: of few rows it is the number of plans that costs.
        plan = pl.LazyFrame().select(one.implode().alias(str(n)) for n, one in numbers.items())
        lists = as_written(plan)
        found |= {n: residents[wanted[n].name].at(lists[str(n)].item()) for n in numbers}
    return [
        found[n] if rest is None else found[n].filter(rest) for n, (_, rest) in enumerate(searches)
    ]


def _sooner(one: Wanted) -> tuple[Values, pl.Expr | None]:
    """What to look for, and what of the rows found is wanted (None: all)."""
    if not one.within:
        return one.values, None
    if sum(map(len, one.within.values())) < sum(map(len, one.values.values())):
        return one.within, pl.any_horizontal(_among(one.values))
    return one.values, pl.all_horizontal(_among(one.within))


def _among(values: Values) -> list[pl.Expr]:
    return [among(column, wanted) for column, wanted in values.items()]


def _sought(values: pl.Series) -> pl.Series:
    """The values in order, each once, none of them null."""
    if values.len() > MANY:
        return values.drop_nulls().unique().sort()
    # Of few as Polars orders text, without the plan that it would make of it.
    return pl.Series(sorted(set(values.to_list()) - {None}), dtype=values.dtype)


def _read(wanted: list[tuple[pl.LazyFrame, Wanted]]) -> list[pl.DataFrame]:
    """The rows in Delta."""
    if not wanted:
        return []
    if any(values.len() > MANY for _, one in wanted for values in one.values.values()):
        # Streamed, so that of a whole country only what is wanted of it is ever in memory.
        plans = [_joined(rows, one) for rows, one in wanted]
        return pl.collect_all(plans, engine="streaming")
    return pl.collect_all([_lazily(rows, one) for rows, one in wanted])


def _lazily(rows: pl.LazyFrame, one: Wanted) -> pl.LazyFrame:
    leading = BY_NAME[one.name].sort_by[0]
    return rows.filter(*_are_in(one.within, leading), reduce(or_, _are_in(one.values, leading)))


def _joined(rows: pl.LazyFrame, one: Wanted) -> pl.LazyFrame:
    def keys(column: str, values: pl.Series) -> pl.LazyFrame:
        return pl.LazyFrame({column: values.drop_nulls().unique()})

    for column, values in one.within.items():
        rows = rows.join(keys(column, values), on=column, how="semi", maintain_order="left")
    marks = [f"{column} is wanted" for column in one.values]
    for mark, (column, values) in zip(marks, one.values.items(), strict=True):
        marked = keys(column, values).with_columns(pl.lit(True).alias(mark))
        rows = rows.join(marked, on=column, how="left", maintain_order="left")
    return rows.filter(pl.any_horizontal(marks)).drop(marks)


def _are_in(values: Values, leading: str) -> list[pl.Expr]:
    """Whether rows in Delta have one of the values, which stand in order of the column `leading`.

    Of a plain list, and a plain "or", Polars asks the statistics of every row group whether to
    leave it unread. It takes longer the more values there are, and is in vain but for `leading`.
    """

    def is_in(column: str, wanted: pl.Series) -> pl.Expr:
        listed = pl.col(column).is_in(wanted.to_list())
        is_worth_it = column == leading and wanted.len() <= SOUGHT_BY_GROUP
        return listed if is_worth_it else listed.fill_null(False)

    return [is_in(column, wanted) for column, wanted in values.items()]
