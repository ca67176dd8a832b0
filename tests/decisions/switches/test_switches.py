"""The switches before assessment: below, at and above each edge, in doubt, and what is told."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from filings import (
    BAR,
    CHINESE,
    DAY,
    REGISTRY,
    actual,
    changed,
    filed,
    note,
    verdict,
)
from judge import judge

from decisions import words
from decisions.english import chinese, english

# -- jurisdiction ------------------------------------------------------------------------


@pytest.mark.provision("A1", "A3", "A5")
@pytest.mark.parametrize(
    ("code", "level", "named"),
    [
        ("G01", "三级", "设区的市"),
        ("G03", "二级", "住房和城乡建设部"),
        ("S19", "二级", "住房和城乡建设部"),
    ],
)
async def test_what_is_anothers_is_not_accepted_and_the_competent_authority_is_named(
    code: str, level: str, named: str
) -> None:
    portfolio = filed("first")
    portfolio.code, portfolio.level = code, level
    answer = await verdict(portfolio)
    assert "jurisdiction" in answer.failed
    assert named in note(answer, "jurisdiction")


@pytest.mark.provision("A5")
async def test_an_applicant_of_another_province_is_sent_to_the_place_of_its_registration() -> None:
    answer = await verdict(filed("first").change(REGISTRY, {}, region_code="310104"))
    assert answer.failed == {"jurisdiction"}
    assert "310104" in note(answer, "jurisdiction")


@pytest.mark.provision("A5")
@pytest.mark.parametrize("how", ["region set apart", "region missing"])
async def test_where_it_is_registered_must_be_known(how: str) -> None:
    portfolio = filed("first")
    if how == "region missing":
        portfolio.change(REGISTRY, {}, region_code=None)
    else:
        portfolio.quarantine(REGISTRY)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "jurisdiction" in answer.unknown


@pytest.mark.provision("A10", "F11")
@pytest.mark.parametrize(
    ("filed_on", "level", "result"),
    [
        (date(2020, 12, 31), "一级", "not_met"),
        (date(2021, 1, 1), "一级", "no_data"),
        (date(2023, 9, 14), "一级", "no_data"),
        (date(2023, 9, 15), "一级", "not_met"),
        (date(2021, 1, 1), "特级", "not_met"),
    ],
)
async def test_while_the_ministry_tried_to_delegate_no_text_says_what_is_whose(
    filed_on: date, level: str, result: str
) -> None:
    portfolio = filed("first", filed_on=filed_on)
    portfolio.code, portfolio.level = "G01", level
    assert (await verdict(portfolio)).criterion("jurisdiction")["result"] == result


# -- registration ------------------------------------------------------------------------


@pytest.mark.provision("C8")
@pytest.mark.parametrize(
    ("state", "told"),
    [("suspended", "停业"), ("revoked", "吊销"), ("cancelled", "注销"), ("moved_out", "迁出")],
)
@pytest.mark.parametrize("kind", ["first", "renewal", "replacement"])
async def test_a_registration_not_in_normal_state_is_told_in_words(
    kind: str, state: str, told: str
) -> None:
    answer = await verdict(filed(kind).change(REGISTRY, {}, state_code=state))
    assert answer.failed == {"registration_state"}, answer.summary()
    assert told in actual(answer, "registration_state")


@pytest.mark.provision("C8")
async def test_an_enterprise_that_no_base_knows_is_told_to_check_its_code() -> None:
    portfolio = filed("first").remove(REGISTRY)
    answer = await verdict(portfolio)
    assert answer.criterion("registration_state")["result"] != "met"
    assert answer.outcome in ("not_accepted", "awaiting_data")
    assert "统一社会信用代码" in note(answer, "registration_state")


@pytest.mark.provision("C8")
@pytest.mark.parametrize("how", ["set apart", "no state", "not complete"])
async def test_a_registration_in_doubt_neither_shuts_nor_opens(how: str) -> None:
    portfolio = filed("renewal")
    if how == "set apart":
        portfolio.change(REGISTRY, {}, state_code="cancelled").quarantine(REGISTRY)
    elif how == "no state":
        portfolio.change(REGISTRY, {}, state_code=None)
    else:
        portfolio.uncover(REGISTRY)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "registration_state" in answer.unknown


# -- bars --------------------------------------------------------------------------------


@pytest.mark.provision("C5", "C8")
@pytest.mark.parametrize("kind", ["first", "addition", "upgrade", "renewal"])
@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_barred"),
    [
        (date(2016, 3, 1), DAY - timedelta(1), False),
        (date(2016, 3, 1), DAY, True),
        (DAY, date(2018, 2, 28), True),
        (DAY + timedelta(1), date(2018, 2, 28), False),
    ],
)
async def test_a_bar_runs_from_its_first_to_its_last_day_and_says_until_when(
    kind: str, starts_on: date, ends_on: date, is_barred: bool
) -> None:
    answer = await verdict(filed(kind).bar(starts_on, ends_on))
    assert ("bar" in answer.failed) == is_barred, answer.summary()
    if is_barred:
        assert ends_on.isoformat() in note(answer, "bar")


@pytest.mark.provision("C7")
async def test_while_a_falsification_is_being_looked_into_the_matter_is_held_and_not_turned_away() -> (
    None
):
    portfolio = filed("upgrade").bar(date(2017, 2, 20), None)
    answer = await verdict(portfolio.change(BAR, {}, ground="涉嫌造假核查"))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"bar"}
    assert "暂缓" in note(answer, "bar")


@pytest.mark.provision("C5")
async def test_a_bar_set_apart_whose_ground_cannot_be_read_may_be_any() -> None:
    portfolio = changed().bar(date(2017, 1, 1), None)
    answer = await verdict(portfolio.quarantine(BAR, unread=("ground",)))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"bar"}


# -- change ------------------------------------------------------------------------------


@pytest.mark.provision("B4.3")
@pytest.mark.parametrize("missing", [REGISTRY, "base_enterprise__event"])
async def test_where_nothing_differs_no_event_that_is_not_delivered_makes_it_a_change(
    missing: str,
) -> None:
    """Not met beats no data; but that nothing differs is only known of a fresh registration."""
    answer = await verdict(filed("change").uncover(missing))
    is_known = missing != REGISTRY
    assert answer.results["change_ground"] == ("not_met" if is_known else "no_data")


@pytest.mark.provision("B4.1", "B4.3")
@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("name", "浙江新名建设有限公司", "名称"),
        ("address", "新址", "地址"),
        ("legal_representative", "李四", "法定代表人"),
        ("registered_capital_yuan", Decimal(2_000_000), "注册资本"),
    ],
)
async def test_new_values_come_from_the_registration_and_stand_beside_the_old_in_the_evidence(
    column: str, value: object, told: str
) -> None:
    answer = await verdict(changed(**{column: value}))
    assert answer.outcome == "granted", answer.summary()
    assert told in actual(answer, "change_ground")
    (shown,) = answer.evidence_of("change_ground")
    assert str(value) in shown["content_json"]
    assert "printed_" in shown["content_json"]


@pytest.mark.provision("B4.3")
async def test_where_registration_and_certificate_agree_there_is_nothing_to_change() -> None:
    answer = await verdict(filed("change"))
    assert answer.failed == {"change_ground"}
    assert "无需变更" in note(answer, "change_ground")


@pytest.mark.provision("B4.3")
async def test_a_new_value_that_was_not_delivered_awaits_data() -> None:
    answer = await verdict(changed(address=None))
    assert answer.outcome == "awaiting_data", answer.summary()


@pytest.mark.provision("B4.1")
@pytest.mark.parametrize(
    ("happened_on", "is_late"), [(date(2017, 2, 1), False), (date(2017, 1, 31), True)]
)
async def test_a_change_filed_more_than_a_month_after_the_registration_is_granted_and_noted(
    happened_on: date, is_late: bool
) -> None:
    answer = await verdict(changed().event("address", happened_on))
    assert answer.outcome == "granted"
    assert ("逾期" in note(answer, "change_ground")) == is_late


@pytest.mark.provision("B4.3", "B6.1")
@pytest.mark.parametrize(
    "event",
    [
        "merger_absorption",
        "merger_new",
        "split",
        "restructuring",
        "conversion",
        "moved_province",
        "capital_nature",
    ],
)
async def test_a_change_that_follows_a_ground_of_re_verification_is_none_and_the_ground_is_told(
    event: str,
) -> None:
    answer = await verdict(changed().event(event, date(2017, 2, 1)))
    assert answer.failed == {"change_ground"}
    told = note(answer, "change_ground")
    assert "重新核定" in told
    assert words.EVENTS[event].zh in told


# -- Article 23 --------------------------------------------------------------------------


async def test_every_finding_is_told_with_act_organ_document_and_day() -> None:
    portfolio = filed("upgrade").act(date(2016, 6, 1))
    answer = await verdict(portfolio)
    (row,) = portfolio.of("base_credit__finding")
    for told in (row["act"], row["authority"], row["document_no"], "2016-06-01"):
        assert told in actual(answer, "art23")
        assert told in answer.evidence_of("art23")[0]["content_json"]


@pytest.mark.provision("C1", "B2.3")
@pytest.mark.parametrize(
    ("revoked_on", "outcome"),
    [(DAY, "granted"), (DAY + timedelta(1), "refused"), (None, "refused")],
)
async def test_only_a_finding_in_effect_at_the_decision_counts(
    revoked_on: date | None, outcome: str
) -> None:
    answer = await verdict(filed("upgrade").act(date(2016, 6, 1), revoked_on=revoked_on))
    assert answer.outcome == outcome, answer.summary()


@pytest.mark.provision("C1", "J2")
async def test_what_the_law_does_not_list_is_not_for_a_machine() -> None:
    assert (await verdict(filed("upgrade").act(date(2016, 6, 1), "其他"))).outcome == "granted"


# -- words -------------------------------------------------------------------------------


async def test_the_day_an_order_to_correct_is_due_is_told_in_both_languages() -> None:
    told = actual(await verdict(filed("upgrade").rectify("S11", date(2017, 2, 1))), "rectification")
    assert "期限至 2017-05-01" in chinese(told) and "due 2017-05-01" in english(told)


@pytest.mark.provision("C1", "C3")
@pytest.mark.parametrize(
    ("criterion", "table"),
    [
        ("bar", BAR),
        ("rectification", "base_credit__rectification"),
        ("art23", "base_credit__finding"),
        ("reverification_due", "base_enterprise__event"),
    ],
)
def test_of_a_source_that_is_not_complete_nobody_is_told_that_there_is_nothing(
    criterion: str, table: str
) -> None:
    whole, gap = filed("upgrade", nth=1), filed("upgrade", nth=2)
    gap.uncover(table)
    told = [actual(answer, criterion) for answer in judge([whole, gap])]
    assert told == ["无 none", "未见 none seen"]


async def test_a_late_change_or_renewal_is_told_so_in_each_language_alone() -> None:
    change = note(await verdict(changed().event("address", date(2017, 1, 31))), "change_ground")
    renewal = note(
        await verdict(filed("renewal").change("base_enterprise__certificate", {}, valid_until=DAY)),
        "filing_window",
    )
    for told in (change, renewal):
        assert not CHINESE.search(english(told)) and "filed after" in english(told)
        assert "应于" in chinese(told) and "filed" not in chinese(told)


def test_what_people_read_of_a_switch_is_chinese_with_english_and_no_bare_code() -> None:
    cases = [
        filed("first", nth=1).change(REGISTRY, {}, state_code="cancelled"),
        filed("renewal", nth=2).change("base_enterprise__certificate", {}, status_code="withdrawn"),
        filed("upgrade", nth=3).bar(date(2017, 1, 1), None).rectify("G01", date(2017, 2, 1)),
        filed("upgrade", nth=4).event("capital_nature", date(2017, 2, 1)),
    ]
    code = re.compile(r"\b[a-z]+_[a-z]+\b(?!:)(?!_)")
    for answer in judge(cases):
        assert answer.outcome == "not_accepted"
        for criterion in answer.criteria:
            if criterion["stage"] == "admission" and criterion["result"] != "met":
                for told in (criterion["actual"], criterion["note"]):
                    if told and not told.startswith("base_"):
                        assert CHINESE.search(told), told
                        assert not code.search(told), told
