"""Claims: what each feed tells of a key that several tell of, and who of them is believed.

Belongs here: the present claim of every feed, the row that follows from them by the declared
precedence, the conflicts that are left. Does not: reading a row (`assets.rows`), or what a
new row ends (`assets.lake.history`).

A value that loses is not lost: it stays as its feed's claim, and is a conflict for as long as
it differs. A feed without a rank for a column is only heard: its value is compared and
never taken, so that an old print of a name hides no missing registration.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl

from assets.bases.quarantine import DELETED
from assets.channels import PROVENANCE, Channel, feeds_into
from assets.lake.declaration import Column, Layer, Mode, Sensitivity, Table
from assets.lake.history import END
from assets.lake.keys import is_as_before, together
from assets.lake.store import Store

FEED = "feed"
"""Column of the feed that tells, as `channel.feed`."""
_NEW = "_is_new"


@dataclass(frozen=True, slots=True)
class Teller:
    """A feed that tells some columns of a table."""

    feed: str
    ranks: Mapping[str, int | None]
    """Columns that it tells, each with its rank; None: only compared."""
    is_owner: bool
    """The feed is about this table; another only mentions what it tells."""


@functools.cache
def claim_table(table: Table) -> Table:
    """The present claim of every feed about every key of a table."""
    key = [table[name] for name in table.key]
    told = [replace(c, nullable=True) for c in table if c.name not in (*table.key, *PROVENANCE)]
    feed = Column(name=FEED, dtype=pl.String(), nullable=False, zh="数据项",
                  en="feed that tells it, as channel.feed")  # fmt: skip
    return replace(
        table,
        name=f"claim_{table.name.partition('_')[2]}",
        layer=Layer.HISTORY,
        mode=Mode.VIEW,
        zh=f"{table.zh}（各渠道说法）",
        en=f"{table.en}: what each feed last told",
        key=(*table.key, FEED),
        columns=(*key, feed, *told, *(table[name] for name in PROVENANCE)),
        sort_by=(*table.key, FEED),
        rules=(),
    )


def tellers(channels: Mapping[str, Channel], table: Table) -> list[Teller]:
    """The feeds that tell more of a table than that a key exists."""
    found = []
    for channel, name in feeds_into(channels, table):
        feed = channel.feeds[name]
        is_owner = feed.target == table.name
        ranks = feed.told_of(table)
        if ranks or is_owner:
            found.append(Teller(f"{channel.channel}.{name}", ranks, is_owner))
    return found


def is_told_by_several(channels: Mapping[str, Channel], table: Table) -> bool:
    """Whether any feed but the one that is about a table tells of its keys."""
    feeds = [channel.feeds[name] for channel, name in feeds_into(channels, table)]
    return any(table.name not in (f.target, f.measures_target) for f in feeds) or len(feeds) > 1


@dataclass(frozen=True, slots=True)
class Settlement:
    """What news make of the rows that several feeds tell of."""

    told: pl.DataFrame
    """New rows of the table, those of a key in the order they came to be known."""
    ends: pl.DataFrame
    """Keys that no feed with all mandatory columns tells of any more, with `END`."""
    claims: pl.DataFrame
    """The claims of the keys met, afterwards."""


def settle(
    table: Table,
    who: Iterable[Teller],
    before: pl.DataFrame,
    claims: pl.DataFrame,
    told: pl.DataFrame,
) -> Settlement:
    """Folds news into the claims, and the claims into rows, one instant after the other.

    Args:
        table: the base table.
        who: its tellers.
        before: rows it holds of the keys met.
        claims: claims of the keys met.
        told: news: the table's columns, `feed` and `is_deleted`.
    """
    feeds = list(who)
    key = list(table.key)
    schema = table.schema.names()
    values = [name for name in schema if name not in (*key, *PROVENANCE)]
    seeded = pl.concat([claims, _seeds(table, feeds, before, claims)])
    rows = pl.concat(
        [
            seeded.select(*schema, FEED, pl.lit(False).alias(DELETED), pl.lit(False).alias(_NEW)),
            told.select(*schema, FEED, DELETED, pl.lit(True).alias(_NEW)),
        ]
    )
    # A key's rows beside each other, as they came to be known: what holds at a row is then
    # found by looking back, without a group for every key.
    frame = (
        together(rows, key, (_NEW, "received_at", "row_no"))
        .with_row_index("_i")
        .cast({"_i": pl.Int64})
        .with_columns(pl.when(~is_as_before(key)).then("_i").forward_fill().alias("_begin"))
    )
    asked_of = {feed for name in values for feed in believed_of(name, feeds)}
    at = {feed: f"_at_{number}" for number, feed in enumerate(sorted(asked_of))}
    # The last row of each feed up to here, twice its number, and one more if it deletes.
    last = {
        feed: pl.when(pl.col(FEED) == feed)
        .then(2 * pl.col("_i") + pl.col(DELETED).cast(pl.Int64))
        .forward_fill()
        for feed in at
    }
    frame = frame.with_columns(
        pl.when(said >= 2 * pl.col("_begin"), said % 2 == 0).then(said // 2).alias(at[feed])
        for feed, said in last.items()
    )

    def believed(name: str) -> pl.Expr:
        asked = believed_of(name, feeds)
        if not asked:  # follows from the key, whoever tells it
            return pl.col(name)
        return pl.coalesce(pl.col(name).gather(pl.col(at[feed])) for feed in asked)

    # Each value is looked up in the frame as it was told, so all at once.
    states = frame.with_columns(*(believed(name).alias(f"_now_{name}") for name in values)).filter(
        _NEW
    )
    mandatory = [c.name for c in table if c.name in values and not c.nullable]
    states = states.select(
        *key,
        *(pl.col(f"_now_{name}").alias(name) for name in values),
        *PROVENANCE,
        FEED,
        DELETED,
        pl.all_horizontal(
            pl.lit(True), *(pl.col(f"_now_{name}").is_not_null() for name in mandatory)
        ).alias("_lives"),
    ).join(
        before.select(
            *key, *(pl.col(name).alias(f"_was_{name}") for name in (*values, "received_at"))
        ),
        on=key,
        how="left",
        maintain_order="left",
    )
    news = _news(states, feeds, key, values)
    ends = states.filter(~pl.col("_lives"), DELETED).select(
        *key,
        pl.col("received_at").alias("known_to"),
        pl.when(pl.col("row_no").is_null())
        .then(pl.lit("absent"))
        .otherwise(pl.lit("deleted"))
        .alias("ended_by"),
        pl.col("delivery_id").alias("ended_delivery_id"),
        pl.col("row_no").alias("ended_row_no"),
    )
    teller = pl.col(FEED).replace_strict(
        {one.feed: number for number, one in enumerate(feeds)}, default=None, return_dtype=pl.Int64
    )
    after = (
        frame.with_columns(_whose=pl.col("_begin") * len(feeds) + teller)
        .drop_nulls("_whose")
        .unique("_whose", keep="last")
        .filter(~pl.col(DELETED))
        .select(claim_table(table).schema.names())
    )
    return Settlement(news.select(schema), ends.select(*key, *END), after)


def believed_of(column: str, feeds: Iterable[Teller]) -> list[str]:
    """The feeds that may fill a column, first to last."""
    ranked = [(rank, one.feed) for one in feeds if (rank := one.ranks.get(column)) is not None]
    return [feed for _, feed in sorted(ranked)]


def _seeds(
    table: Table, feeds: list[Teller], before: pl.DataFrame, claims: pl.DataFrame
) -> pl.DataFrame:
    """Claims for rows that came before claims were kept: each column to the feed believed first."""
    unclaimed = before.join(claims, on=list(table.key), how="anti")
    schema = claim_table(table).schema
    seeds = [pl.DataFrame(schema=schema)]
    for one in feeds:
        first = [
            c.name
            for c in table
            if c.name in one.ranks and believed_of(c.name, feeds)[:1] == [one.feed]
        ]
        if first:
            seeds.append(
                unclaimed.select(
                    pl.lit(one.feed).alias(name)
                    if name == FEED
                    else pl.col(name)
                    if name in (*table.key, *PROVENANCE, *first)
                    else pl.lit(None, dtype).alias(name)
                    for name, dtype in schema.items()
                )
            )
    return pl.concat(seeds)


def _news(
    states: pl.DataFrame, feeds: list[Teller], key: list[str], values: list[str]
) -> pl.DataFrame:
    """The states that are new rows: another value, or the owner's word anew.

    `states` of a key stand together.
    """
    is_first = ~is_as_before(key)

    def differs(was: pl.Expr, name: str) -> pl.Expr:
        return pl.col(name).ne_missing(was)

    unlike_held = pl.any_horizontal(
        pl.col("_was_received_at").is_null(),
        *(differs(pl.col(f"_was_{name}"), name) for name in values),
    )
    unlike_last = pl.any_horizontal(
        ~pl.col("_lives").shift(1),
        *(differs(pl.col(name).shift(1), name) for name in values),
    )
    owners = [one.feed for one in feeds if one.is_owner]
    by_owner = pl.col(FEED).is_in(owners) & ~pl.col(DELETED)
    marked = states.with_columns(
        pl.when(is_first).then(unlike_held).otherwise(unlike_last).alias("_is_news"),
        unlike_held.alias("_unlike_held"),
        is_first.shift(-1, fill_value=True).alias("_is_last"),
    )
    news = marked.filter(pl.col("_lives"), pl.col("_is_news") | by_owner)
    # A claim worked in late, received before the row that is held: it was learned after it.
    is_late = pl.col("received_at") <= pl.col("_was_received_at")
    late = (
        marked.filter("_is_last", "_lives", "_unlike_held", is_late)
        .with_columns(pl.col("_was_received_at") + timedelta(microseconds=1))
        .with_columns(received_at="_was_received_at")
    )
    return pl.concat([news, late])


# -- conflicts -----------------------------------------------------------------------


def conflicts(store: Store, table: Table) -> pl.LazyFrame:
    """The values that feeds tell and that are not believed, beside the one that is.

    One row per key, column and feed whose value differs: the key's columns, `column`, `feed`,
    `told`, `held` (as text), `delivery_id`, `row_no`, `received_at` of the losing claim.
    """
    key = list(table.key)
    values = [c.name for c in table if c.name not in (*key, *PROVENANCE)]
    claims = store.scan(claim_table(table))
    held = store.scan(table).select(*key, *(pl.col(name).alias(f"_{name}") for name in values))
    both = claims.join(held, on=key, how="inner")
    columns = [
        both.filter(pl.col(name).is_not_null() & (pl.col(name) != pl.col(f"_{name}"))).select(
            *key,
            pl.lit(name).alias("column"),
            FEED,
            pl.col(name).cast(pl.String).alias("told"),
            pl.col(f"_{name}").cast(pl.String).alias("held"),
            *PROVENANCE,
        )
        for name in values
    ]
    return pl.concat(columns)


def conflict_counts(store: Store, table: Table) -> pl.DataFrame:
    """Conflicts of a table by column and losing feed."""
    if store.version(claim_table(table)) is None:
        return pl.DataFrame(schema={"column": pl.String, FEED: pl.String, "rows": pl.Int64})
    counts = (
        conflicts(store, table).group_by("column", FEED).agg(pl.len().cast(pl.Int64).alias("rows"))
    )
    return counts.sort("column", FEED).collect()


def is_personal(table: Table, column: str) -> bool:
    """Whether a value of the column names a person."""
    return table[column].sensitivity is Sensitivity.PERSONAL
