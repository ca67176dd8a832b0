"""Good rows apart from bad ones, and the doubts that bad ones leave open.

Belongs here: the split by the declaration's checks, the quarantine row, when a later row
clears a doubt. Does not: the checks themselves (`assets.row_checks`) or writing
(`assets.bases.base`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from assets.channels import PROVENANCE
from assets.lake.declaration import INSTANT, Sensitivity, Table
from assets.lake.keys import shared
from assets.row_checks import KEY_CHECK, is_complete, row_checks
from assets.rows import FAULTS
from assets.tables import intake

DELETED = "is_deleted"
"""Column that typed rows of a feed with deletion marks have: this row says it is no more."""
KEY_CONFLICT = "key:conflict"
"""Two rows of one delivery with the same key and different content: no order can be derived."""
STRANGER = "?"
"""What the number of a person or a thing begins with of which nobody knows whose it is."""
_ROW = ["delivery_id", "row_no"]


@dataclass(frozen=True, slots=True)
class Split:
    """Typed rows by what became of them."""

    good: pl.DataFrame
    """In the target's columns, unique by key within a delivery."""
    bad: pl.DataFrame
    """The same columns and `reasons`."""
    gone: pl.DataFrame
    """Rows that say their key is no more; of the other columns, what could be read."""


def split(typed: pl.DataFrame, raw: pl.DataFrame, table: Table) -> Split:
    """Separates sound rows from those that break any check, with every reason.

    Args:
        typed: columns of the table, `reading_faults`, and `is_deleted` where the feed marks it.
        raw: the raw rows they were read from.
        table: the target.
    """
    is_marked = DELETED in typed.columns
    key = ("delivery_id", *table.key)
    checks: list[tuple[str, str, pl.Expr | pl.Series]] = [
        (c.id, c.column, c.failed) for c in row_checks(table) if c.id != KEY_CHECK
    ]
    doubled = shared(typed, key)
    if doubled.any():
        typed, contradicts = _once(typed, doubled, raw, table)
        checks.append((KEY_CONFLICT, "", contradicts))
    failing = typed.select(
        failed.fill_null(False).alias(check_id) for check_id, _, failed in checks
    )
    is_bad = typed[FAULTS].is_not_null() | failing.select(pl.any_horizontal(pl.all())).to_series()
    good = typed.drop(FAULTS).filter(~is_bad)
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
    bad = bad.with_columns(reasons.alias("reasons")).drop(FAULTS)
    if not is_marked:
        return Split(good, bad, good.clear())
    # A row that is no more need only say which it is.
    says_which = pl.col(DELETED) & is_complete(table.key)
    ends = says_which & ~pl.col("reasons").list.contains(KEY_CONFLICT)
    columns = [name for name in good.columns if name != DELETED]
    return Split(
        good.filter(~pl.col(DELETED)).select(columns),
        bad.filter(~ends).drop(DELETED),
        pl.concat([good.filter(says_which), bad.filter(ends).select(good.columns)]).select(columns),
    )


def _once(
    typed: pl.DataFrame, doubled: pl.Series, raw: pl.DataFrame, table: Table
) -> tuple[pl.DataFrame, pl.Series]:
    """Of rows of a delivery that say the same, the last, and whether each contradicts another.

    Two numbers that could not be read are not the same number: rows without a complete key
    say the same only if they came as the same.

    Args:
        typed: of `split`.
        doubled: whether a row shares its key with another of its delivery.
        raw: of `split`.
        table: of `split`.
    """
    content = [name for name in typed.columns if name not in ("row_no", "received_at")]
    rows = typed.filter(doubled).with_columns(_place=doubled.arg_true())
    came = _raw_rows(raw, rows).select(*_ROW, "row_hash")
    last = (
        rows.join(came, on=_ROW, how="left", maintain_order="left")
        .with_columns(row_hash=pl.when(~is_complete(table.key)).then("row_hash"))
        .unique([*content, "row_hash"], keep="last", maintain_order=True)
    )
    # Of rows that say the same one is left: those that still share a key contradict each other.
    unlike = last.filter(is_complete(table.key) & shared(last, ("delivery_id", *table.key)))
    kept = (~doubled).scatter(last["_place"], True)
    contradicts = pl.repeat(False, typed.height, eager=True).scatter(unlike["_place"], True)
    return typed.filter(kept), contradicts.filter(kept)


def _raw_rows(raw: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The raw rows that typed rows were read from."""
    # By number first: that is quick, and leaves few rows to compare by delivery too.
    near = raw.filter(pl.col("row_no").is_in(rows["row_no"].unique().implode()))
    return near.join(rows, on=_ROW, how="semi")


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
    mine = _raw_rows(raw, bad).select(*_ROW, *sources)
    came = bad.select(_ROW).join(mine, on=_ROW, how="left", maintain_order="left")
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
            "cleared_at": [None] * bad.height,
            "cleared_by": [None] * bad.height,
            "cleared_why": [None] * bad.height,
        },
        schema=intake.QUARANTINE.schema,
    )


def withheld_rows(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Rows of `intake__quarantine` for sound rows of a base table that are not to be believed.

    Nothing is written: what they are is only read so.

    Args:
        rows: rows of the table, `reasons`, and further columns that are told with them.
        table: the target.
    """
    hidden = {c.name for c in table if c.sensitivity is Sensitivity.PERSONAL}
    told = [name for name in rows.columns if name not in (*PROVENANCE, *hidden, "reasons")]
    as_log = rows.select(
        *_ROW,
        pl.lit(table.name).alias("target"),
        "received_at",
        *(
            (pl.col(name) if name in rows.columns else pl.lit(None, pl.String())).alias(name)
            for name in ("usc_code", "person_key")
        ),
        "reasons",
        typed_json=pl.Series([_json(row) for row in rows.select(told).iter_rows(named=True)]),
        raw_json=pl.lit("{}"),
        key_json=pl.Series(
            [_key_json(row) for row in rows.select(table.key).iter_rows(named=True)]
        ),
    )
    return as_log.with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in intake.QUARANTINE.schema.items()
        if name not in as_log.columns
    ).select(intake.QUARANTINE.schema.names())


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
    """The rows set apart for a table whose doubt nothing has cleared.

    A doubt is cleared by a row of the base table with the same key that came with the same
    delivery or later, or by a later row of the log that says so. A row whose key could not be
    read stays open until then.

    Args:
        quarantine: rows of `intake__quarantine`.
        base: rows of the table.
        table: the target.
    """
    rows = uncleared(quarantine.filter(pl.col("target") == table.name))
    names = [f"_{name}" for name in table.key]
    told, cleared = _keys(table)
    return (
        rows.with_columns(told)
        .join(base.select(cleared), on=names, how="left")
        .filter(_IS_UNDONE)
        .drop(*names, "_cleared_at")
    )


# Written out once: making an expression costs as much as running it on the rows of one case.
_IS_UNDONE = pl.col("_cleared_at").is_null() | (pl.col("_cleared_at") < pl.col("received_at"))


@cache
def _keys(table: Table) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """The key of a row set apart, and of a row of the table with the instant it came."""
    told = [_from_json(table, name) for name in table.key]
    borne = [pl.col(name).alias(f"_{name}") for name in table.key]
    return told, [*borne, pl.col("received_at").alias("_cleared_at")]


_IS_CLEARING = pl.col("cleared_at").is_not_null()
_CLEARED = [*_ROW, "target", "key_json"]


def uncleared(quarantine: pl.LazyFrame) -> pl.LazyFrame:
    """The rows set apart that no later row of the log declares cleared."""
    cleared = quarantine.filter(_IS_CLEARING).select(_CLEARED)
    return quarantine.filter(~_IS_CLEARING).join(cleared, on=_CLEARED, how="anti", nulls_equal=True)


def read_as(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A value of `typed_json` in its type again; null where it cannot be that."""
    if dtype == pl.Date:
        return text.str.to_date("%Y-%m-%d", strict=False)
    return text == "true" if dtype == pl.Boolean else text.cast(dtype, strict=False)


def clearing_rows(rows: pl.DataFrame, at: datetime, by: str, why: str) -> pl.DataFrame:
    """Rows of the log that declare the doubt of rows set apart cleared; they repeat no content."""
    return rows.with_columns(
        cleared_at=pl.lit(at, INSTANT),
        cleared_by=pl.lit(by),
        cleared_why=pl.lit(why),
        typed_json=pl.lit("{}"),
        raw_json=pl.lit("{}"),
    ).select(intake.QUARANTINE.schema.names())


def keys_of(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The rows with the columns of the target's key, read from `key_json`."""
    return rows.with_columns(_from_json(table, name).alias(name) for name in table.key)


def _from_json(table: Table, name: str) -> pl.Expr:
    text = pl.col("key_json").str.json_path_match(f"$.{name}")
    if table[name].dtype == pl.Date():
        return text.str.to_date("%Y-%m-%d").alias(f"_{name}")
    return text.cast(table[name].dtype).alias(f"_{name}")
