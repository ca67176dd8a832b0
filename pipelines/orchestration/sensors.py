"""The sensors: new deliveries in the inbox, and automation for what is downstream.

Belongs here: noticing. Does not: reading a delivery (`assets.collection`).
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import dagster as dg
from pydantic import BaseModel, ConfigDict, Field

from assets.channels import Channel, Feed
from assets.intake.raw import raw_table
from assets.lake.store import Store
from assets.sources.inbox import Inbox, Listed
from assets.sources.manifest import Manifest, stated
from assets.tables import intake
from pipelines.office import Office
from pipelines.orchestration.jobs import COLLECTING, DECIDING
from pipelines.waiting import Waiting


class Noticed(BaseModel):
    """The sensor's cursor: what it has seen. One of an older form tells nothing, which is safe."""

    model_config = ConfigDict(frozen=True)
    told: dict[str, str] = Field(default_factory=dict)
    """Fingerprint of what was asked for, or is logged, by raw table."""
    waiting: Waiting | None = None


def delivery_sensor(channels: Sequence[Channel]) -> dg.SensorDefinition:
    """Takes in the feeds whose finished deliveries have changed since it last looked.

    A delivery that the log has, taken in by a run that somebody started, is not news. News wait
    for one another (`pipelines.waiting`), so that a night is one run; but not applications.
    """
    feeds = {
        (channel.channel, feed): raw_table(channel, feed).name
        for channel in channels
        for feed in channel.feeds
    }
    models = {
        (channel.channel, name): feed
        for channel in channels
        for name, feed in channel.feeds.items()
    }
    urgent = {feeds[key] for key, feed in models.items() if feed.target == intake.APPLICATION.name}

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
        seen = Noticed.model_validate_json(context.cursor or "{}")
        listed = {key: office.inbox.listed(*key, models[key]) for key in feeds}
        now = {raw: fingerprint(listed[key]) for key, raw in feeds.items()}
        changed = [key for key, raw in feeds.items() if now[raw] and now[raw] != seen.told.get(raw)]
        if changed:
            log = Logged.of(office.store)
            changed = [
                key
                for key in changed
                if any(log.lacks(office.inbox, models[key], key, file) for file in listed[key])
            ]
        news = {feeds[key]: now[feeds[key]] for key in changed}
        asked = {raw: told for raw, told in news.items() if raw in urgent}
        at = time.time()  # real time, as files are written in it
        waiting = office.settings.patience.waiting(
            seen.waiting, {raw: told for raw, told in news.items() if raw not in urgent}, at
        )
        if waiting is not None and office.settings.patience.is_over(waiting, at):
            asked |= waiting.news
            waiting = None
        left = {} if waiting is None else waiting.news
        told = {raw: seen.told.get(raw, "") if raw in left else one for raw, one in now.items()}
        cursor = Noticed(told=told, waiting=waiting).model_dump_json()
        if not asked:
            reason = (
                f"等待本批到齐 {len(left)} feeds have news and wait for more"
                if left
                else "没有新的交换批次 no new finished delivery"
            )
            return dg.SensorResult(skip_reason=reason, cursor=cursor)
        request = dg.RunRequest(
            run_key=json.dumps(dict(sorted(asked.items()))),
            asset_selection=[dg.AssetKey(name) for name in sorted(asked)],
        )
        return dg.SensorResult(run_requests=[request], cursor=cursor)

    return new_deliveries


@dataclass(frozen=True, slots=True)
class Logged:
    """The deliveries of the log, accepted or failed."""

    versions: frozenset[tuple[str, str, str, str]]
    """Channel, feed, name and version of files."""
    statements: frozenset[tuple[str, Manifest | None]]
    """SHA-256 of a file, and what its manifest states; None where that cannot be read."""

    @classmethod
    def of(cls, store: Store) -> "Logged":
        """From the log of deliveries."""
        log = store.scan(intake.DELIVERY).collect()
        files = log.select("channel", "feed", "file_name", "file_version")
        told = log.select("file_sha256", "manifest_json")
        return cls(
            frozenset(files.iter_rows()),
            frozenset((digest, stated(manifest)) for digest, manifest in told.iter_rows()),
        )

    def lacks(self, inbox: Inbox, feed: Feed, key: tuple[str, str], file: Listed) -> bool:
        """Whether a file is news; one sent again is not, though the log has no row of it."""
        if (*key, file.name, file.version) in self.versions:
            return False
        came = inbox.read(file, feed)
        told = stated(inbox.told(file))
        return came is not None and (came.sha256, told) not in self.statements


def fingerprint(files: list[Listed]) -> str:
    """Changes when a finished delivery comes, goes or is written again."""
    if not files:
        return ""
    told = "\n".join(f"{file.name} {file.version}" for file in files)
    return sha256(told.encode()).hexdigest()[:16]


def automation_sensor() -> dg.AutomationConditionSensorDefinition:
    """Runs what is downstream of new data; on as soon as the daemon is."""
    return dg.AutomationConditionSensorDefinition(
        "downstream",
        target=dg.AssetSelection.groups(*COLLECTING, *DECIDING),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description="下游自动办理 What is downstream of new data, as soon as all of it is there.",
    )
