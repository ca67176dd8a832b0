"""What is only recalled decides nothing in production: days, powers, figures, scopes.

A figure of a part is told by its criterion (test_tables); here is what lies outside the parts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from exact import Exact, at_once
from offices import at
from plain.recipes import DAYS, LEVELS, Recipe, Word, carried_out
from portfolio import Portfolio, applications_of, frames_of
from portfolio.rows import NTH
from sheets import ranks
from shipped import BOOK
from together import verdict_on

from decisions.engine import Decided, decide
from decisions.facts.model import Facts
from decisions.rulebook import Rulebook, load
from decisions.rulebook.tables import compile_tables
from decisions.waiting.missing import trace
from decisions.waiting.missing_texts import TEXT

DIRECT, DIRECT_FOR_CERTAIN = date(2022, 10, 28), date(2023, 1, 1)
NO_POSTS, NO_POSTS_FOR_CERTAIN = date(2018, 11, 5), date(2019, 1, 1)
DAY = timedelta(days=1)


def decided(one: Portfolio, *, may_grant: bool, book: Rulebook | None = None) -> Decided:
    return decide(
        applications_of([one]),
        Facts.of(frames_of([one])),
        book or BOOK,
        at(one.decided_on),
        as_authority=one.authority,
        recalled_may_grant=may_grant,
    )


async def outcome(one: Portfolio, *, may_grant: bool = False) -> str:
    return (await verdict_on(replace(one, recalled_may_grant=may_grant))).outcome


async def result(one: Portfolio, criterion: str, *, may_grant: bool = False) -> str:
    return (await verdict_on(replace(one, recalled_may_grant=may_grant))).results[criterion]


def result_by(book: Rulebook, one: Portfolio, criterion: str) -> str:
    criteria = decided(one, may_grant=False, book=book).criteria
    told: str = criteria.filter(criterion=criterion)["result"].item()
    return told


def at_once_on(day: date) -> Portfolio:
    return at_once(next(rank for rank in ranks("G01") if rank.level == "二级"), day)


def first_on(day: date) -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=day)


# -- days ----------------------------------------------------------------------------------


@pytest.mark.provision("B1.6", "F10")
@pytest.mark.parametrize(
    ("day", "in_production", "in_the_demo"),
    [
        (DIRECT - DAY, "not_accepted", "not_accepted"),
        (DIRECT, "awaiting_data", "granted"),
        (DIRECT_FOR_CERTAIN - DAY, "awaiting_data", "granted"),
        (DIRECT_FOR_CERTAIN, "granted", "granted"),
    ],
)
async def test_a_day_that_is_recalled_opens_the_second_level_to_nobody_in_production(
    day: date, in_production: str, in_the_demo: str
) -> None:
    """建办市函〔2022〕361号: its number is of 2022, so that in 2023 it was in force."""
    one = at_once_on(day)
    assert await outcome(one) == in_production
    assert await outcome(one, may_grant=True) == in_the_demo


@pytest.mark.provision("F3")
@pytest.mark.parametrize(
    ("day", "in_production"),
    [
        (NO_POSTS, "awaiting_data"),
        (NO_POSTS_FOR_CERTAIN - DAY, "awaiting_data"),
        (NO_POSTS_FOR_CERTAIN, "granted"),
    ],
)
async def test_nor_does_it_let_anybody_go_without_site_managers(
    day: date, in_production: str
) -> None:
    """建办市[2018]53号."""
    one = first_on(day)
    assert not one.people_in("site_manager")
    assert await outcome(one) == in_production
    assert await outcome(one, may_grant=True) == "granted"


@pytest.mark.provision("F3")
async def test_before_that_day_the_text_before_it_holds() -> None:
    one = first_on(NO_POSTS - DAY)
    assert await outcome(one) == "granted"
    for label in one.people_in("site_manager"):
        one.dismiss(label)
    assert await outcome(one) == "refused"


async def test_who_fails_by_the_easier_text_fails_by_both() -> None:
    """Nobody waits for a day that changes nothing for him."""
    assert await outcome(at_once_on(DIRECT).capital(1)) == "refused"


def test_the_office_is_told_which_text_to_look_up() -> None:
    one = at_once_on(DIRECT)
    answer = decided(one, may_grant=False)
    told = trace(answer, Facts.of(frames_of([one])), BOOK).filter(criterion="rule_set")
    assert set(told.select("target", "fault", "detail").iter_rows()) == {
        (TEXT, "text", "建办市函〔2022〕361号")
    }
    note = answer.criteria.filter(criterion="rule_set")["note"].item()
    assert "建办市函〔2022〕361号" in note and "amendments.yaml" in note


def test_every_notice_whose_day_is_recalled_says_from_when_it_is_certain() -> None:
    """Or changes no figure, or is recalled as a whole, which its rules bear themselves."""
    for one in BOOK.amendments:
        if one.status == "in_force" and one.basis == "seen" and "day is recalled" in one.note:
            assert one.certain_from is not None, one.id
            assert one.effective_from and one.effective_from < one.certain_from


# -- powers --------------------------------------------------------------------------------


@pytest.mark.provision("A4", "J1")
@pytest.mark.parametrize(
    ("code", "in_the_demo"),
    [("S32", "met"), ("S33", "met"), ("S34", "met"), ("S07", "not_met"), ("S08", "not_met")],
)
async def test_who_decides_what_the_text_leaves_open_is_for_the_office_to_settle(
    code: str, in_the_demo: str
) -> None:
    """Reading 25: in production neither taken up nor turned away before that."""
    one = first_on(date(2017, 3, 1))
    one.code, one.level = code, "一级"
    assert await result(one, "jurisdiction", may_grant=True) == in_the_demo
    assert await result(one, "jurisdiction") == "no_data"
    ours = load(decided_by={f"{code} 一级": "province"})
    assert result_by(ours, one, "jurisdiction") == "met"
    theirs = load(decided_by={f"{code} 一级": "ministry"})
    assert result_by(theirs, one, "jurisdiction") == "not_met"


async def test_what_the_text_settles_waits_for_nobody() -> None:
    assert await result(first_on(date(2017, 3, 1)), "jurisdiction") == "met"


# -- figures of what else is held, scopes of works -----------------------------------------------


@pytest.mark.provision("E25")
async def test_the_recalled_figure_of_another_qualification_held_does_not_grant() -> None:
    """E25: the highest figure counts; that of S26 三级 is only recalled."""
    one = Portfolio.meeting("S11", "二级", kind="addition", filed_on=date(2017, 3, 1))
    one.state_net_assets(50_000)
    assert await result(one, "net_assets") == "met"
    one.hold("S26", "三级")
    assert await result(one, "net_assets") == "no_data"
    assert await result(one, "net_assets", may_grant=True) == "met"


# -- figures that refuse -----------------------------------------------------------------------------


def third_level_of_waterways(wan: str) -> Portfolio:
    """S26 三级, whose 800 万元 of net assets are only recalled."""
    rank = next(r for r in ranks("S26") if r.level == "三级")
    return Exact(rank, date(2017, 3, 1)).build().capital(Decimal(wan))


@pytest.mark.parametrize(
    ("wan", "in_the_demo"), [("799.9999", "not_met"), ("800", "met"), ("800.0001", "met")]
)
async def test_a_figure_that_is_recalled_neither_grants_nor_refuses_in_production(
    wan: str, in_the_demo: str
) -> None:
    one = third_level_of_waterways(wan)
    assert await result(one, "net_assets", may_grant=True) == in_the_demo
    assert await result(one, "net_assets") == "no_data"
    assert await outcome(one) == "awaiting_data"


@pytest.mark.parametrize(("major", "in_the_demo"), [("电子", "met"), ("通信工程", "not_met")])
async def test_a_leader_by_a_list_of_majors_that_is_recalled_neither_grants_nor_refuses(
    major: str, in_the_demo: str
) -> None:
    """S04 一级: which majors are 电子与智能化工程相关专业 was not read in any copy."""
    one = Portfolio.meeting("S04", "一级", kind="upgrade", filed_on=date(2017, 3, 1))
    leader = {"person_key": one.people["lead"]}
    one.change("base_personnel__title", leader, major=major, studied_major=major)
    assert await result(one, "technical_lead", may_grant=True) == in_the_demo
    assert await result(one, "technical_lead") == "no_data"
    assert await outcome(one) == "awaiting_data"


async def test_what_was_seen_refuses_also_beside_what_is_recalled() -> None:
    one = third_level_of_waterways("1")
    assert await result(one, "titled_staff") == "met"
    for label in one.people_in("titled"):
        one.dismiss(label)
    assert await result(one, "titled_staff") == "not_met"
    assert await outcome(one) == "refused"


@pytest.mark.provision("E25")
async def test_the_recalled_figure_of_another_qualification_held_does_not_refuse() -> None:
    """E25: more than S11 asks, less than is recalled of S26 三级."""
    one = Portfolio.meeting("S11", "二级", kind="addition", filed_on=date(2017, 3, 1))
    for table in ("base_enterprise__qualification", "base_enterprise__certificate"):
        one.rows[table] = []
    one.hold("S26", "三级")
    for wan, in_production, in_the_demo in (
        ("199.9999", "not_met", "not_met"),
        ("200", "no_data", "not_met"),
        ("799.9999", "no_data", "not_met"),
        ("800", "no_data", "met"),
    ):
        one.state_net_assets(Decimal(wan))
        assert await result(one, "net_assets", may_grant=True) == in_the_demo, wan
        assert await result(one, "net_assets") == in_production, wan


@pytest.mark.parametrize("is_met", [True, False], ids=["met", "not met"])
def test_no_criterion_of_any_level_is_decided_by_what_is_recalled(is_met: bool) -> None:
    """All that are recalled of all levels, by an enterprise with everything and by one with less."""
    day = date(2017, 3, 1)
    tables = compile_tables(BOOK)
    recalled = tables.criteria.filter(basis="recalled").join(
        tables.sets.filter(pl.lit(day).is_between("valid_from", "valid_to")), on="digest"
    )
    levels = set(recalled.select("category_code", "subcategory", "level").iter_rows())
    cases = [
        Exact(rank, day, nth).build()
        for nth, rank in enumerate(LEVELS, start=1)
        if (rank.code, rank.subcategory, rank.level) in levels
    ]
    if not is_met:
        for one in cases:
            for table in one.rows:
                if table.startswith(("base_personnel__", "base_project__")) or table in (
                    "base_enterprise__statement",
                    "base_enterprise__equipment",
                ):
                    one.rows[table] = []
    found = set()
    for authority in ("ministry", "province", "city"):
        mine = [one for one in cases if one.authority == authority]
        answer = decide(
            applications_of(mine),
            Facts.of(frames_of(mine)),
            BOOK,
            at(day),
            as_authority=authority,
            recalled_may_grant=False,
        )
        found |= set(answer.criteria.filter(basis="recalled", stage="assessment")["result"])
        if not is_met:
            seen = answer.criteria.filter(basis="seen", stage="assessment")["result"]
            assert "not_met" in set(seen)
    assert found == {"no_data"}


def test_who_is_wanted_twice_is_spared_by_the_part_that_is_only_recalled() -> None:
    """S30 三级: workers recalled, site managers seen; so the one man is a site manager."""
    rank = next(r for r in ranks("S30") if r.level == "三级")
    one = Exact(rank, date(2017, 3, 1)).build()
    manager = one.of("base_personnel__post_certificate")[0]["person_key"]
    worker = one.of("base_personnel__skill_certificate")[0]
    one.dismiss(next(label for label, key in one.people.items() if key == worker["person_key"]))
    one.rows["base_personnel__skill_certificate"].append({**worker, "person_key": manager})
    answer = decided(one, may_grant=False)
    results = dict(answer.criteria.select("criterion", "result").iter_rows())
    assert (results["site_managers"], results["skilled_workers"]) == ("met", "no_data")


# -- the scope held on the day of the contract ------------------------------------------------------

ONE_FIFTY_FOUR, FOR_CERTAIN = date(2015, 10, 9), date(2015, 11, 1)


@pytest.mark.provision("E14", "F1")
@pytest.mark.parametrize(
    ("signed_on", "yuan", "in_production", "in_the_demo"),
    [
        (ONE_FIFTY_FOUR - DAY, "29999999.99", "not_met", "not_met"),
        (ONE_FIFTY_FOUR - DAY, "30000000", "met", "met"),
        (ONE_FIFTY_FOUR, "29999999.99", "no_data", "met"),
        (ONE_FIFTY_FOUR, "30000000", "met", "met"),
        (FOR_CERTAIN - DAY, "29999999.99", "no_data", "met"),
        (FOR_CERTAIN - DAY, None, "no_data", "met"),
        (FOR_CERTAIN, "29999999.99", "met", "met"),
        (FOR_CERTAIN, "30000000", "met", "met"),
    ],
)
async def test_works_are_within_the_scope_that_was_surely_in_force_on_the_day_of_the_contract(
    signed_on: date, yuan: str | None, in_production: str, in_the_demo: str
) -> None:
    """G01 一级: 154号 took the least price of 3,000 万元 away, on a day that is recalled.

    In between, what the scopes of before and after say alike is known.
    """
    place = next(n for n, rank in enumerate(LEVELS) if (rank.code, rank.level) == ("G01", "一级"))
    one = carried_out(
        Recipe(place, "reverification", DAYS.index(date(2017, 3, 1)), 0, 0, Word(), ()), NTH.get()
    )
    # Of no other side, whose works might count (reading 91).
    one.change("base_enterprise__event", {}, event_code="conversion")
    for row in one.of("base_project__contract"):
        row.update(signed_on=signed_on, amount_yuan=None if yuan is None else Decimal(yuan))
    for row in one.of("base_project__acceptance"):
        row.update(started_on=signed_on)
    for project in one.projects:
        # Nothing that 二级 may not take, whatever its price (the footnote of G01).
        one.show(project, "单跨跨度", Decimal(1)).show(project, "单体建筑面积", Decimal(1))
    assert await result(one, "performance", may_grant=True) == in_the_demo
    assert await result(one, "performance") == in_production
    if in_production == "no_data" and yuan:
        missing = trace(decided(one, may_grant=False), Facts.of(frames_of([one])), BOOK)
        assert set(missing.select("criterion", "target", "row_key", "detail").iter_rows()) == {
            ("performance", TEXT, "G01 一级 承包工程范围", "建市[2015]154号")
        }


def second_level_of_ports() -> Portfolio:
    """An upgrade to G04 一级 by works taken as 二级, whose scope is only recalled."""
    rank = next(r for r in ranks("G04") if r.level == "一级")
    return Exact(rank, date(2017, 3, 1)).build()


@pytest.mark.provision("E14")
async def test_works_under_a_recalled_scope_neither_count_nor_are_missing_in_production() -> None:
    one = second_level_of_ports()
    assert await result(one, "performance", may_grant=True) == "met"
    assert await result(one, "performance") == "no_data"
    missing = trace(decided(one, may_grant=False), Facts.of(frames_of([one])), BOOK)
    assert ("performance", TEXT, "G04 二级 承包工程范围") in set(
        missing.select("criterion", "target", "row_key").iter_rows()
    )


async def test_too_few_works_refuse_whatever_the_scope_says() -> None:
    one = second_level_of_ports()
    one.rows["base_project__unit"] = one.rows["base_project__unit"][:1]
    assert await result(one, "performance") == "not_met"
    assert await outcome(one) == "refused"


@pytest.mark.provision("E14")
async def test_works_taken_without_any_level_do_not_count_whatever_the_scope_says() -> None:
    one = second_level_of_ports()
    one.change("base_enterprise__qualification", {}, valid_from=date(2017, 2, 1))
    assert await result(one, "performance") == "not_met"
