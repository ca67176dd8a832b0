"""A child waits seven days for its parent; then it is not trusted until the parent comes."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from builders import findings_in, rows_of

from assets.lake.declaration import Table
from assets.tables import personnel
from checks.across.parents import PARENTS

LAST_MOMENT = datetime(2017, 2, 21, 15, 59, 59, tzinfo=UTC)
FIRST_MOMENT = datetime(2017, 2, 21, 16, tzinfo=UTC)
"""The day seven days before begins at 16:00 UTC of the day before it."""


def doubted(frames: dict[Table, pl.DataFrame]) -> list[str]:
    found = findings_in(frames).filter(check_id="F-07")
    assert set(found["severity"]) <= {"DATA"}
    return sorted(found["target"].unique())


@pytest.mark.parametrize(
    ("child", "parent"),
    [(child, parent) for child, _, parent, _ in PARENTS if child not in personnel.TABLES],
    ids=lambda table: table.name,
)
def test_a_child_without_its_parent_is_doubted_after_seven_days(
    child: Table, parent: Table
) -> None:
    every = {table for pair in PARENTS for table in (pair[0], pair[2])} - {child, parent}
    others = {table: rows_of(table, {}) for table in every}
    waited = {**others, child: rows_of(child, {"received_at": LAST_MOMENT})}
    assert child.name in doubted(waited)
    waits = {**others, child: rows_of(child, {"received_at": FIRST_MOMENT})}
    assert child.name not in doubted(waits)
    assert child.name not in doubted({**waited, parent: rows_of(parent, {})})
