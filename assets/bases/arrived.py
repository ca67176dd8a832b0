"""What some deliveries came to in a table: the rows it holds of them, and those set apart.

Belongs here: putting the two together for a statement of quality. Does not: which deliveries
are looked at (`pipelines.assets.quality`), or the statement (`checks.quality.suites`).

Sound rows are read from the base table, where they are typed already; only the few that went to
quarantine are read from raw again. So a statement costs what it looks at, once, and no more
memory than a part of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

import polars as pl

from assets.aliases import Aliases
from assets.bases.quarantine import split, uncleared
from assets.channels import Channel, feeds_into, load_channels
from assets.intake.raw import BATCH_ROWS, raw_table
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.row_checks import is_complete
from assets.rows import typed_rows
from assets.tables import intake

_ROW = ["delivery_id", "row_no"]


def arrived(
    store: Store,
    target: Table,
    pseudonym_key: bytes,
    delivery_ids: Collection[str],
    channels: Mapping[str, Channel] | None = None,
) -> Iterator[pl.DataFrame]:
    """The rows of deliveries that a table holds, and those that were set apart from it, typed.

    In the target's columns, unreadable values null. A row that a later one replaced is in
    neither, so that a key that stands twice in a delivery is a conflict.

    Args:
        store: the lakehouse.
        target: a base table.
        pseudonym_key: secret from which the keys of persons are made.
        delivery_ids: deliveries that were worked into it.
        channels: the senders (default: those declared).

    Yields:
        Parts of some `BATCH_ROWS` rows, one of them at least; no key is in two of them.
    """
    mine = pl.col("delivery_id").is_in(list(delivery_ids))
    apart = (
        uncleared(store.scan(intake.QUARANTINE).filter(mine, pl.col("target") == target.name))
        .select(_ROW)
        .unique()
        .collect()
    )
    bad = target.empty()
    if apart.height:
        senders = load_channels() if channels is None else channels
        bad = pl.concat(
            [
                _set_apart(store, channel, feed, target, pseudonym_key, apart)
                for channel, feed in feeds_into(senders, target)
                if target.name in (channel.feeds[feed].target, channel.feeds[feed].measures_target)
            ]
        )
    for within in _ranges(store.scan(target).filter(mine), target):
        held = store.scan(target).filter(within, mine).collect()
        here = bad.filter(within)
        yield pl.concat([held, _unreplaced(here, held, target)]) if here.height else held


def _ranges(rows: pl.LazyFrame, target: Table) -> list[pl.Expr]:
    """Conditions that part the rows by a column of the key, the first that they are sorted by."""
    name = next(one for one in (*target.sort_by, *target.key) if one in target.key)
    counted = (
        rows.group_by(name)
        .len()
        .collect()
        .sort(name)
        .with_columns(part=pl.col("len").cum_sum() // BATCH_ROWS)
    )
    begins = counted.group_by("part").agg(pl.col(name).min())[name].sort()[1:].to_list()
    if not begins:
        return [pl.lit(True)]
    value = pl.col(name)
    return [
        value.is_null() | (value < begins[0]),
        *((value >= low) & (value < high) for low, high in pairwise(begins)),
        value >= begins[-1],
    ]


def _set_apart(
    store: Store, channel: Channel, feed: str, target: Table, key: bytes, apart: pl.DataFrame
) -> pl.DataFrame:
    """The rows of a feed that are in quarantine, typed as they were when they were judged."""
    mine = apart.filter(pl.col("delivery_id").str.starts_with(f"{channel.channel}.{feed}."))
    if mine.is_empty():
        return target.empty()
    raw = (
        store.scan(raw_table(channel, feed))
        # So that of rows which the join leaves out no other column is read.
        .filter(pl.col(name).is_in(mine[name].unique().implode()) for name in _ROW)
        .join(mine.lazy(), on=_ROW, how="semi")
        .collect()
        .sort("received_at", "row_no")
    )
    typed = typed_rows(raw, channel.feeds[feed], target, key, Aliases(store))
    return split(typed, raw, target).bad.select(target.schema.names())


def _unreplaced(bad: pl.DataFrame, held: pl.DataFrame, target: Table) -> pl.DataFrame:
    """The bad rows whose key no later row tells, of those held and of the bad ones."""
    key = list(target.key)
    keyed = bad.filter(is_complete(target.key))
    if keyed.is_empty():
        return bad
    told = pl.concat(
        [
            frame.select(*key, pl.col("received_at").alias("_last"))
            for frame in (held.lazy().join(keyed.lazy(), on=key, how="semi"), keyed.lazy())
        ]
    )
    last = told.group_by(key).agg(pl.col("_last").max()).collect()
    known = bad.join(last, on=key, how="left", maintain_order="left")
    return known.filter((pl.col("received_at") >= pl.col("_last")).fill_null(True)).drop("_last")
