"""What the log of deliveries and whole batches show (catalogue F-08, F-10, P-28).

Belongs here: deliveries sent before others, dates of receipt in place of missing ones, a code
list read upside down. Does not: rows (`assets.row_checks`), lost tables (`checks.quality.whole`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from assets.calendar import legal_date
from assets.intake.late import when_told
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import BASE_TABLES, intake, personnel
from checks.catalogue import BY_ID
from checks.outcome import KEYS_SHOWN, Outcome

if TYPE_CHECKING:
    from checks.since import Since

RECEIPT_SHARE = 0.01
RECEIPT_ROWS = 100
"""Of a delivery's rows, the share dated on the day of receipt that looks like a filler; in
smaller deliveries it says nothing. Starting values (cross-checks, note 4)."""
MASTERS = 20
"""高级技师 from which their number against that of 中级工 says anything."""


def sent_before(store: Store) -> Outcome:
    """F-08: deliveries that were told before one of the same feed that was taken in earlier.

    They are kept; what they say of a key that was told since changes nothing
    (`assets.intake.late`).
    """
    log = (
        when_told(store.kept(intake.DELIVERY))
        .with_columns(feed=pl.col("delivery_id").str.extract(r"^([^.]+\.[^.]+)\."))
        .with_columns(newest=pl.col("told_at").cum_max().shift(1).over("feed"))
    )
    late = log.filter(pl.col("told_at") < pl.col("newest"))
    return _outcome("F-08", intake.DELIVERY, log.height, late.select("delivery_id", "told_at"))


def dated_on_receipt(store: Store, table: Table, since: Since | None = None) -> Outcome:
    """F-10: a date that may be missing is, in over 1 % of a delivery, the day of receipt.

    It follows from the rows alone: of a table that stands as it did when none was found, none is.
    """
    known = None if since is None else since.passed_on_same("F-10", table)
    if known is not None:
        return _outcome("F-10", table, known, pl.DataFrame())
    dates = [c.name for c in table if c.nullable and c.dtype == pl.Date()]
    received = legal_date(pl.col("received_at"))
    rows = store.scan(table)
    # Few rows have a date on which anything was received: only these are compared with their own.
    on_days = rows.select(pl.col("received_at").unique()).select(received).unique().collect()
    days = on_days.to_series().implode()
    dated = rows.filter(pl.any_horizontal(pl.col(name).is_in(days) for name in dates))
    counts = (
        rows.group_by("delivery_id")
        .agg(rows=pl.len())
        .filter(pl.col("rows") >= RECEIPT_ROWS)
        .join(
            dated.group_by("delivery_id").agg((pl.col(name) == received).sum() for name in dates),
            on="delivery_id",
            how="left",
        )
        .collect()
    )
    filled = counts.unpivot(dates, index=["delivery_id", "rows"], variable_name="column").filter(
        pl.col("value") > pl.col("rows") * RECEIPT_SHARE
    )
    return _outcome("F-10", table, int(counts["rows"].sum()), filled.sort("delivery_id", "column"))


def grades_upside_down(store: Store) -> Outcome:
    """P-28: more 高级技师 than 中级工 in the whole table: its codes were read the wrong way."""
    grade = pl.col("grade")
    counts = (
        store.scan(personnel.SKILL)
        .select(
            rows=pl.len(),
            masters=(grade == "高级技师").sum(),
            middle=(grade == "中级工").sum(),
        )
        .collect()
    )
    wrong = counts.filter(pl.col("masters") >= MASTERS, pl.col("masters") > pl.col("middle"))
    return _outcome(
        "P-28",
        personnel.SKILL,
        counts["rows"].item(),
        wrong.select("masters", "middle"),
        is_blocking=True,
    )


DATED = tuple(
    table for table in BASE_TABLES if any(c.nullable and c.dtype == pl.Date() for c in table)
)
"""Tables with a date that may be missing."""


def _outcome(
    check_id: str, table: Table, row_count: int, found: pl.DataFrame, *, is_blocking: bool = False
) -> Outcome:
    entry = BY_ID[check_id]
    return Outcome(
        place="whole",
        check_id=check_id,
        target=table.name,
        column="",
        zh=entry.zh,
        en=entry.en,
        status="failed" if found.height else "passed",
        row_count=row_count,
        failed_count=found.height,
        is_blocking=is_blocking,
        keys=tuple(found.head(KEYS_SHOWN).iter_rows(named=True)),
    )
