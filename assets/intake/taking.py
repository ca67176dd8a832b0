"""Taking in: every delivery unchanged, once, with who sent it, when it came and what it states.

Belongs here: from the inbox into `raw_<channel>__<feed>` and the log of deliveries. Does not:
reading a file (`assets.intake.deliveries`), what is news (`assets.intake.raw`) or what it means
(`assets.bases.base`).

Exactly once: the rows of a file are appended in one commit, then its bad lines, then the row of
the delivery log. A run that dies in between finds the rows by their delivery on the next run and
only writes what is missing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl

from assets.adapters import BadLine, Delivered, DeliveryError
from assets.channels import Channel, Feed
from assets.identifiers import usc_fault
from assets.intake.deliveries import Arrival, File, arrivals
from assets.intake.delivery_log import DeliveryReport, known_files, log, note_repeated
from assets.intake.late import when_told
from assets.intake.raw import (
    BATCH_ROWS,
    MICROSECOND,
    news_among,
    next_instant,
    raw_table,
    row_hashes,
)
from assets.intake.refresh import (
    absent_rows,
    live_rows,
    marked,
    require_every_city,
    require_few_deletions,
)
from assets.intake.repeats import note_repeats, outrun, repeat_table, told_again
from assets.lake.declaration import INSTANT
from assets.lake.store import SnapshotConflict, Store
from assets.sources.inbox import Inbox, Listed
from assets.tables import intake

_STAGE = "take_in"
_TURNS = 5


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
    on; it is read again once it, its manifest, our channel file or the code that reads it has
    changed, and reported as failed until then. Files accepted before give no report; one that
    comes under another name, or that the store lists anew, is logged as repeated, so that its bytes
    are not looked at again.

    Args:
        store: the lakehouse.
        channel: the sender.
        feed: name of its feed.
        inbox: deliveries; the feed's files are in `<channel>/<feed>/`.
        now: the present instant, UTC.
        sent_on: only what was sent on this day, each file looked at anew (default: all that is
            new).
    """
    place = inbox if isinstance(inbox, Inbox) else Inbox(inbox)
    before = known_files(store, channel, feed)
    accepted = before.accepted
    read: set[tuple[str, str]] = set()
    reports: list[DeliveryReport] = []
    if sent_on is None:
        reports += before.still_failed(place.listed(channel.channel, feed, channel.feeds[feed]))
        read = before.taken | before.failing
    batch: list[Arrival] = []
    repeated: list[Arrival] = []
    for found in arrivals(channel, feed, place, accepted, before.last, read, now, sent_on):
        if found.is_repeated:
            repeated.append(found)
            continue
        arrival = _of_every_city(store, channel, feed, found)
        if arrival.error is not None and found.error is None:
            accepted[arrival.known_by].pop()
        if arrival.may_delete(channel.feeds[feed]):
            if channel.feeds[feed].deletion == "absence":
                # What is gone shows only against everything that came before.
                reports += _keep(store, channel, feed, batch, now)
                batch = []
            arrival = _with_absences(store, channel, feed, arrival, now)
            if arrival.error is not None:
                accepted[arrival.known_by].pop()
        batch.append(arrival)
        if sum(a.delivered.row_count for a in batch) >= BATCH_ROWS or arrival.absent is not None:
            reports += _keep(store, channel, feed, batch, now)
            batch = []
    reports += _keep(store, channel, feed, batch, now)
    note_repeated(store, channel, feed, before.new_among(repeated), now)
    return reports


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
    failed = Arrival(File(listed, None), delivery_id, nothing, Delivered(pl.DataFrame()), error)
    [report] = _keep(store, channel, feed, [failed], now)
    return report


def _of_every_city(store: Store, channel: Channel, feed: str, arrival: Arrival) -> Arrival:
    """The arrival, or failed if a city that the feed has told of has fallen silent in it."""
    if arrival.error is not None or arrival.file.manifest is None:
        return arrival
    known = store.scan(raw_table(channel, feed))
    manifest, rows = arrival.file.manifest, arrival.delivered.frame
    try:
        require_every_city(manifest, channel.feeds[feed], rows, known)
    except DeliveryError as error:
        return replace(arrival, delivered=Delivered(pl.DataFrame()), error=error)
    return arrival


def _with_absences(
    store: Store, channel: Channel, feed: str, arrival: Arrival, now: datetime
) -> Arrival:
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


def _keep(
    store: Store, channel: Channel, feed: str, batch: list[Arrival], now: datetime
) -> list[DeliveryReport]:
    if not batch:
        return []
    good = [a for a in batch if a.error is None and not a.is_restated]
    mine = (pl.col("channel") == channel.channel) & (pl.col("feed") == feed)
    known = store.kept(intake.DELIVERY).filter(mine)
    news = _append_rows(store, channel, feed, known, good, now) if good else {}
    kept = _kept(store, channel, feed, batch, news, now)
    instants = [received_at for received_at, _ in kept]
    _set_bad_lines_apart(store, channel.feeds[feed], good, news, now)
    _note_absences(store, channel, feed, batch, instants)
    reports = []
    for arrival, (_, count) in zip(batch, kept, strict=True):
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
                repeated_count=arrival.delivered.frame.height - count,
                quarantined_count=len(arrival.delivered.bad),
            )
        )
    log(store, channel, feed, [*zip(batch, reports, instants, strict=True)])
    return reports


def _kept(
    store: Store,
    channel: Channel,
    feed: str,
    batch: list[Arrival],
    news: dict[str, tuple[datetime, int]],
    now: datetime,
) -> list[tuple[datetime, int]]:
    """`received_at` and rows kept of each arrival of the batch; `news` is from `_append_rows`.

    Who states more about bytes that are known is later than they, also where both came at once.
    """
    kept = [news.get(a.delivery_id, (now, a.delivered.frame.height)) for a in batch]
    restated = [place for place, arrival in enumerate(batch) if arrival.is_restated]
    if restated:
        mine = (pl.col("channel") == channel.channel) & (pl.col("feed") == feed)
        logged = next_instant(store.scan(intake.DELIVERY).filter(mine), now)
        later = max([logged, *(at + MICROSECOND for at, _ in news.values())])
        for n, place in enumerate(restated):
            kept[place] = (later + n * MICROSECOND, 0)
    return kept


def _append_rows(
    store: Store,
    channel: Channel,
    name: str,
    logged: pl.DataFrame,
    arrivals: list[Arrival],
    now: datetime,
) -> dict[str, tuple[datetime, int]]:
    """Appends what is new; returns received_at and rows kept of each delivery.

    `logged` are the rows of `intake__delivery` of the feed `name`.
    """
    feed, table = channel.feeds[name], raw_table(channel, name)
    for _ in range(_TURNS):
        turn = store.turn(table, _STAGE)
        known = turn.scan()
        kept = _kept_before(known, [a.delivery_id for a in arrivals])
        start = max(next_instant(known, now), next_instant(logged.lazy(), now))
        frames = []
        coming = []
        for arrival in arrivals:
            if arrival.delivery_id not in kept:
                frames.append(
                    arrival.delivered.frame.with_columns(
                        pl.lit(arrival.delivery_id).alias("delivery_id"),
                        pl.lit(start, INSTANT).alias("received_at"),
                    )
                )
                kept[arrival.delivery_id] = (start, 0)
                coming.append(_as_logged(arrival, start))
                start += MICROSECOND
        if not frames:
            return kept
        rows = pl.concat(frames)
        rows = rows.with_columns(row_hash=row_hashes(rows, feed))
        gone = store.scan(intake.ABSENCE) if feed.deletion == "absence" else None
        told = when_told(pl.concat([logged.select(coming[0].columns), *coming]))
        again = told_again(store, channel, name, outrun(told))
        news = news_among(rows, known, feed, gone, told, again)
        note_repeats(store, repeat_table(channel, name), rows, news, _unlogged(logged))
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


def _unlogged(logged: pl.DataFrame) -> pl.Expr:
    """Whether a row may be of a delivery that the log does not have yet, of those of its feed."""
    last = logged["received_at"].max()
    return pl.lit(True) if last is None else pl.col("received_at") > last


def _as_logged(arrival: Arrival, received_at: datetime) -> pl.DataFrame:
    """What the log will say of when an arrival came and was told."""
    manifest = arrival.file.manifest
    entry = {
        "delivery_id": arrival.delivery_id,
        "file_name": arrival.file.listed.name,
        "received_at": received_at,
        "manifest_json": None if manifest is None else manifest.text,
        "status": "accepted",
    }
    schema = intake.DELIVERY.schema
    return pl.DataFrame([entry], schema={name: schema[name] for name in entry})


def _kept_before(known: pl.LazyFrame, delivery_ids: list[str]) -> dict[str, tuple[datetime, int]]:
    """Rows that a run which died left behind, by delivery."""
    left = (
        known.filter(pl.col("delivery_id").is_in(delivery_ids))
        .group_by("delivery_id")
        .agg(pl.col("received_at").first(), pl.len())
        .collect()
    )
    return {row[0]: (row[1], row[2]) for row in left.iter_rows()}


def _set_bad_lines_apart(
    store: Store,
    feed: Feed,
    arrivals: list[Arrival],
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
    arrivals: list[Arrival],
    instants: list[datetime],
) -> None:
    for arrival, received_at in zip(arrivals, instants, strict=True):
        if arrival.absent is None or arrival.absent.is_empty():
            continue
        rows = arrival.absent.with_columns(
            channel=pl.lit(channel.channel),
            feed=pl.lit(feed),
            delivery_id=pl.lit(arrival.delivery_id),
            received_at=pl.lit(received_at, INSTANT),
        )
        store.append(intake.ABSENCE, rows)


def _only_enterprise(line: BadLine) -> str | None:
    """The one sound credit code in a broken line, so that its row stays an open question there."""
    found = pl.Series("c", [line.text]).str.extract_all(r"[0-9A-HJ-NPQRTUWXY]{18}").explode()
    sound = found.drop_nulls().unique().to_frame().filter(usc_fault(pl.col("c")).is_null())
    return sound.item() if sound.height == 1 else None
