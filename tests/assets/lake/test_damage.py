"""What of a lakehouse is damaged is named: the table, the file, and what is said of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from assets.lake.damage import damage
from assets.lake.store import Store
from assets.tables import check, intake

NOW = datetime(2017, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "lake")
    for table in (check.RELEASE, check.BASIS):
        made.append(table, table.conform(pl.DataFrame([_row(table.schema)], schema=table.schema)))
    return Store(tmp_path / "lake")


def _row(schema: pl.Schema) -> dict[str, object]:
    values: dict[type, object] = {pl.String: "x", pl.Datetime: NOW, pl.Boolean: True}
    return {name: values.get(dtype.base_type(), 1) for name, dtype in schema.items()}


def _cut_off(file: Path) -> None:
    os.truncate(file, 200)


def _overwritten(file: Path) -> None:
    file.write_bytes(b"a foreign file of some length" * 50)


@pytest.mark.parametrize("ruin", [_cut_off, _overwritten, Path.unlink])
def test_a_data_file_that_is_cut_off_foreign_or_gone_is_named(
    store: Store, ruin: Callable[[Path], None]
) -> None:
    (file,) = Path(store.path(check.RELEASE)).glob("*.parquet")
    ruin(file)
    (found,) = damage(store, (check.RELEASE, check.BASIS, intake.DELIVERY))
    assert (found.table, found.file) == ("check__release", str(file))
    assert found.said


def test_a_log_that_is_cut_off_is_named(store: Store) -> None:
    log = Path(store.path(check.RELEASE)) / "_delta_log"
    _cut_off(sorted(log.glob("*.json"))[-1])
    (found,) = damage(store, (check.RELEASE, check.BASIS))
    assert (found.table, found.file) == ("check__release", str(log))


def test_of_a_sound_lakehouse_nothing_is_named(store: Store) -> None:
    assert not list(damage(store, (check.RELEASE, check.BASIS, intake.DELIVERY)))
