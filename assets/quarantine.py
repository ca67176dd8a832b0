"""Good rows apart from bad ones, and the doubts that bad ones leave open.

Belongs here: the split by the declaration's checks, the quarantine row, when a later row
clears a doubt. Does not: the checks themselves (`assets.row_checks`) or writing
(`assets.base`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from assets.channels import PROVENANCE
from assets.declaration import Sensitivity, Table
from assets.row_checks import KEY_CHECK, is_complete, is_doubled, row_checks
from assets.rows import FAULTS
from assets.tables import intake

KEY_CONFLICT = "key:conflict"
"""Two rows of one delivery with the same key and different content: no order can be derived."""
_ROW = ["delivery_id", "row_no"]


@dataclass(frozen=True, slots=True)
class Split:
    """Typed rows by what became of them."""

    good: pl.DataFrame
    """In the target's columns, unique by key within a delivery."""
    bad: pl.DataFrame
    """The same columns and `reasons`."""


def split(typed: pl.DataFrame, raw: pl.DataFrame, table: Table) -> Split:
    """Separates sound rows from those that break any check, with every reason.

    Args:
        typed: columns of the table and `reading_faults`.
        raw: the raw rows they were read from.
        table: the target.
    """
    typed = without_copies(typed, raw, table)
    key = ("delivery_id", *table.key)
    checks = [(c.id, c.column, c.failed) for c in row_checks(table) if c.id != KEY_CHECK]
    if typed.select(key).is_duplicated().any():
        checks.append((KEY_CONFLICT, "", is_doubled(key)))
    failing = typed.select(
        failed.fill_null(False).alias(check_id) for check_id, _, failed in checks
    )
    is_bad = typed[FAULTS].is_not_null() | failing.select(pl.any_horizontal(pl.all())).to_series()
    good = typed.filter(~is_bad).drop(FAULTS)
    bad, failing = typed.filter(is_bad), failing.filter(is_bad)
    # A column that could not be read is missing only for that reason.
    told = [
        pl.when(
            failing[check_id] & ~bad[FAULTS].fill_null("").str.contains(rf"(^|;){column}:")
            if column
            else failing[check_id]
        ).then(pl.lit(check_id))
        for check_id, column, _ in checks
    ]
    read = pl.col(FAULTS).str.split(";").fill_null([])
    reasons = pl.concat_list(read, pl.concat_list(told).list.drop_nulls())
    return Split(good, bad.with_columns(reasons.alias("reasons")).drop(FAULTS))


def without_copies(typed: pl.DataFrame, raw: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Of rows of a delivery that say the same, the last.

    Two numbers that could not be read are not the same number: rows without a complete key
    say the same only if they came as the same.

    Args:
        typed: columns of the table and `reading_faults`.
        raw: the raw rows they were read from.
        table: the target.
    """
    key = ["delivery_id", *table.key]
    doubled = typed.select(key).is_duplicated()
    if not doubled.any():
        return typed
    content = [name for name in typed.columns if name not in ("row_no", "received_at")]
    came = raw.select(*_ROW, "row_hash")
    once = (
        typed.filter(doubled)
        .join(came, on=_ROW, how="left", maintain_order="left")
        .with_columns(row_hash=pl.when(~is_complete(table.key)).then("row_hash"))
        .unique([*content, "row_hash"], keep="last", maintain_order=True)
        .drop("row_hash")
    )
    return pl.concat([typed.filter(~doubled), once]).sort("received_at", "row_no")


def quarantine_rows(bad: pl.DataFrame, raw: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Rows of `intake__quarantine` for bad rows.

    Args:
        bad: from `split`.
        raw: the raw rows of the same deliveries.
        table: the target.
    """
    if bad.is_empty():
        return intake.QUARANTINE.empty()
    sources = [name for name in raw.columns if name not in (*PROVENANCE, "row_hash")]
    came = bad.select(_ROW).join(raw.select(*_ROW, *sources), on=_ROW, how="left")
    told = [c.name for c in table if c.sensitivity is not Sensitivity.PERSONAL]
    told = [name for name in told if name not in PROVENANCE]
    return pl.DataFrame(
        {
            "delivery_id": bad["delivery_id"],
            "row_no": bad["row_no"],
            "target": [table.name] * bad.height,
            "received_at": bad["received_at"],
            **{
                name: bad[name] if name in bad.columns else [None] * bad.height
                for name in ("usc_code", "person_key")
            },
            "reasons": bad["reasons"],
            "typed_json": [_json(row) for row in bad.select(told).iter_rows(named=True)],
            "raw_json": [_json(row) for row in came.select(sources).iter_rows(named=True)],
            "key_json": [_key_json(row) for row in bad.select(table.key).iter_rows(named=True)],
        },
        schema=intake.QUARANTINE.schema,
    )


def _json(row: dict[str, Any]) -> str:
    """The values that are there; dates in ISO form, decimals as text, so that none is rounded."""
    return json.dumps(
        {name: _plain(value) for name, value in row.items() if value is not None},
        ensure_ascii=False,
    )


def _key_json(row: dict[str, Any]) -> str | None:
    return None if any(value is None for value in row.values()) else _json(row)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def open_quarantine(quarantine: pl.LazyFrame, base: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """The rows set apart for a table whose doubt no sound row has cleared.

    A doubt is cleared by a row of the base table with the same key that came with the same
    delivery or later. A row whose key could not be read stays open.

    Args:
        quarantine: rows of `intake__quarantine`.
        base: rows of the table.
        table: the target.
    """
    rows = quarantine.filter(pl.col("target") == table.name)
    names = [f"_{name}" for name in table.key]
    keys = [_from_json(table, name) for name in table.key]
    cleared = base.select(
        *(pl.col(name).alias(f"_{name}") for name in table.key),
        pl.col("received_at").alias("_cleared_at"),
    )
    return (
        rows.with_columns(keys)
        .join(cleared, on=names, how="left")
        .filter(pl.col("_cleared_at").is_null() | (pl.col("_cleared_at") < pl.col("received_at")))
        .drop(*names, "_cleared_at")
    )


def _from_json(table: Table, name: str) -> pl.Expr:
    text = pl.col("key_json").str.json_path_match(f"$.{name}")
    if table[name].dtype == pl.Date():
        return text.str.to_date("%Y-%m-%d").alias(f"_{name}")
    return text.cast(table[name].dtype).alias(f"_{name}")
