"""The cross-channel checks as a whole: the register, the findings, a check that breaks."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from builders import ANNA, AS_OF, A, B, rows_of, tables_of

from assets.lake.store import Store
from assets.tables import BASE_TABLES, check, enterprise, personnel
from checks.across.common import CrossCheck, Shared, employers, findings
from checks.cross import CHECKS, examine, run


def registered_in(*codes: str) -> pl.DataFrame:
    return rows_of(
        personnel.REGISTRATION,
        *(
            {"usc_code": code, "registration_no": code, "valid_until": date(2018, 1, 1)}
            for code in codes
        ),
    )


def test_every_check_has_an_id_of_its_own_and_runs_on_empty_tables() -> None:
    assert len({one.id for one in CHECKS}) == len(CHECKS) >= 8
    report = examine(tables_of({}), AS_OF)
    assert {outcome.status for outcome in report.outcomes} == {"passed"}
    assert report.findings.schema == check.FINDING.schema


def test_no_check_shares_id_and_table_with_a_rule_of_the_rows() -> None:
    """The log of results keeps one row for both: one would hide the other."""
    of_rows = {(rule.check_id, table.name) for table in BASE_TABLES for rule in table.rules}
    assert of_rows.isdisjoint((one.id, one.targets[0].name) for one in CHECKS)


def test_findings_are_the_same_whatever_the_order_of_the_rows() -> None:
    frames = {personnel.REGISTRATION: registered_in(A, B)}
    backwards = {personnel.REGISTRATION: frames[personnel.REGISTRATION].reverse()}
    assert examine(tables_of(frames), AS_OF).findings.equals(
        examine(tables_of(backwards), AS_OF).findings
    )


def test_the_view_holds_what_was_found_and_loses_what_was_mended(store: Store) -> None:
    store.upsert(personnel.REGISTRATION, registered_in(A, B))
    report = run(store, AS_OF)
    assert not report.findings.is_empty()
    assert (
        store.read(check.FINDING)
        .select(pl.all().sort())
        .equals(report.findings.select(pl.all().sort()))
    )
    ended = registered_in(B).with_columns(valid_until=pl.lit(date(2016, 12, 31)))
    store.upsert(personnel.REGISTRATION, ended)
    run(store, AS_OF)
    assert store.read(check.FINDING).is_empty()


def test_finding_the_same_again_makes_no_new_version(store: Store) -> None:
    store.upsert(personnel.REGISTRATION, registered_in(A, B))
    run(store, AS_OF)
    version = store.version(check.FINDING)
    run(store, AS_OF)
    assert store.version(check.FINDING) == version


def test_a_check_that_breaks_is_an_error_that_blocks_and_the_others_go_on() -> None:
    def broken(tables: object, as_of: date) -> pl.LazyFrame:
        raise pl.exceptions.ColumnNotFoundError("valid_untill")

    bad = CrossCheck(id="P-06:bad", targets=(personnel.PERSON,), find=broken)
    report = examine(
        tables_of({personnel.REGISTRATION: registered_in(A, B)}), AS_OF, (bad, *CHECKS)
    )
    outcome = next(o for o in report.outcomes if o.check_id == "P-06:bad")
    assert outcome.status == "error" and outcome.blocks and "valid_untill" in (outcome.note or "")
    assert "P-18" in report.findings["check_id"].to_list()


def test_what_several_checks_work_out_alike_is_worked_out_once() -> None:
    worked_out = []

    def counted(rows: pl.DataFrame) -> pl.DataFrame:
        worked_out.append(rows.height)
        return rows

    tables = tables_of({personnel.INSURANCE: rows_of(personnel.INSURANCE, {"month": AS_OF})})
    read = tables[personnel.INSURANCE.name].map_batches(counted)
    shared = Shared({**tables, personnel.INSURANCE.name: read})
    twice = [employers(shared, AS_OF).collect() for _ in range(2)]
    assert len(worked_out) == 1
    assert twice[0].equals(twice[1]) and twice[0].equals(employers(tables, AS_OF).collect())


def test_what_is_certain_outranks_what_is_doubtful_about_one_row() -> None:
    def both(tables: dict[str, pl.LazyFrame], as_of: date) -> pl.LazyFrame:
        rows = tables[enterprise.REGISTRY.name]
        return pl.concat(
            findings(rows, enterprise.REGISTRY, "usc_code", severity, pl.lit(severity))
            for severity in ("WARN", "DATA", "LAW")
        )

    one = CrossCheck(id="E-02:both", targets=(enterprise.REGISTRY,), find=both)
    report = examine(
        tables_of({enterprise.REGISTRY: rows_of(enterprise.REGISTRY, {})}), AS_OF, (one,)
    )
    assert report.findings["severity"].to_list() == ["LAW"]


@pytest.mark.parametrize("one", CHECKS, ids=lambda one: one.id)
def test_a_check_reads_only_declared_base_tables(one: CrossCheck) -> None:
    assert set(one.targets) <= set(BASE_TABLES)


def test_a_finding_names_people_by_their_pseudonym_only() -> None:
    frames = {
        personnel.REGISTRATION: registered_in(A, B),
        personnel.PERSON: rows_of(
            personnel.PERSON, {"person_key": ANNA, "name": "张三丰", "deceased_on": AS_OF}
        ),
    }
    told = examine(tables_of(frames), AS_OF).findings.write_csv()
    assert "张三丰" not in told and "330106198001010019" not in told
