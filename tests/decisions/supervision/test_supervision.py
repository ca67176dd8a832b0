"""Runs of the re-check on real Delta: opened once, and each bucket done once."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rechecks import ANNA, NOW, a_run, done, evaluated
from shipped import BOOK

from assets.lake.store import Store
from assets.tables import supervision as tables
from decisions.buckets import bucket_of
from decisions.supervision.runs import Scope, SupervisionError, commit, open_run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


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


def test_the_key_of_a_qualification_is_that_of_its_table() -> None:
    assert tables.RECHECK_RESULT.key == ("run_id", *tables.QUALIFICATION)


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
