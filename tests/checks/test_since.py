"""Findings are carried over only from a release that these very checks made of these versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
import pytest
from builders import AS_OF, NOW, A, B, rows_of

from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import BASE_TABLES, check, enterprise, intake, personnel, project
from checks import cross, gate, since
from checks.across import deliveries
from checks.outcome import Outcome
from checks.quality import whole
from checks.since import Since, last_release, note

LATER = NOW + timedelta(days=1)


def register(store: Store, *codes: str) -> None:
    rows = [
        {"usc_code": code, "registration_no": code, "valid_until": date(2018, 1, 1)}
        for code in codes
    ]
    store.upsert(
        enterprise.REGISTRY, rows_of(enterprise.REGISTRY, *({"usc_code": c} for c in codes))
    )
    store.upsert(personnel.REGISTRATION, rows_of(personnel.REGISTRATION, *rows))
    store.upsert(personnel.PERSON, rows_of(personnel.PERSON, {}))


def night(store: Store, day: date = AS_OF) -> Since | None:
    """One run of the checks and the release; what it could build on."""
    known = last_release(store)
    report = cross.run(store, day, known)
    gate.run_checks(store, [report], NOW, known)
    assert report.versions is not None
    note(store, report.as_of, report.versions)
    assert gate.release(store, NOW) is not None
    return known


def test_the_first_release_has_nothing_before_it_and_the_next_builds_on_it(store: Store) -> None:
    register(store, A)
    assert night(store) is None
    register(store, B)
    known = night(store)
    assert known is not None and known.as_of == AS_OF
    assert known.changes(personnel.REGISTRATION).fresh["usc_code"].to_list() == [B]
    assert set(store.read(check.FINDING).filter(check_id="P-18")["usc_code"]) == {A, B}


def test_checks_find_the_same_in_a_table_that_is_held_and_in_one_that_is_scanned(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(store, A, B)
    held = cross.run(store, AS_OF)
    monkeypatch.setattr(cross, "HELD_ROWS", 0)
    scanned = cross.run(store, AS_OF)
    assert held.findings.height and held.findings.equals(scanned.findings)
    assert held.outcomes == scanned.outcomes


def test_of_a_lake_that_stands_as_it_did_no_table_is_read_to_hold_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(store, A)
    night(store)
    asked: list[str] = []
    held = cross._Held.__getitem__
    monkeypatch.setattr(
        cross._Held, "__getitem__", lambda tables, name: (asked.append(name), held(tables, name))[1]
    )
    night(store)
    assert not asked


def test_a_release_of_other_checks_is_not_built_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(store, A)
    night(store)
    monkeypatch.setattr(since, "checks_digest", lambda: "another")
    assert last_release(store) is None


def test_findings_of_other_versions_than_the_released_are_not_built_on(store: Store) -> None:
    """The process died after it had found, and before it released."""
    register(store, A)
    night(store)
    released = store.read(check.FINDING)
    register(store, B)
    report = cross.run(store, AS_OF, last_release(store))
    assert report.findings.height > released.height
    known = last_release(store)
    assert known is not None and known.findings().equals(released)
    again = cross.run(store, AS_OF, known)
    assert again.findings.equals(report.findings) and again.outcomes == report.outcomes


def test_the_same_run_is_noted_once(store: Store) -> None:
    register(store, A)
    night(store)
    version = store.version(check.BASIS)
    night(store)
    assert store.version(check.BASIS) == version


def test_a_run_is_noted_once_though_decisions_have_been_made_since(store: Store) -> None:
    """A run that files and decides, and another that finds nothing new, end the same."""
    register(store, A)
    night(store)
    version = store.version(check.BASIS)
    store.append(intake.APPLICATION, rows_of(intake.APPLICATION, {}))
    known = night(store)
    assert store.version(check.BASIS) == version
    assert known is not None and not known.is_same(intake.APPLICATION)


def test_a_lake_that_another_process_writes_meanwhile_is_not_built_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(store, A)

    def examine(*given: object, **named: object) -> cross.CrossReport:
        register(store, B)
        return cross.CrossReport(as_of=AS_OF, findings=check.FINDING.empty(), outcomes=())

    monkeypatch.setattr(cross, "examine", examine)
    assert cross.run(store, AS_OF).versions is None


class TestWholeTables:
    def outcomes(self, store: Store) -> tuple[list[Outcome], list[Outcome]]:
        return whole.examine(store, last_release(store)), whole.examine(store)

    def test_are_found_as_if_nothing_had_been_known(self, store: Store) -> None:
        register(store, A)
        contract = rows_of(project.CONTRACT, {"contract_no": "C1"})
        store.upsert(project.CONTRACT, contract)
        store.upsert(project.PROJECT, rows_of(project.PROJECT, {}))
        night(store)
        told, full = self.outcomes(store)
        assert told == full
        # A parent is gone, a child without a parent has come, and a key stands twice.
        store.replace(project.PROJECT, project.PROJECT.empty())
        orphan = rows_of(personnel.REGISTRATION, {"person_key": "e" * 20, "registration_no": "Z9"})
        store.upsert(personnel.REGISTRATION, orphan)
        doubled = pl.concat([contract, contract.with_columns(row_no=pl.lit(7, pl.Int64))])
        store.replace(project.CONTRACT, doubled)
        told, full = self.outcomes(store)
        assert told == full
        failed = {(one.check_id, one.target) for one in told if one.failed_count}
        assert failed == {
            ("F-07:project_no", project.CONTRACT.name),
            ("F-07:person_key", personnel.REGISTRATION.name),
            ("key", project.CONTRACT.name),
        }

    def test_a_parent_that_comes_back_is_seen_though_some_were_lost(self, store: Store) -> None:
        store.upsert(
            project.CONTRACT,
            rows_of(project.CONTRACT, {}, {"contract_no": "C2", "project_no": "1" * 16}),
        )
        store.upsert(project.PROJECT, rows_of(project.PROJECT, {}))
        night(store)
        store.upsert(project.PROJECT, rows_of(project.PROJECT, {"project_no": "1" * 16}))
        told, full = self.outcomes(store)
        assert told == full

    def test_keys_are_looked_for_among_what_is_new_alone(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        register(store, A)
        night(store)
        register(store, B)
        asked: dict[str, int] = {}

        def meeting(table: Table, values: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
            asked[table.name] = values.height
            return table.empty().select(columns)

        monkeypatch.setattr(store, "meeting", meeting)
        whole.examine(store, last_release(store))
        told = {name: count for name, count in asked.items() if count}
        assert told == {enterprise.REGISTRY.name: 1, personnel.REGISTRATION.name: 1}
        assert set(asked) <= {table.name for table in BASE_TABLES}

    def test_a_row_that_was_written_once_more_as_it_was_is_found(self, store: Store) -> None:
        register(store, A)
        night(store)
        held = store.read(enterprise.REGISTRY)
        again = held.with_columns(row_no=pl.lit(7, pl.Int64))
        store.replace(enterprise.REGISTRY, pl.concat([held, again]))
        told, full = self.outcomes(store)
        assert told == full
        doubled = [one.target for one in full if one.check_id == "key" and one.failed_count]
        assert doubled == [enterprise.REGISTRY.name]

    def test_dates_of_receipt_are_looked_for_only_in_tables_that_have_changed(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deliveries, "RECEIPT_ROWS", 1)
        register(store, A)
        store.upsert(project.PROJECT, rows_of(project.PROJECT, {}))
        store.upsert(project.CONTRACT, rows_of(project.CONTRACT, {"signed_on": date(2016, 5, 1)}))
        night(store)
        received = rows_of(project.CONTRACT, {})["received_at"].dt.date().item()
        filled = rows_of(project.CONTRACT, {"contract_no": "C2", "signed_on": received})
        told, full = self.outcomes(store)
        assert told == full
        store.upsert(project.CONTRACT, filled)
        seen: list[str] = []
        scan = store.scan
        monkeypatch.setattr(
            store, "scan", lambda table, *at: (seen.append(table.name), scan(table, *at))[1]
        )
        known = last_release(store)
        assert known is not None
        assert [
            deliveries.dated_on_receipt(store, table, known).failed_count
            for table in (project.CONTRACT, personnel.PERSON)
        ] == [1, 0]
        assert project.CONTRACT.name in seen and personnel.PERSON.name not in seen
        told, full = self.outcomes(store)
        assert told == full
        night(store)  # what was found is looked for again, until it is found no more
        told, full = self.outcomes(store)
        assert told == full
