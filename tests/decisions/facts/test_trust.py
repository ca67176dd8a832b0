"""How far a row is believed: findings name a person, one certificate, one year, one work."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from assets.lake.declaration import Table
from assets.tables import check, enterprise, personnel
from decisions.facts.model import Facts

CODE, PERSON = "91330199MADGFK2476", "a" * 20


def finding(table: Table, row_key: str, severity: str = "DATA") -> pl.DataFrame:
    row = ("P-24", table.name, CODE, row_key, severity, "test")
    return pl.DataFrame([row], schema=check.FINDING.schema, orient="row")


def rows_of(table: Table, *differing: dict) -> pl.DataFrame:
    sound = {
        "usc_code": CODE,
        "person_key": PERSON,
        "received_at": datetime(2017, 1, 1, tzinfo=UTC),
        "delivery_id": "d",
        "row_no": 1,
    }
    shown = [{k: v for k, v in {**sound, **row}.items() if k in table.schema} for row in differing]
    return pl.DataFrame(shown, schema=table.schema)


def trusted(table: Table, rows: pl.DataFrame, found: pl.DataFrame) -> list[bool]:
    facts = Facts.of({table.name: rows, check.FINDING.name: found})
    return facts.table(table).collect().sort(table.key)["is_trusted"].to_list()


@pytest.mark.parametrize("table", personnel.NUMBERS, ids=lambda table: table.name)
def test_a_finding_about_one_certificate_leaves_the_holders_others_alone(table: Table) -> None:
    number = personnel.NUMBERS[table]
    rows = rows_of(table, {number: "N1"}, {number: "N2"})
    assert trusted(table, rows, finding(table, "N1")) == [False, True]
    assert trusted(table, rows, finding(table, PERSON)) == [False, False]


def test_a_finding_about_one_year_leaves_the_other_years_alone() -> None:
    rows = rows_of(enterprise.STATEMENT, {"year": 2015}, {"year": 2016})
    assert trusted(enterprise.STATEMENT, rows, finding(enterprise.STATEMENT, "2015")) == [
        False,
        True,
    ]


def test_a_note_changes_nothing() -> None:
    rows = rows_of(personnel.TITLE, {"title_no": "N1", "awarded_on": date(2010, 1, 1)})
    assert trusted(personnel.TITLE, rows, finding(personnel.TITLE, "N1", "WARN")) == [True]
