"""What every neighbourhood is made of: rows as they were and are, what a day or a head touches.

Belongs here: how rows are put together as they were and as they are, who is whose branch and of
whom that is in doubt, which rows have a day between two runs. Does not: how far a change reaches
(`checks.nights.neighbourhood`, `checks.nights.duties`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from assets.lake.declaration import Table
from assets.persons import Numbers
from assets.tables import enterprise, intake, personnel
from checks.across.apart import READ, overtaken
from checks.across.common import CLAIMS, Tables
from checks.since import Since, compared

HEADS = ("usc_code", "entity_code", "parent_usc_code")
"""Columns of the registry that say who is whose branch."""
_DAYLESS = (personnel.INSURANCE, CLAIMS)
"""Of people, tables whose dates no check compares with the day: months, and what else was told."""
_TURNING_AGES = (18, 66)
"""Birthdays on which a check on people finds otherwise: of age, and past 65."""
_MOST = 0.25
"""Of the persons or contracts, the share from which to check everything costs less."""
_MARGIN = timedelta(days=2)
"""Around the days between two runs: a check may ask for before, after, or on the day."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The same neighbourhood then and now: tables by name, each with the rows that belong to it."""

    before: Tables
    after: Tables


def of_any_number(people: pl.DataFrame, numbers: Numbers) -> pl.DataFrame:
    """The people, each once, under every number that is theirs."""
    return numbers.all_of(people["person_key"]).unique().to_frame()


def turned(tables: Iterable[Table], then: date, now: date) -> Mapping[Table, pl.Expr]:
    """By table, whether a row has a day, or a birthday that counts, between two runs."""
    low, high = min(then, now) - _MARGIN, max(then, now) + _MARGIN
    if then == now:
        return {}

    def between(day: pl.Expr) -> pl.Expr:
        return day.is_between(pl.lit(low), pl.lit(high)).fill_null(False)

    found = {}
    for table in tables:
        if table in _DAYLESS:
            continue
        days = [pl.col(column.name) for column in table if column.dtype == pl.Date()]
        if table is personnel.PERSON:
            days += [pl.col("born_on").dt.offset_by(f"{age}y") for age in _TURNING_AGES]
        found[table] = pl.any_horizontal(pl.lit(False), *map(between, days))
    return found


@dataclass(frozen=True, slots=True)
class Heads:
    """Who is whose branch: the registry then and now, and the codes of which it changed."""

    before: pl.DataFrame
    after: pl.DataFrame

    @property
    def moved(self) -> list[str]:
        """The codes of which it says something else now, whenever it was said."""
        rows = pl.concat([self.before, self.after]).drop("received_at")
        return rows.filter(~rows.is_duplicated())["usc_code"].unique().sort().to_list()


def heads_of(tables: Tables, since: Since, told: Sequence[str] = HEADS) -> Heads:
    """The registry then and now: what is told in these columns, and when that was said.

    A registration that was set apart since may say otherwise.
    """
    columns = (*told, "received_at")
    after = tables[enterprise.REGISTRY.name].select(columns).collect()
    changed = since.changes(enterprise.REGISTRY)
    kept = after.join(changed.fresh, on="usc_code", how="anti")
    return Heads(pl.concat([kept, changed.gone.select(columns)]), after)


@dataclass(frozen=True, slots=True)
class Registered:
    """Registrations set apart: all, those of the night, and whose doubt begins or ends with it."""

    apart: pl.DataFrame
    fresh: pl.DataFrame
    turned: list[str]

    @classmethod
    def of(cls, tables: Tables, since: Since, heads: Heads) -> Registered:
        """Those of the registry, with the codes that are overtaken only now, or were until then."""
        table, log = enterprise.REGISTRY, intake.QUARANTINE
        is_of_table = pl.col("target") == table.name
        apart = tables[log.name].filter(is_of_table).select(READ).collect()
        fresh = since.changes(log).fresh.filter(is_of_table).select(READ)
        was = apart.join(fresh, on=list(log.key), how="anti", nulls_equal=True)
        then, now = (
            overtaken({log.name: rows.lazy(), table.name: registry.lazy()}, table)
            for rows, registry in ((was, heads.before), (apart, heads.after))
        )
        codes = pl.concat([then, now])
        return cls(apart, fresh, codes.filter(~codes.is_duplicated())["usc_code"].to_list())


def then_and_now(
    after: Mapping[Table, pl.DataFrame],
    fresh: Mapping[Table, pl.DataFrame],
    gone: Mapping[Table, pl.DataFrame],
    heads: Heads,
) -> Neighbourhood:
    """The neighbourhood now, and what it was: without what is fresh, with what is gone."""
    registry = enterprise.REGISTRY.name
    before = {
        table: pl.concat(
            [
                rows.join(fresh[table], on=list(table.key), how="anti", nulls_equal=True),
                gone[table].select(rows.columns),
            ],
            rechunk=True,
        )
        for table, rows in after.items()
    }
    return Neighbourhood(
        {registry: heads.before.lazy(), **{t.name: rows.lazy() for t, rows in before.items()}},
        {registry: heads.after.lazy(), **{t.name: rows.lazy() for t, rows in after.items()}},
    )


def asked(tables: Tables, table: Table) -> pl.LazyFrame:
    """The rows of a table without what tells where they came from."""
    return tables[table.name].select(compared(table))


def meeting(rows: pl.LazyFrame, values: pl.DataFrame) -> pl.LazyFrame:
    """The rows with one of the values in its column; of others no other column is read."""
    [name] = values.columns
    return rows.filter(pl.col(name).is_in(values[name].unique().implode()))


def is_too_much(touched: int, of: int) -> bool:
    """Whether to check everything costs less than what is touched."""
    return touched > _MOST * of


def height(rows: pl.LazyFrame) -> int:
    """How many rows there are."""
    count: int = rows.select(pl.len()).collect().item()
    return count
