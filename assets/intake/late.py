"""Rows that came too late: before they came, a delivery sent after theirs told their key.

Belongs here: when each delivery was told, and which rows of late ones are overtaken. Does not:
noting a late delivery (`checks.across.deliveries`), keeping its rows (`assets.intake.taking`).

Files do not always come in the order in which they were sent. What a late row says is older than
what is known of its key (cross-check F-08): it stays in raw and in the log, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from assets.intake.raw import is_correction
from assets.lake.declaration import INSTANT
from assets.sources.windows import asked_again_at

_ROW = ["delivery_id", "row_no"]


def when_told(log: pl.DataFrame) -> pl.DataFrame:
    """`delivery_id`, `received_at` and `told_at` of the accepted deliveries of a feed.

    As its sender states it, but not after it came: a clock that is ahead overtakes nobody.

    Args:
        log: rows of `intake__delivery`.
    """
    sent = pl.col("manifest_json").str.json_path_match("$.sent_at")
    stated = sent.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    told = pl.max_horizontal(stated, asked_again_at(pl.col("file_name")))
    return (
        log.filter(pl.col("status") == "accepted")
        .sort("received_at")
        # Stated anew it brings no rows again.
        .unique("delivery_id", keep="first", maintain_order=True)
        .select(
            "delivery_id",
            "received_at",
            pl.min_horizontal(told.fill_null(pl.col("received_at")), "received_at")
            .cast(INSTANT)
            .alias("told_at"),
        )
    )


def overtaken(
    rows: pl.LazyFrame,
    repeats: pl.LazyFrame,
    log: pl.DataFrame,
    delivery_ids: Collection[str],
    key: Sequence[str],
) -> pl.DataFrame:
    """`delivery_id` and `row_no` of rows whose key was told, later, by what came before them.

    A correction by hand overtakes nothing: its source did not know of it.

    Args:
        rows: raw rows of a feed.
        repeats: which of them were told again (`assets.intake.repeats`).
        log: of `when_told`.
        delivery_ids: deliveries of the feed whose rows are asked about.
        key: source columns of the key; a row that lacks one is overtaken by none.
    """
    nothing = pl.DataFrame(schema={"delivery_id": pl.String, "row_no": pl.Int64})
    told = log.filter(~is_correction())
    newest = pl.col("told_at").cum_max().shift(1)
    late = told.filter(pl.col("told_at") < newest, pl.col("delivery_id").is_in(list(delivery_ids)))
    if late.is_empty():
        return nothing
    before = told.filter(
        pl.col("told_at") > late["told_at"].min(), pl.col("received_at") < late["received_at"].max()
    )
    named = rows.select(*key, *_ROW, "row_hash").filter(pl.col(name) != "" for name in key)
    is_late = pl.col("delivery_id").is_in(late["delivery_id"].implode())
    mine = named.filter(is_late).drop("row_hash").collect().join(late, on="delivery_id")
    alike = named.join(mine.lazy().select(key), on=list(key), how="semi").collect()
    again = repeats.filter(pl.col("delivery_id").is_in(before["delivery_id"].implode())).collect()
    told_again = alike.select(*key, "row_hash").join(again, on="row_hash")
    found = pl.concat(
        [one.select(*key, "delivery_id").unique() for one in (alike, told_again)]
    ).join(before, on="delivery_id")
    return (
        mine.join(found, on=list(key), suffix="_before")
        .filter(
            pl.col("told_at_before") > pl.col("told_at"),
            pl.col("received_at_before") < pl.col("received_at"),
        )
        .select(_ROW)
        .unique()
    )
