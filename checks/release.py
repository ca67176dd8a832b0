"""The log of releases: the versions of the base tables that decisions may read.

Belongs here: which releases there are, and what each pins. Does not: making one (`checks.gate`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import check


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The versions of the tables that passed (`RELEASED_TABLES`, by name)."""

    release_id: str
    released_at: datetime
    run_id: str
    versions: dict[str, int]
    checks_passed: int
    checks_failed: int


class NoSuchRelease(LookupError):
    """A release that is named and not there."""


def latest(store: Store) -> Release | None:
    """The release that decisions read, or None before the first."""
    return newest(store.scan(check.RELEASE))


def by_id(store: Store, release_id: str) -> Release:
    """A release by its id.

    Raises:
        NoSuchRelease: there is none.
    """
    found = newest(store.scan(check.RELEASE).filter(pl.col("release_id") == release_id))
    if found is None:
        raise NoSuchRelease(
            f"no release {release_id} in {store.path(check.RELEASE)}; "
            "`check__release` lists those there are"
        )
    return found


def cited_versions(store: Store, table: Table) -> list[int]:
    """The versions of a table that any release pins: what its vacuum must keep."""
    pinned = store.scan(check.RELEASE).select("versions_json").collect()["versions_json"]
    return sorted({v for text in pinned if (v := json.loads(text).get(table.name)) is not None})


def newest(releases: pl.LazyFrame) -> Release | None:
    """The newest of some rows of `check__release`, or None of none."""
    rows = releases.sort("release_id").tail(1).collect()
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    return Release(
        release_id=row["release_id"],
        released_at=row["released_at"],
        run_id=row["run_id"],
        versions=json.loads(row["versions_json"]),
        checks_passed=row["checks_passed"],
        checks_failed=row["checks_failed"],
    )
