"""The health of the sources: a table, a picture per channel, and what is missing.

Belongs here: the asset and one asset check per channel. Does not: judging (`checks.health`).
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from assets.calendar import legal_day
from assets.channels import Channel
from assets.tables import check, intake
from checks.health import deliveries_told, missing, source_health
from pipelines.assets.described import POOLS, made, records, spec
from pipelines.assets.drawn import Picture, drawn
from pipelines.office import Office
from pipelines.views import pictures

UNCLAIMED_SHOWN = 50
"""Files of the inbox that no feed will ever take."""


def health_assets(channels: Mapping[str, Channel]) -> list[dg.AssetsDefinition]:
    """The table of health with a picture and an asset check for every channel."""

    @dg.multi_asset(
        name="source_health",
        specs=[spec(check.HEALTH, group="checks", deps=[intake.DELIVERY.name, intake.DIGEST.name])],
        check_specs=[
            dg.AssetCheckSpec(
                f"deliveries_{name}",
                asset=check.HEALTH.name,
                description=f"{channel.owner_zh}数据按期 Every feed of {channel.owner_en} came "
                f"{channel.cadence} and is no older than {channel.freshness_days} days.",
            )
            for name, channel in channels.items()
        ],
        pool=POOLS[check.HEALTH.layer],
    )
    def health(
        context: dg.AssetExecutionContext,
        office: dg.ResourceParam[Office],
    ) -> Iterable[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        office.tell("source_health")
        store = office.store
        logs = store.read(intake.DELIVERY), store.read(intake.DIGEST)
        rows = source_health(*logs, channels, legal_day(office.now()))
        store.replace(check.HEALTH, rows)
        told = deliveries_told(*logs)
        shown = drawn(
            context.instance,
            check.HEALTH,
            {
                name: Picture(name, (mine,), partial(pictures.health_of_channel, name, mine))
                for name in channels
                if (mine := told.filter(channel=name)).height
            },
        )
        astray = pl.DataFrame({"file": office.inbox.unclaimed(channels)}, {"file": pl.String})
        feeds = {
            "feeds": records(rows, rows.height),
            "unclaimed": records(astray, UNCLAIMED_SHOWN),
        }
        yield dg.MaterializeResult(
            asset_key=check.HEALTH.name, metadata=made(store, check.HEALTH, {**feeds, **shown})
        )
        missed = missing(rows, channels)
        for name in channels:
            lacking = missed.filter(pl.col("channel") == name)
            yield dg.AssetCheckResult(
                asset_key=check.HEALTH.name,
                check_name=f"deliveries_{name}",
                passed=lacking.is_empty(),
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"missing": records(lacking, lacking.height)},
            )

    return [health]
