"""二级 applied for at once (建办市函〔2022〕361号, B1.6), and 三级 no longer applied for (F8).

Assets and technical leader by the standard of 二级, everything else by that of 三级.
"""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from exact import at_once
from judge import Verdict
from offices import at
from portfolio import Portfolio, applications_of, frames_of
from sheets import Rank, ranks
from shipped import BOOK
from together import verdict_on

from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.rulebook.book import from_document
from decisions.rulebook.rule_set import canonical_json
from decisions.rulebook.tables import compile_tables
from decisions.waiting.missing import trace
from decisions.waiting.missing_texts import TEXT

OPEN = date(2022, 10, 28)
CLOSED = date(2021, 7, 1)
CODES = ("G01", "G10", "S01", "S12")


def second(code: str) -> Rank:
    return next(rank for rank in ranks(code) if rank.level == "二级")


def first(code: str = "G01", on: date = OPEN, nth: int | None = None) -> Portfolio:
    return at_once(second(code), on, nth)


def addition(code: str = "G01", on: date = OPEN) -> Portfolio:
    """Another category is held; insurance and statement as an addition asks."""
    one = at_once(second(code), on).hold("S04", "二级")
    one.kind = "addition"
    for label in list(one.people):
        one.insure(label, one.usc_code, one.insurance_months)
    return one.state_net_assets(5000)


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio)


@pytest.mark.provision("B1.6", "F10")
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("on", [OPEN, date(2023, 9, 15), date(2025, 3, 3)])
async def test_who_meets_the_mixed_standard_exactly_is_granted(code: str, on: date) -> None:
    answer = await verdict(first(code, on))
    assert answer.outcome == "granted", answer.summary()
    assert "361" in str(answer.criterion("net_assets")["clause"])


@pytest.mark.provision("B1.6", "F10")
@pytest.mark.parametrize("kind", ["first", "addition"])
async def test_the_day_before_it_still_begins_at_the_lowest_level(kind: str) -> None:
    day = OPEN - timedelta(days=1)
    one = first(on=day) if kind == "first" else addition(on=day)
    assert "first_level" in (await verdict(one)).failed


@pytest.mark.provision("B1.6")
@pytest.mark.parametrize("code", CODES)
async def test_assets_go_by_the_second_level(code: str) -> None:
    wan = second(code).asked(OPEN)["net_assets_wan"]
    assert (await verdict(first(code).capital(wan - 1))).failed == {"net_assets"}
    assert second(code).lower.asked(OPEN)["net_assets_wan"] < wan


@pytest.mark.provision("B1.6")
async def test_other_assets_are_assets_too() -> None:
    """S09 asks for workshops: those of 二级."""
    asked = (await verdict(first("S09"))).criterion("assets_other.1")
    assert (asked["required"], asked["result"]) == ("≥ 15000 平方米", "not_met")


@pytest.mark.provision("B1.6")
@pytest.mark.parametrize("code", CODES)
async def test_the_leader_goes_by_the_second_level(code: str) -> None:
    years = second(code).asked(OPEN)["technical_lead"]["years"]
    one = first(code).practised_since(date(OPEN.year - years, OPEN.month, OPEN.day + 1))
    assert "technical_lead" in (await verdict(one)).failed


@pytest.mark.provision("B1.6")
@pytest.mark.parametrize("code", CODES)
async def test_workers_and_works_led_go_by_the_third_level(code: str) -> None:
    """Above the lowest level nobody counts workers since 226号: here they count."""
    short = first(code)
    short.dismiss(short.people_in("worker")[-1])
    assert (await verdict(short)).failed == {"skilled_workers"}
    parts = {c["criterion"] for c in (await verdict(first(code))).criteria}
    assert {"constructors", "titled_staff", "skilled_workers", "lead_performance"} <= parts
    assert "performance" not in parts


@pytest.mark.provision("B1.6", "B1.4")
async def test_an_addition_asks_the_same_and_article_23() -> None:
    answer = await verdict(addition())
    assert answer.outcome == "granted", answer.summary()
    assert answer.decision["effect"] == "add_to_certificate"
    found = await verdict(addition().act(OPEN))
    assert found.failed == {"art23"}


@pytest.mark.provision("B1.6")
async def test_who_holds_the_third_level_may_apply_at_once_too() -> None:
    answer = await verdict(addition().hold("G01", "三级"))
    assert answer.outcome == "granted", answer.summary()
    assert "held" in (await verdict(addition().hold("G01", "二级"))).failed


async def test_one_with_the_third_level_on_our_set_has_it_replaced() -> None:
    """G11: 三级 is the province's own."""
    one = addition("G11").hold("G11", "三级")
    answer = await verdict(one)
    assert answer.outcome in ("granted", "awaiting_data"), answer.summary()
    if answer.outcome == "granted":
        assert answer.decision["effect"] == "replace_level"


@pytest.mark.provision("B1.6", "B2.2")
async def test_an_upgrade_still_goes_by_the_second_level_alone() -> None:
    one = first()
    one.kind = "upgrade"
    one.hold("G01", "三级")
    assert "performance" in {c["criterion"] for c in (await verdict(one)).criteria}


@pytest.mark.provision("B1.6")
@pytest.mark.parametrize(("code", "level"), [("G01", "一级"), ("S04", "一级"), ("S11", "一级")])
async def test_nothing_else_is_applied_for_at_once(code: str, level: str) -> None:
    one = first()
    one.code, one.level = code, level
    assert "first_level" in (await verdict(one)).failed


@pytest.mark.provision("B1.6")
def test_by_a_rulebook_kept_before_the_mixed_standard_it_waits_for_the_rule() -> None:
    """B1.6 opens the level from its day on: that the rule is not there yet refuses nobody."""
    content = json.loads(BOOK.document)
    del content["files"]["kinds.yaml"]["direct_by_second_level"]
    before = from_document(canonical_json(content))

    def answered(on: date) -> tuple[str, str | None]:
        one = first(on=on)
        decided = decide(applications_of([one]), Facts.of(frames_of([one])), before, at(on))
        level = decided.criteria.filter(criterion="first_level")
        return level["result"].item(), level["note"].item()

    assert answered(OPEN - timedelta(days=1))[0] == "not_met"
    result, note = answered(OPEN)
    assert result == "no_data"
    assert "not encoded yet" in str(note)


@pytest.mark.provision("B1.6")
def test_every_category_of_three_levels_has_one_mixed_standard_for_each_day() -> None:
    three = {
        (code, one.subcategory)
        for code in BOOK.categories
        for one in ranks(code)
        if len([r for r in ranks(code) if r.subcategory == one.subcategory]) == 3
    }
    frame = compile_tables(BOOK).direct_sets
    for on in (OPEN, date(2023, 9, 15), date(2024, 1, 1), date(2030, 1, 1)):
        found = [
            (code, sub)
            for code, sub, since, until in frame.select(
                "category_code", "subcategory", "valid_from", "valid_to"
            ).iter_rows()
            if since <= on <= until
        ]
        assert sorted(found) == sorted(three)


# -- 三级 no longer applied for -------------------------------------------------------------


@pytest.mark.provision("F8")
@pytest.mark.parametrize("kind", ["first", "addition", "renewal", "reverification"])
@pytest.mark.parametrize(
    ("filed_on", "result"), [(CLOSED - timedelta(days=1), "met"), (CLOSED, "no_data")]
)
async def test_a_notice_that_nobody_has_seen_leaves_the_third_level_open(
    kind: str, filed_on: date, result: str
) -> None:
    one = Portfolio.meeting("S11", "二级", kind=kind, filed_on=filed_on)
    one.code, one.level = "G11", "三级"
    asked = (await verdict(one)).criterion("level_open")
    assert asked["result"] == result
    assert (result == "met") == (asked["note"] is None)


@pytest.mark.provision("F8")
@pytest.mark.parametrize("kind", ["change", "replacement"])
async def test_changes_and_replacements_go_on(kind: str) -> None:
    one = Portfolio.meeting("S11", "二级", kind=kind, filed_on=CLOSED)
    one.code, one.level = "G11", "三级"
    assert "level_open" not in {c["criterion"] for c in (await verdict(one)).criteria}


@pytest.mark.provision("F8")
def test_the_office_is_told_that_the_text_of_the_notice_is_missing() -> None:
    one = Portfolio.meeting("S11", "二级", kind="renewal", filed_on=CLOSED)
    one.code, one.level = "G11", "三级"
    facts = Facts.of(frames_of([one]))
    decided = decide(applications_of([one]), facts, BOOK, at(CLOSED))
    told = trace(decided, facts, BOOK).filter(criterion="level_open")
    assert set(told.select("target", "fault").iter_rows()) == {(TEXT, "text")}
