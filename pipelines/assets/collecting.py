"""Collection: deliveries into raw tables, raw tables into the four base databases.

Belongs here: one asset per feed, one per base table, one for the ledgers that collection
keeps. Does not: how a file is read or a row judged (`assets.collection`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from assets.aliases import joined_by
from assets.bases.claims import conflict_counts
from assets.bases.quarantine import uncleared
from assets.channels import Channel, feeds_into
from assets.collection import build_base
from assets.intake.fetching import fetch
from assets.intake.raw import raw_table
from assets.intake.taking import take_in
from assets.lake.declaration import Layer, Table
from assets.tables import BASE_TABLES, intake
from pipelines.assets.described import POOLS, made, records, spec
from pipelines.assets.drawn import Picture, drawn
from pipelines.assets.senders import delivered, sender_assets, sender_key
from pipelines.office import Office
from pipelines.views import pictures

LEDGERS = (
    intake.DELIVERY,
    intake.DIGEST,
    intake.ABSENCE,
    intake.QUARANTINE,
    intake.COVERAGE,
)


def collecting_assets(
    channels: Mapping[str, Channel],
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """All assets of the groups `channels`, `raw`, `base`, and the applications from the portal."""
    raw = [_raw(channel, feed) for channel in channels.values() for feed in channel.feeds]
    base = [_base(table, channels) for table in BASE_TABLES]
    applications = _base(intake.APPLICATION, channels)
    return [*sender_assets(channels), *raw, *base, _ledgers(), applications]


def _raw(channel: Channel, feed: str) -> dg.AssetsDefinition:
    table, declared = raw_table(channel, feed), channel.feeds[feed]
    fetched_by = ["http"] if declared.api else ["sql"] if declared.view else []

    @dg.multi_asset(
        name=table.name,
        specs=[
            spec(
                table,
                group="raw",
                deps=[sender_key(channel)],
                follows=False,
                kinds=("deltalake", declared.adapter, *fetched_by),
            )
        ],
        pool=POOLS[table.layer],
    )
    def raw(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office]
    ) -> dg.MaterializeResult[Any]:
        office.tell(table.name)
        now, connections = office.now(), office.settings.reached
        reports = [
            *fetch(office.store, channel, feed, office.inbox, connections, now),
            *take_in(office.store, channel, feed, office.inbox, now),
        ]
        for report in reports:
            if report.error:
                context.log.error(report.error)
        for event in delivered(channel, feed, reports):
            context.log_event(event)
        told = pl.DataFrame([asdict(report) for report in reports])
        return dg.MaterializeResult(
            metadata=made(
                office.store,
                table,
                {
                    "deliveries": len(reports),
                    "delivered": records(told),
                },
            )
        )

    return raw


def _base(table: Table, channels: Mapping[str, Channel]) -> dg.AssetsDefinition:
    joined = [other.name for other in joined_by(table)]

    @dg.multi_asset(
        name=table.name,
        specs=[
            spec(
                table,
                group="applications" if table is intake.APPLICATION else "base",
                deps=[*(raw_table(*feed).name for feed in feeds_into(channels, table)), *joined],
            )
        ],
        pool=POOLS[table.layer],
    )
    def base(office: dg.ResourceParam[Office]) -> dg.MaterializeResult[Any]:
        office.tell(table.name)
        report = build_base(office.store, table, office.pseudonym_key, office.now())
        told = asdict(report)
        if table.layer is Layer.BASE:
            told["conflicts"] = records(conflict_counts(office.store, table))
        return dg.MaterializeResult(metadata=made(office.store, table, told))

    return base


def _ledgers() -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="collection_ledgers",
        specs=[
            spec(
                table,
                group="base",
                deps=[base.name for base in BASE_TABLES],
            )
            for table in LEDGERS
        ],
        pool=POOLS[intake.DELIVERY.layer],
        description="What collection wrote down beside the base tables; compacted here.",
    )
    def ledgers(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office]
    ) -> Iterable[dg.MaterializeResult[Any]]:
        store = office.store
        office.tell("collection_ledgers")
        for table in LEDGERS:
            store.maintain(table)
        in_base = {base.name: store.count(base) for base in BASE_TABLES}
        apart = store.scan(intake.QUARANTINE).select("delivery_id", "row_no").collect()
        by_channel = pictures.counted_flow(store.read(intake.DELIVERY), apart)
        flow = Picture(
            "数据流 Flow of rows",
            (by_channel, pl.DataFrame([in_base])),
            partial(pictures.flow_of_rows, by_channel, in_base),
        )
        told: dict[Table, dict[str, Any]] = {
            intake.DELIVERY: drawn(context.instance, intake.DELIVERY, {"flow": flow}),
            intake.QUARANTINE: {
                "reasons": records(quarantine_reasons(store.scan(intake.QUARANTINE)), 50)
            },
            intake.DIGEST: {},
            intake.ABSENCE: {},
            intake.COVERAGE: {},
        }
        for table, extra in told.items():
            yield dg.MaterializeResult(asset_key=table.name, metadata=made(store, table, extra))

    return ledgers


def quarantine_reasons(quarantine: pl.LazyFrame) -> pl.DataFrame:
    """Rows set apart by target table and reason, the most frequent first."""
    return (
        uncleared(quarantine)
        .select("target", "reasons")
        .explode("reasons")
        .group_by("target", pl.col("reasons").alias("reason"))
        .agg(pl.len().alias("rows"))
        .sort("rows", "target", "reason", descending=[True, False, False])
        .collect()
    )
