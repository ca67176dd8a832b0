"""History: every version a base table ever held, when we learned it and when it ended.

Belongs here: the log of ended versions beside each base table, what succeeds what, the rows
as known at an instant or true on a day. Does not: reading rows (`assets.rows`), or settling
what several feeds tell of one key (`assets.bases.claims`).

A base table holds what is known now. What it no longer holds went, before it went, to
`history_<database>__<thing>`, which only grows: so the past can be told when the old Delta
versions are long vacuumed, and a collection costs what arrives, not what is there. A version
is known from its `received_at` to its `known_to`. Known time is when a delivery was received:
what a decision in fact read is its release.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from assets.lake.declaration import INSTANT, Column, Layer, Mode, Table
from assets.lake.keys import is_as_before, shared, together
from assets.lake.store import Store

ENDINGS = ("superseded", "deleted", "absent")
"""A later row of the key; a row that says it is no more; a full refresh that lacks it."""
END = {
    "known_to": INSTANT,
    "ended_by": pl.String(),
    "ended_delivery_id": pl.String(),
    "ended_row_no": pl.Int64(),
}
"""Columns of an end: when it was learned, how, and which delivery and row told it."""


@functools.cache
def history_table(table: Table) -> Table:
    """The log of the versions that a base table no longer holds."""
    ends = (
        Column(name="known_to", dtype=INSTANT, nullable=False,
               zh="失效时间", en="when we learned that it is no more, or otherwise"),
        Column(name="ended_by", dtype=pl.String(), nullable=False, codes=ENDINGS,
               zh="失效方式", en="a later row, a row that deletes it, a full refresh without it"),
        Column(name="ended_delivery_id", dtype=pl.String(), nullable=False,
               zh="失效批次", en="delivery that ended it"),
        Column(name="ended_row_no", dtype=pl.Int64(), minimum=1,
               zh="失效行号", en="row that ended it; null where absence did"),
    )  # fmt: skip
    return replace(
        table,
        name=f"history_{table.name.partition('_')[2]}",
        layer=Layer.HISTORY,
        mode=Mode.LOG,
        zh=f"{table.zh}（历史）",
        en=f"{table.en}: versions no longer held",
        key=(*table.key, "received_at"),
        columns=(*table.columns, *ends),
        sort_by=(*table.sort_by, "received_at"),
        rules=(),
    )


# -- asking --------------------------------------------------------------------------


def as_known(store: Store, table: Table, at: datetime) -> pl.LazyFrame:
    """The rows of a base table as known from the deliveries received until an instant.

    Exact at any time but while a collection writes the table: between its two commits a
    version may stand in both.
    """
    received = pl.col("received_at") <= pl.lit(at, INSTANT)
    ended = store.scan(history_table(table)).filter(received, pl.col("known_to") > at)
    return pl.concat([store.scan(table).filter(received), ended.select(table.schema.names())])


def as_true(rows: pl.LazyFrame, table: Table, on: date) -> pl.LazyFrame:
    """The rows that are true on a day by their own dates; an unknown date rules nothing out."""
    begins = pl.lit(True) if not table.valid_from else pl.col(table.valid_from) <= on
    lasts = pl.lit(True) if not table.valid_until else pl.col(table.valid_until) >= on
    return rows.filter(begins.fill_null(True), lasts.fill_null(True))


# -- what succeeds what --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Succession:
    """What some news make of the rows they meet."""

    current: pl.DataFrame
    """The rows the table holds afterwards, of the keys met."""
    ended: pl.DataFrame
    """Rows of the history table: the versions that news ended."""


def succeed(
    table: Table, before: pl.DataFrame, told: pl.DataFrame, ends: Sequence[pl.DataFrame] = ()
) -> Succession:
    """Lets every version end with the next of its key, or with an end that is told of it.

    Told twice, the same news change nothing: a row that is not later than the one held is
    not taken again. Two versions received at one instant are one, the last.

    Args:
        table: the base table.
        before: the rows it holds that the news may meet, unique by key.
        told: sound new rows, any number for a key.
        ends: frames of the columns `END` and some columns of the table that say what ends.
            Each ends what was received before it.
    """
    key = list(table.key)
    held = before.select(*key, pl.col("received_at").alias("_held_at"))
    late = pl.col("received_at") <= pl.col("_held_at")
    news = told.select(table.schema.names())
    if before.height:
        news = news.join(held, on=key, how="left", maintain_order="left")
        news = news.filter(~late.fill_null(False)).drop("_held_at")
    versions = pl.concat([before.select(table.schema.names()), news])
    # Most rows are the only version of their key, and nothing ends them.
    met = _met(versions, key, ends)
    alone, versions = versions.filter(~met), versions.filter(met)
    if versions.is_empty():
        return Succession(alone, history_table(table).empty())
    versions = together(versions, key, ("received_at", "row_no"))
    is_last = ~is_as_before(key).shift(-1, fill_value=False)

    def following(column: str) -> pl.Expr:
        return pl.when(~is_last).then(pl.col(column).shift(-1))

    versions = versions.with_columns(
        following("received_at").alias("known_to"),
        pl.when(following("received_at").is_not_null())
        .then(pl.lit("superseded"))
        .alias("ended_by"),
        following("delivery_id").alias("ended_delivery_id"),
        following("row_no").alias("ended_row_no"),
    )
    for end in ends:
        versions = _ended_sooner(versions, end)
    ended = versions.filter(pl.col("known_to") > pl.col("received_at"))
    current = versions.filter(pl.col("known_to").is_null()).drop(*END)
    return Succession(pl.concat([alone, current]), history_table(table).conform(ended))


def _met(versions: pl.DataFrame, key: Sequence[str], ends: Sequence[pl.DataFrame]) -> pl.Series:
    """Whether a version shares its key with another, or an end names it."""
    met = shared(versions, key)
    for end in ends:
        on = [name for name in end.columns if name not in END]
        named = versions.select(on).with_row_index("_i").join(end.select(on), on=on, how="semi")
        met = met.scatter(named["_i"], True)
    return met


def _ended_sooner(versions: pl.DataFrame, end: pl.DataFrame) -> pl.DataFrame:
    """The versions with the first end after each, where it comes before the one they have."""
    if end.is_empty():
        return versions
    on = [name for name in end.columns if name not in END]
    told = end.select(*on, *(pl.col(name).alias(f"_{name}") for name in END)).sort("_known_to")
    met = versions.sort("received_at", maintain_order=True).join_asof(
        told,
        left_on="received_at",
        right_on="_known_to",
        by=on,
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    sooner = pl.col("_known_to").is_not_null() & (
        pl.col("known_to").is_null() | (pl.col("_known_to") < pl.col("known_to"))
    )
    return met.with_columns(
        pl.when(sooner).then(pl.col(f"_{name}")).otherwise(pl.col(name)).alias(name) for name in END
    ).drop(f"_{name}" for name in END)


def write(store: Store, table: Table, met: pl.DataFrame, succession: Succession) -> None:
    """Keeps the ended versions, then puts the current rows in the place of those met.

    A process that dies in between finds the ended versions there on its next run.
    """
    log = history_table(table)
    if succession.ended.height:
        ends = succession.ended["known_to"]
        kept = store.scan(log).filter(pl.col("known_to").is_between(ends.min(), ends.max()))
        on = list(log.key)
        known = kept.select(on).collect()
        store.append(log, succession.ended.join(known, on=on, how="anti"))
    store.exchange(table, met, succession.current)
