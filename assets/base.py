"""Base: what raw rows mean, worked into the four base databases, each delivery once.

Belongs here: which deliveries are still to do for a target, and writing what comes of them:
sound rows by key (the latest received wins), bad ones to quarantine, completeness, the
digest. Does not: reading (`assets.rows`) or judging (`assets.quarantine`) a row.

The digest is written last. A run that dies before it does the same work again and finds
most of it done: an upsert of what is there makes no version, quarantine rows are known by
delivery and row. Completeness is stated after the rows it speaks of, never before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from assets.channels import PROVENANCE, TARGETS, Channel, feeds_into, load_channels
from assets.declaration import Mode, Table
from assets.manifest import Manifest
from assets.quarantine import KEY_CONFLICT, Split, quarantine_rows, split, without_copies
from assets.raw import BATCH_ROWS, raw_table
from assets.row_checks import is_complete
from assets.rows import typed_rows
from assets.store import SnapshotConflict, Store
from assets.tables import intake
from assets.tables.personnel import PERSON

STATE = date(1, 1, 1)
"""Period of a feed that delivers a state, not months."""
_STAGE = "build_base"
_TURNS = 5
_ROW = ["delivery_id", "row_no"]
_DELIVERY = ["delivery_id", "received_at"]


@dataclass(frozen=True, slots=True)
class BaseReport:
    """What a target took from the deliveries that were waiting for it."""

    target: str
    deliveries: int
    row_count: int
    quarantined_count: int
    version: int | None
    """Delta version of the target afterwards; None while nothing was ever written."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Deliveries of one feed that are worked in together."""

    channel: Channel
    feed: str
    log: pl.DataFrame
    """Their rows of `intake__delivery`, in the order received."""

    def raw(self, store: Store) -> pl.DataFrame:
        """Their raw rows, in the order received."""
        rows = store.scan(raw_table(self.channel, self.feed))
        log = self.log.lazy().select(_DELIVERY)
        return (
            rows.filter(pl.col("delivery_id").is_in(self.log["delivery_id"].implode()))
            # A delivery stated anew brings no rows again.
            .join(log, on=_DELIVERY, how="semi")
            .collect()
            .sort("received_at", "row_no")
        )


def build_base(
    store: Store,
    target: Table,
    pseudonym_key: bytes,
    now: datetime,
    channels: Mapping[str, Channel] | None = None,
) -> BaseReport:
    """Works every delivery that a target has not digested yet into it.

    Args:
        store: the lakehouse.
        target: a base table, or the log of applications.
        pseudonym_key: secret from which the keys of persons are made.
        now: the present instant, UTC.
        channels: the senders (default: those declared).
    """
    senders = load_channels() if channels is None else channels
    deliveries = rows = apart = 0
    for batch in _waiting(store, target, senders):
        count, bad = _digest(store, batch, target, pseudonym_key, now)
        deliveries += batch.log.height
        rows += count
        apart += bad
    return BaseReport(target.name, deliveries, rows, apart, store.version(target))


def candidates(
    store: Store,
    target: Table,
    pseudonym_key: bytes,
    delivery_ids: Collection[str],
    channels: Mapping[str, Channel] | None = None,
) -> pl.DataFrame:
    """The typed rows that deliveries give a target, before bad ones are set apart.

    In the target's columns, unreadable values null. A row that a later one of these
    deliveries replaces is left out, so that a key that stands twice is a conflict.
    """
    senders = load_channels() if channels is None else channels
    wanted = set(delivery_ids)
    accepted = _accepted(store).filter(pl.col("delivery_id").is_in(wanted))
    frames = [target.empty()]
    for batch in _batches(accepted, feeds_into(senders, target)):
        feed = batch.channel.feeds[batch.feed]
        raw = batch.raw(store)
        typed = typed_rows(raw, feed, target, pseudonym_key)
        told = without_copies(typed, raw, target).sort("received_at", "row_no", maintain_order=True)
        frames.append(told.select(target.schema.names()))
    rows = pl.concat(frames)
    last = pl.col("received_at") == pl.col("received_at").max().over(target.key)
    return rows.filter(~is_complete(target.key) | last)


# -- what is waiting -----------------------------------------------------------------


def _waiting(store: Store, target: Table, senders: Mapping[str, Channel]) -> Iterator[_Batch]:
    done = store.scan(intake.DIGEST).filter(pl.col("target") == target.name)
    waiting = _accepted(store).join(done.select(_DELIVERY).collect(), on=_DELIVERY, how="anti")
    return _batches(waiting, feeds_into(senders, target))


def _accepted(store: Store) -> pl.DataFrame:
    return store.scan(intake.DELIVERY).filter(pl.col("status") == "accepted").collect()


def _batches(log: pl.DataFrame, feeding: Iterable[tuple[Channel, str]]) -> Iterator[_Batch]:
    """Deliveries of a feed, in order, in portions that bound memory."""
    for channel, feed in feeding:
        mine = log.filter(pl.col("channel") == channel.channel, pl.col("feed") == feed)
        portioned = mine.sort("received_at").with_columns(
            portion=pl.col("row_count").cum_sum() // BATCH_ROWS
        )
        for portion in portioned.partition_by("portion", maintain_order=True):
            yield _Batch(channel, feed, portion.drop("portion"))


# -- working it in -------------------------------------------------------------------


def _digest(
    store: Store, batch: _Batch, target: Table, pseudonym_key: bytes, now: datetime
) -> tuple[int, int]:
    """Works a batch in; returns its rows for the target, and how many were set apart."""
    feed = batch.channel.feeds[batch.feed]
    raw = batch.raw(store)
    typed = typed_rows(raw, feed, target, pseudonym_key)
    parted = split(typed, raw, target)
    if target is PERSON:
        owned = [f.to for f in feed.fields if f.to is not None and feed.target == PERSON.name]
        _write_persons(store, parted.good, [name for name in owned if name != "person_key"])
    elif target.mode is Mode.LOG:
        odd = _append_news(store, target, parted.good)
        parted = Split(parted.good, pl.concat([parted.bad, odd], how="diagonal"))
    else:
        told = None
        if target.name == feed.measures_target:
            told = _units_told(typed_rows(raw, feed, TARGETS[feed.target], pseudonym_key))
        _upsert_latest(store, target, parted.good, told)
    _set_apart(store, quarantine_rows(parted.bad, raw, target))
    if feed.declares_coverage and target.name in (feed.target, feed.measures_target):
        _state_coverage(store, batch, target)
    _mark(store, batch, target, (typed, parted.bad), now)
    return typed.height, parted.bad.height


def _upsert_latest(
    store: Store, target: Table, good: pl.DataFrame, told: pl.DataFrame | None = None
) -> None:
    """Sets the rows by key, the latest received; `told` are wholes that are stated anew."""
    key = list(target.key)
    replacing = None
    if told is not None:
        replacing = told.select("unit_code")
        stale = good.join(told, on="unit_code").filter(pl.col("received_at") < pl.col("told_at"))
        good = good.join(stale, on=key + _ROW, how="anti")
    if good.select(key).is_duplicated().any():
        good = good.sort("received_at", "row_no").unique(key, keep="last", maintain_order=True)
    store.upsert(target, good, replacing)


def _units_told(units: pl.DataFrame) -> pl.DataFrame:
    """Units whose measures a wide delivery states anew, and when: what it leaves out is gone.

    Only where unit and enterprise could be read; otherwise the last good state stays.
    """
    sound = units.filter(pl.col("unit_code").is_not_null() & pl.col("usc_code").is_not_null())
    return sound.group_by("unit_code").agg(pl.col("received_at").max().alias("told_at"))


def _write_persons(store: Store, persons: pl.DataFrame, owned: list[str]) -> None:
    """Sets what a feed knows of persons; a feed about other things only makes them known.

    Args:
        store: the lakehouse.
        persons: sound rows.
        owned: columns that this feed alone fills.
    """
    latest = persons.unique("person_key", keep="last", maintain_order=True)
    known = store.scan(PERSON).join(latest.lazy().select("person_key"), on="person_key", how="semi")
    before = known.collect()
    fresh = latest.join(before, on="person_key", how="anti")
    told = before.join(
        latest.select("person_key", *PROVENANCE, *owned), on="person_key", suffix="_new"
    )
    differs = pl.any_horizontal(
        pl.lit(False), *(pl.col(c).ne_missing(pl.col(f"{c}_new")) for c in owned)
    )
    taken = [pl.col(f"{c}_new").alias(c) for c in (*PROVENANCE, *owned)]
    changed = told.filter(differs).with_columns(taken).select(PERSON.schema.names())
    store.upsert(PERSON, pl.concat([fresh, changed]))


def _append_news(store: Store, target: Table, good: pl.DataFrame) -> pl.DataFrame:
    """Adds to a log what it does not have; the first of a key stays.

    Returns the rows that say something else under a known key, with their reason: a log takes
    nothing back, and nothing is lost silently.
    """
    key = list(target.key)
    content = [name for name in target.schema if name not in (*key, *PROVENANCE)]
    rows = good.sort("received_at", "row_no")
    first = rows.unique(key, keep="first", maintain_order=True).select(target.schema.names())
    for _ in range(_TURNS):
        turn = store.turn(target, _STAGE)
        logged = turn.scan().join(rows.lazy().select(key), on=key, how="semi").collect()
        fresh = first.join(logged, on=key, how="anti")
        try:
            turn.append(fresh)
        except SnapshotConflict:
            continue
        known = pl.concat([logged, fresh]).select(*key, *content)
        odd = rows.join(known, on=[*key, *content], how="anti", nulls_equal=True)
        return odd.with_columns(reasons=pl.lit([KEY_CONFLICT]))
    raise SnapshotConflict(f"{target.name}: others kept writing; run the collection again")


def _set_apart(store: Store, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    on = [*_ROW, "target"]
    target = rows["target"][0]
    known = store.scan(intake.QUARANTINE).filter(
        pl.col("target") == target,
        pl.col("delivery_id").is_in(rows["delivery_id"].unique().implode()),
    )
    store.append(intake.QUARANTINE, rows.join(known.select(on).collect(), on=on, how="anti"))


def _state_coverage(store: Store, batch: _Batch, target: Table) -> None:
    feed = batch.channel.feeds[batch.feed]
    stated = [
        (delivery, Manifest.model_validate_json(delivery["manifest_json"]))
        for delivery in batch.log.iter_rows(named=True)
    ]
    rows = [
        {
            "target": target.name,
            "region_code": manifest.region_code,
            "period": period,
            "is_complete": manifest.is_complete,
            "as_of": manifest.as_of,
            "channel": batch.channel.channel,
            "delivery_id": delivery["delivery_id"],
            "row_no": 1,
            "received_at": delivery["received_at"],
        }
        for delivery, manifest in stated
        for period in (manifest.periods if feed.is_monthly else (STATE,))
    ]
    coverage = pl.DataFrame(rows, schema=intake.COVERAGE.schema)
    _upsert_latest(store, intake.COVERAGE, coverage)


def _mark(
    store: Store,
    batch: _Batch,
    target: Table,
    counts: tuple[pl.DataFrame, pl.DataFrame],
    now: datetime,
) -> None:
    def counted(rows: pl.DataFrame, name: str) -> pl.DataFrame:
        return rows.group_by(_DELIVERY).agg(pl.len().cast(pl.Int64).alias(name))

    typed, bad = counts
    marks = (
        batch.log.select(*_DELIVERY, target=pl.lit(target.name), digested_at=pl.lit(now))
        .join(counted(typed, "row_count"), on=_DELIVERY, how="left")
        .join(counted(bad, "quarantined_count"), on=_DELIVERY, how="left")
        .with_columns(pl.col("row_count", "quarantined_count").fill_null(0))
    )
    store.append(intake.DIGEST, marks)
