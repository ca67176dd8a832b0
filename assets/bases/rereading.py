"""Reading rows of quarantine again, and taking in those that are sound by now.

Belongs here: one delivery's rows read again by the present rules, channel files and aliases;
the rows that waited for an alias. Does not: what a steward says about it (`assets.stewards`).

A row that is read again enters the base as known from now on: nobody knew it before. One whose
key was told anew since it came is only cleared: what is newer stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from assets.aliases import AMBIGUOUS, UNKNOWN, Aliases, may_use_aliases
from assets.bases.claims import is_told_by_several, tellers
from assets.bases.quarantine import clearing_rows, open_quarantine, split
from assets.bases.saying import Said, write_latest, write_settled
from assets.channels import Channel
from assets.intake.raw import next_instant, raw_table
from assets.lake.declaration import INSTANT, Table
from assets.lake.history import history_table
from assets.lake.store import Store
from assets.rows import FAULTS, deleted_rows, typed_rows
from assets.tables import intake

_ROW = ["delivery_id", "row_no"]
BY_ITSELF = "采集 collection"
"""Who clears a row whose alias has come."""
_ALIAS_FOUND = "标识已可对应企业或项目 its alias is known now"
_WAITS = rf":({UNKNOWN}|{AMBIGUOUS})$"
_IS_WAITING = pl.col("reasons").list.eval(pl.element().str.contains(_WAITS)).list.any()


def read_again(
    store: Store,
    channel: Channel,
    name: str,
    table: Table,
    rows: pl.DataFrame,
    pseudonym_key: bytes,
    now: datetime,
    channels: Mapping[str, Channel],
) -> pl.DataFrame:
    """The sound rows of one delivery among `rows` of quarantine, once they are written."""
    feed = channel.feeds[name]
    aliases = Aliases(store)

    def good_among(raw: pl.DataFrame) -> pl.DataFrame:
        alive = raw.join(deleted_rows(raw, feed), on=_ROW, how="anti").sort("row_no")
        typed = typed_rows(alive, feed, table, pseudonym_key, aliases)
        return split(typed, alive, table).good

    # A row that another one of its delivery contradicts is not sound by itself.
    delivered = raw_table(channel, name)
    if is_told_by_several(channels, table):
        # A claim that a later one has replaced is nowhere but in its delivery.
        whole = pl.col("delivery_id").is_in(rows["delivery_id"].unique().implode())
        good = good_among(store.scan(delivered).filter(whole).collect())
    else:
        doubted = _set_apart_with(store, table, rows)
        good = good_among(store.meeting(delivered, doubted))
        told = _held_of(store, table, good, rows)
        if told.height:
            good = good_among(store.meeting(delivered, pl.concat([doubted, told]).unique()))
    sound = good.join(rows.select(_ROW), on=_ROW, how="semi")
    if sound.is_empty() or table.name not in (feed.target, feed.measures_target):
        return sound.clear()
    news = sound.join(_told_since(store, table, sound), on=_ROW, how="anti")
    known = next_instant(store.scan(table), now)
    nothing = table.empty()
    said = Said(
        feed=f"{channel.channel}.{name}",
        counts=pl.DataFrame(),
        good=news.with_columns(pl.lit(known, INSTANT).alias("received_at")),
        bad=nothing,
        apart=intake.QUARANTINE.empty(),
        gone=nothing,
        units=pl.DataFrame(schema={"unit_code": pl.String}),
        absent=intake.ABSENCE.empty(),
        refreshes=(),
    )
    if is_told_by_several(channels, table):
        write_settled(store, table, tellers(channels, table), [said])
    else:
        write_latest(store, table, said)
    return sound


def _set_apart_with(store: Store, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """All rows that were ever set apart of the deliveries of some: `delivery_id`, `row_no`."""
    of_them = pl.col("delivery_id").is_in(rows["delivery_id"].unique().implode())
    apart = store.scan(intake.QUARANTINE).filter(pl.col("target") == table.name, of_them)
    return pl.concat([apart.select(_ROW).collect(), rows.select(_ROW)]).unique()


def _held_of(store: Store, table: Table, good: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The other rows of the same deliveries that told the keys of good rows, now or before."""
    keys = good.select(table.key).unique()
    told = pl.concat(
        [store.meeting(one, keys).select(_ROW) for one in (table, history_table(table))]
    )
    return told.join(rows.select("delivery_id"), on="delivery_id", how="semi").unique()


def _told_since(store: Store, table: Table, sound: pl.DataFrame) -> pl.DataFrame:
    """Of the rows, those whose key was told, or told to be no more, after they came."""
    keys = sound.select(table.key).unique()
    log = history_table(table)
    told = pl.concat(
        [
            store.meeting(table, keys).select(*table.key, _at="received_at"),
            store.meeting(log, keys).select(*table.key, _at="known_to"),
        ]
    )
    return (
        sound.join(told, on=list(table.key))
        .filter(pl.col("_at") > pl.col("received_at"))
        .select(_ROW)
        .unique()
    )


def retry_unknown(
    store: Store,
    table: Table,
    pseudonym_key: bytes,
    now: datetime,
    channels: Mapping[str, Channel],
) -> int:
    """Takes in the rows that waited for an alias which is known now; how many."""
    if not may_use_aliases(table) or not store.count(intake.QUARANTINE):
        return 0
    apart = store.scan(intake.QUARANTINE).filter(pl.col("target") == table.name)
    if apart.filter(_IS_WAITING).head(1).collect().is_empty():
        return 0
    waiting = open_quarantine(apart, store.scan(table), table).filter(_IS_WAITING).collect()
    taken = 0
    for (delivery_id,), rows in waiting.partition_by(
        "delivery_id", as_dict=True, maintain_order=True
    ).items():
        sender, name, _ = str(delivery_id).split(".", 2)
        if sender not in channels or name not in channels[sender].feeds:
            continue
        channel = channels[sender]
        known = _known_by_now(store, channel, name, table, rows, pseudonym_key)
        if known.is_empty():
            continue
        sound = read_again(store, channel, name, table, known, pseudonym_key, now, channels)
        done = known.join(sound.select(_ROW), on=_ROW, how="semi")
        store.append(intake.QUARANTINE, clearing_rows(done, now, BY_ITSELF, _ALIAS_FOUND))
        taken += done.height
    return taken


def _known_by_now(
    store: Store,
    channel: Channel,
    name: str,
    table: Table,
    rows: pl.DataFrame,
    pseudonym_key: bytes,
) -> pl.DataFrame:
    """Of the rows, those that can be read without a missing alias."""
    came = store.meeting(raw_table(channel, name), rows.select(_ROW))
    typed = typed_rows(came, channel.feeds[name], table, pseudonym_key, Aliases(store))
    still = pl.col(FAULTS).str.split(";").list.eval(pl.element().str.contains(_WAITS)).list.any()
    read = typed.filter(~still.fill_null(False))
    return rows.join(read.select(_ROW).unique(), on=_ROW, how="semi")
