"""Base: what raw rows mean, worked into the four base databases, each delivery once.

Belongs here: which deliveries are still to do for a target, and the ledgers of what comes of
them: bad rows in quarantine, completeness, the digest. Does not: reading and writing what they
say (`assets.bases.saying`).

The digest is written last. A run that dies before it does the same work again and finds
most of it done: a row that is held is not taken again, quarantine rows are known by
delivery and row. Completeness is stated after the rows it speaks of, never before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock

import polars as pl

from assets.aliases import build_aliases
from assets.bases.claims import Teller, is_told_by_several, tellers
from assets.bases.quarantine import (
    KEY_CONFLICT,
    clearing_rows,
    keys_of,
    quarantine_rows,
    uncleared,
)
from assets.bases.rereading import retry_unknown
from assets.bases.saying import Batch, Said, news_of, read_batch, write_latest, write_settled
from assets.channels import PROVENANCE, Channel, feeds_into, load_channels
from assets.intake.raw import BATCH_ROWS
from assets.lake import history
from assets.lake.ahead import ahead
from assets.lake.declaration import Mode, Table
from assets.lake.store import SnapshotConflict, Store
from assets.sources.manifest import Manifest
from assets.tables import DERIVED, intake

STATE = date(1, 1, 1)
"""Period of a feed that delivers a state, not months."""
_STAGE = "build_base"
_ONE_WRITER = Lock()
"""The statements of completeness are a view, which all targets of a collection write."""
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
    if target in DERIVED:
        build_aliases(store, target)
        return BaseReport(target.name, 0, 0, 0, store.version(target))
    reader = store.twin()  # of the thread that works ahead
    waiting = (
        (batch, read_batch(reader, batch, target, pseudonym_key))
        for batch in _waiting(store, target, senders)
    )
    deliveries = rows = apart = 0
    for batch, said in _written(store, target, senders, ahead(waiting)):
        _set_apart(store, said.apart)
        _clear(store, target, batch, said)
        feed = batch.channel.feeds[batch.feed]
        if feed.declares_coverage and target.name in (feed.target, feed.measures_target):
            _state_coverage(store, batch, target)
        _mark(store, batch, target, said, now)
        deliveries += batch.log.height
        rows += int(said.counts["row_count"].sum())
        apart += said.bad.height
    retry_unknown(store, target, pseudonym_key, now, senders)
    return BaseReport(target.name, deliveries, rows, apart, store.version(target))


def _written(
    store: Store,
    target: Table,
    senders: Mapping[str, Channel],
    waiting: Iterable[tuple[Batch, Said]],
) -> Iterator[tuple[Batch, Said]]:
    """Each batch, once what it says of the target is written.

    Where several feeds tell of the target, all are heard before any is written: what was
    received first is worked in first, whoever sent it.
    """
    if is_told_by_several(senders, target):
        who = tellers(senders, target)
        heard = list(_heard(store, target, who, waiting))
        write_settled(store, target, who, [said for _, said in heard])
        yield from heard
        return
    for batch, said in waiting:
        if target.mode is not Mode.LOG:
            write_latest(store, target, said)
            yield batch, said
            continue
        odd = _append_news(store, target, said.good)
        bad = pl.concat([said.bad, odd], how="diagonal")
        apart = quarantine_rows(odd, batch.raw(store), target) if odd.height else said.apart.clear()
        yield batch, replace(said, bad=bad, apart=pl.concat([said.apart, apart]))


def _heard(
    store: Store, target: Table, who: list[Teller], waiting: Iterable[tuple[Batch, Said]]
) -> Iterator[tuple[Batch, Said]]:
    """What all batches say; of feeds that tell no value only keys not named before."""
    telling = {one.feed for one in who}
    seen: dict[str, pl.DataFrame] = {}
    for batch, said in waiting:
        if said.feed in telling:
            yield batch, said
            continue
        before = seen.get(said.feed, target.empty().select(target.key))
        fresh = news_of(store, target, said, before)
        seen[said.feed] = pl.concat([before, fresh.good.select(target.key)])
        yield batch, fresh


# -- what is waiting -----------------------------------------------------------------


def _waiting(store: Store, target: Table, senders: Mapping[str, Channel]) -> Iterator[Batch]:
    feeding = feeds_into(senders, target)
    if not feeding:
        return iter(())
    accepted = store.kept(intake.DELIVERY).filter(
        pl.col("status") == "accepted",
        pl.col("channel").is_in({channel.channel for channel, _ in feeding}),
    )
    if accepted.is_empty():
        return iter(())
    done = store.kept(intake.DIGEST).filter(pl.col("target") == target.name)
    waiting = accepted.join(done.select(_DELIVERY), on=_DELIVERY, how="anti")
    return _batches(waiting, feeding)


def _batches(log: pl.DataFrame, feeding: Iterable[tuple[Channel, str]]) -> Iterator[Batch]:
    """Deliveries of a feed, in order, in portions that bound memory."""
    for channel, feed in feeding if log.height else ():
        mine = log.filter(pl.col("channel") == channel.channel, pl.col("feed") == feed)
        if mine.is_empty():
            continue
        portioned = mine.sort("received_at").with_columns(
            portion=pl.col("row_count").cum_sum() // BATCH_ROWS
        )
        for portion in portioned.partition_by("portion", maintain_order=True):
            yield Batch(channel, feed, portion.drop("portion"))


# -- working it in -------------------------------------------------------------------


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


def _clear(store: Store, target: Table, batch: Batch, said: Said) -> None:
    """Doubts about rows that their sender has since deleted are doubts no more."""
    if said.gone.is_empty() and said.absent.is_empty():
        return
    scan = store.scan(intake.QUARANTINE).filter(pl.col("target") == target.name)
    doubts = keys_of(uncleared(scan).collect(), target)
    key = list(target.key)
    deleted = said.gone.select(
        *(pl.col(name) for name in key), pl.col("received_at").alias("_at"), "delivery_id"
    ).rename({"delivery_id": "_by"})
    absent = said.absent.select(
        pl.col("gone_delivery_id").alias("delivery_id"),
        pl.col("gone_row_no").alias("row_no"),
        pl.col("received_at").alias("_at"),
        pl.col("delivery_id").alias("_by"),
    )
    cleared = pl.concat(
        [
            doubts.join(deleted, on=key, how="inner"),
            doubts.join(absent, on=_ROW, how="inner"),
        ]
    ).filter(pl.col("received_at") <= pl.col("_at"))
    for (by,), rows in (
        cleared.unique([*_ROW, "key_json"]).partition_by("_by", as_dict=True).items()
    ):
        at: datetime = rows["_at"].min()  # type: ignore[assignment]
        why = "发送方已删除该行 its sender has deleted the row"
        store.append(intake.QUARANTINE, clearing_rows(rows, at, str(by), why))


def _set_apart(store: Store, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    on = [*_ROW, "target"]
    target = rows["target"][0]
    known = store.scan(intake.QUARANTINE).filter(
        pl.col("cleared_at").is_null(),
        pl.col("target") == target,
        pl.col("delivery_id").is_in(rows["delivery_id"].unique().implode()),
    )
    store.append(intake.QUARANTINE, rows.join(known.select(on).collect(), on=on, how="anti"))


def _state_coverage(store: Store, batch: Batch, target: Table) -> None:
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
        if manifest.corrects is None and manifest.usc_code is None
        for period in (manifest.periods if feed.is_monthly else (STATE,))
    ]
    coverage = pl.DataFrame(rows, schema=intake.COVERAGE.schema)
    with _ONE_WRITER:
        met = store.meeting(intake.COVERAGE, coverage.select(intake.COVERAGE.key))
        news = _of_no_earlier_day(met, coverage)
        history.write(store, intake.COVERAGE, met, history.succeed(intake.COVERAGE, met, news))


def _of_no_earlier_day(before: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The statements that speak of no earlier day than one received before them.

    A file of days ago that comes only now says how things stood then.
    """
    key = list(intake.COVERAGE.key)
    known = before.group_by(key).agg(known=pl.col("as_of").max())
    latest = pl.col("as_of").cum_max().over(key)
    return (
        told.sort("received_at", maintain_order=True)
        .join(known, on=key, how="left", maintain_order="left")
        .filter((pl.col("as_of") >= latest) & (pl.col("as_of") >= pl.col("known")).fill_null(True))
        .drop("known")
    )


def _mark(store: Store, batch: Batch, target: Table, said: Said, now: datetime) -> None:
    bad = said.bad.group_by(_DELIVERY).agg(pl.len().cast(pl.Int64).alias("quarantined_count"))
    marks = (
        batch.log.select(*_DELIVERY, target=pl.lit(target.name), digested_at=pl.lit(now))
        .join(said.counts, on=_DELIVERY, how="left")
        .join(bad, on=_DELIVERY, how="left")
        .with_columns(pl.col("row_count", "quarantined_count").fill_null(0))
    )
    store.append(intake.DIGEST, marks)
