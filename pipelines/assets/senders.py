"""The channels as Dagster shows them: sources outside, each with the term in which it must deliver.

Belongs here: the asset that stands for a channel, its freshness policy, and the event that says it
has delivered. Does not: taking in (`pipelines.assets.collecting`), which of its feeds is late or
missing (`pipelines.assets.health`).

The policy is the channel's and not that of its raw tables: these are made whenever somebody
collects, though nothing came, or nothing that could be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import dagster as dg

from assets.channels import Channel
from assets.intake.delivery_log import TAKEN, DeliveryReport
from assets.lake.declaration import Layer
from assets.tables import check
from pipelines.assets.described import OWNERS


def sender_key(channel: Channel) -> dg.AssetKey:
    """The asset that stands for a channel."""
    return dg.AssetKey(["channel", channel.channel])


def sender_assets(channels: Mapping[str, Channel]) -> list[dg.AssetSpec]:
    """One asset per channel; nothing here makes it, its events are its deliveries."""
    return [
        dg.AssetSpec(
            key=sender_key(channel),
            description=f"{channel.owner_zh} · {channel.owner_en}. 最近一次收到可读的数据 "
            f"When data last came that could be read; due {channel.cadence}.",
            group_name="channels",
            owners=[OWNERS[Layer.RAW]],
            kinds={feed.adapter for feed in channel.feeds.values()},
            freshness_policy=dg.FreshnessPolicy.time_window(
                fail_window=timedelta(days=channel.freshness_days)
            ),
        )
        for channel in channels.values()
    ]


def delivered(
    channel: Channel, feed: str, reports: Sequence[DeliveryReport]
) -> Iterable[dg.AssetMaterialization]:
    """The event that a channel has delivered, if any file of a feed could be taken in."""
    taken = [report for report in reports if report.status in TAKEN]
    if taken:
        yield dg.AssetMaterialization(
            asset_key=sender_key(channel),
            metadata={
                "feed": feed,
                "deliveries": len(taken),
                "rows": sum(report.row_count for report in taken),
                # The picture of the channel: rows, bad share and delay of all of its feeds.
                "source_health": dg.MetadataValue.asset(dg.AssetKey(check.HEALTH.name)),
            },
        )
