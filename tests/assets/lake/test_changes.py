"""What differs between two versions of a table is told exactly, whatever files it was written in."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest
from polars.testing import assert_frame_equal

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


def elsewhere(store: Store) -> Store:
    """The lake as another process sees it, which knows only its files."""
    return Store(store.root)


def told(store: Store, since: int) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """What differs, as the files tell it: so does who wrote them."""
    found, own = changes(elsewhere(store), VIEW, since), changes(store, VIEW, since)
    for told, known in ((found.gone, own.gone), (found.fresh, own.fresh)):
        assert_frame_equal(told, known, check_row_order=False)
    return sorted(found.gone.rows()), sorted(found.fresh.rows())


def test_a_row_that_was_told_otherwise_is_gone_and_fresh(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2, c=3))
    store.upsert(VIEW, rows(b=20, d=4))
    store.replace(VIEW, store.read(VIEW).filter(pl.col("id") != "c"))
    assert told(store, since) == ([("b", 2), ("c", 3)], [("b", 20), ("d", 4)])


def test_what_came_and_went_again_or_came_back_differs_from_nothing(store: Store) -> None:
    store.upsert(VIEW, rows(a=1, b=2, c=3))
    since = store.upsert(VIEW, rows(a=10))
    store.upsert(VIEW, rows(a=1, b=20, d=4))
    store.upsert(VIEW, rows(a=10, b=2, c=30))
    store.exchange(VIEW, rows(d=4), rows())
    store.upsert(VIEW, rows(b=20))
    assert told(store, since) == ([("b", 2), ("c", 3)], [("b", 20), ("c", 30)])
    assert told(store, since - 1)[1] == [("a", 10), ("b", 20), ("c", 30)]


@pytest.mark.parametrize("between", ["another process", "a replacement", "compaction"])
def test_what_this_process_does_not_know_the_files_tell(store: Store, between: str) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2))
    store.upsert(VIEW, rows(c=3))
    if between == "another process":
        elsewhere(store).upsert(VIEW, rows(b=20))
    elif between == "a replacement":
        store.replace(VIEW, rows(a=1, b=20, c=3))
    else:
        store.maintain(VIEW)
        store.upsert(VIEW, rows(b=20))
    store.upsert(VIEW, rows(d=4))
    assert told(store, since) == ([("b", 2)], [("b", 20), ("c", 3), ("d", 4)])


def test_what_this_process_exchanged_is_told_without_the_files(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2))
    store.upsert(VIEW, rows(b=20))
    for file in store.files(VIEW, since) | store.files(VIEW, since + 1):
        Path(unquote(file)).write_bytes(b"unreadable")
    found = changes(store.twin(), VIEW, since)
    assert (found.gone.rows(), found.fresh.rows()) == ([("b", 2)], [("b", 20)])


def test_more_than_a_night_is_not_kept_in_memory(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.lake.exchanged.MOST_ROWS", 3)
    since = store.upsert(VIEW, rows(a=1))
    for n in range(4):
        store.upsert(VIEW, rows(a=10 + n))
    assert store.exchanged(VIEW, since, ["id"]) is None
    assert store.exchanged(VIEW, since + 3, ["id", "n"]) is not None
    assert told(store, since) == ([("a", 1)], [("a", 13)])


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
    store = elsewhere(store)
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
    store = elsewhere(store)
    with pytest.raises(EarlierUnreadable, match="test__view at version"):
        changes(store, VIEW, since)
    with pytest.raises(EarlierUnreadable):
        values_written(store, VIEW, ["n"], since)


def test_values_that_only_rows_written_since_have_are_told_once(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2, c=None))
    store.upsert(VIEW, rows(b=1, d=4, e=4))
    by_files = elsewhere(store)
    assert values_written(by_files, VIEW, ["n"], since)["n"].to_list() == [4]
    assert values_written(by_files, VIEW, ["n"], since + 1).is_empty()


def test_values_that_this_process_wrote_are_told_without_the_files(store: Store) -> None:
    since = store.upsert(VIEW, rows(a=1, b=2, c=3))
    store.upsert(VIEW, rows(b=2, c=30, d=4, e=4))
    for file in store.files(VIEW, since) | store.files(VIEW, since + 1):
        Path(unquote(file)).write_bytes(b"unreadable")
    assert values_written(store, VIEW, ["n"], since)["n"].sort().to_list() == [4, 30]
