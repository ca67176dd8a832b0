"""The suites look at the deliveries that came since the last release, and at no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.declaration import Table
from assets.store import Store
from assets.tables import credit, enterprise, intake
from checks import release
from pipelines.quality import changed_deliveries

NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)
TABLE = credit.LISTING
OLD, NEW = "a.b.old", "a.b.new"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A lake that was released with the rows of one delivery."""
    store = Store(tmp_path / "lake")
    log(store, OLD, NOW)
    store.upsert(TABLE, listed(OLD, "1", "2"))
    release.run_checks(store, [], NOW)
    assert release.release(store, NOW) is not None
    return store


def rows_of(table: Table, **told: object) -> pl.DataFrame:
    made = {
        "usc_code": "91330199MADGFK2476", "delivery_id": OLD, "row_no": 1, "received_at": NOW,
        "channel": "a", "feed": "b", "file_name": "f", "file_version": "1", "read_by": "0" * 16,
        "file_sha256": "0" * 64, "status": "accepted", "row_count": 1, "repeated_count": 0,
        "quarantined_count": 0, "target": TABLE.name, "reasons": ["x"], "typed_json": "{}", "raw_json": "{}",
        "list": "经营异常名录", "listed_on": NOW.date(),
    }  # fmt: skip
    row = {column.name: (made | told).get(column.name) for column in table}
    return pl.DataFrame([row], schema=table.schema)


def log(store: Store, delivery: str, at: datetime) -> None:
    store.append(intake.DELIVERY, rows_of(intake.DELIVERY, delivery_id=delivery, received_at=at))


def listed(delivery: str, *numbers: str, at: datetime = NOW) -> pl.DataFrame:
    [key] = TABLE.key
    return pl.concat(
        [
            rows_of(
                TABLE, **{key: number}, delivery_id=delivery, row_no=int(number), received_at=at
            )
            for number in numbers
        ]
    )


def test_where_nothing_came_nothing_is_looked_at(store: Store) -> None:
    assert changed_deliveries(store) == {}


def test_before_the_first_release_everything_is(tmp_path: Path) -> None:
    store = Store(tmp_path / "lake")
    store.upsert(TABLE, listed(OLD, "1"))
    assert changed_deliveries(store) == {TABLE.name: (OLD,)}


def test_what_came_since_is_though_it_was_written_beside_what_was_there(store: Store) -> None:
    later = NOW + timedelta(days=1)
    log(store, NEW, later)
    store.upsert(TABLE, listed(NEW, "2", "3", at=later))
    assert changed_deliveries(store) == {TABLE.name: (NEW,)}


def test_what_came_since_is_though_all_of_it_was_set_apart(store: Store) -> None:
    later = NOW + timedelta(days=1)
    log(store, NEW, later)
    store.append(intake.QUARANTINE, rows_of(intake.QUARANTINE, delivery_id=NEW, received_at=later))
    assert changed_deliveries(store) == {TABLE.name: (NEW,)}
    apart = rows_of(intake.QUARANTINE, delivery_id=NEW, row_no=2, target=enterprise.EVENT.name)
    store.append(intake.QUARANTINE, apart)
    assert set(changed_deliveries(store)) == {TABLE.name, enterprise.EVENT.name}


def test_a_row_of_a_delivery_known_before_that_is_read_again_makes_it_no_news(store: Store) -> None:
    """Of what is set apart one row is sound by now; a year later, in files of its own."""
    store.upsert(TABLE, listed(OLD, "9", at=NOW + timedelta(days=365)))
    assert changed_deliveries(store) == {}
