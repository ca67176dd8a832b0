"""The checks that follow from a declaration, on every base table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from assets.lake.declaration import Table
from assets.row_checks import KEY_CHECK, row_checks
from assets.tables import BASE_TABLES, credit, enterprise, personnel, project


def failed(table: Table, *rows: dict[str, Any]) -> list[set[str]]:
    """Ids of the checks that each row fails."""
    frame = pl.DataFrame(list(rows), schema_overrides=table.schema, infer_schema_length=None)
    full = frame.select(
        pl.col(c.name).cast(c.dtype)
        if c.name in frame.columns
        else pl.lit(None, c.dtype).alias(c.name)
        for c in table
    )
    told = full.select(c.failed.fill_null(False).alias(c.id) for c in row_checks(table))
    return [{name for name, bad in row.items() if bad} for row in told.iter_rows(named=True)]


@pytest.mark.parametrize("table", BASE_TABLES, ids=lambda table: table.name)
def test_the_checks_of_every_base_table_run_on_an_empty_frame(table: Table) -> None:
    assert table.empty().select(c.failed.alias(c.id) for c in row_checks(table)).is_empty()


def test_every_mandatory_column_is_required_and_no_other() -> None:
    required = {c.column for c in row_checks(credit.BAR) if c.id.endswith(":required")}
    assert required == {c.name for c in credit.BAR if not c.nullable}


def test_a_row_is_told_every_check_that_it_fails() -> None:
    row = {"finding_no": "1", "usc_code": "91", "act": "天气", "decided_on": date(2017, 1, 1)}
    assert failed(credit.FINDING, row)[0] >= {
        "usc_code:pattern",
        "act:codes",
        "authority:required",
        "document_no:required",
    }


def test_a_bound_is_inclusive() -> None:
    assert "value:range" not in failed(project.MEASURE, {"value": Decimal(0)})[0]
    assert "value:range" in failed(project.MEASURE, {"value": Decimal("-0.0001")})[0]


def test_net_assets_may_differ_by_ten_thousand_yuan_or_half_a_percent_of_assets() -> None:
    def statement(assets: int, debts: int, net: int) -> dict[str, Any]:
        return {
            "total_assets_yuan": Decimal(assets),
            "total_liabilities_yuan": Decimal(debts),
            "net_assets_yuan": Decimal(net),
        }

    told = failed(
        enterprise.STATEMENT,
        statement(340_000, 390_000, -60_000),
        statement(340_000, 390_000, -60_001),
        statement(10_000_000, 4_000_000, 6_050_000),
        statement(10_000_000, 4_000_000, 6_050_001),
    )
    assert ["E-13" in row for row in told] == [False, True, False, True]


def test_a_rule_holds_where_one_side_is_missing() -> None:
    assert "J-05" not in failed(project.ACCEPTANCE, {"accepted_on": date(2016, 1, 1)})[0]
    assert (
        "J-05"
        in failed(
            project.ACCEPTANCE, {"accepted_on": date(2016, 1, 1), "started_on": date(2016, 1, 2)}
        )[0]
    )


@pytest.mark.parametrize(
    ("table", "check_id", "begins", "ends"),
    [
        (credit.FINDING, "B-finding-dates", "decided_on", "revoked_on"),
        (credit.PERSON_RECORD, "B-person-record-dates", "decided_on", "ends_on"),
        (personnel.PERSON, "B-person-death", "born_on", "deceased_on"),
        (personnel.PERSON, "B-person-retirement", "born_on", "retired_on"),
        (personnel.POST, "B-post-dates", "issued_on", "valid_until"),
        (enterprise.EQUIPMENT, "B-equipment-dates", "purchased_on", "disposed_on"),
    ],
)
def test_nothing_ends_before_it_begins(table: Table, check_id: str, begins: str, ends: str) -> None:
    """A decision told to be set aside before it was made is not set aside: it is in doubt."""
    day, before = date(2016, 3, 1), date(2016, 2, 29)
    told = failed(table, {begins: day, ends: before}, {begins: day, ends: day}, {begins: day})
    assert [check_id in row for row in told] == [True, False, False]


def test_a_sub_category_is_one_of_the_standard_or_the_row_proves_nothing() -> None:
    """Under another name it would be held by nobody, and whoever holds it turned away."""
    rows = [
        ("S18", "公路安全设施"),
        ("S18", "公路安全设施分项"),
        ("S18", ""),
        ("S36", "结构补强"),
        ("G01", ""),
        ("G01", "房屋建筑"),
    ]
    told = failed(
        enterprise.QUALIFICATION,
        *({"category_code": code, "subcategory": kind} for code, kind in rows),
    )
    assert ["B-subcategory" in row for row in told] == [False, True, True, False, False, True]


def test_a_constructor_without_a_specialty_proves_nothing_an_architect_has_none() -> None:
    told = failed(
        personnel.REGISTRATION,
        {"registration": "二级注册建造师", "specialty": ""},
        {"registration": "二级注册建造师", "specialty": "建筑工程"},
        {"registration": "一级注册建筑师", "specialty": ""},
    )
    assert ["B-specialty" in row for row in told] == [True, False, False]


def test_a_complete_key_must_stand_once_in_a_delivery_an_incomplete_one_is_no_key() -> None:
    told = failed(
        credit.BAR,
        {"bar_no": "1", "delivery_id": "a"},
        {"bar_no": "1", "delivery_id": "a"},
        {"bar_no": "1", "delivery_id": "b"},
        {"bar_no": "2", "delivery_id": "a"},
        {"bar_no": None, "delivery_id": "a"},
        {"bar_no": None, "delivery_id": "a"},
    )
    assert [KEY_CHECK in row for row in told] == [True, True, False, False, False, False]
