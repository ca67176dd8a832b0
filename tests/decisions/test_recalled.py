"""What is only recalled grants nothing in production: days, powers, figures of what else is held.

A figure of a part is told by its criterion (test_tables); here is what lies outside the parts.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from exact import at_once
from offices import at, rulebook
from portfolio import Portfolio, applications_of, frames_of
from sheets import ranks

from decisions.engine import Decided, decide
from decisions.facts import Facts
from decisions.missing import TEXT, trace
from decisions.rulebook import Rulebook, load
from decisions.rulebook.tables import compile_tables

DIRECT, DIRECT_FOR_CERTAIN = date(2022, 10, 28), date(2023, 1, 1)
NO_POSTS, NO_POSTS_FOR_CERTAIN = date(2018, 11, 5), date(2019, 1, 1)
DAY = timedelta(days=1)


def decided(one: Portfolio, *, may_grant: bool, book: Rulebook | None = None) -> Decided:
    return decide(
        applications_of([one]),
        Facts.of(frames_of([one])),
        book or rulebook(),
        at(one.decided_on),
        as_authority=one.authority,
        recalled_may_grant=may_grant,
    )


def outcome(one: Portfolio, *, may_grant: bool = False) -> str:
    told: str = decided(one, may_grant=may_grant).decisions["outcome"].item()
    return told


def result(one: Portfolio, criterion: str, *, may_grant: bool = False, **given: Rulebook) -> str:
    criteria = decided(one, may_grant=may_grant, **given).criteria
    told: str = criteria.filter(criterion=criterion)["result"].item()
    return told


def at_once_on(day: date) -> Portfolio:
    return at_once(next(rank for rank in ranks("G01") if rank.level == "二级"), day, 1)


def first_on(day: date) -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=day)


# -- days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "in_production", "in_the_demo"),
    [
        (DIRECT - DAY, "not_accepted", "not_accepted"),
        (DIRECT, "awaiting_data", "granted"),
        (DIRECT_FOR_CERTAIN - DAY, "awaiting_data", "granted"),
        (DIRECT_FOR_CERTAIN, "granted", "granted"),
    ],
)
def test_a_day_that_is_recalled_opens_the_second_level_to_nobody_in_production(
    day: date, in_production: str, in_the_demo: str
) -> None:
    """建办市函〔2022〕361号: its number is of 2022, so that in 2023 it was in force."""
    one = at_once_on(day)
    assert outcome(one) == in_production
    assert outcome(one, may_grant=True) == in_the_demo


@pytest.mark.parametrize(
    ("day", "in_production"),
    [
        (NO_POSTS, "awaiting_data"),
        (NO_POSTS_FOR_CERTAIN - DAY, "awaiting_data"),
        (NO_POSTS_FOR_CERTAIN, "granted"),
    ],
)
def test_nor_does_it_let_anybody_go_without_site_managers(day: date, in_production: str) -> None:
    """建办市[2018]53号."""
    one = first_on(day)
    assert not one.people_in("site_manager")
    assert outcome(one) == in_production
    assert outcome(one, may_grant=True) == "granted"


def test_before_that_day_the_text_before_it_holds() -> None:
    one = first_on(NO_POSTS - DAY)
    assert outcome(one) == "granted"
    for label in one.people_in("site_manager"):
        one.dismiss(label)
    assert outcome(one) == "refused"


def test_who_fails_by_the_easier_text_fails_by_both() -> None:
    """Nobody waits for a day that changes nothing for him."""
    assert outcome(at_once_on(DIRECT).capital(1)) == "refused"


def test_the_office_is_told_which_text_to_look_up() -> None:
    one = at_once_on(DIRECT)
    answer = decided(one, may_grant=False)
    told = trace(answer, Facts.of(frames_of([one])), rulebook()).filter(criterion="rule_set")
    assert set(told.select("target", "fault", "detail").iter_rows()) == {
        (TEXT, "text", "建办市函〔2022〕361号")
    }
    note = answer.criteria.filter(criterion="rule_set")["note"].item()
    assert "建办市函〔2022〕361号" in note and "amendments.yaml" in note


def test_every_notice_whose_day_is_recalled_says_from_when_it_is_certain() -> None:
    """Or changes no figure, or is recalled as a whole, which its rules bear themselves."""
    for one in rulebook().amendments:
        if one.status == "in_force" and one.basis == "seen" and "day is recalled" in one.note:
            assert one.certain_from is not None, one.id
            assert one.effective_from and one.effective_from < one.certain_from


# -- powers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "in_the_demo"),
    [("S32", "met"), ("S33", "met"), ("S34", "met"), ("S07", "not_met"), ("S08", "not_met")],
)
def test_who_decides_what_the_text_leaves_open_is_for_the_office_to_settle(
    code: str, in_the_demo: str
) -> None:
    """Reading 25: in production neither taken up nor turned away before that."""
    one = first_on(date(2017, 3, 1))
    one.code, one.level = code, "一级"
    assert result(one, "jurisdiction", may_grant=True) == in_the_demo
    assert result(one, "jurisdiction") == "no_data"
    ours = load(decided_by={f"{code} 一级": "province"})
    assert result(one, "jurisdiction", book=ours) == "met"
    theirs = load(decided_by={f"{code} 一级": "ministry"})
    assert result(one, "jurisdiction", book=theirs) == "not_met"


def test_what_the_text_settles_waits_for_nobody() -> None:
    assert result(first_on(date(2017, 3, 1)), "jurisdiction") == "met"


# -- figures of what else is held, scopes of works -----------------------------------------------


def test_the_recalled_figure_of_another_qualification_held_does_not_grant() -> None:
    """E25: the highest figure counts; that of S26 三级 is only recalled."""
    one = Portfolio.meeting("S11", "二级", kind="addition", filed_on=date(2017, 3, 1))
    one.state_net_assets(50_000)
    assert result(one, "net_assets") == "met"
    one.hold("S26", "三级")
    assert result(one, "net_assets") == "no_data"
    assert result(one, "net_assets", may_grant=True) == "met"


def test_works_that_a_recalled_scope_lets_through_are_recalled() -> None:
    """E14: the scope of G04 二级 is recalled, so that works under it count for 一级 no better."""
    tables = compile_tables(rulebook())
    bases = tables.criteria.filter(criterion="performance").join(tables.sets, on="digest")
    assert set(bases.filter(category_code="G04", level="一级")["basis"]) == {"recalled"}
    assert set(bases.filter(category_code="G01", level="一级")["basis"]) == {"seen"}
