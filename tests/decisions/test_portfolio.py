"""The builder makes what it says: declared rows, unique keys, exact figures, the same each time."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from portfolio import Portfolio, applications_of, frames_of
from sheets import CODES, levels, lines, lowest_level, plans

from assets.tables import BY_NAME

FILED = date(2016, 10, 31)


def exact(code: str, level: str, nth: int = 1) -> Portfolio:
    kind = "first" if level == lowest_level(code) else "upgrade"
    return Portfolio.meeting(code, level, kind=kind, filed_on=FILED, nth=nth)


LEVELS = [(code, level) for code in CODES for level in levels(code)]


@pytest.mark.parametrize(("code", "level"), LEVELS)
def test_every_frame_has_the_declared_schema_and_unique_keys(code: str, level: str) -> None:
    for name, frame in frames_of([exact(code, level, 1), exact(code, level, 2)]).items():
        table = BY_NAME[name]
        assert frame.schema == table.schema
        assert frame.select(pl.struct(table.key).is_duplicated().any()).item() in (False, None), (
            name
        )
        for column in table:
            if not column.nullable:
                assert frame[column.name].null_count() == 0, f"{name}.{column.name}"
            if column.codes:
                assert set(frame[column.name].drop_nulls()) <= set(column.codes), (
                    f"{name}.{column.name}"
                )
            if column.pattern:
                assert frame[column.name].drop_nulls().str.contains(column.pattern).all(), (
                    f"{name}.{column.name}"
                )


@pytest.mark.parametrize(("code", "level"), LEVELS)
def test_the_same_call_makes_the_same_rows(code: str, level: str) -> None:
    once, again = frames_of([exact(code, level)]), frames_of([exact(code, level)])
    assert all(once[name].equals(again[name]) for name in once)


def test_the_base_portfolio_of_the_worked_cases_is_thirty_people() -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="first", filed_on=date(2017, 3, 1))
    assert len(portfolio.of("base_personnel__person")) == 30
    assert len(portfolio.of("base_personnel__title")) == 5
    assert len(portfolio.of("base_personnel__registration")) == 3
    assert len(portfolio.of("base_personnel__post_certificate")) == 10
    assert len(portfolio.of("base_personnel__skill_certificate")) == 15
    titled = {row["person_key"] for row in portfolio.of("base_personnel__title")}
    assert {row["person_key"] for row in portfolio.of("base_personnel__registration")} < titled
    assert portfolio.people["lead"] in titled


def test_a_first_applicant_is_insured_one_month_and_an_upgrade_three() -> None:
    first = Portfolio.meeting("S11", "二级", kind="first", filed_on=date(2017, 3, 1))
    assert {row["month"] for row in first.of("base_personnel__insurance_month")} == {
        date(2017, 2, 1)
    }
    upgrade = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=date(2017, 3, 1))
    assert {row["month"] for row in upgrade.of("base_personnel__insurance_month")} == {
        date(2016, 12, 1),
        date(2017, 1, 1),
        date(2017, 2, 1),
    }


def test_overlapping_constructor_rows_are_met_by_the_fewest_people() -> None:
    building = exact("G01", "一级").of("base_personnel__registration")
    assert [row["specialty"] for row in building].count("建筑工程") == 9
    assert len(building) == 12
    electronic = exact("S04", "二级").of("base_personnel__registration")
    assert (
        sorted(row["registration"] for row in electronic)
        == ["一级注册建造师"] * 2 + ["二级注册建造师"] * 2
    )


@pytest.mark.parametrize(
    "which",
    [one for code, level in LEVELS for one in lines(code, level, FILED)],
    ids=lambda one: one.name,
)
def test_the_projects_of_a_line_reach_its_figure_exactly(which) -> None:  # type: ignore[no-untyped-def]
    made = plans(which)
    if "sum" in which.rule:
        assert len(made) == 2
    else:
        assert len(made) == which.rule["count"]


def test_after_2016_11_01_nobody_but_the_leader_is_staff_above_the_lowest_level() -> None:
    upgrade = Portfolio.meeting("G01", "二级", kind="upgrade", filed_on=date(2016, 11, 1))
    assert len(upgrade.of("base_personnel__person")) == 1


def test_an_application_is_two_fields_of_a_row() -> None:
    frame = applications_of([exact("S11", "二级")])
    assert frame.select("kind", "category_code", "level").row(0) == ("first", "S11", "二级")
