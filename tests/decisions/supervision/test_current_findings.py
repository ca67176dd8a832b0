"""What of many re-checks is current, and how each finding compares with the one before."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from rechecks import ANNA, BELLA, NOW, a_run, done, evaluated

from assets.lake.store import Store
from decisions.buckets import bucket_of
from decisions.supervision.current_findings import current_findings, newest_results
from decisions.supervision.runs import commit

pytestmark = pytest.mark.provision("D17")


def changes(store: Store) -> set[tuple[str, str, str, str]]:
    rows = current_findings(store).select("usc_code", "criterion", "result", "change").rows()
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
    recovered = current_findings(store).row(by_predicate=pl.col("criterion") == "b", named=True)
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
