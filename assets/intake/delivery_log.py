"""The log of deliveries: what it knows of a feed's files, and what a collection adds to it.

Belongs here: rows of `intake__delivery` and the reports that say the same. Does not: reading files
(`assets.intake.deliveries`) or their rows (`assets.intake.taking`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

import polars as pl

from assets.channels import Channel, Feed
from assets.intake.deliveries import Arrival, read_by
from assets.intake.raw import MICROSECOND, next_instant
from assets.lake.store import SnapshotConflict, Store
from assets.sources.inbox import Listed
from assets.sources.manifest import Manifest
from assets.tables import intake
from assets.tables.intake import Failure

_STAGE = "take_in"
_TURNS = 5
_FILE = ["file_name", "file_version"]
_SAME = ["delivery_id", "manifest_json", "status", "error", *_FILE, "read_by"]
"""What makes two rows of the log say the same."""
_REPORTED = (
    *("status", "reason_code", "error"),
    *("row_count", "repeated_count", "quarantined_count"),
)
"""What the log says of a file that its report says."""
TAKEN = ("accepted", "repeated")
"""States of a file whose rows are held: it need not be read again."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of one file."""

    delivery_id: str
    channel: str
    feed: str
    file_name: str
    status: str
    reason_code: str | None
    error: str | None
    row_count: int
    repeated_count: int
    quarantined_count: int


@dataclass(frozen=True, slots=True)
class KnownFiles:
    """What the log knows of a feed's files, each by its name and version."""

    accepted: dict[str, list[Manifest]]
    """Manifests by the delivery that first brought their bytes, in the order they were taken in."""
    last: dict[str, str]
    """The digest of the bytes last accepted under each name."""
    taken: set[tuple[str, str]]
    """Whose rows are held."""
    failed: pl.DataFrame
    """Rows of the log of those that would fail again."""

    @property
    def failing(self) -> set[tuple[str, str]]:
        """Those that would fail again."""
        return set(self.failed.select(_FILE).iter_rows())

    def still_failed(self, listed: list[Listed]) -> list[DeliveryReport]:
        """Reports of files that failed before and still lie there as they did."""
        there = {(file.name, file.version) for file in listed}
        names = [field.name for field in fields(DeliveryReport)]
        return [
            DeliveryReport(**{name: row[name] for name in names})
            for row in self.failed.iter_rows(named=True)
            if (row["file_name"], row["file_version"]) in there
        ]

    def new_among(self, arrivals: list[Arrival]) -> list[Arrival]:
        """Those of whose files nothing is logged yet."""
        files = [one.file.listed for one in arrivals]
        return [
            arrival
            for arrival, file in zip(arrivals, files, strict=True)
            if (file.name, file.version) not in self.taken
        ]


def known_files(store: Store, channel: Channel, feed: str) -> KnownFiles:
    """What the log knows of the files of a feed."""
    logged = store.kept(intake.DELIVERY).filter(_of(channel, feed)).sort("received_at")
    accepted: dict[str, list[Manifest]] = {}
    known = logged.filter(pl.col("status") == "accepted")
    for delivery_id, digest, text in known.select(
        "delivery_id", "file_sha256", "manifest_json"
    ).iter_rows():
        manifest = Manifest.model_validate_json(text)
        # Every refresh is a delivery of its own, whatever its bytes.
        first = f"{channel.channel}.{feed}.{digest[:16]}"
        accepted.setdefault(delivery_id if manifest.is_refresh else first, []).append(manifest)
    taken = logged.filter(pl.col("status").is_in(TAKEN)).select(_FILE)
    last = dict(known.select("file_name", "file_sha256").iter_rows())
    return KnownFiles(
        accepted, last, set(taken.iter_rows()), _unreadable(logged, channel.feeds[feed])
    )


def _of(channel: Channel, feed: str) -> pl.Expr:
    return (pl.col("channel") == channel.channel) & (pl.col("feed") == feed)


def _unreadable(logged: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    """Rows of the log of files that failed, and would again as long as nothing of them changes.

    A refresh that is too short, or deletes too much, is so beside what else has come.
    """
    return logged.filter(
        pl.col("status") == "failed",
        pl.col("read_by") == read_by(feed),
        ~pl.col("reason_code").is_in([Failure.CLIFF.value, Failure.DELETIONS.value]),
    ).unique(_FILE, keep="last", maintain_order=True)


def note_repeated(
    store: Store, channel: Channel, feed: str, repeated: list[Arrival], now: datetime
) -> None:
    """Logs files that repeat a delivery, once that is logged; no row of them was read."""
    if not repeated:
        return
    begin = next_instant(store.scan(intake.DELIVERY).filter(_of(channel, feed)), now)
    nothing = {"row_count": 0, "repeated_count": 0, "quarantined_count": 0}
    _append(
        store,
        [
            _entry(channel, feed, arrival, begin + n * MICROSECOND)
            | {"status": "repeated", **nothing}
            for n, arrival in enumerate(repeated)
        ],
    )


def log(
    store: Store,
    channel: Channel,
    feed: str,
    taken: list[tuple[Arrival, DeliveryReport, datetime]],
) -> None:
    """Logs files that were read, each with its report and when it was received."""
    entries = [
        _entry(channel, feed, arrival, at) | {name: getattr(report, name) for name in _REPORTED}
        for arrival, report, at in taken
    ]
    _append(store, entries)


def _entry(
    channel: Channel, feed: str, arrival: Arrival, received_at: datetime
) -> dict[str, object]:
    file = arrival.file
    return {
        "delivery_id": arrival.delivery_id,
        "channel": channel.channel,
        "feed": feed,
        "file_name": file.listed.name,
        "file_version": file.listed.version,
        "read_by": read_by(channel.feeds[feed]),
        "file_sha256": arrival.digest,
        "received_at": received_at,
        "manifest_json": None if file.manifest is None else file.manifest.text,
    }


def _append(store: Store, entries: list[dict[str, object]]) -> None:
    rows = pl.DataFrame(entries, schema=intake.DELIVERY.schema)
    for _ in range(_TURNS):
        turn = store.turn(intake.DELIVERY, _STAGE)
        logged = turn.scan().select(_SAME).collect()
        fresh = rows.join(logged, on=logged.columns, how="anti", nulls_equal=True)
        try:
            turn.append(fresh)
        except SnapshotConflict:
            continue
        return
    raise SnapshotConflict(
        f"{intake.DELIVERY.name}: other feeds kept writing; run the collection again"
    )
