"""The worklist names each thing that open cases wait for once, with owner, count, age and remedy."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from offices import Office, at
from portfolio import CITY, MONTHLY, Portfolio

from assets.row_checks import row_checks
from assets.tables import BASE_TABLES, decision
from checks.catalogue import BY_ID
from decisions.waiting.remedies import FAULTS, cause
from decisions.waiting.worklist import worklist

DAY = date(2017, 3, 1)
STATEMENT, BAR = "base_enterprise__statement", "base_credit__bar"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def waiting(nth: int, filed_on: date = DAY) -> Portfolio:
    """An upgrade whose enterprise's statement is not there."""
    one = Portfolio.meeting(
        "S11", "一级", kind="upgrade", filed_on=filed_on, decided_on=DAY + timedelta(9), nth=nth
    )
    return one.remove(STATEMENT).uncover(STATEMENT)


def things(office: Office) -> dict[str, dict[str, Any]]:
    """By key of the row."""
    return {row["row_key"]: row for row in worklist(office.store).iter_rows(named=True)}


def test_what_several_cases_wait_for_stands_there_once_with_their_number(office: Office) -> None:
    first, second = waiting(1), waiting(2)
    office.file(first, second)
    office.release(at(DAY))
    office.decide(at(DAY))
    found = things(office)
    assert set(found) == {CITY, f"{first.usc_code}|2016|annual", f"{second.usc_code}|2016|annual"}
    assert {key: row["case_count"] for key, row in found.items()} == {
        CITY: 2,
        f"{first.usc_code}|2016|annual": 1,
        f"{second.usc_code}|2016|annual": 1,
    }
    assert worklist(office.store)["row_key"][0] == CITY, "what most cases wait for comes first"
    row = found[CITY]
    assert (row["channel"], row["criteria"]) == ("finance", ["net_assets"])
    assert row["owner_zh"] and row["owner_en"]
    assert "声明完整" in row["remedy_zh"] and "declare" in row["remedy_en"]


def test_it_waits_since_the_first_evaluation_that_found_it_missing(office: Office) -> None:
    office.file(waiting(1))
    office.release(at(DAY))
    office.decide(at(DAY))
    office.file(waiting(2, DAY + timedelta(1)))
    office.release(at(DAY + timedelta(2)))
    while office.decide(at(DAY + timedelta(2))).decisions.height:
        pass
    found = things(office)
    assert found[CITY]["case_count"] == 2
    assert found[CITY]["waiting_since"] == at(DAY)
    assert [row["waiting_since"] for key, row in found.items() if "|2016|" in key].count(
        at(DAY + timedelta(2))
    ) == 1


def test_what_came_or_was_closed_is_off_the_list(office: Office) -> None:
    mended, returned = waiting(1), waiting(2)
    statement = mended.rows.get(STATEMENT)
    assert statement == []
    office.file(mended, returned)
    office.release(at(DAY))
    office.decide(at(DAY))
    assert things(office)
    mended.state_net_assets(10_000)
    office.release(at(DAY + timedelta(1)))
    office.decide(at(DAY + timedelta(1)))
    assert f"{mended.usc_code}|2016|annual" not in things(office)
    office.decide(at(DAY + timedelta(9)), supplement_days=3)
    assert "returned" in office.outcomes()
    assert things(office) == {}


def test_a_doubt_tells_the_check_and_a_stale_source_its_last_day(office: Office) -> None:
    one = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    contract = one.of("base_project__contract")[-1]["contract_no"]
    one.doubt("base_project__contract", contract, "DATA")
    old = DAY - timedelta(40)
    one.change("base_channel__coverage", {"target": "base_credit__finding"}, as_of=old)
    office.file(one)
    office.release(at(DAY))
    office.decide(at(DAY))
    found = things(office)
    assert found[contract]["remedy_zh"].endswith("（P-18）"), "the check in words, and its number"
    assert old.isoformat() in found[CITY]["remedy_en"]


def test_every_fault_has_its_remedy() -> None:
    assert set(FAULTS) == set(decision.FAULTS)


@pytest.mark.parametrize(
    ("fault", "code", "zh", "en"),
    [
        ("quarantined", "person_key:check_digit", "身份证件号码校验位不符", "check digit"),
        (
            "quarantined",
            "specialty:required;key:unique",
            "注册专业缺失或不可读；同一键内容不一",
            "",
        ),
        ("quarantined", "row:ragged", "该行列数与约定不符", "the line with another number"),
        ("quarantined", "row:undecodable", "该行乱码", "the line undecodable"),
        ("quarantined", "a-rule-to-come", "a-rule-to-come", "a-rule-to-come"),
        ("empty", "specialty", "注册专业", ""),
        ("doubted", "P-18:second", BY_ID["P-18"].zh, BY_ID["P-18"].en),
        ("stale", "2017-01-20", "2017-01-20", "2017-01-20"),
    ],
)
def test_a_cause_is_told_in_words(fault: str, code: str, zh: str, en: str) -> None:
    words = cause("base_personnel__registration", fault, code)
    assert zh in words.zh and en in words.en


def test_every_rule_by_which_a_row_is_set_apart_has_words() -> None:
    for table in BASE_TABLES:
        for check in row_checks(table):
            words = cause(table.name, "quarantined", check.id)
            assert words.zh != check.id and words.en != check.id, check.id


def test_a_field_is_named_without_what_is_told_to_who_reads_its_column() -> None:
    words = cause("base_personnel__person", "quarantined", "deceased_on:unreadable")
    assert (words.zh, words.en) == ("死亡日期不可读", "day of death unreadable")


def test_people_stand_there_by_pseudonym_only(office: Office) -> None:
    one = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY).uncover(MONTHLY)
    office.file(one.not_insured("worker.1"))
    office.release(at(DAY))
    office.decide(at(DAY))
    (row,) = (row for row in things(office).values() if row["fault"] == "missing")
    assert row["person_key"] == one.people["worker.1"]
    assert row["row_key"] == f"{row['person_key']}|2017-02-01|{one.usc_code}"


def test_a_bar_that_names_nobody_is_on_it_though_no_case_waits(office: Office) -> None:
    case = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)
    bar = {"bar_no": "X1", "usc_code": case.usc_code, "ground": "资质异常", "starts_on": DAY}
    office.file(case.add(BAR, **bar).quarantine(BAR, unread=["usc_code"]))
    office.release(at(DAY))
    assert office.decide(at(DAY)).decisions["outcome"].to_list() == ["granted"]
    (apart,) = case.of("intake__quarantine")
    ((key, row),) = things(office).items()
    assert key == f"{apart['delivery_id']}:{apart['row_no']}"
    assert (row["target"], row["case_count"], row["criteria"]) == (BAR, 0, [])
    assert row["waiting_since"] == apart["received_at"]
    assert row["owner_zh"] and row["remedy_zh"]
