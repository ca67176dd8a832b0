"""The one code location: every asset, check, job, schedule and sensor.

Belongs here: assembly. Does not: any definition of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.channels import load_channels
from pipelines import settings
from pipelines.assets.archiving import archiving_assets
from pipelines.assets.checking import checking_assets, table_checks
from pipelines.assets.collecting import collecting_assets
from pipelines.assets.current import current_assets
from pipelines.assets.deciding import deciding_assets
from pipelines.assets.health import health_assets
from pipelines.assets.supervising import supervising_assets
from pipelines.assets.watching import watching_assets
from pipelines.office import Office
from pipelines.orchestration import backfill, jobs, schedules, sensors


def build_defs(overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """All definitions; `overrides` replaces resources by name (`office`)."""
    channels = load_channels()
    cadences = jobs.cadence_jobs(channels.values())
    upkeep = jobs.upkeep_job(channels.values())
    given = dict(overrides or {})
    resources = given if "office" in given else {**given, "office": Office(settings.load())}
    return dg.Definitions(
        assets=[
            *collecting_assets(channels),
            *checking_assets(),
            *health_assets(channels),
            *deciding_assets(),
            *archiving_assets(),
            *current_assets(),
            *watching_assets(),
            *supervising_assets(),
        ],
        asset_checks=table_checks(),
        jobs=[*jobs.NAMED, *cadences.values(), upkeep, backfill.recollect_job(channels.values())],
        schedules=[
            *schedules.collection_schedules(cadences),
            *schedules.daily_schedules(upkeep, jobs.recheck, jobs.decide),
        ],
        sensors=[sensors.delivery_sensor(list(channels.values())), sensors.automation_sensor()],
        resources=resources,
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` loads: everything, for the home that the environment names."""
    return build_defs()
