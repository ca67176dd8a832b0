"""Who owns what is missing: the channel and the feed that speak for a table, or sent a row.

Belongs here: from something that a criterion lacks to its sender. Does not: what is missing
(`decisions.waiting.missing`, `decisions.waiting.strays`), what the owner is asked to do
(`decisions.waiting.remedies`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from assets.channels import Channel, feeds_into
from assets.tables import FACT_TABLES, intake, personnel
from assets.tables import decision as tables
from decisions.facts.model import Facts


def owned(rows: pl.DataFrame, facts: Facts, channels: Mapping[str, Channel]) -> pl.DataFrame:
    """What is missing with its `channel`, `feed`, and when that last told anything of the table.

    A row that was set apart belongs to the feed that sent it.

    Args:
        rows: of `decisions.waiting.faults.LACKS`.
        facts: the release.
        channels: the senders.

    Returns:
        Rows of `decision__missing`.
    """
    stated = (
        facts.raw(intake.COVERAGE)
        .group_by("target")
        .agg(last_delivered_at=pl.col("received_at").max())
    )
    sender = pl.col("delivery_id").str.split(".").list
    is_sent = sender.len() == len(("channel", "feed", "digest"))
    return (
        rows.lazy()
        .join(_owners(channels).lazy(), on="target", how="left")
        .join(stated, on="target", how="left")
        .with_columns(
            channel=pl.when(is_sent).then(sender.get(0, null_on_oob=True)).otherwise("channel"),
            feed=pl.when(is_sent).then(sender.get(1, null_on_oob=True)).otherwise("feed"),
        )
        .unique(tables.MISSING.key)
        .sort(tables.MISSING.key)
        .select(tables.MISSING.schema.names())
        .pipe(facts.collect)
    )


def _owners(channels: Mapping[str, Channel]) -> pl.DataFrame:
    """The feed that speaks for each base table: `target`, `channel`, `feed`."""
    found = []
    for table in (*FACT_TABLES, personnel.IDENTITY):
        filling = [
            (not channel.feeds[name].declares_coverage, channel.channel, name)
            for channel, name in feeds_into(channels, table)
            if table.name in (channel.feeds[name].target, channel.feeds[name].measures_target)
        ]
        if filling:
            _, channel_name, feed = min(filling)
            found.append((table.name, channel_name, feed))
    schema = {name: pl.String() for name in ("target", "channel", "feed")}
    return pl.DataFrame(found, schema=schema, orient="row")
