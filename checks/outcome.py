"""What became of one check: the shape that suites, cross-checks and the gate share.

Belongs here: outcomes and their rows in `check__result` and `check__failure`. Does not: any
check.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from assets.lake.declaration import Table
from assets.tables import check

Status = Literal["passed", "failed", "error"]
"""`error`: the check itself broke and says nothing about the data."""
STATUSES: tuple[Status, ...] = ("passed", "failed", "error")
"""Worst last."""

Place = Literal["suite", "cross", "whole"]
"""Where it was carried out: the suite of a table, across tables, on tables as a whole."""

KEYS_SHOWN = 20
"""Failing rows that a report carries; quarantine and the findings have every one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One check on one table.

    `keys` are the keys of up to `KEYS_SHOWN` failing rows, each column by its name.
    `is_blocking` says that a failure stops the release; an error always does.
    """

    place: Place
    check_id: str
    target: str
    column: str
    zh: str
    en: str
    status: Status
    row_count: int
    failed_count: int = 0
    is_blocking: bool = False
    keys: tuple[dict[str, Any], ...] = ()
    note: str | None = None

    @property
    def success(self) -> bool:
        """Whether the check passed."""
        return self.status == "passed"

    @property
    def blocks(self) -> bool:
        """Whether this outcome stops the release."""
        return self.status == "error" or (self.is_blocking and self.status == "failed")


def broken(
    place: Place, check_id: str, table: Table, zh: str, en: str, error: Exception
) -> Outcome:
    """A check that raised: it says nothing about the data, and blocks."""
    return Outcome(
        place=place,
        check_id=check_id,
        target=table.name,
        column="",
        zh=zh,
        en=en,
        status="error",
        row_count=0,
        is_blocking=True,
        note=f"{type(error).__name__}: {error}",
    )


def result_rows(outcomes: Iterable[Outcome], run_id: str, checked_at: datetime) -> pl.DataFrame:
    """The outcomes as rows of `check__result`, one per check, place and table.

    Raises:
        ValueError: two outcomes would be one row, and one of them would be lost.
    """
    rows = pl.DataFrame(
        [
            {
                "run_id": run_id,
                "place": outcome.place,
                "check_id": outcome.check_id,
                "target": outcome.target,
                "checked_at": checked_at,
                "status": outcome.status,
                "is_blocking": outcome.is_blocking or outcome.status == "error",
                "row_count": outcome.row_count,
                "failed_count": outcome.failed_count,
                "note": outcome.note,
            }
            for outcome in outcomes
        ],
        schema=check.RESULT.schema,
    )
    doubled = rows.filter(pl.struct(check.RESULT.key).is_duplicated())
    if doubled.height:
        names = doubled.select("place", "check_id", "target").unique().sort(pl.all()).rows()
        raise ValueError(f"two outcomes of one check and table: {names}; give one another id")
    return rows


def failure_rows(outcomes: Iterable[Outcome], run_id: str) -> pl.DataFrame:
    """The failing rows that outcomes show as rows of `check__failure`."""
    return pl.DataFrame(
        [
            {
                "run_id": run_id,
                "place": outcome.place,
                "check_id": outcome.check_id,
                "target": outcome.target,
                "number": number,
                "row_json": json.dumps(key, ensure_ascii=False, default=str),
            }
            for outcome in outcomes
            for number, key in enumerate(outcome.keys, start=1)
        ],
        schema=check.FAILURE.schema,
    )
