"""What some deliveries came to in a table: the rows it holds of them, and those set apart.

Belongs here: putting the two together for a statement of quality. Does not: which deliveries
are looked at (`pipelines.quality`), or the statement (`checks.suites`).

Sound rows are read from the base table, where they are typed already; only the few that went to
quarantine are read from raw again. So a statement costs what it looks at, once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from assets.aliases import Aliases
from assets.channels import Channel, feeds_into, load_channels
from assets.declaration import Table
from assets.quarantine import split, uncleared
from assets.raw import raw_table
from assets.row_checks import is_complete
from assets.rows import typed_rows
from assets.store import Store
from assets.tables import intake

_ROW = ["delivery_id", "row_no"]


def arrived(
    store: Store,
    target: Table,
    pseudonym_key: bytes,
    delivery_ids: Collection[str],
    channels: Mapping[str, Channel] | None = None,
) -> pl.DataFrame:
    """The rows of deliveries that a table holds, and those that were set apart from it, typed.

    In the target's columns, unreadable values null. A row that a later one replaced is in
    neither, so that a key that stands twice in a delivery is a conflict.

    Args:
        store: the lakehouse.
        target: a base table.
        pseudonym_key: secret from which the keys of persons are made.
        delivery_ids: deliveries that were worked into it.
        channels: the senders (default: those declared).
    """
    mine = pl.col("delivery_id").is_in(list(delivery_ids))
    held = store.scan(target).filter(mine).collect()
    apart = (
        uncleared(store.scan(intake.QUARANTINE).filter(mine, pl.col("target") == target.name))
        .select(_ROW)
        .unique()
        .collect()
    )
    if apart.is_empty():
        return held
    senders = load_channels() if channels is None else channels
    bad = pl.concat(
        [
            _set_apart(store, channel, feed, target, pseudonym_key, apart)
            for channel, feed in feeds_into(senders, target)
            if target.name in (channel.feeds[feed].target, channel.feeds[feed].measures_target)
        ]
    )
    return pl.concat([held, _unreplaced(bad, held, target)])


def _set_apart(
    store: Store, channel: Channel, feed: str, target: Table, key: bytes, apart: pl.DataFrame
) -> pl.DataFrame:
    """The rows of a feed that are in quarantine, typed as they were when they were judged."""
    mine = apart.filter(pl.col("delivery_id").str.starts_with(f"{channel.channel}.{feed}."))
    if mine.is_empty():
        return target.empty()
    raw = (
        store.scan(raw_table(channel, feed))
        .filter(pl.col("delivery_id").is_in(mine["delivery_id"].unique().implode()))
        .join(mine.lazy(), on=_ROW, how="semi")
        .collect()
        .sort("received_at", "row_no")
    )
    typed = typed_rows(raw, channel.feeds[feed], target, key, Aliases(store))
    return split(typed, raw, target).bad.select(target.schema.names())


def _unreplaced(bad: pl.DataFrame, held: pl.DataFrame, target: Table) -> pl.DataFrame:
    """The bad rows whose key no later row tells, of those held and of the bad ones."""
    key = list(target.key)
    told = pl.concat(
        [
            frame.select(*key, pl.col("received_at").alias("_last"))
            for frame in (held.join(bad, on=key, how="semi"), bad)
        ]
    )
    last = told.group_by(key).agg(pl.col("_last").max())
    known = bad.join(last, on=key, how="left", maintain_order="left")
    is_last = (pl.col("received_at") >= pl.col("_last")).fill_null(True)
    return known.filter(~is_complete(target.key) | is_last).drop("_last")
