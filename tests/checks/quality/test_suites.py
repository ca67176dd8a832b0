"""The suite of a table says of every row what the row checks say, in Great Expectations' words."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from builders import A, B, rows_of, sound
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assets.lake.declaration import Column, Table
from assets.tables import BASE_TABLES, enterprise, personnel, project
from checks.quality import statements, suites
from checks.quality.data_docs import build_data_docs
from checks.quality.statements import Statement
from checks.quality.suites import count_failures, validate, validate_in_parts

JUDGED = settings(
    max_examples=3,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
"""A suite takes some 50 ms however few the rows, so: few examples of many rows, never shrunk."""


def outcome(report: suites.SuiteReport, check_id: str):
    return next(one for one in report.outcomes if one.check_id == check_id)


# -- in parts ------------------------------------------------------------------------


def test_rows_in_parts_are_judged_as_they_are_in_one() -> None:
    good, late, stray = (
        rows_of(personnel.POST, {"certificate_no": number, **bad})
        for number, bad in (("1", {}), ("2", {"person_key": "x"}), ("3", {"usc_code": "y"}))
    )
    whole = validate(personnel.POST, pl.concat([good, late, stray, good]))
    parts = validate_in_parts(personnel.POST, [pl.concat([good, late, good]), stray])
    assert parts.row_count == whole.row_count == 4
    assert [
        (o.check_id, o.status, o.row_count, o.failed_count, o.keys) for o in parts.outcomes
    ] == [(o.check_id, o.status, o.row_count, o.failed_count, o.keys) for o in whole.outcomes]
    assert outcome(parts, "key:unique").failed_count == 2


# -- agreement -----------------------------------------------------------------------


NUMBERED = {
    "project_no": ["3301032104180101", "3301212304180101", "3302911505140103", "3301062304310101"],
    "region_code": ["330106", "330105", "330206", "", "３３"],
}
"""Of a region shared out, long gone, in no list; of a day that is none; and counties."""


def values(column: Column) -> st.SearchStrategy:
    """Values in and beside what a column allows, null among them."""
    good = sound(column)
    near: list[object] = [None, good, good]
    if column.codes:
        near += [*column.codes, "", f"{column.codes[0]} ", "其他代码"]
    elif column.name in ("project_no", "region_code"):
        near += NUMBERED[column.name]
    elif column.pattern:
        near += ["", "x", f"{good}\n", f" {good}", "９１３３"]
    elif column.dtype == pl.String:
        near += ["", "\n", "甲"]
    elif column.dtype == pl.Date:
        near += [date(2015, 12, 31), date(2016, 1, 1), date(2016, 1, 2), date(1, 1, 1)]
    elif column.dtype.is_numeric():
        number = Decimal if isinstance(column.dtype, pl.Decimal) else int
        edges = [edge for edge in (column.minimum, column.maximum) if edge is not None]
        near += [number(int(edge) + step) for edge in edges for step in (-1, 0, 1)]
        near += [number(0), number(-1), number(12_000)]
    return st.sampled_from(near)


@st.composite
def frames(draw: st.DrawFn, table: Table) -> pl.DataFrame:
    row = st.fixed_dictionaries({c.name: values(c) for c in table})
    return pl.DataFrame(draw(st.lists(row, min_size=30, max_size=60)), schema=table.schema)


@pytest.mark.parametrize("table", BASE_TABLES, ids=lambda table: table.name)
@JUDGED
@given(data=st.data())
def test_both_engines_count_alike_on_every_check_of_every_table(
    table: Table, data: st.DataObject
) -> None:
    report = validate(table, data.draw(frames(table)))
    assert [
        (o.check_id, o.note) for o in report.outcomes if o.check_id.startswith("agreement:")
    ] == []
    assert report.with_status("error") == ()
    assert outcome(report, "agreement").success


# -- one kind of expectation after the other --------------------------------------------


def test_a_sound_frame_passes_every_expectation() -> None:
    report = validate(enterprise.REGISTRY, rows_of(enterprise.REGISTRY, {}, {"usc_code": B}))
    assert report.with_status("passed") == report.outcomes
    assert not report.blocks


@pytest.mark.parametrize(
    ("table", "bad", "check_id"),
    [
        (enterprise.REGISTRY, {"name": None}, "name:required"),
        (enterprise.REGISTRY, {"state_code": "asleep"}, "state_code:codes"),
        (enterprise.REGISTRY, {"usc_code": "1234"}, "usc_code:pattern"),
        (
            enterprise.REGISTRY,
            {"registered_capital_yuan": Decimal("-0.01")},
            "registered_capital_yuan:range",
        ),
        (enterprise.STATEMENT, {"year": 2101}, "year:range"),
        (
            enterprise.STATEMENT,
            {"total_assets_yuan": Decimal(9_000_000), "total_liabilities_yuan": Decimal(1)},
            "E-13",
        ),
        (project.ACCEPTANCE, {"started_on": date(2016, 1, 2)}, "J-05"),
    ],
)
def test_one_bad_row_of_two_fails_its_expectation_once_and_is_named(
    table: Table, bad: dict, check_id: str
) -> None:
    good = {} if table is not enterprise.STATEMENT else {"total_liabilities_yuan": Decimal(0)}
    other = (
        {"year": 2015}
        if table is enterprise.STATEMENT
        else {table.key[0]: "x"}
        if table is project.ACCEPTANCE
        else {"usc_code": B}
    )
    report = validate(table, rows_of(table, {**good, **other}, {**good, **bad}))
    failed = outcome(report, check_id)
    assert (failed.status, failed.failed_count, len(failed.keys)) == ("failed", 1, 1)
    assert set(failed.keys[0]) == set(table.key)
    assert not report.blocks, "bad rows are a matter of quarantine"


def test_a_null_breaks_no_rule_but_the_one_that_asks_for_a_value() -> None:
    frame = rows_of(
        project.ACCEPTANCE, {"started_on": None}, {"contract_no": "y", "accepted_on": None}
    )
    report = validate(project.ACCEPTANCE, frame)
    assert report.with_status("failed") == ()


@pytest.mark.parametrize("absent", enterprise.CERTIFICATE.schema)
def test_a_rule_is_broken_whatever_column_it_does_not_read_is_null(absent: str) -> None:
    backwards = {"issued_on": date(2016, 1, 2), "valid_until": date(2016, 1, 1)}
    rows = rows_of(enterprise.CERTIFICATE, {absent: None, **backwards})
    report = validate(enterprise.CERTIFICATE, rows)
    assert outcome(report, "B-valid-until").failed_count == 1
    assert outcome(report, "agreement").success


def test_two_rows_of_one_key_both_fail() -> None:
    report = validate(personnel.INSURANCE, rows_of(personnel.INSURANCE, {}, {}, {"usc_code": B}))
    assert outcome(report, "key:unique").failed_count == 2


def test_keys_whose_numbers_meet_show_as_counts_that_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Great Expectations takes them for one, the row checks look at the keys themselves."""
    monkeypatch.setattr(pl.Expr, "hash", lambda self, *_: self.is_null().cast(pl.UInt64))
    report = validate(personnel.INSURANCE, rows_of(personnel.INSURANCE, {}, {"usc_code": B}))
    assert outcome(report, "key:unique").failed_count == 2
    assert outcome(report, "agreement:key:unique").blocks


def test_a_key_that_is_not_complete_does_not_stand_twice() -> None:
    nameless = {"usc_code": None}
    report = validate(personnel.INSURANCE, rows_of(personnel.INSURANCE, nameless, nameless, {}))
    assert outcome(report, "key:unique").success
    assert outcome(report, "usc_code:required").failed_count == 2
    assert outcome(report, "agreement").success


def test_texts_are_asked_once_and_every_row_that_has_one_is_counted() -> None:
    bad = [{"usc_code": "bad", "state_code": "asleep", "row_no": n} for n in (1, 2, 3)]
    other = {"usc_code": "worse", "row_no": 4}
    report = validate(enterprise.REGISTRY, rows_of(enterprise.REGISTRY, {}, *bad, other))
    failed = outcome(report, "usc_code:pattern")
    assert (failed.failed_count, len(failed.keys)) == (4, 4)
    assert outcome(report, "state_code:codes").failed_count == 3
    assert outcome(report, "agreement").success


def test_a_count_of_texts_is_great_expectations_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the suite states is not what Polars counted: another pattern in it is seen."""
    suite = [
        replace(one, arguments={**one.arguments, "regex": "^never$"})
        if one.id == "usc_code:pattern"
        else one
        for one in statements.statements(enterprise.REGISTRY)
    ]
    monkeypatch.setattr(suites, "statements", lambda table: suite)
    report = validate(enterprise.REGISTRY, rows_of(enterprise.REGISTRY, {}, {"row_no": 2}))
    assert outcome(report, "usc_code:pattern").failed_count == 2
    assert outcome(report, "agreement:usc_code:pattern").blocks


def test_no_more_than_twenty_failing_keys_are_shown() -> None:
    frame = rows_of(enterprise.REGISTRY, *({"usc_code": f"bad{n}"} for n in range(30)))
    failed = outcome(validate(enterprise.REGISTRY, frame), "usc_code:pattern")
    assert (failed.failed_count, len(failed.keys)) == (30, 20)


def test_the_extra_expectations_are_noted_and_never_block() -> None:
    branch = rows_of(enterprise.REGISTRY, {"entity_code": "branch", "parent_usc_code": None})
    for table, frame, check_id in (
        (enterprise.REGISTRY, branch, "registry:branch_parent"),
        (enterprise.REGISTRY, enterprise.REGISTRY.empty(), "registry:not_empty"),
        (
            personnel.INSURANCE,
            rows_of(personnel.INSURANCE, {"month": date(2017, 1, 2)}),
            "insurance:first_of_month",
        ),
        (
            project.MEASURE,
            rows_of(project.MEASURE, {"value": None, "label": None}),
            "measure:value_or_label",
        ),
    ):
        report = validate(table, frame)
        assert outcome(report, check_id).status == "failed"
        assert not report.blocks


# -- what blocks ---------------------------------------------------------------------


def test_a_count_that_differs_is_a_failed_check_of_its_own_and_blocks() -> None:
    frame = rows_of(enterprise.REGISTRY, {"name": None})
    counts = {**count_failures(enterprise.REGISTRY, frame), "name:required": 0}
    report = validate(enterprise.REGISTRY, frame, counts)
    planted = outcome(report, "agreement:name:required")
    assert planted.status == "failed" and planted.blocks
    assert planted.note is not None and "Polars 0, Great Expectations 1" in planted.note
    assert outcome(report, "agreement").status == "failed"
    assert report.blocks


def test_a_frame_of_other_columns_or_types_blocks() -> None:
    frame = rows_of(enterprise.REGISTRY, {})
    swapped = frame.select(*frame.columns[::-1])
    assert outcome(validate(enterprise.REGISTRY, swapped), "schema:columns").blocks
    as_text = frame.with_columns(pl.col("established_on").cast(pl.String))
    assert outcome(validate(enterprise.REGISTRY, as_text), "schema:types").blocks


def test_an_expectation_that_raises_is_an_error_and_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Statement(
        id="broken",
        column="name",
        zh="坏",
        en="bad",
        expectation="ExpectColumnValuesToBeNull",
        arguments={"column": "name"},
        only_rows="no_such_column > 1",
    )
    monkeypatch.setitem(statements.EXTRA, enterprise.REGISTRY.name, (broken,))
    report = validate(enterprise.REGISTRY, rows_of(enterprise.REGISTRY, {}))
    raised = outcome(report, "broken")
    assert raised.status == "error" and raised.blocks and "no_such_column" in (raised.note or "")
    assert report.with_status("failed") == ()


def test_a_missing_column_is_an_error_of_its_expectations_and_a_failure_of_the_schema() -> None:
    report = validate(enterprise.REGISTRY, rows_of(enterprise.REGISTRY, {}).drop("name"))
    assert outcome(report, "schema:columns").status == "failed"
    assert outcome(report, "name:required").status == "error"


# -- the rest ------------------------------------------------------------------------


def test_data_docs_are_written_again_and_again(tmp_path: Path) -> None:
    frame = rows_of(enterprise.REGISTRY, {}, {"usc_code": "bad"})
    for _ in range(2):
        index = build_data_docs(enterprise.REGISTRY, frame, tmp_path)
    assert index.is_file()
    page = next((tmp_path / "expectations").glob("*.html")).read_text()
    assert "统一社会信用代码格式正确" in page
    assert len(list((tmp_path / "validations").rglob("*.html"))) >= 1


def test_great_expectations_is_not_imported_until_a_suite_runs() -> None:
    program = "import sys, checks.quality.suites, checks.cross, checks.gate; print('great_expectations' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"


def test_a_usc_code_in_full_width_digits_is_counted_alike() -> None:
    wide = A.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    report = validate(enterprise.REGISTRY, rows_of(enterprise.REGISTRY, {"usc_code": wide}))
    assert outcome(report, "agreement").success
