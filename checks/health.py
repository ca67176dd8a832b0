"""How the channels deliver: rows, bad share, delay, and deliveries that are missing.

Belongs here: reading the logs of collection against the cadence and freshness of the channel
files. Does not: whether a stale source may decide a case (`decisions.facts.coverage`), pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from assets.calendar import legal_date
from assets.channels import Channel
from assets.tables import WITNESSES, check, personnel
from assets.wording import worded

CADENCE_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}
"""Longest time between two deliveries of a cadence."""


def deliveries_told(deliveries: pl.DataFrame, digests: pl.DataFrame) -> pl.DataFrame:
    """Each accepted delivery with what became of it.

    Args:
        deliveries: rows of `intake__delivery`.
        digests: rows of `intake__digest`.

    Returns:
        `channel`, `feed`, `received_at`, `received_on`, `as_of`, `row_count`, `bad_count` (rows
        set apart, as the base table with most of them counts), `bad_share` (null for an empty
        delivery), `delay_days`.
    """
    apart = digests.group_by("delivery_id", "received_at").agg(
        digested=pl.col("quarantined_count").max()
    )
    bad = pl.col("quarantined_count") + pl.col("digested").fill_null(0)
    return (
        deliveries.filter(pl.col("status") == "accepted")
        .join(apart, on=["delivery_id", "received_at"], how="left")
        .with_columns(
            received_on=legal_date(pl.col("received_at")),
            as_of=pl.col("manifest_json").str.json_path_match("$.as_of").str.to_date("%Y-%m-%d"),
            bad_count=bad,
        )
        .with_columns(
            bad_share=pl.when(pl.col("row_count") > 0).then(
                pl.col("bad_count") / pl.col("row_count")
            ),
            delay_days=(pl.col("received_on") - pl.col("as_of")).dt.total_days(),
        )
        .select(
            "channel",
            "feed",
            "received_at",
            "received_on",
            "as_of",
            "row_count",
            "bad_count",
            "bad_share",
            "delay_days",
        )
        .sort("received_at")
    )


def source_health(
    deliveries: pl.DataFrame,
    digests: pl.DataFrame,
    channels: Mapping[str, Channel],
    today: date,
) -> pl.DataFrame:
    """The rows of `check__source_health`: one per feed, also of those that never came.

    A feed is `late` from the second day after its next delivery was due, and `stale` when what
    it told last is older than the limit of its channel: both allow for the night in between.
    """
    told = deliveries_told(deliveries, digests)
    failed = deliveries.filter(pl.col("status") == "failed")
    rows = []
    for channel in channels.values():
        for feed in channel.feeds:
            mine = told.filter(channel=channel.channel, feed=feed)
            broken = failed.filter(channel=channel.channel, feed=feed).height
            rows.append(_of_feed(channel, feed, mine, broken, today))
    return pl.DataFrame(rows, schema=check.HEALTH.schema)


def missing(health: pl.DataFrame, channels: Mapping[str, Channel]) -> pl.DataFrame:
    """The rows of feeds whose deliveries are missed.

    One that has never come is not missed if checks alone would read it, or if stewards may state
    the same: a province need not have every list and licence connected for its cases to be decided.
    """
    needless = {table.name for table in (*WITNESSES, personnel.IDENTITY)}
    optional = [
        f"{channel.channel}.{name}"
        for channel in channels.values()
        for name, feed in channel.feeds.items()
        if feed.target in needless
    ]
    feed = worded("{}.{}", "channel", "feed")
    may_be_absent = (pl.col("status") == "never") & feed.is_in(optional)
    return health.filter(pl.col("status") != "on_time", ~may_be_absent)


def _of_feed(
    channel: Channel, feed: str, told: pl.DataFrame, failed: int, today: date
) -> dict[str, object]:
    known = {
        "channel": channel.channel,
        "feed": feed,
        "accepted_count": told.height,
        "failed_count": failed,
    }
    if told.is_empty():
        return {**known, "status": "never"}
    last = told.row(-1, named=True)
    as_of: date = told["as_of"].max()  # type: ignore[assignment]  # dates only
    due_on = as_of + timedelta(days=CADENCE_DAYS[channel.cadence])
    yesterday = today - timedelta(days=1)
    if as_of < yesterday - timedelta(days=channel.freshness_days):
        status = "stale"
    else:
        status = "late" if due_on < yesterday else "on_time"
    return {
        **known,
        "status": status,
        "row_count": last["row_count"],
        "bad_share": last["bad_share"],
        "as_of": as_of,
        "received_at": last["received_at"],
        "delay_days": last["delay_days"],
        "due_on": due_on,
    }
