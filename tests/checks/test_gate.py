"""What passes is released once; what does not leaves the last good release in service."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from builders import AS_OF, NOW, A, B, fill, rows_of

from assets.lake.store import SnapshotConflict, Store, Turn
from assets.tables import (
    KNOWN_TABLES,
    RELEASED_TABLES,
    check,
    credit,
    enterprise,
    personnel,
    project,
)
from checks import cross, gate, release
from checks.gate import ChecksNotRun, run_checks
from checks.outcome import Outcome
from checks.quality import suites, whole
from checks.release import by_id, cited_versions, latest

LATER = NOW + timedelta(hours=1)


class Told:
    """A report of these outcomes."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = outcomes


def told(status: str, *, is_blocking: bool = True) -> Told:
    return Told(
        Outcome(
            place="suite",
            check_id="agreement",
            target=enterprise.REGISTRY.name,
            column="",
            zh="x",
            en="x",
            status=status,
            row_count=1,
            is_blocking=is_blocking,  # type: ignore[arg-type]
        )
    )


def checked(store: Store, *reports: Told, now: datetime = NOW) -> gate.Run:
    return run_checks(store, [cross.run(store, AS_OF), *reports], now)


def released(store: Store, *reports: Told, now: datetime = NOW) -> release.Release | None:
    checked(store, *reports, now=now)
    return gate.release(store, now)


class TestRelease:
    def test_the_versions_that_passed_are_released(self, store: Store) -> None:
        fill(store, A)
        first = released(store)
        assert first is not None and first.release_id == "R000001"
        assert first.versions == {
            table.name: version
            for table in RELEASED_TABLES
            if (version := store.version(table)) is not None
        }
        assert first == latest(store) == by_id(store, "R000001")
        assert first.checks_passed > 0

    def test_what_was_said_of_whole_tables_is_not_asked_again(self, store: Store) -> None:
        fill(store, A)
        wholes = [replace(one, status="failed") for one in whole.examine(store)]
        run = run_checks(store, [cross.run(store, AS_OF)], NOW, wholes=wholes)
        assert run.results.filter(pl.col("place") == "whole")["status"].unique().to_list() == [
            "failed"
        ]
        assert gate.release(store, NOW) is None

    def test_before_the_first_there_is_none(self, store: Store) -> None:
        assert latest(store) is None
        with pytest.raises(release.NoSuchRelease, match="R000007"):
            by_id(store, "R000007")

    def test_the_same_state_is_released_once(self, store: Store) -> None:
        fill(store, A)
        first = released(store)
        versions = {table.name: store.version(table) for table in (check.RESULT, check.RELEASE)}
        assert released(store, now=LATER) == first
        assert {
            table.name: store.version(table) for table in (check.RESULT, check.RELEASE)
        } == versions

    def test_new_rows_make_the_next_release(self, store: Store) -> None:
        fill(store, A)
        released(store)
        fill(store, B)
        second = released(store, now=LATER)
        assert second is not None and second.release_id == "R000002"
        assert cited_versions(store, enterprise.REGISTRY) == sorted(
            {
                second.versions[enterprise.REGISTRY.name],
                by_id(store, "R000001").versions[enterprise.REGISTRY.name],
            }
        )
        earlier = by_id(store, "R000001").versions[enterprise.REGISTRY.name]
        assert store.read(enterprise.REGISTRY, earlier)["usc_code"].to_list() == [A]

    def test_by_what_an_enterprise_was_known_that_day_can_be_read_as_it_was(
        self, store: Store
    ) -> None:
        fill(store, A)
        alias = {"scheme": "name", "usc_code": A, "valid_from": None, "valid_to": None}
        store.replace(enterprise.ALIAS, rows_of(enterprise.ALIAS, alias | {"value": "旧名"}))
        first = released(store)
        store.replace(enterprise.ALIAS, rows_of(enterprise.ALIAS, alias | {"value": "新名"}))
        second = released(store, now=LATER)
        assert first is not None and second is not None
        names = [
            store.read(enterprise.ALIAS, made.versions[enterprise.ALIAS.name])["value"].to_list()
            for made in (first, second)
        ]
        assert names == [["旧名"], ["新名"]]

    def test_a_decision_reads_no_table_that_only_collection_and_checks_do(self) -> None:
        unread = {
            *(enterprise.ALIAS, enterprise.ANNUAL_REPORT, enterprise.SAFETY_LICENCE),
            *(project.ALIAS, project.PERMIT, project.TENDER, project.QUALITY, project.USE),
            *(credit.LISTING, credit.PERSON_RECORD),
        }
        # Which numbers are one person's is no fact of a case: the tables are read by it.
        assert set(RELEASED_TABLES) - set(KNOWN_TABLES) == unread | {personnel.IDENTITY}

    def test_a_blocking_failure_makes_none_and_the_last_good_one_serves_on(
        self, store: Store
    ) -> None:
        fill(store, A)
        first = released(store)
        fill(store, B)
        assert released(store, told("failed"), now=LATER) is None
        assert latest(store) == first

    def test_a_check_that_broke_blocks_whatever_it_is(self, store: Store) -> None:
        fill(store, A)
        assert released(store, told("error", is_blocking=False)) is None

    def test_a_failure_that_does_not_block_is_counted(self, store: Store) -> None:
        fill(store, A)
        first = released(store, told("failed", is_blocking=False))
        assert first is not None and first.checks_failed == 1

    def test_a_state_nobody_checked_is_not_released(self, store: Store) -> None:
        fill(store, A)
        checked(store)
        fill(store, B)
        with pytest.raises(ChecksNotRun, match="run_checks"):
            gate.release(store, NOW)

    def test_of_two_racing_writers_one_release_comes(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(store, A)
        checked(store)
        rival = Store(store.root)
        append, raced = Turn.append, []

        def overtaken(turn: Turn, rows: pl.DataFrame) -> int:
            if turn.store is store and not raced:
                raced.append(gate.release(rival, LATER))
            return append(turn, rows)

        monkeypatch.setattr(Turn, "append", overtaken)
        ours = gate.release(store, NOW)
        assert raced == [ours]
        assert store.read(check.RELEASE).height == 1


class TestRun:
    def test_a_check_mended_at_the_same_state_is_logged_as_the_next_run_of_it(
        self, store: Store
    ) -> None:
        fill(store, A)
        failed = checked(store, told("failed"))
        mended = checked(store, told("passed"), now=LATER)
        assert failed.blocking.height == 1 and mended.blocking.is_empty()
        assert mended.run_id != failed.run_id
        assert mended.run_id.rpartition("-")[0] == failed.run_id.rpartition("-")[0]
        assert gate.release(store, LATER) is not None

    def test_a_rerun_without_the_suites_forgets_nothing_they_said(self, store: Store) -> None:
        fill(store, A)
        failed = checked(store, told("failed"))
        again = checked(store, now=LATER)
        assert again.run_id == failed.run_id
        assert again.blocking["check_id"].to_list() == ["agreement"]
        assert gate.release(store, LATER) is None

    def test_the_suites_join_the_run(self, store: Store) -> None:
        frame = rows_of(enterprise.REGISTRY, {}, {"usc_code": "bad"})
        fill(store, A)
        run = run_checks(store, [suites.validate(enterprise.REGISTRY, frame)], NOW)
        row = run.results.filter(pl.col("check_id") == "usc_code:pattern").row(0, named=True)
        assert (row["status"], row["failed_count"], row["row_count"], row["is_blocking"]) == (
            "failed",
            1,
            2,
            False,
        )
        assert store.read(check.RESULT).height == run.results.height

    def test_the_failing_rows_are_kept_with_their_run_once(self, store: Store) -> None:
        fill(store, A)
        frame = rows_of(enterprise.REGISTRY, {}, {"usc_code": "bad"})
        report = suites.validate(enterprise.REGISTRY, frame)
        runs = [run_checks(store, [report], now) for now in (NOW, LATER)]
        (row,) = store.read(check.FAILURE).filter(check_id="usc_code:pattern").rows(named=True)
        assert (row["run_id"], row["place"], row["number"]) == (runs[0].run_id, "suite", 1)
        assert json.loads(row["row_json"]) == {"usc_code": "bad"}
        assert runs[0].run_id == runs[1].run_id

    def test_a_run_that_died_between_its_failures_and_its_results_is_made_again_once(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(store, A)
        report = suites.validate(
            enterprise.REGISTRY, rows_of(enterprise.REGISTRY, {"usc_code": "bad"})
        )

        def die(turn: Turn, rows: pl.DataFrame) -> int:
            raise KeyboardInterrupt

        with monkeypatch.context() as killed:
            killed.setattr(Turn, "append", die)
            with pytest.raises(KeyboardInterrupt):
                run_checks(store, [report], NOW)
        before = store.read(check.FAILURE)
        run_checks(store, [report], LATER)
        assert store.read(check.FAILURE).height == before.height > 0

    def test_two_outcomes_that_would_be_one_row_are_told_not_dropped(self, store: Store) -> None:
        fill(store, A)
        with pytest.raises(ValueError, match="agreement"):
            run_checks(store, [told("failed"), told("passed")], NOW)

    def test_a_racing_run_is_read_again(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(store, A)
        append, raced = Turn.append, []

        def overtaken(turn: Turn, rows: pl.DataFrame) -> int:
            if not raced:
                raced.append(True)
                raise SnapshotConflict("raced")
            return append(turn, rows)

        monkeypatch.setattr(Turn, "append", overtaken)
        assert store.read(check.RESULT).is_empty()
        assert checked(store).results.height == store.read(check.RESULT).height > 0


def test_a_finding_of_the_law_never_stops_a_release(store: Store) -> None:
    fill(store, A, B)
    insured = [{"usc_code": code, "month": date(2017, 1, 1)} for code in (A, B)]
    store.upsert(personnel.PERSON, rows_of(personnel.PERSON, {}))
    store.upsert(personnel.INSURANCE, rows_of(personnel.INSURANCE, *insured))
    first = released(store)
    assert first is not None
    assert ("P-15", "LAW") in store.read(check.FINDING).select("check_id", "severity").rows()
