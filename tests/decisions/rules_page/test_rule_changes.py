"""What changed in the standard between two days is told, each change once with its notice."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from shipped import BOOK

from decisions.rulebook.errors import RulebookError
from decisions.rules_page.changes import diff, effects, one_line


def told(first: date, second: date, code: str, level: str) -> dict[str, str]:
    return {
        change.item: one_line(change)
        for change in diff(BOOK, first, second)
        if (change.code, change.level) == (code, level)
    }


BEFORE_226, SINCE_226 = date(2016, 10, 31), date(2016, 11, 1)


@pytest.mark.provision("F4", "F5", "F6", "F7")
@pytest.mark.parametrize(
    "day", [date(2018, 12, 22), date(2019, 3, 18), date(2019, 4, 1), date(2020, 11, 30)]
)
def test_a_notice_about_procedure_alone_asks_nothing_else_of_anybody(day: date) -> None:
    assert day in {one.effective_from for one in BOOK.amendments}
    assert diff(BOOK, day - timedelta(days=1), day) == []


def test_nothing_changes_between_two_days_under_the_same_text() -> None:
    assert diff(BOOK, date(2017, 3, 1), date(2018, 11, 4)) == []


def test_what_226_took_away_is_told_once_for_the_whole_part() -> None:
    changed = told(BEFORE_226, SINCE_226, "S11", "一级")
    assert set(changed) == {"constructors", "titled_staff", "site_managers", "skilled_workers"}
    assert changed["skilled_workers"].endswith("→ 不考核 not assessed")


@pytest.mark.provision("F2", "J7")
def test_new_figures_of_a_class_and_of_the_scope_are_told_with_the_old_ones() -> None:
    changed = told(BEFORE_226, SINCE_226, "G01", "二级")
    assert "（单体建筑面积 ≥ 1 万平方米）" in changed["performance.class.3"]
    assert "（建筑面积 ≥ 6 万平方米）" in changed["performance.class.3"]
    assert "[建筑面积 <= 15 万平方米]" in changed["scope"]


def test_a_level_that_cites_another_is_told_to_have_changed_with_it() -> None:
    assert "lead_performance" in told(BEFORE_226, SINCE_226, "G01", "三级")


def test_every_change_names_the_notice_that_made_it() -> None:
    days = sorted({one.valid_from for one in BOOK.rule_sets})
    for earlier, later in itertools.pairwise(days):
        for change in diff(BOOK, earlier, later):
            assert change.amendments, change


def test_the_order_of_the_days_does_not_matter() -> None:
    assert diff(BOOK, SINCE_226, BEFORE_226) == diff(BOOK, BEFORE_226, SINCE_226)


def test_there_is_no_difference_to_a_day_before_the_standard() -> None:
    with pytest.raises(RulebookError, match="no rule set"):
        diff(BOOK, date(2014, 12, 31), SINCE_226)


def test_the_effect_of_each_amendment_is_told_under_its_title() -> None:
    ((title, changed),) = effects(BOOK, BOOK.rule_set("S09", "", "二级", date(2017, 3, 1)))
    assert title.startswith("2016-11-01 关于简化建筑业企业资质标准部分指标的通知")
    assert "226号" in title
    assert {change.item for change in changed} == {
        "constructors",
        "titled_staff",
        "site_managers",
        "skilled_workers",
    }
