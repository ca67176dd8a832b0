"""What data stewards do about quarantine: look, re-read, correct; never edit.

Belongs here: the open rows, what a steward has read again, taking in a corrected row with who
and why. Does not: reading again (`assets.bases.rereading`), the commands
(`pipelines.commands.quarantine`).

A correction is a delivery of its own beside the row it corrects, so that raw, history and
explanation treat it like any other. What is cleared is said by a later row of the log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import polars as pl

from assets.bases.base import build_base
from assets.bases.quarantine import clearing_rows, keys_of, open_quarantine, uncleared
from assets.bases.rereading import read_again
from assets.channels import TARGETS, Channel
from assets.intake.raw import CORRECTION, next_instant, raw_table, row_hashes
from assets.lake.declaration import INSTANT, Table
from assets.lake.store import Store
from assets.rows import about_the_target
from assets.sources.manifest import Manifest, stated
from assets.tables import intake

_ROW = ["delivery_id", "row_no"]


class StewardError(ValueError):
    """What a steward asks cannot be done: which row, why, and the remedy."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of reading rows again."""

    read: int
    cleared: int


def open_rows(store: Store, table: Table | None = None, channel: str | None = None) -> pl.DataFrame:
    """Rows of quarantine whose doubt is open, the oldest first.

    An application whose number has been answered is its applicant's to mend, no steward's.
    """
    tables = [table] if table is not None else list(TARGETS.values())
    quarantine = store.scan(intake.QUARANTINE)
    if channel is not None:
        quarantine = quarantine.filter(pl.col("delivery_id").str.starts_with(f"{channel}."))
    held = uncleared(quarantine).select("target").unique().collect()["target"].to_list()
    frames = [
        open_quarantine(quarantine, store.scan(one), one).select(intake.QUARANTINE.schema.names())
        for one in tables
        if one.name in held
    ]
    rows = pl.concat([intake.QUARANTINE.empty().lazy(), *frames]).collect()
    if intake.APPLICATION.name in held:
        filings = keys_of(rows.filter(target=intake.APPLICATION.name), intake.APPLICATION)
        unread = store.scan(intake.REJECTED_FILING).filter(pl.col("delivery_id").is_not_null())
        answered = filings.join(unread.collect(), on="application_id", how="semi")
        rows = rows.join(answered, on=[*_ROW, "target"], how="anti")
    return rows.sort("received_at", "delivery_id", "row_no", "target")


def retry(
    store: Store,
    rows: pl.DataFrame,
    pseudonym_key: bytes,
    now: datetime,
    by: str,
    why: str,
    channels: Mapping[str, Channel],
) -> Retried:
    """Reads open rows again by the present rules and channel files; the sound ones are taken.

    One that a channel file now says to be none of the table leaves no doubt either.

    Args:
        store: the lakehouse.
        rows: of `open_rows`.
        pseudonym_key: secret from which the keys of persons are made.
        now: the present instant, UTC.
        by: the steward.
        why: what has changed.
        channels: the senders.
    """
    cleared = 0
    for (delivery_id, target), mine in rows.partition_by(
        "delivery_id", "target", as_dict=True, maintain_order=True
    ).items():
        table = TARGETS[str(target)]
        channel, name = _sender(str(delivery_id), channels)
        sound = read_again(store, channel, name, table, mine, pseudonym_key, now, channels)
        came = store.meeting(raw_table(channel, name), mine.select(_ROW))
        of_table = about_the_target(came, channel.feeds[name])
        others = came.join(of_table, on=_ROW, how="anti")
        settled = pl.concat([sound.select(_ROW), others.select(_ROW)])
        if settled.is_empty():
            continue
        done = mine.join(settled, on=_ROW, how="semi")
        store.append(intake.QUARANTINE, clearing_rows(done, now, by, why))
        cleared += done.height
    return Retried(rows.height, cleared)


def _sender(delivery_id: str, channels: Mapping[str, Channel]) -> tuple[Channel, str]:
    channel, feed, _ = delivery_id.split(".", 2)
    if channel not in channels or feed not in channels[channel].feeds:
        raise StewardError(
            f"{delivery_id}: 渠道文件已无此数据项 no channel file has the feed any more; restore it"
        )
    return channels[channel], feed


def correct(
    store: Store,
    row: Mapping[str, object],
    values: Mapping[str, str],
    pseudonym_key: bytes,
    now: datetime,
    by: str,
    why: str,
    channels: Mapping[str, Channel],
) -> bool:
    """Takes in a row as a steward corrects it; whether its doubt is cleared by that.

    Args:
        store: the lakehouse.
        row: an open row of quarantine.
        values: source columns that differ, as the sender should have written them.
        pseudonym_key: secret from which the keys of persons are made.
        now: the present instant, UTC.
        by: the steward.
        why: on what grounds, e.g. the letter of the sender.
        channels: the senders.

    Raises:
        StewardError: a value is for no column of the feed, or nothing is corrected.
    """
    delivery_id, row_no = str(row["delivery_id"]), row["row_no"]
    channel, name = _sender(delivery_id, channels)
    feed = channel.feeds[name]
    odd = sorted(set(values) - set(feed.columns))
    if odd or not values:
        raise StewardError(
            f"{delivery_id}:{row_no}: 更正项不在该数据项的列中 corrections {odd} are no columns of "
            f"the feed; it has {list(feed.columns)}"
        )
    came = json.loads(str(row["raw_json"]))
    whole = {c: values.get(c, came.get(c)) for c in feed.columns}
    grounds = json.dumps(
        {"of": delivery_id, "row": row_no, "by": by, "why": why}, ensure_ascii=False
    )
    content = (grounds + json.dumps(whole, ensure_ascii=False, sort_keys=True)).encode()
    digest = sha256(content).hexdigest()
    corrected = f"{channel.channel}.{name}.{CORRECTION}{digest[:16]}"
    _take_in(store, channel, name, corrected, digest, whole, grounds, row, now)
    for target in feed.targets:
        build_base(store, TARGETS[target], pseudonym_key, now, channels)
    still = uncleared(
        store.scan(intake.QUARANTINE).filter(pl.col("delivery_id") == corrected)
    ).collect()
    if still.height:
        return False
    same = (pl.col("delivery_id") == delivery_id) & (pl.col("row_no") == row_no)
    earlier = store.scan(intake.DELIVERY).filter(
        pl.col("file_name") == _correcting(delivery_id, row_no)
    )
    tried = pl.col("delivery_id").is_in(
        earlier.select("delivery_id").collect().to_series().implode()
    )
    # What earlier corrections of the row said amiss is no doubt any more either.
    doubts = uncleared(store.scan(intake.QUARANTINE).filter(same | tried)).collect()
    note = f"{why} ({corrected})"
    if doubts.height:
        store.append(intake.QUARANTINE, clearing_rows(doubts, now, by, note))
    return True


def _correcting(delivery_id: object, row_no: object) -> str:
    """In place of the name of a file, in the log of deliveries."""
    return f"更正 correction of {delivery_id}:{row_no}"


def _take_in(
    store: Store,
    channel: Channel,
    feed: str,
    delivery_id: str,
    digest: str,
    row: Mapping[str, str | None],
    grounds: str,
    of: Mapping[str, object],
    now: datetime,
) -> None:
    """The corrected row into raw and the log of deliveries; what is there already stays."""
    table = raw_table(channel, feed)
    declared = channel.feeds[feed]
    mine = pl.col("delivery_id") == delivery_id
    kept = store.scan(table).filter(mine).select("received_at").collect()
    if kept.is_empty():
        received_at = next_instant(store.scan(table), now)
        frame = pl.DataFrame(
            [dict(row)], schema=dict.fromkeys(declared.columns, pl.String)
        ).with_columns(
            delivery_id=pl.lit(delivery_id),
            row_no=pl.lit(1, pl.Int64),
            received_at=pl.lit(received_at, INSTANT),
        )
        store.append(table, frame.with_columns(row_hash=row_hashes(frame, declared)))
    else:
        received_at = kept["received_at"][0]
    if store.scan(intake.DELIVERY).filter(mine).head(1).collect().height:
        return
    logged = store.scan(intake.DELIVERY).filter(pl.col("delivery_id") == of["delivery_id"])
    before: Sequence[str | None] = logged.collect()["manifest_json"].to_list()
    told = next((one for text in before if (one := stated(text)) is not None), None)
    manifest = Manifest(
        rows=1,
        sent_at=now,
        region_code="330000" if told is None else told.region_code,
        periods=() if told is None else told.periods,
        is_complete=False,
        as_of=now.date() if told is None else told.as_of,
        corrects=grounds,
    )
    entry = {
        "delivery_id": delivery_id,
        "channel": channel.channel,
        "feed": feed,
        "file_name": _correcting(of["delivery_id"], of["row_no"]),
        "file_sha256": digest,
        "received_at": received_at,
        "manifest_json": manifest.text,
        "status": "accepted",
        "row_count": 1,
        "repeated_count": 0,
        "quarantined_count": 0,
    }
    store.append(intake.DELIVERY, pl.DataFrame([entry], schema=intake.DELIVERY.schema))
