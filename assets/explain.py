"""Where a base value comes from: every version of a row, back to the delivered line.

Belongs here: gathering it, and masking what names a person. Does not: how it looks
(`pipelines.commands.explain`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from assets.bases.claims import FEED, believed_of, claim_table, conflicts, tellers
from assets.bases.quarantine import keys_of
from assets.channels import PERSONAL_READS, PROVENANCE, Channel
from assets.intake.raw import raw_table
from assets.lake.declaration import Sensitivity, Table
from assets.lake.history import END, history_table
from assets.lake.store import Store
from assets.persons import KEY, numbers_at
from assets.tables import intake

SHOWN = 20
"""Keys listed where a part of the key fits several."""

_NEAREST = 5


class UnknownKey(LookupError):
    """No row, past or present, has the key; or it is no key of the table."""


@dataclass(frozen=True, slots=True)
class Source:
    """The delivered row behind a version or a claim."""

    channel: str
    feed: str
    owner_zh: str
    delivery_id: str
    file_name: str
    file_sha256: str
    row_no: int
    row: dict[str, str]
    """Source columns as delivered; what names a person is masked."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the row."""

    known_from: datetime
    known_to: datetime | None
    """None: it is held now."""
    ended_by: str | None
    ended_delivery_id: str | None
    values: dict[str, Any]
    source: Source | None


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that a feed tells and that is not believed."""

    column: str
    feed: str
    told: str
    held: str
    precedence: tuple[str, ...]
    source: Source | None


@dataclass(frozen=True, slots=True)
class Apart:
    """A row of the key in quarantine."""

    delivery_id: str
    row_no: int
    received_at: datetime
    reasons: list[str]
    cleared_by: str | None
    cleared_why: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of one key of a base table; the newest version first."""

    table: str
    zh: str
    key: dict[str, Any]
    versions: list[Version]
    lost: list[Lost]
    apart: list[Apart]


def masked(text: str) -> str:
    """A number without its middle, a name without all but its first character."""
    bare = text.strip()
    if re.search(r"\d", bare):
        return f"{bare[:3]}{'*' * max(3, len(bare) - 7)}{bare[-4:]}" if len(bare) > 7 else "***"
    return bare[:1] + "*" * max(1, len(bare) - 1) if bare else bare


def keys_like(store: Store, table: Table, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Keys, past and present and in quarantine, that agree with some columns of a key.

    A person is found under every number that is his.

    Raises:
        UnknownKey: a name is no part of the table's key, or no key agrees.
    """
    key = list(table.key)
    odd = sorted(set(wanted) - set(key))
    if odd:
        raise UnknownKey(f"{table.name}: 键中没有 no key column {odd}；键为 the key is {key}")
    numbers = numbers_at(store)
    agree = [
        pl.col(name).is_in(numbers.all_of(pl.Series([value], dtype=pl.String())).implode())
        if name == KEY
        else pl.col(name) == pl.lit(value, table[name].dtype)
        for name, value in wanted.items()
    ]
    rows = [
        store.scan(one).filter(agree).select(key).unique().head(SHOWN + 1)
        for one in (table, history_table(table))
    ]
    apart = store.scan(intake.QUARANTINE).filter(
        pl.col("target") == table.name, pl.col("key_json").is_not_null()
    )
    rows.append(keys_of(apart.collect(), table).lazy().filter(agree).select(key))
    found = pl.concat(rows).unique().sort(key).head(SHOWN + 1).collect()
    if found.is_empty():
        asked = " ".join(f"{name}={value}" for name, value in wanted.items())
        raise UnknownKey(
            f"{table.name}: 没有此键，现在、过去和隔离区中都没有 no row, past or present or set "
            f"apart, has the key {asked}{_nearest(store, table, wanted)}"
        )
    return found.to_dicts()


def _nearest(store: Store, table: Table, wanted: Mapping[str, Any]) -> str:
    """Keys that begin alike, the longest common beginning first; where none does, what to ask."""
    if not store.count(table):
        return "；该表没有数据 the table has no rows"
    texts = {n: v for n, v in wanted.items() if isinstance(v, str) and v}
    for name, text in list(texts.items())[:1]:
        column = pl.col(name)
        for length in range(len(text), max(3, len(text) // 2), -1):
            alike = store.scan(table).filter(column.str.starts_with(text[:length]))
            found = alike.select(column.unique().sort()).head(_NEAREST).collect()
            if found.height:
                return f"；相近的键 keys like it: {name}={', '.join(found[name])}"
    parts = " ".join(f"{name}=…" for name in table.key)
    return f"；请核对，部分键列出相符的各键 check it; a part of {parts} lists the keys that fit"


def explain(
    store: Store, table: Table, key: Mapping[str, Any], channels: Mapping[str, Channel]
) -> Explanation:
    """Walks from the row of a key back to the delivered rows of all its versions."""
    agree = [pl.col(name) == pl.lit(value, table[name].dtype) for name, value in key.items()]
    held = store.scan(table).filter(agree).collect()
    past = store.scan(history_table(table)).filter(agree).collect()
    rows = pl.concat(
        [held.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in END.items()), past]
    ).sort("received_at", descending=True)
    personal = {c.name for c in table if c.sensitivity is Sensitivity.PERSONAL}
    shown = [c.name for c in table if c.name not in (*table.key, *PROVENANCE)]
    versions = [
        Version(
            known_from=row["received_at"],
            known_to=row["known_to"],
            ended_by=row["ended_by"],
            ended_delivery_id=row["ended_delivery_id"],
            values={name: _shown(row[name], name in personal) for name in shown},
            source=_source(store, channels, row["delivery_id"], row["row_no"]),
        )
        for row in rows.iter_rows(named=True)
    ]
    return Explanation(
        table=table.name,
        zh=table.zh,
        key=dict(key),
        versions=versions,
        lost=_lost(store, table, agree, personal, channels),
        apart=_apart(store, table, agree),
    )


def _shown(value: Any, is_personal: bool) -> Any:
    return masked(str(value)) if is_personal and value is not None else value


def _source(
    store: Store, channels: Mapping[str, Channel], delivery_id: str, row_no: int
) -> Source | None:
    channel_name, feed, _ = delivery_id.split(".", 2)
    channel = channels.get(channel_name)
    if channel is None or feed not in channel.feeds:
        return None
    came = (
        store.scan(raw_table(channel, feed))
        .filter(pl.col("delivery_id") == delivery_id, pl.col("row_no") == row_no)
        .collect()
    )
    log = store.scan(intake.DELIVERY).filter(
        pl.col("delivery_id") == delivery_id, pl.col("status") == "accepted"
    )
    logged = log.select("file_name", "file_sha256").head(1).collect().to_dicts()
    if came.is_empty() or not logged:
        return None
    row = came.drop(*PROVENANCE, "row_hash").row(0, named=True)
    reads = {field.source: field.read for field in channel.feeds[feed].fields}
    return Source(
        channel=channel_name,
        feed=feed,
        owner_zh=channel.owner_zh,
        delivery_id=delivery_id,
        file_name=logged[0]["file_name"],
        file_sha256=logged[0]["file_sha256"],
        row_no=row_no,
        row={
            name: masked(text) if reads.get(name) in PERSONAL_READS else text
            for name, text in row.items()
            if text is not None
        },
    )


def _lost(
    store: Store,
    table: Table,
    agree: list[pl.Expr],
    personal: set[str],
    channels: Mapping[str, Channel],
) -> list[Lost]:
    if store.version(claim_table(table)) is None:
        return []
    rows = conflicts(store, table).filter(agree).sort("column", FEED).collect()
    who = tellers(channels, table)
    return [
        Lost(
            column=row["column"],
            feed=row[FEED],
            told=_shown(row["told"], row["column"] in personal),
            held=_shown(row["held"], row["column"] in personal),
            precedence=tuple(believed_of(row["column"], who)),
            source=_source(store, channels, row["delivery_id"], row["row_no"]),
        )
        for row in rows.iter_rows(named=True)
    ]


def _apart(store: Store, table: Table, agree: list[pl.Expr]) -> list[Apart]:
    target = pl.col("target") == table.name
    rows = store.scan(intake.QUARANTINE).filter(target, pl.col("key_json").is_not_null()).collect()
    mine = keys_of(rows, table).filter(agree).sort("received_at")
    cleared = {
        (row["delivery_id"], row["row_no"]): row
        for row in mine.filter(pl.col("cleared_at").is_not_null()).iter_rows(named=True)
    }
    found = []
    for row in mine.filter(pl.col("cleared_at").is_null()).iter_rows(named=True):
        by = cleared.get((row["delivery_id"], row["row_no"]), {})
        found.append(
            Apart(
                delivery_id=row["delivery_id"],
                row_no=row["row_no"],
                received_at=row["received_at"],
                reasons=row["reasons"],
                cleared_by=by.get("cleared_by"),
                cleared_why=by.get("cleared_why"),
            )
        )
    return found


def key_value(text: str, dtype: pl.DataType) -> Any:
    """A part of a key as it is typed on a command line.

    Raises:
        ValueError: it is no value of the type; says what would be one.
    """
    is_day = dtype == pl.Date()
    try:
        if is_day:
            return date.fromisoformat(text)
        return int(text) if dtype in (pl.Int32(), pl.Int64()) else text
    except ValueError as error:
        form = "应写作YYYY-MM-DD write YYYY-MM-DD" if is_day else "应为整数 write a whole number"
        raise ValueError(f"“{text}”{form}") from error
