"""A lake made by an earlier version is brought up to the declarations, or refused as a whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from deltalake.exceptions import DeltaError

from assets.lake.declaration import Column, Layer, Mode, Table
from assets.lake.delta import DeclarationConflict
from assets.lake.store import Store

ID = Column(name="id", dtype=pl.String(), zh="键", en="key", nullable=False)
KIND = Column(name="kind", dtype=pl.String(), zh="类", en="kind", codes=("a", "b"))
NUMBER = Column(name="n", dtype=pl.Int64(), zh="数", en="number", minimum=0)
BEFORE = Table(
    name="test__grown",
    layer=Layer.BASE,
    mode=Mode.LOG,
    zh="试",
    en="test",
    key=("id",),
    columns=(ID, KIND),
)
NOW = replace(BEFORE, columns=(ID, NUMBER, KIND))


def one(identity: str, **values: object) -> pl.DataFrame:
    return pl.DataFrame([{"id": identity, **values}])


@pytest.fixture(params=["lake", "数据 湖"])
def lake(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / str(request.param)
    Store(folder).append(BEFORE, one("old", kind="a"))
    return folder


def test_before_anything_is_written_a_new_column_reads_as_null(lake: Path) -> None:
    store = Store(lake)
    version = store.version(NOW)
    assert store.read(NOW).rows() == [("old", None, "a")]
    assert store.version(NOW) == version, "reading has changed the lake"


def test_a_column_declared_since_is_added_and_old_rows_have_it_null(lake: Path) -> None:
    store = Store(lake)
    store.append(NOW, one("new", n=1, kind="b"))
    assert store.read(NOW).sort("id").rows() == [("new", 1, "b"), ("old", None, "a")]
    assert store.read(NOW).schema == NOW.schema
    with pytest.raises(DeltaError):
        store.append(NOW, one("wrong", n=-1, kind="a"))


def test_versions_that_a_release_cites_read_as_before(lake: Path) -> None:
    cited = Store(lake).version(BEFORE)
    store = Store(lake)
    store.append(NOW, one("new", n=1, kind="b"))
    assert store.read(NOW, cited).rows() == [("old", None, "a")]


def test_a_table_that_is_as_declared_is_not_touched(lake: Path) -> None:
    store = Store(lake)
    version = store.version(BEFORE)
    assert store.append(BEFORE, BEFORE.empty()) == version


def test_a_list_of_values_that_has_grown_is_taken_over(lake: Path) -> None:
    wider = replace(BEFORE, columns=(ID, replace(KIND, codes=("a", "b", "c"))))
    store = Store(lake)
    store.append(wider, one("new", kind="c"))
    assert set(store.read(wider)["kind"]) == {"a", "c"}
    with pytest.raises(DeltaError):
        store.append(wider, one("wrong", kind="d"))


def test_rows_outside_a_narrower_list_are_told_and_nothing_is_written(lake: Path) -> None:
    narrower = replace(BEFORE, columns=(ID, replace(KIND, codes=("b",))))
    with pytest.raises(DeclarationConflict, match=r"test__grown.*outside"):
        Store(lake).append(narrower, one("new", kind="b"))
    assert Store(lake).read(BEFORE).rows() == [("old", "a")]


@pytest.mark.parametrize(
    "columns",
    [
        (ID, replace(KIND, dtype=pl.Int64(), codes=())),
        (ID,),
        (ID, KIND, replace(NUMBER, nullable=False)),
    ],
    ids=["another type", "no longer declared", "new and never null"],
)
def test_what_cannot_be_added_in_place_is_refused_with_table_and_column(
    lake: Path, columns: tuple[Column, ...]
) -> None:
    other = replace(BEFORE, columns=columns)
    version = Store(lake).version(BEFORE)
    with pytest.raises(DeclarationConflict, match=r"test__grown, column (kind|n)"):
        Store(lake).append(other, other.empty())
    assert Store(lake).version(BEFORE) == version


def test_a_change_cut_short_is_finished_by_the_next_writer(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deltalake.table import TableAlterer

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(TableAlterer, "add_constraint", killed)
        with pytest.raises(KeyboardInterrupt):
            Store(lake).append(NOW, one("new", n=1, kind="b"))
    store = Store(lake)
    store.append(NOW, one("new", n=1, kind="b"))
    assert store.read(NOW).sort("id").rows() == [("new", 1, "b"), ("old", None, "a")]
    with pytest.raises(DeltaError):
        store.append(NOW, one("wrong", n=-1, kind="a"))


@pytest.mark.parametrize("made", [False, True], ids=["a new lake", "an older lake"])
def test_many_that_begin_at_once_all_write_and_all_is_enforced(tmp_path: Path, made: bool) -> None:
    if made:
        Store(tmp_path).append(BEFORE, one("old", kind="a"))
    told = [f"new {number}" for number in range(6)]
    with ThreadPoolExecutor(len(told)) as pool:
        list(pool.map(lambda name: Store(tmp_path).append(NOW, one(name, n=1, kind="b")), told))
    store = Store(tmp_path)
    assert sorted(store.read(NOW)["id"]) == [*told, *(["old"] if made else [])]
    with pytest.raises(DeltaError):
        store.append(NOW, one("wrong", n=-1, kind="a"))
