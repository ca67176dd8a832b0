"""Logs only grow, views have one writer, and what a decision cited can be read again."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow.parquet import ParquetFile

from assets.lake.declaration import Column, Layer, Mode, Table
from assets.lake.store import SnapshotConflict, Store, WrongMode


def _table(name: str, mode: Mode) -> Table:
    return Table(
        name=name,
        layer=Layer.BASE,
        mode=mode,
        zh="试",
        en="test",
        key=("id",),
        columns=(
            Column(name="id", dtype=pl.String(), zh="键", en="key", nullable=False),
            Column(name="n", dtype=pl.Int64(), zh="数", en="number", minimum=0, maximum=99),
            Column(name="kind", dtype=pl.String(), zh="类", en="kind", codes=("a", "b")),
        ),
    )


LOG = _table("test__log", Mode.LOG)
VIEW = _table("test__view", Mode.VIEW)


def rows(*ids: str, n: int = 1) -> pl.DataFrame:
    return pl.DataFrame({"id": ids, "n": [n] * len(ids)}, schema={"id": pl.String, "n": pl.Int64})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def ids(store: Store, table: Table) -> list[str]:
    return sorted(store.read(table)["id"])


def test_an_unwritten_table_has_its_columns_and_no_rows(store: Store) -> None:
    assert store.version(LOG) is None
    assert store.read(LOG).schema == LOG.schema


def test_a_log_grows(store: Store) -> None:
    store.append(LOG, rows("a"))
    store.append(LOG, rows("b"))
    assert ids(store, LOG) == ["a", "b"]


def test_a_log_can_neither_be_replaced_nor_upserted(store: Store) -> None:
    for write in (store.replace, store.upsert):
        with pytest.raises(WrongMode, match="only grows"):
            write(LOG, rows("a"))


def test_delta_itself_refuses_to_delete_from_a_log(store: Store) -> None:
    store.append(LOG, rows("a"))
    with pytest.raises(DeltaError):
        DeltaTable(store.path(LOG)).delete("id = 'a'")


def test_a_view_is_not_appended_to(store: Store) -> None:
    with pytest.raises(WrongMode, match="view"):
        store.append(VIEW, rows("a"))
    with pytest.raises(WrongMode, match="view"):
        store.turn(VIEW, "stage")


def test_of_two_racing_turns_of_one_stage_one_conflicts_and_writes_nothing(tmp_path: Path) -> None:
    Store(tmp_path).append(LOG, rows("a"))
    one, other = Store(tmp_path).turn(LOG, "stage"), Store(tmp_path).turn(LOG, "stage")
    one.append(rows("b"))
    with pytest.raises(SnapshotConflict):
        other.append(rows("b"))
    assert ids(Store(tmp_path), LOG) == ["a", "b"]


def test_a_turn_conflicts_when_the_log_grew_through_the_same_store(store: Store) -> None:
    turn = store.turn(LOG, "stage")
    store.append(LOG, rows("a"))
    assert turn.scan().collect().is_empty()
    with pytest.raises(SnapshotConflict, match="grew"):
        turn.append(rows("b"))


def test_a_turn_cannot_be_taken_twice(store: Store) -> None:
    turn = store.turn(LOG, "stage")
    turn.append(rows("a"))
    with pytest.raises(SnapshotConflict):
        turn.append(rows("a"))
    assert ids(store, LOG) == ["a"]


def test_a_new_turn_sees_what_the_last_one_wrote(store: Store) -> None:
    store.turn(LOG, "stage").append(rows("a"))
    turn = store.turn(LOG, "stage")
    assert turn.scan().collect()["id"].to_list() == ["a"]
    turn.append(rows("b"))
    assert ids(store, LOG) == ["a", "b"]


def test_an_empty_append_makes_no_version(store: Store) -> None:
    version = store.turn(LOG, "stage").append(LOG.empty())
    assert version == store.append(LOG, LOG.empty()) == store.version(LOG)


def test_an_upsert_sets_known_keys_and_adds_new_ones(store: Store) -> None:
    store.upsert(VIEW, rows("a", "b"))
    store.upsert(VIEW, rows("b", "c", n=2))
    assert dict(store.read(VIEW).select("id", "n").iter_rows()) == {"a": 1, "b": 2, "c": 2}


def test_an_upsert_that_changes_nothing_makes_no_version(store: Store) -> None:
    version = store.upsert(VIEW, rows("a", "b"))
    assert store.upsert(VIEW, rows("b", "a")) == version
    assert store.upsert(VIEW, rows("b")) == version
    assert store.upsert(VIEW, VIEW.empty()) == version


def test_an_upsert_of_wholes_drops_the_parts_that_are_no_longer_told(store: Store) -> None:
    store.upsert(VIEW, rows("a", "b", "c"))
    store.upsert(VIEW, rows("b", n=3), replacing=pl.DataFrame({"id": ["a", "b"]}))
    assert ids(store, VIEW) == ["b", "c"]


@given(
    before=st.dictionaries(st.sampled_from("abcdefg'"), st.integers(0, 3)),
    told=st.dictionaries(st.sampled_from("abcdefgh'"), st.integers(0, 3)),
    listed=st.integers(0, 3),
)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_an_exchange_in_parts_ends_as_one_of_the_whole_does(
    before: dict[str, int],
    told: dict[str, int],
    listed: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    store = Store(tmp_path_factory.mktemp("lake"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("assets.lake.store.PART_ROWS", 3)
        patched.setattr("assets.lake.layout.LISTED_VALUES", listed)
        for ids_of_file in (list(before)[::2], list(before)[1::2]):
            held = pl.DataFrame({"id": ids_of_file, "n": [before[i] for i in ids_of_file]})
            store.upsert(VIEW, held.cast({"id": pl.String, "n": pl.Int64}))
        rows = pl.DataFrame(
            list(told.items()), schema={"id": pl.String, "n": pl.Int64}, orient="row"
        )
        store.upsert(VIEW, rows)
        assert dict(store.read(VIEW).select("id", "n").iter_rows()) == before | told
        gone = store.meeting(VIEW, rows.select("id"))
        store.exchange(VIEW, gone, VIEW.empty())
    assert dict(store.read(VIEW).select("id", "n").iter_rows()) == {
        name: n for name, n in before.items() if name not in told
    }


def test_an_exchange_of_thousands_of_enterprises_goes_through(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.lake.store.PART_ROWS", 15_000)
    many = [f"{n:05}" for n in range(20_000)]
    store.upsert(VIEW, rows(*many))
    store.upsert(VIEW, rows(*many[::2], n=2))
    assert store.read(VIEW)["n"].value_counts().sort("n").rows() == [(1, 10_000), (2, 10_000)]


def test_a_changed_row_leaves_the_files_alone_that_hold_nothing_of_its_enterprise(
    store: Store,
) -> None:
    for name in ("a", "b", "c", "d"):
        store.upsert(VIEW, rows(name))

    def files() -> set[str]:
        return set(DeltaTable(store.path(VIEW)).file_uris())

    before = files()
    store.upsert(VIEW, rows("b", "e", n=2))
    assert len(before & files()) == 3
    assert ids(store, VIEW) == ["a", "b", "c", "d", "e"]


def test_a_text_has_a_dictionary_where_it_repeats_and_none_where_it_does_not(store: Store) -> None:
    many = rows(*(f"{n:04}" for n in range(1_000))).with_columns(kind=pl.lit("a"))
    store.upsert(VIEW, many)
    for is_compacted in (False, True):
        if is_compacted:
            store.upsert(VIEW, many.with_columns(pl.col("id") + "x"))
            store.maintain(VIEW)
        [file] = DeltaTable(store.path(VIEW)).file_uris()
        columns = [ParquetFile(file).metadata.row_group(0).column(n) for n in range(3)]
        has_dictionary = {one.path_in_schema: one.has_dictionary_page for one in columns}
        assert has_dictionary == {"id": False, "n": False, "kind": True}


def test_a_replace_by_the_same_rows_makes_no_version(store: Store) -> None:
    version = store.replace(VIEW, rows("a", "b"))
    assert store.replace(VIEW, rows("b", "a")) == version
    assert store.replace(VIEW, rows("a")) == version + 1
    assert ids(store, VIEW) == ["a"]


def test_a_table_is_read_as_it_was_at_a_version(store: Store) -> None:
    before = store.upsert(VIEW, rows("a"))
    store.upsert(VIEW, rows("a", n=7))
    assert store.read(VIEW, before)["n"].to_list() == [1]
    assert store.read(VIEW)["n"].to_list() == [7]


def test_another_process_sees_new_rows_without_being_told(tmp_path: Path) -> None:
    reader = Store(tmp_path)
    Store(tmp_path).append(LOG, rows("a"))
    assert ids(reader, LOG) == ["a"]
    Store(tmp_path).append(LOG, rows("b"))
    assert ids(reader, LOG) == ["a", "b"]


def test_what_is_kept_of_a_table_is_what_stands_there_now_whoever_wrote_it(tmp_path: Path) -> None:
    reader = Store(tmp_path)
    assert reader.kept(LOG).is_empty() and reader.kept(LOG).schema == LOG.schema
    for number, one in enumerate("abc", start=1):
        Store(tmp_path).append(LOG, rows(one))
        assert sorted(reader.kept(LOG)["id"]) == list("abc")[:number]
    assert reader.kept(LOG) is reader.kept(LOG)


@pytest.mark.parametrize("bad", [rows("a", n=100), rows("a").with_columns(kind=pl.lit("z"))])
def test_delta_refuses_a_value_outside_what_is_declared(store: Store, bad: pl.DataFrame) -> None:
    with pytest.raises(DeltaError):
        store.upsert(VIEW, bad)


def test_an_undeclared_column_is_refused_with_its_name(store: Store) -> None:
    with pytest.raises(ValueError, match="surprise"):
        store.append(LOG, rows("a").with_columns(surprise=pl.lit(1)))


def test_compaction_changes_no_row_and_leaves_old_versions_readable(store: Store) -> None:
    store.append(LOG, rows("a"))
    before = store.version(LOG)
    for n in range(5):
        store.append(LOG, rows(f"b{n}"))
    store.maintain(LOG)
    assert len(ids(store, LOG)) == 6
    assert store.read(LOG, before)["id"].to_list() == ["a"]
    store.append(LOG, rows("c"))
    assert len(ids(store, LOG)) == 7


def test_a_vacuum_keeps_what_a_release_cites_and_deletes_the_rest(store: Store) -> None:
    lost = store.replace(VIEW, rows("lost"))
    cited = store.replace(VIEW, rows("cited"))
    store.replace(VIEW, rows("now"))
    assert store.vacuum(VIEW, [cited], grace_hours=0)
    assert store.read(VIEW, cited)["id"].to_list() == ["cited"]
    assert ids(store, VIEW) == ["now"]
    with pytest.raises((DeltaError, OSError, pl.exceptions.PolarsError)):
        store.read(VIEW, lost)


def test_a_vacuum_takes_nothing_from_a_process_that_reads_or_is_about_to_commit(
    store: Store, tmp_path: Path
) -> None:
    store.append(LOG, rows("a"))
    store.append(LOG, rows("b"))
    reading = store.scan(LOG)
    folder = Path(store.path(LOG))
    written = folder / "part-00000-written-and-not-yet-committed.parquet"
    rows("c").write_parquet(written)
    upkeep = Store(store.root)
    upkeep.maintain(LOG)
    upkeep.vacuum(LOG, [])
    assert sorted(reading.collect()["id"]) == ["a", "b"]
    assert written.exists()


def test_handles_are_opened_anew_and_lose_nothing_over_many_commits(store: Store) -> None:
    for n in range(60):
        store.append(LOG, rows(f"{n}"))
    assert len(ids(store, LOG)) == 60


def test_a_home_with_chinese_characters_and_blanks_in_its_name_works_like_any_other(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "审批 office")
    store.append(LOG, rows("a"))
    store.append(LOG, rows("b"))
    assert sorted(ids(store, LOG)) == ["a", "b"]
    first = store.version(LOG)
    assert first is not None
    assert store.read(LOG, first - 1)["id"].to_list() == ["a"]
