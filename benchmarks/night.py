"""A night's deliveries after a province was collected: new rows, changed rows, rows sent again.

Belongs here: making the files. Does not: measuring (`benchmarks.collection`).

Senders look back: their interfaces hand out what was touched in the last 14 days, so that each
night brings its own news and once more those of the 13 nights before. New rows are those of
enterprises that the province did not have yet, rendered by the sample. A changed row is one
that the lake holds, with another value in a column that is no key. A row sent again is one that
the lake holds, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from assets.calendar import SHANGHAI
from assets.channels import Channel, Feed, load_channels
from assets.intake.raw import raw_table
from assets.lake.store import Store
from assets.sample.clean import FEED_OF, blocks
from assets.sample.rendering import render
from assets.sample.writing import DeliveryFile, Manifest

NIGHTS = 14
"""Nights in a row that bring a touched row."""
CHANGED = {
    "registry": "est_dt",
    "event": "chg_dt",
    "statement": "report_end_dt",
    "registration": "TradeTypeEffectDate",
    "title": "issueDate",
    "post": "IssueDate",
    "skill": "IssueDate",
    "certificate": "EndDate",
    "qualification": "CertTradeModifyDate",
    "design": "EndDate",
    "technical_lead": "AppointDate",
    "equipment": "BuyDate",
    "project": "PrjName",
    "contract": "ContractDate",
    "unit": "SubPrjName",
    "acceptance": "EDate",
    "party": "PersonName",
    "finding": "CancelDate",
    "bar": "EndDate",
    "rectification": "CloseDate",
    "identity": "XM",
}
"""The column that a changed row of a feed has another value in, by the keys of `FEED_OF`."""
_SEED = 1


@dataclass(frozen=True, slots=True)
class Night:
    """What a night is to bring.

    Attributes:
        enterprises: new ones; all their rows are new.
        first: index of the first of them in the sample.
        changed: rows to change, by `<channel>.<feed>`.
    """

    enterprises: int
    first: int
    changed: Mapping[str, int]


def rows_held(store: Store) -> dict[str, int]:
    """Raw rows by `<channel>.<feed>`, of the feeds that send every night."""
    return {
        f"{channel.channel}.{feed}": store.scan(raw_table(channel, feed))
        .select(pl.len())
        .collect()
        .item()
        for _, channel, feed in _nightly()
    }


def write_night(store: Store, night: Night, inbox: Path, day: date) -> Counter[str]:
    """Write the files of a night into an empty inbox.

    Args:
        store: the lake that holds the days before.
        night: what to bring.
        inbox: where to.
        day: the day the rows are sent, in the evening.

    Returns:
        Rows written: `new`, `changed`, `again`.
    """
    told: Counter[str] = Counter()
    fresh = _new_rows(night, day)
    for key, channel, name in _nightly():
        feed = channel.feeds[name]
        held = store.scan(raw_table(channel, name)).select(*feed.columns, "row_hash").collect()
        news = fresh[key]
        count = night.changed.get(f"{channel.channel}.{name}", 0)
        drawn = held.unique(feed.key_sources, keep="last", maintain_order=True).sort("row_hash")
        changed = _changed(drawn.head(count), feed, CHANGED[key])
        again = drawn.slice(count, (NIGHTS - 1) * (news.height + changed.height))
        rows = pl.concat([news, changed, again.select(feed.columns)])
        if rows.is_empty():
            continue
        file = DeliveryFile(inbox / channel.channel / name, f"{day:%Y%m%d}-night", feed)
        file.append(rows)
        file.close(
            Manifest(
                sent_at=datetime.combine(day, time(22), SHANGHAI),
                region_code="330000",
                is_complete=True,
                as_of=day,
            )
        )
        told.update(new=news.height, changed=changed.height, again=again.height)
    return told


def write_month(store: Store, inbox: Path, month: date) -> int:
    """Write the pension months of everybody whom the lake knows to be insured in the month before.

    Returns:
        Rows written.
    """
    channel = load_channels()["social_security"]
    feed = channel.feeds["insurance"]
    before = (month - timedelta(days=1)).replace(day=1)
    rows = (
        store.scan(raw_table(channel, "insurance"))
        .filter(pl.col("AAE003") == f"{before:%Y%m}")
        .select(feed.columns)
        .collect()
        .with_columns(AAE003=pl.lit(f"{month:%Y%m}"))
    )
    sent = month + timedelta(days=31)
    file = DeliveryFile(inbox / channel.channel / "insurance", f"{month:%Y%m}", feed)
    file.append(rows)
    file.close(
        Manifest(
            sent_at=datetime.combine(sent, time(22), SHANGHAI),
            region_code="330000",
            is_complete=True,
            as_of=sent,
            periods=(month,),
        )
    )
    return rows.height


def _nightly() -> list[tuple[str, Channel, str]]:
    channels = load_channels()
    return [
        (key, channels[channel], feed) for key, (channel, feed) in FEED_OF.items() if key in CHANGED
    ]


def _new_rows(night: Night, day: date) -> dict[str, pl.DataFrame]:
    """Rows of the new enterprises by key of `FEED_OF`, in source columns."""
    rows = {
        key: [pl.DataFrame(schema=dict.fromkeys(channel.feeds[name].columns, pl.String))]
        for key, channel, name in _nightly()
    }
    last = night.first + night.enterprises
    for block in blocks(last, _SEED, day.replace(day=1), first=night.first):
        names = block["registry"].select("usc_code", enterprise_name="name")
        for key, channel, name in _nightly():
            rows[key].append(render(block[key], channel.feeds[name], names))
    return {key: pl.concat(frames) for key, frames in rows.items()}


def _changed(rows: pl.DataFrame, feed: Feed, source: str) -> pl.DataFrame:
    """The rows with another value in one column: a date a day later, a text with a remark."""
    [column] = [field for field in feed.fields if field.source == source]
    value = pl.col(source)
    if column.read == "date":
        value = value.str.to_date("%Y-%m-%d", strict=False).dt.offset_by("1d").dt.strftime("%F")
    else:
        value += "（更正）"
    return rows.filter(pl.col(source).is_not_null()).select(feed.columns).with_columns(value)
