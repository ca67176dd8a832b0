"""How far each row is to be believed: by what the checks found, and what was set apart.

Belongs here: joining to a table the quarantined rows meant for it, and marking each row. Does not:
which tables there are (`decisions.facts.model`), finding anything (`checks`).

A row we do not trust proves nothing, neither presence nor absence: it takes part in every
count as an unknown (worked case W29). A row is not trusted if it was set apart, if a newer
copy of it was, or if a cross-check doubts it (DATA). One that a cross-check says the law does
not count (LAW) is true, but not lawful.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from assets.bases.quarantine import STRANGER, open_quarantine, read_as
from assets.lake.declaration import Table
from assets.tables import enterprise, intake, personnel, project
from assets.wording import worded
from decisions.facts.lost import told, with_bearers
from decisions.facts.unread import own_numbers
from decisions.plans import as_written

Collect = Callable[[pl.LazyFrame], pl.DataFrame]
AWARDS = (personnel.TITLE, personnel.POST, personnel.SKILL)
"""Certificates that name the employer at the award: a finding goes with the person instead."""


def believed(
    table: Table,
    rows: pl.LazyFrame,
    apart: pl.DataFrame | None,
    findings: pl.LazyFrame | None,
    collect: Collect,
) -> pl.LazyFrame:
    """Sound rows and those set apart, each with `is_trusted` and `is_lawful`, never null.

    Args:
        table: whose rows they are.
        rows: the sound ones.
        apart: of `set_apart`; None if there are none.
        findings: `check__finding`; None if none doubts a row of the table.
        collect: how plans over these tables are read.
    """
    sound = rows.with_columns(_AS_IT_STANDS)
    if findings is not None:
        sound = _checked(table, sound, findings, collect)
    if apart is None:
        return sound
    if "usc_code" in table.schema and "person_key" not in table.schema:
        apart = apart.filter(pl.col("usc_code").is_not_null())
    key = list(table.key)
    newer = apart.lazy().select(*key, _IS_OVERTAKEN).drop_nulls().unique()
    known = sound.join(newer, on=key, how="left").with_columns(_UNLESS_OVERTAKEN)
    return pl.concat([known.drop("is_overtaken"), apart.lazy()], how="vertical")


_AS_IT_STANDS = [pl.lit(True).alias("is_trusted"), pl.lit(True).alias("is_lawful")]
_IS_OVERTAKEN = pl.lit(True).alias("is_overtaken")
_UNLESS_OVERTAKEN = pl.col("is_trusted") & pl.col("is_overtaken").is_null()


def _checked(
    table: Table, rows: pl.LazyFrame, findings: pl.LazyFrame, collect: Collect
) -> pl.LazyFrame:
    """Its rows, marked by what the cross-checks found; notes (WARN) are left aside."""
    found = findings.filter(
        (pl.col("target") == table.name) & (pl.col("severity") != "WARN")
    ).select("usc_code", "row_key", "severity")
    goes_with_person = "usc_code" not in table.schema or table in AWARDS
    on = ["row_key"] if goes_with_person else ["row_key", "usc_code"]
    marks = collect(found.group_by(on).agg(_FOUND)).lazy()
    for name in row_key_columns(table):
        named = rows.with_columns(row_key=pl.col(name).cast(pl.String))
        rows = named.join(marks, on=on, how="left").pipe(_marked).drop("row_key")
    if table is personnel.INSURANCE:
        months = marks.filter(_NAMES_A_MONTH).select(*_PERSON_AND_MONTH, "usc_code", *_MARKS)
        on = ["person_key", "month", "usc_code"]
        rows = rows.join(months, on=on, how="left").pipe(_marked)
    return rows


def _marked(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.with_columns(_UNLESS_FOUND).drop(_MARKS)


_FOUND = [
    (pl.col("severity") == "DATA").any().alias("is_doubted"),
    (pl.col("severity") == "LAW").any().alias("is_unlawful"),
]
_MARKS = ["is_doubted", "is_unlawful"]
# By its person and the month, as in the key of the table.
_NAMES_A_MONTH = pl.col("row_key").str.contains("|", literal=True)
_PARTS = pl.col("row_key").str.split("|").list
_PERSON_AND_MONTH = [
    _PARTS.first().alias("person_key"),
    _PARTS.last().str.to_date("%Y-%m-%d").alias("month"),
]
_UNLESS_FOUND = [
    pl.col("is_trusted") & ~pl.col("is_doubted").fill_null(False),
    pl.col("is_lawful") & ~pl.col("is_unlawful").fill_null(False),
]


def row_key_columns(table: Table) -> tuple[str, ...]:
    """The columns by which a check may name the rows of a table (`check__finding.row_key`).

    A finding about people names the person, or the one certificate that is in doubt; one about a
    month of insurance alone, person and month.
    """
    if table in personnel.NUMBERS:
        return ("person_key", personnel.NUMBERS[table])
    if table is enterprise.STATEMENT:
        return ("year",)
    if "person_key" in table.schema and "contract_no" not in table.schema:
        return ("person_key",)
    if table not in project.TABLES:
        return (table.key[0],)
    of_works = ("unit_code", "contract_no", "project_no")
    return tuple(name for name in of_works if name in table.schema)


def set_apart(
    table: Table, tables: Mapping[str, pl.LazyFrame], collect: Collect
) -> pl.DataFrame | None:
    """Quarantined rows in the table's columns, without those that a sound row has cleared.

    One without a readable enterprise is of whose rows bear its number, once for each of them; where
    nobody's do, `usc_code` is null.

    Args:
        table: which rows were meant for.
        tables: all of the release, by name.
        collect: how plans over these tables are read.

    Returns:
        Its columns, `is_trusted` (false) and `is_lawful` (true); None if there are none.
    """
    rows = open_quarantine(tables[intake.QUARANTINE.name], tables[table.name], table)
    apart = collect(
        rows.select("delivery_id", "row_no", "target", "received_at", "usc_code", "typed_json")
    )
    apart = with_bearers(apart, tables, collect)
    if apart.is_empty():
        return None
    return as_written(apart.lazy().select(_decoded(table)))


@cache
def _decoded(table: Table) -> list[pl.Expr]:
    """The columns of a table as a row set apart tells them, with `is_trusted`, `is_lawful`."""
    numbers = own_numbers(table)
    stranger = worded(STRANGER + "{}:{}", "delivery_id", "row_no")
    columns = []
    for name, dtype in table.schema.items():
        value = pl.col(name) if name in _OF_THE_ROW else read_as(told(name), dtype)
        if name == "usc_code":
            value = pl.coalesce(value, name)
        # A person or a thing whose number cannot be read is still one: one that nothing else is.
        columns.append((pl.coalesce(value, stranger) if name in numbers else value).alias(name))
    return [*columns, pl.lit(False).alias("is_trusted"), pl.lit(True).alias("is_lawful")]


_OF_THE_ROW = ("delivery_id", "row_no", "received_at")
