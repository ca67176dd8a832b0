"""Raw: what a feed ever delivered, as it came, and which rows of a delivery are news to it.

Belongs here: the tables `raw_<channel>__<feed>`, the digest of a row, the comparison with what is
held. Does not: reading files (`assets.intake.deliveries`) or writing (`assets.intake.taking`), or
interpreting a row (`assets.bases.base`).

A row that says what the last row of its key said is not kept a second time; a row that returns to
an earlier content is, because it is news.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import polars_hash

from assets.channels import PERSONAL_READS, Channel, Feed
from assets.lake.declaration import Column, Layer, Mode, Sensitivity, Table
from assets.lake.keys import meeting, repeated
from assets.tables import common

BATCH_ROWS = 1_000_000
"""Rows taken in with one commit; bounds the memory of a first load."""
CORRECTION = "correction-"
"""Begins the third part of the id of a delivery by which a steward corrects one row."""
MICROSECOND = timedelta(microseconds=1)
"""By which one delivery of a feed is later than another."""


def raw_table(channel: Channel, feed: str) -> Table:
    """The append-only table of everything a feed ever delivered, as it came."""
    declared = channel.feeds[feed]
    personal = {field.source for field in declared.fields if field.read in PERSONAL_READS}
    return Table(
        name=f"raw_{channel.channel}__{feed}",
        layer=Layer.RAW,
        mode=Mode.LOG,
        zh=f"{declared.zh}（原始）",
        en=f"{declared.en}, as delivered",
        key=("delivery_id", "row_no"),
        source=channel.owner_zh,
        columns=(
            *common.provenance(),
            Column(
                name="row_hash",
                dtype=pl.Int64(),
                nullable=False,
                zh="行摘要",
                en="XXH3 digest of the source columns, 64 bits",
            ),
            *(
                Column(
                    name=source,
                    dtype=pl.String(),
                    source=source,
                    zh=source,
                    en=f"{source}, as delivered",
                    sensitivity=(
                        Sensitivity.PERSONAL if source in personal else Sensitivity.INTERNAL
                    ),
                )
                for source in declared.columns
            ),
        ),
    )


def is_correction() -> pl.Expr:
    """Whether a delivery is a steward's correction of one row."""
    return pl.col("delivery_id").str.contains(f".{CORRECTION}", literal=True)


def next_instant(known: pl.LazyFrame, now: datetime) -> datetime:
    """Now, or just after the last delivery of the feed: later news must win over earlier."""
    last = known.select(pl.col("received_at").max()).collect().item()
    return now if last is None else max(now, last + MICROSECOND)


def row_hashes(rows: pl.DataFrame, feed: Feed) -> pl.Series:
    """A 64-bit digest of the source columns of every row, the same on every machine (XXH3).

    A column that a delivery may lack is no part of it where it is empty: rows that came before
    the feed had it are what they were.
    """
    always = [pl.col(c).fill_null("\x00") for c in feed.columns if c not in feed.optional]
    more = [c for c in feed.columns if c in feed.optional and rows[c].null_count() < rows.height]
    texts = pl.concat_str(always, separator="\x1f")
    if more:
        told = [pl.lit(f"\x1e{c}=") + pl.col(c) for c in more]
        texts = pl.concat_str([texts, *told], ignore_nulls=True)
    digests = rows.select(text=texts).select(polars_hash.col("text").nchash.xxh3_64())
    return digests.to_series().reinterpret(signed=True).alias("row_hash")


def news_among(
    rows: pl.DataFrame,
    known: pl.LazyFrame,
    feed: Feed,
    gone: pl.LazyFrame | None,
    told: pl.DataFrame,
    again: pl.DataFrame,
) -> pl.DataFrame:
    """The rows that do not merely repeat the last row of their key.

    The last by when it was told: beside a row that came late, what was said before it still is.

    Args:
        rows: new rows of the feed.
        known: its raw rows.
        feed: as declared.
        gone: the rows that a full refresh no longer had: one that returns is news.
        told: `delivery_id`, `received_at` and `told_at` of deliveries; of others, when their
            rows came counts.
        again: `delivery_id` and `row_hash` of known rows that deliveries told again.
    """
    hashes, count = rows["row_hash"], known.select(pl.len()).collect().item()
    seen = known.filter(pl.col("row_hash").is_in(hashes.implode())).select("row_hash").collect()
    suspects = rows.filter(hashes.is_in(seen["row_hash"].implode()) | repeated(hashes))
    if suspects.is_empty():
        return rows
    key = list(feed.key_sources)
    # A row that came again after its correction by hand still says what it said before.
    known = known.filter(~is_correction())
    keys = suspects.select(key).unique()
    order = ["received_at", "row_no"]
    held = known.select(*key, *order, "row_hash", "delivery_id")
    before = (
        meeting(held, keys, count, nulls_equal=True).collect().with_columns(is_known=pl.lit(True))
    )
    missed = before.clear()
    if gone is not None:
        absent = gone.select(
            "gone_delivery_id",
            "gone_row_no",
            pl.col("received_at").alias("missed_at"),
            pl.col("delivery_id").alias("missed_by"),
        )
        missed = before.join(
            absent.collect(),
            left_on=["delivery_id", "row_no"],
            right_on=["gone_delivery_id", "gone_row_no"],
        ).select(
            *key,
            pl.col("missed_at").alias("received_at"),
            "row_no",
            pl.lit(None, pl.Int64).alias("row_hash"),
            pl.col("missed_by").alias("delivery_id"),
            "is_known",
        )
    # What a delivery told again it told before any row of its own that is kept.
    repeated_since = (
        before.select(*key, "row_hash", "is_known")
        .unique()
        .join(again, on="row_hash")
        .join(told.select("delivery_id", "received_at"), on="delivery_id")
        .with_columns(row_no=pl.lit(0, pl.Int64))
        .select(before.columns)
    )
    history = pl.concat(
        [
            before,
            missed,
            repeated_since,
            rows.select(*key, *order, "row_hash", "delivery_id")
            .join(keys, on=key, how="semi", nulls_equal=True)
            .with_columns(is_known=pl.lit(False)),
        ]
    ).join(
        told.select("delivery_id", "told_at"), on="delivery_id", how="left", maintain_order="left"
    )
    # Rows that lack a part of their key are told apart by all they say.
    lacks = pl.any_horizontal(pl.col(name).is_null() | (pl.col(name) == "") for name in key)
    repeats = (
        history.sort(pl.coalesce("told_at", "received_at"), *order)
        .with_columns(_alone=pl.when(lacks).then("row_hash"))
        .with_columns(before=pl.col("row_hash").shift(1).over(*key, "_alone"))
        .filter(~pl.col("is_known"), pl.col("row_hash") == pl.col("before"))
        .select(order)
    )
    return rows.join(repeats, on=order, how="anti")
