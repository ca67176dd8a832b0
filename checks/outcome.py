"""What became of one check: the shape that suites, cross-checks and the gate share.

Belongs here: outcomes and their rows in `check__result`. Does not: any check.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from assets.tables import check

Status = Literal["passed", "failed", "error"]
"""`error`: the check itself broke and says nothing about the data."""

KEYS_SHOWN = 20
"""Failing keys that a report carries; quarantine has every one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One check on one table.

    `keys` are the keys of up to `KEYS_SHOWN` failing rows, each column by its name.
    `is_blocking` says that a failure stops the release; an error always does.
    """

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


def result_rows(outcomes: Iterable[Outcome], run_id: str, checked_at: datetime) -> pl.DataFrame:
    """The outcomes as rows of `check__result`, one per check and table."""
    return pl.DataFrame(
        [
            {
                "run_id": run_id,
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
    ).unique(list(check.RESULT.key), keep="last", maintain_order=True)
