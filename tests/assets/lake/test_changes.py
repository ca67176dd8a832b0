"""What differs between two versions of a table is told exactly, whatever files it was written in."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest

from assets.lake.changes import EarlierUnreadable, changes, values_written
from assets.lake.declaration import Column, Layer, Mode, Table
from assets.lake.store import Store

VIEW = Table(
    name="test__view", layer=Layer.BASE, mode=Mode.VIEW, zh="试", en="test", key=("id",),
    columns=(
        Column(name="id", dtype=pl.String(), zh="键", en="key", nullable=False),
        Column(name="n", dtype=pl.Int64(), zh="数", en="number"),
    ),
)  # fmt: skip


def rows(**numbers: int | None) -> pl.DataFrame:
    return pl.DataFrame({"id": list(numbers), "n": list(numbers.values())}, schema=VIEW.schema)


@pytest.fixture(params=["lake", "数据 湖"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Store:
    return Store(tmp_path / request.param)


def told(store: Store, since: int) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    found = changes(store, VIEW, since)
    return sorted(found.gone.rows()), sorted(found.fresh.rows())


def test_a_row_that_was_told_otherwise_is_gone_and_fresh(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2, c=3))
    store.upsert(VIEW, rows(b=20, d=4))
    store.replace(VIEW, store.read(VIEW).filter(pl.col("id") != "c"))
    assert told(store, since) == ([("b", 2), ("c", 3)], [("b", 20), ("d", 4)])


def test_what_only_came_to_stand_in_another_file_is_no_change(store: Store) -> None:
    store.upsert(VIEW, rows(a=1))
    since = store.upsert(VIEW, rows(b=2))
    store.maintain(VIEW)
    assert store.files(VIEW, since).isdisjoint(store.files(VIEW, since + 1))
    assert told(store, since) == ([], [])


def test_a_row_differs_only_in_the_columns_that_are_asked_for(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2))
    store.upsert(VIEW, rows(b=20, c=3))
    found = changes(store, VIEW, since, ["id"])
    assert found.gone.is_empty() and found.fresh.rows() == [("c",)]


def test_only_files_of_one_of_the_versions_are_read(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1))
    [common] = store.files(VIEW, since)
    store.upsert(VIEW, rows(c=3))
    assert common in store.files(VIEW, since + 1)
    Path(unquote(common)).write_bytes(b"unreadable")
    assert told(store, since) == ([], [("c", 3)])
    assert told(store, since + 1) == ([], [])


def test_rows_whose_digests_meet_are_compared(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2))
    store.upsert(VIEW, rows(b=None))
    all_alike = lambda frame: pl.repeat(7, frame.height, eager=True, dtype=pl.UInt64)  # noqa: E731
    monkeypatch.setattr(pl.DataFrame, "hash_rows", all_alike)
    store.upsert(VIEW, rows(c=3))
    assert told(store, since) == ([("b", 2)], [("b", None), ("c", 3)])


def test_a_version_whose_files_are_gone_is_said_to_be_unreadable(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1))
    [vacuumed] = store.files(VIEW, since)
    store.upsert(VIEW, rows(a=2))
    Path(unquote(vacuumed)).unlink()
    with pytest.raises(EarlierUnreadable, match="test__view at version"):
        changes(store, VIEW, since)
    with pytest.raises(EarlierUnreadable):
        values_written(store, VIEW, ["n"], since)


def test_values_that_only_rows_written_since_have_are_told_once(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2, c=None))
    store.upsert(VIEW, rows(b=1, d=4, e=4))
    assert values_written(store, VIEW, ["n"], since)["n"].to_list() == [4]
    assert values_written(store, VIEW, ["n"], since + 1).is_empty()
