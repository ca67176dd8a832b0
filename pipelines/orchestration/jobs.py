"""The jobs: what is run together by name.

Belongs here: selections of assets, and the upkeep of tables, which makes no asset. Does not:
when they run (`pipelines.orchestration.schedules`, `pipelines.orchestration.sensors`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from assets.bases.claims import claim_table
from assets.channels import Channel
from assets.intake.raw import raw_table
from assets.intake.repeats import repeat_table
from assets.lake.declaration import Table
from assets.lake.history import history_table
from assets.tables import BASE_TABLES, TABLES, certificate, intake, supervision, whatif
from checks.release import cited_versions
from decisions.buckets import BUCKETS
from pipelines.assets.described import POOLS
from pipelines.office import Office

if TYPE_CHECKING:  # the type that `define_asset_job` returns has no public name
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition as AssetJob,
    )

COLLECTING = ("raw", "base", "checks")
CITED_ONE_BY_ONE = (certificate.CERTIFICATE,)
"""Every decision cites the version of the register it read, so nearly every file is cited; to
find the few that are not, each version would have to be opened. It is never vacuumed."""
DECIDING = ("applications", "decisions", "certificates", "archive")

collect = dg.define_asset_job(
    "collect",
    selection=dg.AssetSelection.groups(*COLLECTING),
    description="收数 Deliveries in, base databases, checks, release.",
)
decide = dg.define_asset_job(
    "decide",
    selection=dg.AssetSelection.groups(*DECIDING),
    description="审批 What is pending at the newest release: decided, certified, archived.",
)
chain = dg.define_asset_job(
    "chain",
    selection=dg.AssetSelection.groups(*COLLECTING, *DECIDING),
    description="全程 The whole chain, from deliveries to archive records.",
)
recheck = dg.define_asset_job(
    "recheck",
    selection=dg.AssetSelection.assets(*(table.name for table in supervision.TABLES)),
    description="动态核查 Re-check live qualifications: an enterprise, a category, a region, "
    "or all. Launched without a bucket, it does them all.",
)
whatif_job = dg.define_asset_job(
    "whatif",
    selection=dg.AssetSelection.assets(*(table.name for table in whatif.TABLES)),
    description="假设申请 What every enterprise would get today of every level. Launched without "
    "a bucket, it asks about them all.",
)
NAMED = (collect, decide, chain, recheck, whatif_job)
EVERY_BUCKET = {
    "dagster/asset_partition_range_start": BUCKETS[0],
    "dagster/asset_partition_range_end": BUCKETS[-1],
}
"""Tags of a run that does all buckets."""


def cadence_jobs(channels: Iterable[Channel]) -> dict[str, "AssetJob"]:
    """One job per cadence: the raw tables of the channels that deliver at it."""
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for channel in channels:
        keys[channel.cadence] += [raw_table(channel, feed).name for feed in channel.feeds]
    return {
        cadence: dg.define_asset_job(
            f"collect_{cadence}",
            selection=dg.AssetSelection.assets(*sorted(raw)),
            description=f"收取 Take in what the {cadence} channels have delivered.",
        )
        for cadence, raw in sorted(keys.items())
    }


def upkeep_job(channels: Iterable[Channel]) -> dg.JobDefinition:
    """Compaction, checkpoints and vacuum, each table by the pool of its one writer."""
    tables: list[Table] = [
        *TABLES,
        *(beside(base) for base in BASE_TABLES for beside in (history_table, claim_table)),
        history_table(intake.COVERAGE),
        *(
            beside(channel, feed)
            for channel in channels
            for feed in channel.feeds
            for beside in (raw_table, repeat_table)
        ),
    ]
    ops = [
        _upkeep(pool, [t for t in tables if POOLS[t.layer] == pool])
        for pool in sorted({*POOLS.values()})
    ]

    @dg.job(name="upkeep", description="养护 Compact, checkpoint, vacuum what no release cites.")
    def upkeep() -> None:
        for op in ops:
            op()

    return upkeep


def _upkeep(pool: str, tables: Sequence[Table]) -> dg.OpDefinition:
    @dg.op(name=f"maintain_{pool}", pool=pool, required_resource_keys={"office"})
    def maintain(context: dg.OpExecutionContext) -> None:
        office: Office = context.resources.office
        for table in tables:
            office.store.maintain(table)
            if table in CITED_ONE_BY_ONE:
                continue
            deleted = office.store.vacuum(table, cited_versions(office.store, table))
            context.log.info(f"{table.name}: {len(deleted)} data files deleted")

    return maintain
