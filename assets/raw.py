"""Raw: every delivery unchanged, once, with who sent it, when it came and what it states.

Belongs here: from the inbox into `raw_<channel>__<feed>` and the log of deliveries. Does
not: reading a form (`assets.adapters`) or interpreting a row (`assets.base`).

Exactly once: the rows of a file are appended in one commit, then its bad lines, then the
row of the delivery log. A run that dies in between finds the rows by their delivery on the
next run and only writes what is missing. A file whose bytes were accepted before is left
alone, unless its manifest states something else than the last one did. A row that says what
the last row of its key said is not kept a second time; a row that returns to an earlier
content is, because it is news.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl
import polars_hash

from assets.adapters import BadLine, Delivered, DeliveryError, read_delivery
from assets.calendar import SHANGHAI, legal_day
from assets.channels import PERSONAL_READS, Channel, Deletion
from assets.channels import Feed as FeedModel
from assets.declaration import INSTANT, Column, Layer, Mode, Sensitivity, Table
from assets.identifiers import usc_fault
from assets.manifest import Manifest, stated
from assets.refresh import (
    absent_rows,
    live_rows,
    marked,
    require_few_deletions,
    require_usual_size,
)
from assets.sources.inbox import MANIFEST_SUFFIX, Content, Inbox, Listed
from assets.store import SnapshotConflict, Store
from assets.tables import common, intake
from assets.tables.intake import Failure

BATCH_ROWS = 1_000_000
"""Rows taken in with one commit; bounds the memory of a first load."""
_STAGE = "take_in"
_TURNS = 5
CORRECTION = "correction-"
"""Begins the third part of the id of a delivery by which a steward corrects one row."""
_MICROSECOND = timedelta(microseconds=1)


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
class _File:
    """A finished file of the inbox."""

    listed: Listed
    manifest: Manifest | None
    """None: it has none, or one that cannot be read."""

    @property
    def order(self) -> tuple[datetime, str]:
        sent_at = self.listed.written_at if self.manifest is None else self.manifest.sent_at
        return sent_at, self.listed.name


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A file that has been read."""

    file: _File
    delivery_id: str
    digest: str
    delivered: Delivered
    error: DeliveryError | None = None
    is_restated: bool = False
    """The bytes were accepted before; only the manifest is new."""
    absent: pl.DataFrame | None = None
    """Raw rows that a full refresh shows to be gone (`assets.refresh.absent_rows`)."""

    def may_delete(self, feed: FeedModel) -> bool:
        """Whether it may say that rows are no more."""
        if self.error is not None or self.file.manifest is None:
            return False
        by_mark = isinstance(feed.deletion, Deletion)
        return by_mark or (feed.deletion == "absence" and self.file.manifest.is_refresh)


def raw_table(channel: Channel, feed: str) -> Table:
    """The append-only table of everything a feed ever delivered, as it came."""
    declared = channel.feeds[feed]
    personal = {field.source for field in declared.fields if field.read in PERSONAL_READS}
    return Table(
        name=f"raw_{channel.channel}__{feed}",
        layer=Layer.RAW,
        mode=Mode.LOG,
        zh=f"{declared.zh}（原始）",
        en=f"{declared.en}, as delivered",
        key=("delivery_id", "row_no"),
        source=channel.owner_zh,
        columns=(
            *common.provenance(),
            Column(
                name="row_hash",
                dtype=pl.Int64(),
                nullable=False,
                zh="行摘要",
                en="XXH3 digest of the source columns, 64 bits",
            ),
            *(
                Column(
                    name=source,
                    dtype=pl.String(),
                    source=source,
                    zh=source,
                    en=f"{source}, as delivered",
                    sensitivity=(
                        Sensitivity.PERSONAL if source in personal else Sensitivity.INTERNAL
                    ),
                )
                for source in declared.columns
            ),
        ),
    )


def is_correction() -> pl.Expr:
    """Whether a delivery is a steward's correction of one row."""
    return pl.col("delivery_id").str.contains(f".{CORRECTION}", literal=True)


def take_in(
    store: Store,
    channel: Channel,
    feed: str,
    inbox: Inbox | Path,
    now: datetime,
    *,
    sent_on: date | None = None,
) -> list[DeliveryReport]:
    """Takes every finished new file of a feed into its raw table, in order of sending.

    A file that cannot be used is logged as failed, with why and the remedy, and the rest goes
    on; it is tried again on the next run, so that mending its manifest or our channel file is
    enough. Files accepted before give no report.

    Args:
        store: the lakehouse.
        channel: the sender.
        feed: name of its feed.
        inbox: deliveries; the feed's files are in `<channel>/<feed>/`.
        now: the present instant, UTC.
        sent_on: only what was sent on this day, each file looked at anew (default: all that is
            new).
    """
    known = (
        store.scan(intake.DELIVERY)
        .filter(
            pl.col("channel") == channel.channel,
            pl.col("feed") == feed,
            pl.col("status") == "accepted",
        )
        .select("delivery_id", "received_at", "manifest_json", "file_name", "file_version")
        .collect()
        .sort("received_at")
    )
    accepted: dict[str, list[Manifest]] = {}
    for delivery_id, manifest in known.select("delivery_id", "manifest_json").iter_rows():
        accepted.setdefault(delivery_id, []).append(Manifest.model_validate_json(manifest))
    read = set(known.select("file_name", "file_version").iter_rows()) if sent_on is None else set()
    place = inbox if isinstance(inbox, Inbox) else Inbox(inbox)
    reports: list[DeliveryReport] = []
    batch: list[_Arrival] = []
    for found in _arrivals(channel, feed, place, accepted, read, sent_on):
        arrival = found
        if arrival.may_delete(channel.feeds[feed]):
            if channel.feeds[feed].deletion == "absence":
                # What is gone shows only against everything that came before.
                reports += _keep(store, channel, feed, batch, now)
                batch = []
            arrival = _with_absences(store, channel, feed, arrival, now)
            if arrival.error is not None:
                accepted[arrival.delivery_id].pop()
        batch.append(arrival)
        if sum(a.delivered.row_count for a in batch) >= BATCH_ROWS or arrival.absent is not None:
            reports += _keep(store, channel, feed, batch, now)
            batch = []
    return reports + _keep(store, channel, feed, batch, now)


def note_failure(
    store: Store, channel: Channel, feed: str, name: str, error: DeliveryError, now: datetime
) -> DeliveryReport:
    """Logs a delivery that failed before a byte of it was in the inbox.

    Args:
        store: the lakehouse.
        channel: the sender.
        feed: name of its feed.
        name: of the file that it would have become, different for every attempt.
        error: why it failed.
        now: the present instant, UTC.
    """
    listed = Listed(name=name, path=name, e_tag="", written_at=now)
    delivery_id = f"{channel.channel}.{feed}.{sha256(name.encode()).hexdigest()[:16]}"
    nothing = sha256().hexdigest()
    failed = _Arrival(_File(listed, None), delivery_id, nothing, Delivered(pl.DataFrame()), error)
    [report] = _keep(store, channel, feed, [failed], now)
    return report


def _with_absences(
    store: Store, channel: Channel, feed: str, arrival: _Arrival, now: datetime
) -> _Arrival:
    """The arrival with what it deletes by silence, or failed if it deletes too much.

    A refresh with lines that cannot be split shows nothing to be gone: any might be in them.
    """
    declared, manifest = channel.feeds[feed], arrival.file.manifest
    assert manifest is not None
    delivered, absent = arrival.delivered, None
    if declared.deletion == "absence" and not delivered.bad:
        known = store.scan(raw_table(channel, feed))
        absent = absent_rows(store, known, channel, feed, delivered.frame, manifest)
    count = marked(delivered.frame, declared, now) if absent is None else absent.height
    live = live_rows(store, declared, raw_table(channel, feed))
    try:
        require_few_deletions(count, live, manifest)
    except DeliveryError as error:
        return replace(arrival, delivered=Delivered(pl.DataFrame()), error=error)
    return replace(arrival, absent=absent)


# -- reading -------------------------------------------------------------------------


def _arrivals(
    channel: Channel,
    feed: str,
    inbox: Inbox,
    accepted: dict[str, list[Manifest]],
    read: set[tuple[str, str]],
    sent_on: date | None,
) -> Iterator[_Arrival]:
    """The new files; one that was accepted and has not been written since is not read again."""
    declared = channel.feeds[feed]
    listed = inbox.listed(channel.channel, feed, declared)
    new = [file for file in listed if (file.name, file.version) not in read]
    for file in sorted((_File(one, _told(inbox, one)) for one in new), key=lambda one: one.order):
        if sent_on is not None and legal_day(file.order[0]) != sent_on:
            continue
        came = inbox.read(file.listed, declared)
        if came is None:
            continue
        delivery_id = f"{channel.channel}.{feed}.{_identity(came, file.manifest)[:16]}"
        before = accepted.setdefault(delivery_id, [])
        is_stated_once = declared.complete_when != "manifest"
        is_news = file.manifest is not None and file.manifest.is_news_after(before)
        if before and not (is_stated_once or is_news):
            continue
        try:
            manifest, delivered = _checked(inbox, file, came, declared)
            earlier = [one for told in accepted.values() for one in told]
            require_usual_size(manifest, declared, earlier)
        except DeliveryError as error:
            nothing = Delivered(pl.DataFrame())
            yield _Arrival(file, delivery_id, came.sha256, nothing, error)
            continue
        if before and not manifest.is_news_after(before):
            continue
        is_restated = bool(before)
        before.append(manifest)
        taken = replace(file, manifest=manifest)
        yield _Arrival(taken, delivery_id, came.sha256, delivered, is_restated=is_restated)


def _identity(came: Content, manifest: Manifest | None) -> str:
    """What makes a file another delivery: its bytes; of a full refresh, the instant too.

    A refresh says how things stand when it is sent: with the bytes of an earlier one it says
    that they stand as they did then.
    """
    if manifest is None or not manifest.is_refresh:
        return came.sha256
    return sha256(f"{came.sha256} {manifest.sent_at.isoformat()}".encode()).hexdigest()


def _told(inbox: Inbox, file: Listed) -> Manifest | None:
    is_manifest = file.told_by is not None and file.told_by.endswith(MANIFEST_SUFFIX)
    return stated(inbox.told(file)) if is_manifest else None


def _checked(
    inbox: Inbox, file: _File, came: Content, feed: FeedModel
) -> tuple[Manifest, Delivered]:
    """What is stated about a file, and its rows, which are as many as stated."""
    manifest = file.manifest
    is_told = feed.complete_when == "manifest"
    if is_told and (manifest is None or (feed.is_monthly and not manifest.periods)):
        raise DeliveryError(
            Failure.MANIFEST,
            "交换清单缺项或格式不对；请按约定重写清单后再送",
            "the manifest lacks a member or is malformed (a monthly feed names its periods); "
            "write it again",
        )
    if came.error is not None:
        raise came.error
    delivered = read_delivery(came.content, feed)
    if manifest is None:
        assert feed.states is not None
        rows = _counted(inbox.told(file.listed))
        manifest = Manifest(
            rows=delivered.row_count if rows is None else rows,
            sent_at=file.listed.written_at,
            region_code=feed.states.region_code,
            is_complete=feed.states.is_complete,
            as_of=file.listed.written_at.astimezone(SHANGHAI).date() - timedelta(days=1),
        )
    if delivered.row_count != manifest.rows:
        raise DeliveryError(
            Failure.COUNT,
            f"清单所列{manifest.rows}行，实收{delivered.row_count}行；请核对后重送完整文件",
            f"the manifest states {manifest.rows} rows, the file has {delivered.row_count}; "
            "send the complete file",
        )
    return manifest, delivered


def _counted(marker: bytes | None) -> int | None:
    """The count of rows in a marker, where it holds one."""
    text = (marker or b"").strip()
    return int(text) if text.isdigit() and len(text) < 19 else None


# -- keeping -------------------------------------------------------------------------


def _keep(
    store: Store, channel: Channel, feed: str, batch: list[_Arrival], now: datetime
) -> list[DeliveryReport]:
    if not batch:
        return []
    table = raw_table(channel, feed)
    good = [a for a in batch if a.error is None and not a.is_restated]
    kept = _append_rows(store, table, channel.feeds[feed], good, now) if good else {}
    restated = [a.delivery_id for a in batch if a.is_restated]
    if restated:
        mine = (pl.col("channel") == channel.channel) & (pl.col("feed") == feed)
        logged = next_instant(store.scan(intake.DELIVERY).filter(mine), now)
        later = max([logged, *(at + _MICROSECOND for at, _ in kept.values())])
        kept |= {d: (later + n * _MICROSECOND, 0) for n, d in enumerate(restated)}
    _set_bad_lines_apart(store, channel.feeds[feed], good, kept, now)
    _note_absences(store, channel, feed, batch, kept)
    reports = []
    for arrival in batch:
        rows = arrival.delivered.frame.height
        reports.append(
            DeliveryReport(
                delivery_id=arrival.delivery_id,
                channel=channel.channel,
                feed=feed,
                file_name=arrival.file.listed.name,
                status="accepted" if arrival.error is None else "failed",
                reason_code=None if arrival.error is None else arrival.error.code.value,
                error=None if arrival.error is None else str(arrival.error),
                row_count=arrival.delivered.row_count,
                repeated_count=rows - kept.get(arrival.delivery_id, (now, rows))[1],
                quarantined_count=len(arrival.delivered.bad),
            )
        )
    _log(store, batch, reports, kept, now)
    return reports


def _append_rows(
    store: Store, table: Table, feed: FeedModel, arrivals: list[_Arrival], now: datetime
) -> dict[str, tuple[datetime, int]]:
    """Appends what is new; returns received_at and rows kept of each delivery."""
    for _ in range(_TURNS):
        turn = store.turn(table, _STAGE)
        known = turn.scan()
        kept = _kept_before(known, [a.delivery_id for a in arrivals])
        start = next_instant(known, now)
        frames = []
        for arrival in arrivals:
            if arrival.delivery_id not in kept:
                frames.append(
                    arrival.delivered.frame.with_columns(
                        pl.lit(arrival.delivery_id).alias("delivery_id"),
                        pl.lit(start, INSTANT).alias("received_at"),
                    )
                )
                kept[arrival.delivery_id] = (start, 0)
                start += _MICROSECOND
        if not frames:
            return kept
        rows = pl.concat(frames).with_columns(row_hash=row_hashes(pl.concat(frames), feed.columns))
        gone = store.scan(intake.ABSENCE) if feed.deletion == "absence" else None
        news = _news(rows, known, feed, gone)
        try:
            turn.append(news)
        except SnapshotConflict:
            continue
        for delivery_id, count in news["delivery_id"].value_counts().iter_rows():
            kept[delivery_id] = (kept[delivery_id][0], count)
        return kept
    raise SnapshotConflict(
        f"{table.name}: another process kept taking in the same feed; run one at a time"
    )


def _kept_before(known: pl.LazyFrame, delivery_ids: list[str]) -> dict[str, tuple[datetime, int]]:
    """Rows that a run which died left behind, by delivery."""
    left = (
        known.filter(pl.col("delivery_id").is_in(delivery_ids))
        .group_by("delivery_id")
        .agg(pl.col("received_at").first(), pl.len())
        .collect()
    )
    return {row[0]: (row[1], row[2]) for row in left.iter_rows()}


def next_instant(known: pl.LazyFrame, now: datetime) -> datetime:
    """Now, or just after the last delivery of the feed: later news must win over earlier."""
    last = known.select(pl.col("received_at").max()).collect().item()
    return now if last is None else max(now, last + _MICROSECOND)


def row_hashes(rows: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    """A 64-bit digest of the source columns of every row, the same on every machine (XXH3)."""
    texts = pl.concat_str([pl.col(c).fill_null("\x00") for c in columns], separator="\x1f")
    digests = rows.select(text=texts).select(polars_hash.col("text").nchash.xxh3_64())
    return digests.to_series().reinterpret(signed=True).alias("row_hash")


def _news(
    rows: pl.DataFrame, known: pl.LazyFrame, feed: FeedModel, gone: pl.LazyFrame | None
) -> pl.DataFrame:
    """The rows that do not merely repeat the last row of their key.

    `gone` are the rows that a full refresh no longer had: one that returns is news.
    """
    hashes = rows["row_hash"]
    seen = known.filter(pl.col("row_hash").is_in(hashes.implode())).select("row_hash").collect()
    suspects = rows.filter(
        pl.col("row_hash").is_in(seen["row_hash"].implode()) | pl.col("row_hash").is_duplicated()
    )
    if suspects.is_empty():
        return rows
    key = list(feed.key_sources)
    # A row that came again after its correction by hand still says what it said before.
    known = known.filter(~is_correction())
    keys = suspects.select(key).unique()
    order = ["received_at", "row_no"]
    before = (
        known.select(*key, *order, "row_hash", "delivery_id")
        .join(keys.lazy(), on=key, how="semi", nulls_equal=True)
        .collect()
        .with_columns(is_known=pl.lit(True))
    )
    missed = before.clear()
    if gone is not None:
        told = gone.select(
            "gone_delivery_id", "gone_row_no", pl.col("received_at").alias("missed_at")
        )
        missed = before.join(
            told.collect(),
            left_on=["delivery_id", "row_no"],
            right_on=["gone_delivery_id", "gone_row_no"],
        ).select(
            *key,
            pl.col("missed_at").alias("received_at"),
            "row_no",
            pl.lit(None, pl.Int64).alias("row_hash"),
            "delivery_id",
            "is_known",
        )
    history = pl.concat(
        [
            before.drop("delivery_id"),
            missed.drop("delivery_id"),
            rows.select(*key, *order, "row_hash")
            .join(keys, on=key, how="semi", nulls_equal=True)
            .with_columns(is_known=pl.lit(False)),
        ]
    )
    repeats = (
        history.sort(order)
        .with_columns(before=pl.col("row_hash").shift(1).over(key))
        .filter(~pl.col("is_known"), pl.col("row_hash") == pl.col("before"))
        .select(order)
    )
    return rows.join(repeats, on=order, how="anti")


def _set_bad_lines_apart(
    store: Store,
    feed: FeedModel,
    arrivals: list[_Arrival],
    kept: dict[str, tuple[datetime, int]],
    now: datetime,
) -> None:
    rows = [
        {
            "delivery_id": arrival.delivery_id,
            "row_no": line.row_no,
            "target": feed.target,
            "received_at": kept.get(arrival.delivery_id, (now, 0))[0],
            "usc_code": _only_enterprise(line),
            "person_key": None,
            "reasons": [f"row:{line.reason}"],
            "typed_json": "{}",
            "raw_json": json.dumps({"line": line.text}, ensure_ascii=False),
            "key_json": None,
        }
        for arrival in arrivals
        for line in arrival.delivered.bad
    ]
    if not rows:
        return
    apart = pl.DataFrame(rows, schema=intake.QUARANTINE.schema)
    before = store.scan(intake.QUARANTINE).select("delivery_id", "row_no", "target").collect()
    store.append(
        intake.QUARANTINE, apart.join(before, on=["delivery_id", "row_no", "target"], how="anti")
    )


def _note_absences(
    store: Store,
    channel: Channel,
    feed: str,
    arrivals: list[_Arrival],
    kept: dict[str, tuple[datetime, int]],
) -> None:
    for arrival in arrivals:
        if arrival.absent is None or arrival.absent.is_empty():
            continue
        rows = arrival.absent.with_columns(
            channel=pl.lit(channel.channel),
            feed=pl.lit(feed),
            delivery_id=pl.lit(arrival.delivery_id),
            received_at=pl.lit(kept[arrival.delivery_id][0], INSTANT),
        )
        store.append(intake.ABSENCE, rows)


def _only_enterprise(line: BadLine) -> str | None:
    """The one sound credit code in a broken line, so that its row stays an open question there."""
    found = pl.Series("c", [line.text]).str.extract_all(r"[0-9A-HJ-NPQRTUWXY]{18}").explode()
    sound = found.drop_nulls().unique().to_frame().filter(usc_fault(pl.col("c")).is_null())
    return sound.item() if sound.height == 1 else None


def _log(
    store: Store,
    batch: list[_Arrival],
    reports: list[DeliveryReport],
    kept: dict[str, tuple[datetime, int]],
    now: datetime,
) -> None:
    rows = pl.DataFrame(
        [
            {
                "delivery_id": report.delivery_id,
                "channel": report.channel,
                "feed": report.feed,
                "file_name": report.file_name,
                "file_version": arrival.file.listed.version,
                "file_sha256": arrival.digest,
                "received_at": kept.get(report.delivery_id, (now, 0))[0],
                "manifest_json": None
                if arrival.file.manifest is None
                else arrival.file.manifest.model_dump_json(),
                "status": report.status,
                "reason_code": report.reason_code,
                "error": report.error,
                "row_count": report.row_count,
                "repeated_count": report.repeated_count,
                "quarantined_count": report.quarantined_count,
            }
            for arrival, report in zip(batch, reports, strict=True)
        ],
        schema=intake.DELIVERY.schema,
    )
    for _ in range(_TURNS):
        turn = store.turn(intake.DELIVERY, _STAGE)
        logged = turn.scan().select("delivery_id", "manifest_json", "status", "error").collect()
        fresh = rows.join(logged, on=logged.columns, how="anti", nulls_equal=True)
        try:
            turn.append(fresh)
        except SnapshotConflict:
            continue
        return
    raise SnapshotConflict(
        f"{intake.DELIVERY.name}: other feeds kept writing; run the collection again"
    )
