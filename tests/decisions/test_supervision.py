"""Runs of the re-check on real Delta: opened once, each bucket once, and what has changed since."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from shipped import BOOK

from assets.store import Store
from assets.tables import supervision as tables
from decisions.buckets import BUCKETS, batches, bucket_of, portions, side_by_side
from decisions.recheck import QUALIFICATION
from decisions.supervision import (
    Evaluation,
    Rechecked,
    Run,
    Scope,
    SupervisionError,
    commit,
    current,
    newest_results,
    open_run,
)

NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)
ANNA, BELLA = "91330106MA27XXXX11", "91330106MA27XXXX2Y"
KEY = {"category_code": "S11", "subcategory": "", "level": "二级", "certificate_no": "D233000010"}


def a_run(
    store: Store, number: int, *, release_id: str = "R000001", day: int = 0, **scope: Any
) -> Run:
    """A run opened on the `number`-th of March, or on the `day`-th."""
    as_of = date(2017, 3, day or number)
    run = Run(f"FC{number}", as_of, Scope(**scope), release_id, None, True)
    row = {
        "run_id": run.run_id,
        "opened_at": NOW + timedelta(days=day or number),
        "as_of": run.as_of,
        **scope,
        "release_id": release_id,
        "rulebook_digest": "d",
        "recalled_may_grant": True,
        "engine_version": "1",
    }
    store.append(
        tables.RECHECK, tables.RECHECK.conform(pl.DataFrame([row], infer_schema_length=None))
    )
    return run


def evaluated(**found: dict[str, str]) -> list[Evaluation]:
    """Enterprises by name, each with its findings: criterion to result."""
    codes = {"anna": ANNA, "bella": BELLA}
    results, findings = [], []
    for name, of_it in found.items():
        worst = "not_met" if "not_met" in of_it.values() else "no_data" if of_it else "met"
        place = {"bucket": bucket_of(codes[name]), "usc_code": codes[name], **KEY}
        results.append(place | {"region_code": "330106", "result": worst, "rule_digest": "d"})
        findings += [
            place
            | {"criterion": criterion, "parent": None, "result": result, "zh": "z", "en": "e"}
            | {"required": "r", "actual": "a", "short_by": 1.0, "note": None, "clause": "c"}
            | {"basis": "seen", "evidence_json": "[]"}
            for criterion, result in of_it.items()
        ]
    frames = [
        pl.DataFrame(rows, schema={k: v for k, v in table.schema.items() if k != "run_id"})
        for table, rows in ((tables.RECHECK_RESULT, results), (tables.RECHECK_FINDING, findings))
    ]
    lost = pl.DataFrame(schema={"bucket": pl.String(), "rows": pl.UInt32()})
    return [
        Evaluation(bucket, Rechecked(*(f.filter(bucket=bucket) for f in (*frames, lost))), 0.1)
        for bucket in BUCKETS
    ]


def done(store: Store, number: int, scope: dict[str, Any] | None = None, **found: Any) -> Run:
    run = a_run(store, number, **(scope or {}))
    for one in evaluated(**found):
        commit(store, run, one, NOW)
    return run


def changes(store: Store) -> set[tuple[str, str, str, str]]:
    rows = current(store).select("usc_code", "criterion", "result", "change").rows()
    names = {ANNA: "anna", BELLA: "bella"}
    return {(names[code], *rest) for code, *rest in rows}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_first_look_has_nothing_to_compare_with(store: Store) -> None:
    done(store, 1, anna={"net_assets": "not_met"}, bella={})
    assert changes(store) == {("anna", "net_assets", "not_met", "first")}
    assert newest_results(store).collect().height == 2


def test_newly_failing_newly_unknown_recovered_and_the_same_are_told_apart(store: Store) -> None:
    done(store, 1, anna={"a": "not_met", "b": "not_met", "c": "no_data", "d": "not_met"}, bella={})
    done(store, 2, anna={"a": "not_met", "c": "not_met", "d": "no_data"}, bella={"e": "no_data"})
    assert changes(store) == {
        ("anna", "a", "not_met", "same"),
        ("anna", "b", "met", "recovered"),
        ("anna", "c", "not_met", "newly_not_met"),
        ("anna", "d", "no_data", "newly_no_data"),
        ("bella", "e", "no_data", "newly_no_data"),
    }
    recovered = current(store).row(by_predicate=pl.col("criterion") == "b", named=True)
    assert (recovered["result_before"], recovered["run_id"]) == ("not_met", "FC2")


def test_of_runs_of_one_instant_the_one_on_the_newer_release_is_the_newest(store: Store) -> None:
    """Whatever their numbers: of a clock that stands still, as in the demo."""
    done(store, 2, {"day": 1}, anna={"a": "not_met"}, bella={})
    done(store, 1, {"day": 1, "release_id": "R000002"}, anna={}, bella={"b": "no_data"})
    assert changes(store) == {
        ("anna", "a", "met", "recovered"),
        ("bella", "b", "no_data", "newly_no_data"),
    }


def test_what_the_newest_run_over_everything_does_not_list_is_no_longer_live(store: Store) -> None:
    done(store, 1, anna={"a": "not_met"}, bella={"a": "not_met"})
    done(store, 2, bella={"a": "not_met"})
    assert changes(store) == {("bella", "a", "not_met", "same")}


def test_a_run_over_one_enterprise_leaves_the_others_as_they_were(store: Store) -> None:
    done(store, 1, anna={"a": "not_met"}, bella={"a": "not_met"})
    done(store, 2, {"usc_code": BELLA}, bella={})
    assert changes(store) == {
        ("anna", "a", "not_met", "first"),
        ("bella", "a", "met", "recovered"),
    }


def test_a_bucket_that_is_not_done_does_not_count_yet(store: Store) -> None:
    done(store, 1, anna={"a": "not_met"})
    run = a_run(store, 2)
    for one in evaluated(anna={}):
        if one.bucket != bucket_of(ANNA):
            commit(store, run, one, NOW)
    assert changes(store) == {("anna", "a", "not_met", "first")}


def test_a_bucket_is_written_once(store: Store) -> None:
    run = done(store, 1, anna={"a": "not_met"}, bella={})
    before = [store.version(table) for table in tables.TABLES[:4]]
    again = [commit(store, run, one, NOW) for one in evaluated(anna={"a": "not_met"}, bella={})]
    assert not any(one.is_new for one in again)
    assert [store.version(table) for table in tables.TABLES[:4]] == before


@pytest.mark.parametrize("written", [tables.RECHECK_FINDING, tables.RECHECK_RESULT])
def test_killed_between_the_logs_it_adds_only_what_is_missing(
    store: Store, monkeypatch: pytest.MonkeyPatch, written: Any
) -> None:
    run = a_run(store, 1)
    (mine,) = [o for o in evaluated(anna={"a": "not_met"}) if o.bucket == bucket_of(ANNA)]
    whole, order = store.turn, [t.name for t in (tables.RECHECK_FINDING, tables.RECHECK_RESULT)]
    after = [*order[order.index(written.name) + 1 :], tables.RECHECK_BUCKET.name]

    class Killed(Exception):
        pass

    write = Store._write

    def killed(self: Store, table: Any, *rest: Any, **named: Any) -> int:
        if table.name in after:
            raise Killed
        return write(self, table, *rest, **named)

    with monkeypatch.context() as at_the_kill:
        at_the_kill.setattr(Store, "_write", killed)
        with pytest.raises(Killed):
            commit(store, run, mine, NOW)
    assert store.read(tables.RECHECK_BUCKET).is_empty()
    assert whole(tables.RECHECK_FINDING, "x").scan().collect().height == 1
    assert commit(Store(store.root), run, mine, NOW).is_new
    for table in (tables.RECHECK_FINDING, tables.RECHECK_RESULT, tables.RECHECK_BUCKET):
        assert Store(store.root).read(table).height == 1


def test_batches_hold_every_enterprise_once_and_no_more_than_asked() -> None:
    codes = [f"91330106MA27{number:05d}X" for number in range(1000)]
    made = list(batches(codes, BUCKETS, 200))
    assert sorted(code for _, mine in made for code in mine) == codes
    assert [bucket for buckets, _ in made for bucket in buckets] == list(BUCKETS)
    assert all(len(mine) <= 200 for _, mine in made)
    assert all(bucket_of(code) in buckets for buckets, mine in made for code in mine)
    assert len(list(batches(codes, BUCKETS, 1))) == len(BUCKETS)


def test_portions_go_through_the_buckets_and_cut_the_large_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    codes = [f"91330106MA27{number:05d}X" for number in range(1000)]
    made = list(portions(codes, BUCKETS, 30))
    assert [len(mine) for _, mine in made] == [30] * 33 + [10]
    seen: list[str] = []
    for ended, mine in made:
        seen += mine
        for bucket in ended:
            assert {bucket_of(code) for code in codes if code not in seen}.isdisjoint({bucket})
    assert sorted(seen) == codes
    assert [bucket for ended, _ in made for bucket in ended] == list(BUCKETS)
    assert list(portions([], BUCKETS, 30)) == [(list(BUCKETS), [])]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (20, [20]),
        (25, [25]),
        (26, [25, 1]),
        (160, [80, 80]),
        (200, [100, 100]),
        (201, [51, 51, 51, 48]),
    ],
)
def test_portions_are_even_and_as_many_for_each_core_but_where_parting_costs_more(
    count: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    codes = [f"91330106MA27{number:05d}X" for number in range(count)]
    assert [len(mine) for _, mine in portions(codes, BUCKETS, 100)] == sizes


def test_work_side_by_side_comes_in_order_and_an_error_ends_it() -> None:
    assert [answer for _, answer in side_by_side(lambda n: n * n, range(20))] == [
        n * n for n in range(20)
    ]
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda n: 1 / n, [2, 1, 0]))


def test_the_bucket_of_an_enterprise_never_changes() -> None:
    assert [bucket_of(code) for code in (ANNA, BELLA)] == ["05", "12"]


def test_the_key_of_a_qualification_is_that_of_its_table() -> None:
    assert tables.RECHECK_RESULT.key == ("run_id", *QUALIFICATION)


@pytest.mark.parametrize(
    ("scope", "as_of", "said"),
    [
        (Scope(category_code="S99"), None, "no category"),
        (Scope(region_code="99"), None, "the province has no region"),
        (Scope(region_code="339999"), None, "the province has no region"),
        (Scope(region_code="110000"), None, "the province has no region"),
        (Scope(), date(2017, 3, 2), "yet to come"),
        (Scope(), date(2014, 12, 31), "no standard on that day"),
    ],
)
def test_what_cannot_be_rechecked_is_told_in_both_languages_and_opens_no_run(
    store: Store, scope: Scope, as_of: date | None, said: str
) -> None:
    runs = store.read(tables.RECHECK).height
    with pytest.raises(SupervisionError, match=said) as told:
        open_run(store, BOOK, NOW, scope, as_of)
    assert re.search("[\u4e00-\u9fff]", str(told.value))
    assert store.read(tables.RECHECK).height == runs


@pytest.mark.parametrize("region", ["330000", "330100", "330106", "330103"])
def test_province_city_county_and_a_county_of_former_years_may_be_rechecked(
    store: Store, region: str
) -> None:
    with pytest.raises(SupervisionError, match="no data has been released"):
        open_run(store, BOOK, NOW, Scope(region_code=region), date(2017, 3, 1))
