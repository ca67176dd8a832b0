"""What deliveries say of a base table: sound rows, bad rows, and rows that are no more.

Belongs here: a batch of deliveries, the reading and judging of its rows for one target, and
writing it into a table with its history. Does not: which batches wait, the ledgers of
collection (`assets.bases.base`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from assets.aliases import Aliases
from assets.bases.claims import FEED, Teller, claim_table, settle
from assets.bases.quarantine import DELETED, quarantine_rows, split
from assets.channels import PROVENANCE, TARGETS, Channel
from assets.intake.late import overtaken, when_told
from assets.intake.raw import raw_table
from assets.intake.refresh import outdated
from assets.intake.repeats import repeat_table
from assets.lake import history
from assets.lake.declaration import INSTANT, Mode, Table
from assets.lake.history import END
from assets.lake.store import Store
from assets.rows import FAULTS, deleted_rows, sources_heard, typed_rows
from assets.tables import intake

_ROW = ["delivery_id", "row_no"]
_DELIVERY = ["delivery_id", "received_at"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries of one feed that are worked in together."""

    channel: Channel
    feed: str
    log: pl.DataFrame
    """Their rows of `intake__delivery`, in the order received."""

    @property
    def name(self) -> str:
        """The feed as `channel.feed`."""
        return f"{self.channel.channel}.{self.feed}"

    def raw(self, store: Store, sources: Sequence[str] | None = None) -> pl.DataFrame:
        """Their raw rows, in the order received.

        Args:
            store: the lakehouse.
            sources: columns of the delivery that are wanted (default: all of the raw table).
        """
        rows = store.scan(raw_table(self.channel, self.feed))
        at = self.log["received_at"]
        found = rows.filter(
            # Bounds first: what is out of reach is not read, nor its texts compared.
            pl.col("received_at").is_between(pl.lit(at.min(), INSTANT), pl.lit(at.max(), INSTANT)),
            pl.col("delivery_id").is_in(self.log["delivery_id"].implode()),
            # A delivery stated anew brings no rows again; no two of a feed share an instant.
            pl.col("received_at").is_in(at.implode()),
        )
        if sources is not None:
            found = found.select(*PROVENANCE, *dict.fromkeys(sources))
        frame = found.collect()
        return frame if _is_in_order(frame) else frame.sort("received_at", "row_no")

    def overtaken(self, store: Store) -> pl.DataFrame:
        """`delivery_id` and `row_no` of their rows that came too late to say anything."""
        mine = (pl.col("channel") == self.channel.channel) & (pl.col("feed") == self.feed)
        log = store.kept(intake.DELIVERY).filter(mine, pl.col("status") == "accepted")
        came = self.log["delivery_id"].unique()
        rows = store.scan(raw_table(self.channel, self.feed))
        repeats = store.scan(repeat_table(self.channel, self.feed))
        feed = self.channel.feeds[self.feed]
        late = overtaken(rows, repeats, when_told(log), came, feed.key_sources)
        return pl.concat([late, outdated(rows, feed, log, came)]).unique()


def _is_in_order(rows: pl.DataFrame) -> bool:
    """Whether rows stand in the order received: as written by one commit they mostly do."""
    at, no = pl.col("received_at").diff().to_physical(), pl.col("row_no").diff()
    in_order: bool = rows.select(((at > 0) | ((at == 0) & (no > 0))).all()).item()
    return in_order


@dataclass(frozen=True, slots=True)
class Said:
    """What a batch says of a target."""

    feed: str
    counts: pl.DataFrame
    """Rows it gives the target, good and bad, by `delivery_id` and `received_at`: `row_count`."""
    good: pl.DataFrame
    """Sound rows, in the target's columns."""
    bad: pl.DataFrame
    """The same columns and `reasons`."""
    apart: pl.DataFrame
    """The bad rows as rows of `intake__quarantine`."""
    gone: pl.DataFrame
    """Rows that say their key is no more."""
    units: pl.DataFrame
    """For measures: `unit_code` of wholes that are told anew, and by which row."""
    absent: pl.DataFrame
    """Rows of `intake__absence`: all that refreshes of the feed ever found missing."""
    refreshes: tuple[str, ...]
    """Of the batch, the deliveries that found rows missing, in the order received."""


def read_batch(store: Store, batch: Batch, target: Table, pseudonym_key: bytes) -> Said:
    """Reads what a batch says of a target and sets bad rows apart."""
    aliases = Aliases(store)
    feed = batch.channel.feeds[batch.feed]
    is_heard = target.name not in (feed.target, feed.measures_target)
    raw = batch.raw(store, sources_heard(feed, target) if is_heard else None)
    # A log takes everything in: what it has been told stands beside what comes late.
    if target.mode is not Mode.LOG and (late := batch.overtaken(store)).height:
        raw = raw.join(late, on=_ROW, how="anti", maintain_order="left")
    units = pl.DataFrame(schema={"unit_code": pl.String})
    if is_heard:
        # What is only heard is judged where its feed belongs.
        sound = typed_rows(raw, feed, target, pseudonym_key).drop(FAULTS)
        return Said(
            feed=batch.name,
            counts=_counted(sound),
            good=sound,
            bad=target.empty(),
            apart=intake.QUARANTINE.empty(),
            gone=sound.clear(),
            units=units,
            absent=intake.ABSENCE.empty(),
            refreshes=(),
        )
    deleted = deleted_rows(raw, feed)
    if target.name == feed.measures_target:
        # What a wide row leaves out is gone; a wide row that is gone takes all with it.
        units = _units_told(typed_rows(raw, feed, TARGETS[feed.target], pseudonym_key, aliases))
        alive = raw.join(deleted, on=_ROW, how="anti") if deleted.height else raw
        typed = typed_rows(alive, feed, target, pseudonym_key, aliases)
        parted = split(typed, raw, target)
    else:
        typed = typed_rows(raw, feed, target, pseudonym_key, aliases)
        parted = split(_with_marks(typed, deleted), raw, target)
    absent, refreshes = _absences(store, batch)
    return Said(
        feed=batch.name,
        counts=_counted(typed),
        good=parted.good,
        bad=parted.bad,
        apart=quarantine_rows(parted.bad, raw, target),
        gone=parted.gone,
        units=units,
        absent=absent,
        refreshes=refreshes,
    )


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(_DELIVERY).agg(pl.len().cast(pl.Int64).alias("row_count"))


def _with_marks(typed: pl.DataFrame, deleted: pl.DataFrame) -> pl.DataFrame:
    if deleted.is_empty():
        return typed
    marked = deleted.with_columns(pl.lit(True).alias(DELETED))
    joined = typed.join(marked, on=_ROW, how="left", maintain_order="left")
    return joined.with_columns(pl.col(DELETED).fill_null(False))


def _units_told(units: pl.DataFrame) -> pl.DataFrame:
    """Units whose measures wide rows state anew.

    Only where unit and enterprise could be read; otherwise the last good state stays.
    """
    sound = units.filter(pl.col("unit_code").is_not_null() & pl.col("usc_code").is_not_null())
    return sound.select("unit_code", "received_at", *_ROW)


def _absences(store: Store, batch: Batch) -> tuple[pl.DataFrame, tuple[str, ...]]:
    feed = batch.channel.feeds[batch.feed]
    if feed.deletion != "absence":
        return intake.ABSENCE.empty(), ()
    absent = (
        store.scan(intake.ABSENCE)
        .filter(pl.col("channel") == batch.channel.channel, pl.col("feed") == batch.feed)
        .collect()
        .sort("received_at")
    )
    here = absent.join(batch.log.select(_DELIVERY), on=_DELIVERY, how="semi")
    return absent, tuple(here["delivery_id"].unique(maintain_order=True))


def news_of(store: Store, target: Table, said: Said, seen: pl.DataFrame) -> Said:
    """Of a feed that only makes keys known, what makes one known that was not.

    Args:
        store: the lakehouse.
        target: the table.
        said: what a batch says.
        seen: keys that earlier batches of the feed named.
    """
    key = list(target.key)
    first = said.good.unique(key, keep="first", maintain_order=True)
    known = store.meeting(target, first.select(key))
    fresh = first.join(known, on=key, how="anti").join(seen, on=key, how="anti")
    return replace(said, good=fresh)


# -- ends ----------------------------------------------------------------------------


def _ends(rows: pl.DataFrame, on: Sequence[str], how: str) -> pl.DataFrame:
    """Rows that end what they name, as frames of `history.succeed`."""
    return rows.select(
        *on,
        pl.col("received_at").alias("known_to"),
        pl.lit(how).alias("ended_by"),
        pl.col("delivery_id").alias("ended_delivery_id"),
        pl.col("row_no").alias("ended_row_no"),
    )


def _absent_ends(said: Said, victims: pl.DataFrame, target: Table) -> pl.DataFrame:
    """Ends, by the raw row a version came from, of what a refresh no longer has.

    A refresh with a row that cannot be told apart from a missing one ends nothing that the
    row might be.
    """
    ends = [pl.DataFrame(schema={"delivery_id": pl.String, "row_no": pl.Int64, **END})]
    for refresh in said.refreshes:
        at = said.absent.filter(pl.col("delivery_id") == refresh)["received_at"].max()
        missing = said.absent.filter(pl.col("received_at") <= at).select(
            pl.col("gone_delivery_id").alias("delivery_id"), pl.col("gone_row_no").alias("row_no")
        )
        hit = victims.join(missing.unique(), on=_ROW, how="semi")
        unclear = said.bad.filter(pl.col("delivery_id") == refresh)
        hit = hit.join(_possible(hit, unclear, target), on=_ROW, how="anti")
        ends.append(
            hit.select(
                *_ROW,
                pl.lit(at).cast(END["known_to"]).alias("known_to"),
                pl.lit("absent").alias("ended_by"),
                pl.lit(refresh).alias("ended_delivery_id"),
                pl.lit(None, pl.Int64).alias("ended_row_no"),
            )
        )
    return pl.concat(ends)


def _possible(rows: pl.DataFrame, unclear: pl.DataFrame, target: Table) -> pl.DataFrame:
    """Of the rows, those that a row without a complete key might be."""
    names = [n for n in dict.fromkeys((*target.key, "usc_code")) if n in target.schema]
    unread = pl.any_horizontal(pl.col(name).is_null() for name in target.key)
    found = [rows.clear()]
    pattern = [pl.col(name).is_not_null().alias(name) for name in names]
    unclear = unclear.filter(unread)
    for readable in unclear.select(pattern).unique().iter_rows(named=True):
        on = [name for name in names if readable[name]]
        if not on:
            return rows
        alike = unclear.filter(
            pl.col(name).is_not_null() if readable[name] else pl.col(name).is_null()
            for name in names
        )
        found.append(rows.join(alike.select(on), on=on, how="semi"))
    return pl.concat(found).unique()


# -- writing -------------------------------------------------------------------------


def write_latest(store: Store, target: Table, said: Said) -> None:
    """Writes what the one feed of a target says: the latest row of a key holds."""
    key = list(target.key)
    ends = [_ends(said.gone, key, "deleted")]
    keys = pl.concat([said.good.select(key), said.gone.select(key)])
    if said.units.height:
        before = store.meeting(target, said.units.select("unit_code").unique())
        ends.append(_ends(said.units, ["unit_code"], "superseded"))
    else:
        before = store.meeting(target, keys)
    if said.refreshes:
        missing = said.absent.select(
            pl.col("gone_delivery_id").alias("delivery_id"), pl.col("gone_row_no").alias("row_no")
        )
        before = pl.concat([before, store.meeting(target, missing)]).unique(key)
        victims = pl.concat([before, said.good.select(before.columns)])
        ends.append(_absent_ends(said, victims, target))
    ends = [end for end in ends if end.height]
    history.write(store, target, before, history.succeed(target, before, said.good, ends))


def write_settled(store: Store, target: Table, who: list[Teller], heard: Sequence[Said]) -> None:
    """Writes what several feeds say of a target, by the declared precedence."""
    key = list(target.key)
    columns = [*target.schema.names(), FEED, DELETED]
    news = [pl.DataFrame(schema={**target.schema, FEED: pl.String, DELETED: pl.Boolean})]
    for said in heard:
        for rows, is_deleted in ((said.good, False), (said.gone, True)):
            told = rows.with_columns(
                pl.lit(said.feed).alias(FEED), pl.lit(is_deleted).alias(DELETED)
            )
            news.append(told.select(columns))
        if said.refreshes:
            news.append(_absent_claims(store, target, said, columns))
    told = pl.concat(news)
    if told.is_empty():
        return
    keys = told.select(key)
    before = store.meeting(target, keys)
    log = claim_table(target)
    claims = store.meeting(log, keys)
    settled = settle(target, who, before, claims, told)
    ends = [settled.ends] if settled.ends.height else []
    history.write(store, target, before, history.succeed(target, before, settled.told, ends))
    store.exchange(log, claims, settled.claims)


def _absent_claims(store: Store, target: Table, said: Said, columns: list[str]) -> pl.DataFrame:
    """Claims of a feed that its refreshes no longer have, as rows that say so."""
    log = claim_table(target)
    missing = said.absent.select(
        pl.col("gone_delivery_id").alias("delivery_id"), pl.col("gone_row_no").alias("row_no")
    )
    own = store.meeting(log, missing).filter(pl.col(FEED) == said.feed)
    victims = pl.concat(
        [own.select(target.schema.names()), said.good.select(target.schema.names())]
    )
    ends = _absent_ends(said, victims, target)
    gone = victims.join(ends, on=_ROW, how="inner").filter(
        pl.col("received_at") < pl.col("known_to")
    )
    return gone.with_columns(
        pl.col("ended_delivery_id").alias("delivery_id"),
        pl.lit(None, pl.Int64).alias("row_no"),
        pl.col("known_to").alias("received_at"),
        pl.lit(said.feed).alias(FEED),
        pl.lit(True).alias(DELETED),
    ).select(columns)
