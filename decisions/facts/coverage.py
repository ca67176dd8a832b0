"""Whether a source is known to be complete: only then does an absent row prove absence.

Belongs here: reading the channels' statements of completeness and their age. Does not:
what follows from absence (the counting modules).

A statement older than the source's limit no longer proves anything: deciding on stale data
is deciding wrongly (cross-check F-09).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import polars as pl

from assets.lake.declaration import Table
from decisions.facts.declared import Until
from decisions.facts.model import Facts
from decisions.facts.unread import ABOUT, adrift
from decisions.plans import among

MAX_AGE_DAYS = {
    "base_enterprise__registry": 2,
    "base_enterprise__event": 2,
    "base_enterprise__certificate": 7,
    "base_enterprise__qualification": 7,
    "base_enterprise__design_qualification": 45,
    "base_enterprise__statement": 45,
    "base_enterprise__equipment": 45,
    "base_personnel__registration": 3,
    "base_personnel__technical_lead": 7,
    "base_personnel__title": 45,
    "base_personnel__post_certificate": 45,
    "base_personnel__skill_certificate": 45,
    "base_personnel__person": 45,
    "base_credit__finding": 2,
    "base_credit__bar": 2,
    "base_credit__rectification": 2,
}
"""Days after which a statement is stale; seven for the project tables (F-09: starting values)."""
_DEFAULT_MAX_AGE_DAYS = 7


def with_closed(
    rows: pl.LazyFrame,
    facts: Facts,
    *tables: Table,
    day: str = "filed_on",
    everywhere: bool = False,
    name: str = "is_closed",
) -> pl.LazyFrame:
    """The rows with whether all the tables are complete for each: `name`, never null.

    Args:
        rows: with `usc_code` and the column named by `day`.
        facts: the release.
        tables: the sources; each must be declared complete for the applicant's city or the
            province, and not be stale on the day, and no row of the applicant be set apart that
            may be about anything it has (`decisions.facts.unread`).
        day: the day the sources must be fresh on.
        everywhere: whether the question reaches beyond the applicant's city, so that only the
            word for the whole province answers it.
        name: the column added.
    """
    marked = with_declared(rows, facts, *tables, day=day, everywhere=everywhere, name=name)
    lost = [code for one in tables if one.name in ABOUT for code in adrift_at(facts, one)]
    return marked.with_columns(pl.col(name) & ~pl.col("usc_code").is_in(lost)) if lost else marked


def adrift_at(facts: Facts, table: Table) -> pl.Series:
    """The enterprises with rows of a table that may be about any of theirs (readings 55, 57)."""
    if table.name not in facts.doubts:
        return pl.Series(dtype=pl.String())
    return facts.once(f"adrift {table.name}", lambda known: adrift(known.table(table), table))[
        "usc_code"
    ]


def with_declared(
    rows: pl.LazyFrame,
    facts: Facts,
    *tables: Table,
    day: str = "filed_on",
    everywhere: bool = False,
    name: str = "is_closed",
) -> pl.LazyFrame:
    """The same by what the channels have declared alone."""
    limits = tuple((one.name, MAX_AGE_DAYS.get(one.name, _DEFAULT_MAX_AGE_DAYS)) for one in tables)
    until = facts.declared.until(limits)
    if everywhere or not until.cities:
        return rows.with_columns(_in_province(until.whole, day, name))
    cities = facts.cities.lazy().rename({"region_code": _CITY})
    return (
        rows.join(cities, on="usc_code", how="left", maintain_order="left")
        .with_columns(until.in_city(pl.col(day), pl.col(_CITY)).alias(name))
        .drop(_CITY)
    )


@lru_cache(maxsize=1_000)
def _in_province(whole: date | None, day: str, name: str) -> pl.Expr:
    return Until(whole, {}).in_province(pl.col(day)).alias(name)


_CITY = "city of the applicant"


def closed(
    cases: pl.DataFrame | pl.LazyFrame,
    facts: Facts,
    *tables: Table,
    day: str = "filed_on",
    everywhere: bool = False,
    key: str = "application_id",
) -> pl.LazyFrame:
    """The same apart from the cases: `key`, `is_closed`."""
    marked = with_closed(cases.lazy(), facts, *tables, day=day, everywhere=everywhere)
    return marked.select(key, "is_closed")


def closed_months(
    months: pl.LazyFrame, facts: Facts, table: Table, *, key: str = "application_id"
) -> pl.LazyFrame:
    """For `key`, `region_code`, `month`: whether the month is declared complete there.

    Returns `key`, `month`, `is_closed`: true only if it is for every region of the case (a
    branch pays in its own city).
    """
    complete, whole = facts.declared.months(table.name)
    return (
        months.join(complete.lazy(), on=["region_code", "month"], how="left")
        .with_columns(is_closed=_IS_COMPLETE | among("month", whole).fill_null(False))
        .group_by(key, "month")
        .agg(_IS_CLOSED)
    )


_IS_COMPLETE = pl.col("is_complete").fill_null(False)
_IS_CLOSED = pl.col("is_closed").all()
