"""What may be applied for from what is held: levels, designers, days of expiry, ways to end."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from filings import (
    DAY,
    actual,
    changed,
    filed,
    note,
    verdict,
)
from judge import MET, NO_DATA, NOT_MET
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from portfolio.rows import NTH

from decisions.english import chinese, english

QUALIFICATION = "base_enterprise__qualification"

# -- what is held ------------------------------------------------------------------------


@pytest.mark.provision("B1.1")
async def test_an_item_above_what_may_be_applied_for_is_answered_with_the_level_to_begin_at() -> (
    None
):
    portfolio = Portfolio.meeting("S11", "一级", kind="first", filed_on=DAY)
    answer = await verdict(portfolio)
    assert "first_level" in answer.failed
    told = note(answer, "first_level")
    assert chinese(told) == "应先申请最低等级 S11-二级"
    assert english(told) == "apply for the lowest level first: S11, grade 2"


def special_works(kind: str, expires_on: date) -> Portfolio:
    """One that asks for special works and holds a kind of them, and building works."""
    portfolio = Portfolio("S36", "不分等级", kind, DAY, DAY, "province", NTH.get())
    portfolio.register_enterprise(Decimal(240))
    portfolio.hold("G01", "三级")
    portfolio.hold("S36", "不分等级", expires_on=expires_on, subcategory="结构补强")
    portfolio.cover_everything()
    return portfolio


@pytest.mark.parametrize("kind", ["renewal", "addition", "change"])
async def test_of_special_works_whoever_holds_a_kind_may_mean_that_or_another(kind: str) -> None:
    answer = await verdict(special_works(kind, DAY + timedelta(days=100)))
    assert "held" in answer.unknown and answer.outcome == "awaiting_data"
    assert "种类" in note(answer, "held")


async def test_of_special_works_a_kind_that_has_run_out_stands_in_nobodys_way() -> None:
    ended = special_works("addition", DAY - timedelta(days=1))
    assert (await verdict(ended)).results["held"] == "met"


@pytest.mark.provision("B2.5", "B3.3")
async def test_a_renewal_of_a_level_that_was_raised_meanwhile_is_told_which_to_renew() -> None:
    raised = filed("renewal").remove("base_enterprise__qualification")
    answer = await verdict(raised.hold("S11", "一级", expires_on=DAY + timedelta(days=100)))
    assert answer.failed >= {"held"} and answer.outcome == "not_accepted"
    assert "更高等级" in note(answer, "held") and actual(answer, "held") == "一级"


# -- designers (B1.3) ----------------------------------------------------------------------


def builder(code: str = "G01", level: str = "二级") -> Portfolio:
    """One that applies for general contracting above the lowest level, and holds nothing."""
    return Portfolio.meeting(code, level, kind="first", filed_on=DAY)


@pytest.mark.provision("B1.3")
@pytest.mark.parametrize("series", ["综合", "建筑行业", "建筑工程专业", "市政行业"])
async def test_a_designer_may_apply_above_the_lowest_level_and_waits_for_the_rule_on_epc_works(
    series: str,
) -> None:
    answer = await verdict(builder().designs(series))
    assert "first_level" in answer.unknown and answer.outcome == "awaiting_data"
    assert "设计资质" in note(answer, "first_level")


@pytest.mark.provision("B1.1", "B1.3")
async def test_who_designs_nothing_begins_at_the_lowest_level() -> None:
    assert "first_level" in (await verdict(builder())).failed


@pytest.mark.provision("B1.3")
@pytest.mark.parametrize(
    ("series", "grade"), [("公路行业", "甲级"), ("建筑行业", "乙级"), ("风景园林专业", "甲级")]
)
async def test_a_design_qualification_of_another_industry_or_grade_opens_nothing(
    series: str, grade: str
) -> None:
    assert "first_level" in (await verdict(builder().designs(series, grade))).failed


@pytest.mark.provision("B1.3")
@pytest.mark.parametrize(
    ("grade", "days", "is_open"), [("甲级", 0, True), ("甲级", -1, False), ("乙级", 0, False)]
)
async def test_a_series_by_a_name_that_no_list_has_may_be_one_that_opens_the_level(
    grade: str, days: int, is_open: bool
) -> None:
    """建筑工程专业 as certificates have it; its grade and days are known all the same."""
    series, until = "建筑行业（建筑工程）", DAY + timedelta(days=days)
    answer = await verdict(builder().designs(series, grade, until=until))
    assert answer.outcome == ("awaiting_data" if is_open else "not_accepted"), answer.summary()
    assert ("first_level" in answer.unknown) == is_open


@pytest.mark.provision("B1.3")
async def test_a_design_qualification_opens_no_specialty() -> None:
    assert "first_level" in (await verdict(builder("S11", "一级").designs("综合"))).failed


@pytest.mark.provision("B1.3")
async def test_a_designer_at_the_lowest_level_is_a_builder_as_any_other() -> None:
    assert "first_level" not in (await verdict(builder("G01", "三级").designs("建筑行业"))).unknown


@pytest.mark.provision("B1.3")
@pytest.mark.parametrize(("days", "is_open"), [(-1, False), (0, True)])
async def test_the_design_qualification_must_be_valid_on_the_day_of_filing(
    days: int, is_open: bool
) -> None:
    answer = await verdict(builder().designs("建筑行业", until=DAY + timedelta(days=days)))
    assert ("first_level" in answer.unknown) == is_open


@pytest.mark.provision("B1.3")
async def test_a_withdrawn_design_qualification_opens_nothing() -> None:
    assert (
        "first_level" in (await verdict(builder().designs("建筑行业", status="withdrawn"))).failed
    )


@pytest.mark.provision("B1.3")
async def test_where_design_qualifications_are_not_delivered_nobody_is_turned_away() -> None:
    answer = await verdict(builder().uncover("base_enterprise__design_qualification"))
    assert "first_level" in answer.unknown
    assert "设计资质数据未到" in note(answer, "first_level")


@pytest.mark.provision("B1.3")
async def test_a_design_qualification_set_apart_turns_nobody_away() -> None:
    portfolio = builder().designs("公路行业")
    portfolio.quarantine("base_enterprise__design_qualification")
    assert "first_level" in (await verdict(portfolio)).unknown


# -- levels held ---------------------------------------------------------------------------


@pytest.mark.provision("B2.1")
async def test_an_upgrade_that_leaves_out_a_level_names_the_one_that_must_be_held() -> None:
    portfolio = filed("upgrade")
    portfolio.remove("base_enterprise__qualification").remove("base_enterprise__certificate")
    answer = await verdict(portfolio.hold("S04", "二级"))
    assert "held" in answer.failed
    assert "二级" in note(answer, "held")


@pytest.mark.provision("B2.1")
async def test_an_upgrade_to_what_is_held_already_says_so() -> None:
    answer = await verdict(filed("upgrade").hold("S11", "一级"))
    assert "held" in answer.failed
    assert "无需升级" in note(answer, "held")


@pytest.mark.provision("B2.1")
async def test_nobody_is_upgraded_to_the_lowest_level() -> None:
    portfolio = filed("upgrade")
    portfolio.level = "二级"
    answer = await verdict(portfolio)
    assert "held" in answer.failed


@pytest.mark.provision("B1.4")
@pytest.mark.parametrize(("kind", "remedy"), [("first", "增项或升级"), ("addition", "升级")])
async def test_who_holds_the_category_already_is_told_which_kind_to_file(
    kind: str, remedy: str
) -> None:
    answer = await verdict(filed(kind).hold("S11", "二级"))
    assert "held" in answer.failed
    assert remedy in note(answer, "held")


@pytest.mark.provision("B1.4")
async def test_an_addition_of_one_who_holds_nothing_is_told_to_file_a_first_application() -> None:
    portfolio = filed("addition")
    portfolio.remove("base_enterprise__qualification").remove("base_enterprise__certificate")
    assert "首次申请" in note(await verdict(portfolio), "held")


@pytest.mark.provision("C8")
@pytest.mark.parametrize("kind", ["first", "addition", "upgrade", "renewal", "change"])
async def test_a_qualification_set_apart_leaves_what_is_held_unknown(kind: str) -> None:
    portfolio = changed() if kind == "change" else filed(kind)
    if kind == "first":
        portfolio.hold("S04", "二级")
    answer = await verdict(portfolio.quarantine("base_enterprise__qualification"))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "held" in answer.unknown


@pytest.mark.provision("C8", "B3.5", "D11")
@pytest.mark.parametrize("kind", ["upgrade", "renewal", "replacement"])
@pytest.mark.parametrize(("valid_until", "is_valid"), [(DAY, True), (DAY - timedelta(1), False)])
async def test_the_day_of_expiry_is_a_valid_day_and_the_next_is_not(
    kind: str, valid_until: date, is_valid: bool
) -> None:
    portfolio = filed(kind).change("base_enterprise__certificate", {}, valid_until=valid_until)
    answer = await verdict(portfolio)
    assert ("validity" in answer.failed) == (not is_valid), answer.summary()
    state = "有效 valid" if is_valid else "有效期届满 expired"
    assert actual(answer, "validity").startswith(f"{state}，至 {valid_until}")


@pytest.mark.parametrize(("days", "is_held"), [(0, True), (1, False)])
async def test_what_is_held_only_from_the_day_after_the_filing_is_not_held_yet(
    days: int, is_held: bool
) -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="renewal", filed_on=DAY)
    since = DAY + timedelta(days)
    portfolio.change("base_enterprise__qualification", {}, valid_from=since)
    answer = await verdict(portfolio)
    assert answer.outcome == ("granted" if is_held else "not_accepted"), answer.summary()
    assert ("申请日尚未取得" in (note(answer, "validity") or "")) == (not is_held)


@pytest.mark.provision("B3.5")
@pytest.mark.parametrize("kind", ["change", "renewal", "replacement"])
async def test_a_level_that_has_expired_is_told_as_held_and_not_as_none(kind: str) -> None:
    portfolio = filed(kind).change(
        "base_enterprise__certificate", {}, valid_until=DAY - timedelta(1)
    )
    answer = await verdict(portfolio)
    assert answer.results["held"] == "met" and "validity" in answer.failed
    assert actual(answer, "held") == "二级"


@pytest.mark.provision("D14", "D5", "D7", "D9", "D10")
@pytest.mark.parametrize(
    ("state", "told"),
    [("withdrawn", "撤回"), ("revoked", "撤销"), ("struck", "吊销"), ("cancelled", "注销")],
)
async def test_the_four_ways_to_end_have_four_words(state: str, told: str) -> None:
    portfolio = filed("replacement")
    portfolio.change("base_enterprise__qualification", {}, status_code=state)
    answer = await verdict(portfolio)
    assert "validity" in answer.failed
    assert told in actual(answer, "validity")
    assert ("三个月内可申请重新核定" in note(answer, "validity")) == (state == "withdrawn")


@pytest.mark.provision("B3.5", "B5.3", "C8")
@pytest.mark.parametrize("kind", ["change", "renewal", "replacement"])
@pytest.mark.parametrize("lost", ["not delivered", "set apart", "told otherwise before"])
async def test_an_older_row_that_has_ended_turns_nobody_away_while_a_newer_may_be_missing(
    kind: str, lost: str
) -> None:
    """Nobody can read of which level the newer one is, or it has not come yet."""
    portfolio = filed(kind)
    (row,) = portfolio.of(QUALIFICATION)
    ended = {"status_code": "cancelled", "valid_to": DAY - timedelta(400)}
    if lost == "not delivered":
        portfolio.uncover(QUALIFICATION)
    else:
        portfolio.quarantine(QUALIFICATION, unread=["level"])
    if lost == "told otherwise before":
        before = {"level": "一级", "received_at": row["received_at"] - timedelta(1)}
        portfolio.add(QUALIFICATION, **row | before)
    older = {"qualification_no": "BEFORE", "certificate_no": "D100000001"}
    portfolio.rows[QUALIFICATION] = [
        one for one in portfolio.of(QUALIFICATION) if one["level"] == "一级"
    ]
    portfolio.add(QUALIFICATION, **row | older | ended)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "validity" in answer.unknown
    assert not disagreements(answer, plainly(portfolio))


@pytest.mark.provision("B2.5", "B5.1")
@pytest.mark.parametrize("kind", ["change", "renewal", "replacement", "reverification"])
@pytest.mark.parametrize(
    ("above", "result"),
    [
        ("none", MET),
        ("held", NOT_MET),
        ("expired", MET),
        ("set apart", NO_DATA),
        ("told otherwise before", NO_DATA),
        ("not delivered", NO_DATA),
    ],
)
async def test_a_level_counts_only_where_no_higher_one_of_its_category_is_held(
    kind: str, above: str, result: str
) -> None:
    """The higher takes its place (E-09), and one that may be there leaves it open (reading 57)."""
    portfolio = Portfolio.meeting("S11", "二级", kind=kind, filed_on=DAY)
    (row,) = portfolio.of(QUALIFICATION, category_code="S11")
    number = row["qualification_no"] + "9"
    higher = {"qualification_no": number, "level": "一级", "row_no": row["row_no"] + 900}
    if above == "not delivered":
        portfolio.uncover(QUALIFICATION)
    elif above != "none":
        ended = {"valid_to": DAY - timedelta(1)} if above == "expired" else {}
        portfolio.add(QUALIFICATION, **row | higher | ended)
    if above in ("set apart", "told otherwise before"):
        portfolio.quarantine(QUALIFICATION, qualification_no=number)
    if above == "told otherwise before":
        before = {"level": "二级", "received_at": row["received_at"] - timedelta(1)}
        portfolio.add(QUALIFICATION, **row | higher | before)
    answer = await verdict(portfolio)
    assert answer.results["held"] == result
    assert not disagreements(answer, plainly(portfolio))
