"""Repeats: which rows a delivery told again, that raw does not keep a second time.

Belongs here: the log `repeat_<channel>__<feed>` beside each raw table, and what it says of
deliveries that were overtaken. Does not: what is a repeat (`assets.intake.raw`), or what a
late row comes to (`assets.intake.late`).

What is told again stands from then on. A file that was sent between the two tellings and comes
after both says how things stood between them: only the second shows that this is over.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from assets.channels import Channel
from assets.intake.raw import is_correction
from assets.lake.declaration import INSTANT, Column, Layer, Mode, Table
from assets.lake.store import Store


def repeat_table(channel: Channel, feed: str) -> Table:
    """The log of the rows of a feed that came again as they were."""
    declared = channel.feeds[feed]
    return Table(
        name=f"repeat_{channel.channel}__{feed}",
        layer=Layer.RAW,
        mode=Mode.LOG,
        zh=f"{declared.zh}（重复行）",
        en=f"{declared.en}: rows that a delivery told again",
        key=("delivery_id", "row_hash"),
        source=channel.owner_zh,
        columns=(
            Column(name="delivery_id", dtype=pl.String(), nullable=False,
                   zh="交换批次", en="delivery that told the row again"),
            Column(name="received_at", dtype=INSTANT, nullable=False,
                   zh="接收时间", en="when it was being taken in"),
            Column(name="row_hash", dtype=pl.Int64(), nullable=False,
                   zh="行摘要", en="digest of the row, as in the raw table"),
        ),
    )  # fmt: skip


def note_repeats(
    store: Store,
    table: Table,
    rows: pl.DataFrame,
    news: pl.DataFrame,
    since: pl.Expr,
) -> None:
    """Logs the rows that are no news, each content once of a delivery.

    Args:
        store: the lakehouse.
        table: of `repeat_table`.
        rows: rows of deliveries with `row_hash`.
        news: those of them that raw keeps.
        since: whether a logged row may be of these deliveries: a process that died has noted
            them, and not their news.
    """
    on = list(table.key)
    again = rows.select(table.schema.names()).join(news.select(on), on=on, how="anti")
    if again.is_empty():
        return
    known = store.scan(table).filter(since).select(on).collect()
    store.append(table, again.unique(on).join(known, on=on, how="anti"))


def told_again(
    store: Store, channel: Channel, feed: str, delivery_ids: Iterable[str]
) -> pl.DataFrame:
    """`delivery_id` and `row_hash` of what these deliveries told again."""
    among = pl.Series(list(delivery_ids), dtype=pl.String)
    table = repeat_table(channel, feed)
    if among.is_empty():
        return table.empty().select(table.key)
    rows = store.scan(table).filter(pl.col("delivery_id").is_in(among.implode()))
    return rows.select(table.key).unique().collect()


def outrun(told: pl.DataFrame) -> pl.Series:
    """The deliveries after which one came that had been told before them.

    Args:
        told: of `assets.intake.late.when_told`. A correction by hand comes late by nature.
    """
    came = told.filter(~is_correction()).sort("received_at")
    sooner = pl.col("told_at").reverse().cum_min().reverse().shift(-1)
    return came.filter(pl.col("told_at") > sooner)["delivery_id"]
