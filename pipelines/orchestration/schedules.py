"""The schedules: collection by the cadence of each channel, upkeep by night, terms every evening.

Belongs here: times, in China standard time. Does not: what runs (`pipelines.orchestration.jobs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.orchestration.jobs import EVERY_BUCKET

if TYPE_CHECKING:  # the type that `define_asset_job` returns has no public name
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition as AssetJob,
    )

CRON = {
    "daily": "30 1 * * *",
    "weekly": "0 2 * * 1",
    "yearly": "0 2 2 6 *",  # statements of the last year are filed by the end of May
    "monthly": "0 3 16 * *",  # insurance months are closed by the middle of the next month
}
UPKEEP_CRON = "0 4 * * *"
RECHECK_CRON = "0 5 * * *"
TERMS_CRON = "0 22 * * *"
"""Terms end with the day, so that what comes in on the last day still counts."""
TIME_ZONE = "Asia/Shanghai"


def collection_schedules(
    jobs: Mapping[str, AssetJob],
) -> list[dg.ScheduleDefinition]:
    """One schedule per cadence; what is downstream follows by automation."""
    return [
        dg.ScheduleDefinition(
            name=f"collect_{cadence}",
            description=f"定时收数 Take in what the {cadence} channels have delivered.",
            job=job,
            cron_schedule=CRON[cadence],
            execution_timezone=TIME_ZONE,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
        for cadence, job in jobs.items()
    ]


def daily_schedules(
    upkeep: dg.JobDefinition, recheck: AssetJob, decide: AssetJob
) -> list[dg.ScheduleDefinition]:
    """What runs every day, in the order of its hours."""
    return [_upkeep_schedule(upkeep), _recheck_schedule(recheck), _terms_schedule(decide)]


def _upkeep_schedule(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Compaction and vacuum, every night after collection."""
    return dg.ScheduleDefinition(
        name="upkeep",
        description="每夜养护 Compaction and vacuum, every night after collection.",
        job=job,
        cron_schedule=UPKEEP_CRON,
        execution_timezone=TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def _recheck_schedule(job: AssetJob) -> dg.ScheduleDefinition:
    """Every live qualification, every night after collection; the same night adds nothing."""

    @dg.schedule(
        name="recheck",
        description="每夜动态核查 Every live qualification, every night after collection.",
        job=job,
        cron_schedule=RECHECK_CRON,
        execution_timezone=TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def every_night() -> dg.RunRequest:
        return dg.RunRequest(tags=EVERY_BUCKET)

    return every_night


def _terms_schedule(job: AssetJob) -> dg.ScheduleDefinition:
    """The sweep once a day, also where no new data starts it: terms end by the calendar."""
    return dg.ScheduleDefinition(
        name="terms",
        description="每日到期 The sweep once a day: terms end by the calendar.",
        job=job,
        cron_schedule=TERMS_CRON,
        execution_timezone=TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
