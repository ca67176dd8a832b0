"""The sensors: new deliveries in the inbox, and automation for what is downstream.

Belongs here: noticing. Does not: reading a delivery (`assets.collection`).
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import dagster as dg

from assets.channels import Channel
from assets.manifest import Manifest, stated
from assets.raw import MANIFEST_SUFFIX, raw_table
from assets.store import Store
from assets.tables import intake
from pipelines.jobs import COLLECTING, DECIDING
from pipelines.office import Office


def delivery_sensor(channels: Iterable[Channel]) -> dg.SensorDefinition:
    """Takes in the feeds whose finished deliveries have changed since it last looked.

    A delivery that the log has, taken in by a run that somebody started, is not news.
    """
    feeds = {
        f"{channel.channel}/{feed}": raw_table(channel, feed).name
        for channel in channels
        for feed in channel.feeds
    }

    @dg.sensor(
        name="new_deliveries",
        description="交换目录有新数据 A finished delivery is in the inbox.",
        target=dg.AssetSelection.assets(*sorted(feeds.values())),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        required_resource_keys={"office"},
    )
    def new_deliveries(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        office: Office = context.resources.office
        seen: dict[str, str] = json.loads(context.cursor or "{}")
        now = {feed: fingerprint(office.settings.inbox / feed) for feed in feeds}
        changed = sorted(feed for feed in feeds if now[feed] and now[feed] != seen.get(feed))
        if changed:
            known = logged(office.store)
            changed = [feed for feed in changed if finished(office.settings.inbox / feed) - known]
        if not changed:
            reason = "没有新的交换批次 no new finished delivery"
            return dg.SensorResult(skip_reason=reason, cursor=json.dumps(now))
        request = dg.RunRequest(
            run_key=json.dumps({feed: now[feed] for feed in changed}),
            asset_selection=[dg.AssetKey(feeds[feed]) for feed in changed],
        )
        return dg.SensorResult(run_requests=[request], cursor=json.dumps(now))

    return new_deliveries


Delivery = tuple[str, Manifest | None]
"""SHA-256 of a file, and what its manifest states; None where that cannot be read."""


def finished(folder: Path) -> set[Delivery]:
    """The finished deliveries in a feed's folder."""
    manifests = folder.glob(f"*{MANIFEST_SUFFIX}")
    files = {path: path.with_name(path.name.removesuffix(MANIFEST_SUFFIX)) for path in manifests}
    return {
        (sha256(file.read_bytes()).hexdigest(), stated(manifest.read_bytes()))
        for manifest, file in files.items()
        if file.exists()
    }


def logged(store: Store) -> set[Delivery]:
    """The deliveries of the log, accepted or failed."""
    log = store.scan(intake.DELIVERY).select("file_sha256", "manifest_json").collect()
    return {(digest, stated(manifest)) for digest, manifest in log.iter_rows()}


def fingerprint(folder: Path) -> str:
    """How many finished deliveries a feed's folder holds and when the newest came.

    A manifest is written after its file: a file without one is not finished.
    """
    times = [manifest.stat().st_mtime_ns for manifest in folder.glob(f"*{MANIFEST_SUFFIX}")]
    return f"{len(times)}:{max(times)}" if times else ""


def automation_sensor() -> dg.AutomationConditionSensorDefinition:
    """Runs what is downstream of new data; on as soon as the daemon is."""
    return dg.AutomationConditionSensorDefinition(
        "downstream",
        target=dg.AssetSelection.groups(*COLLECTING, *DECIDING),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description="下游自动办理 What is downstream of new data, as soon as all of it is there.",
    )
