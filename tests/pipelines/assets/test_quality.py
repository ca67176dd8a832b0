"""The suites look at what came since the last release, whole tables are believed as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake

from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import credit, enterprise, intake
from checks.gate import Run, release, run_checks
from checks.outcome import Outcome
from checks.quality import whole
from checks.release import latest
from pipelines.assets.quality import changed_deliveries, compared, gate
from pipelines.demo import demo_home
from pipelines.office import Office
from pipelines.settings import load

NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)
TABLE = credit.LISTING
OLD, NEW = "a.b.old", "a.b.new"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A lake that was released with the rows of one delivery."""
    store = Store(tmp_path / "lake")
    log(store, OLD, NOW)
    store.upsert(TABLE, listed(OLD, "1", "2"))
    run_checks(store, [], NOW)
    assert release(store, NOW) is not None
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


# -- whole tables, looked at beside the suites ---------------------------------------


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    """An office on the released lake."""
    demo_home(tmp_path, NOW.date())
    return Office(load(tmp_path))


def double_a_key(store: Store) -> None:
    """A row of a known delivery is written a second time, so that no suite has news to look at."""
    write_deltalake(store.path(TABLE), listed(OLD, "1"), mode="append")


def of_keys(run: Run) -> list[str]:
    is_of_keys = (pl.col("check_id") == "key") & (pl.col("target") == TABLE.name)
    return run.results.filter(is_of_keys)["status"].to_list()


def test_a_table_that_did_not_move_is_looked_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = compared(office, None)
    with monkeypatch.context() as patched:
        patched.setattr(whole, "examine", None)
        run, made = gate(office, seen, None)
    assert made == latest(office.store)
    assert made is not None and made.run_id == run.run_id
    assert of_keys(run) == ["passed"]
    assert seen.wholes == tuple(whole.examine(office.store))


def test_a_table_that_moved_before_the_gate_is_looked_at_again(office: Office) -> None:
    before = latest(office.store)
    seen = compared(office, None)
    double_a_key(office.store)
    run, serving = gate(office, seen, None)
    assert of_keys(run) == ["failed"]
    assert serving == before == latest(office.store), "the last good release goes on"


def test_a_table_that_moves_while_it_is_looked_at_is_looked_at_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine = whole.examine

    def and_another_writes(*given: object) -> list[Outcome]:
        monkeypatch.setattr(whole, "examine", examine)
        found = examine(*given)
        double_a_key(office.store)
        return found

    monkeypatch.setattr(whole, "examine", and_another_writes)
    seen = compared(office, None)
    run, _ = gate(office, seen, None)
    assert of_keys(run) == ["failed"]
