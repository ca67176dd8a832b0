"""The major of the degree counts as that of the title does (E7, reading 74).

One by a name that no list of the rulebook has may be any (reading 97).
"""

from __future__ import annotations

from datetime import date

import pytest
from judge import Verdict, judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio, applications_of, frames_of, instant
from shipped import BOOK

from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.waiting.missing import trace

pytestmark = pytest.mark.provision("E7")

FILED = date(2017, 3, 1)
TITLE = "base_personnel__title"


def answer(firm: Portfolio, label: str, major: str, studied: str | None) -> Verdict:
    """Of who meets a level exactly, one title being of these majors."""
    holder = {"person_key": firm.people[label]}
    firm.change(TITLE, holder, major=major, studied_major=studied)
    found = judge([firm])[0]
    assert not disagreements(found, plainly(firm)), found.summary()
    return found


@pytest.mark.parametrize(
    ("major", "studied", "outcome"),
    [
        ("结构", "测量", "granted"),
        ("结构", None, "granted"),
        ("测量", "结构", "granted"),
        ("测量", "测量", "refused"),
        ("测量", None, "awaiting_data"),
        ("给水排水", "测量", "awaiting_data"),
        ("测量", "给水排水工程", "awaiting_data"),
        ("给水排水", "结构", "granted"),
    ],
)
def test_either_major_of_a_titled_person_counts_and_one_not_told_may_be_any(
    major: str, studied: str | None, outcome: str
) -> None:
    firm = Portfolio.meeting("S11", "二级", kind="first", filed_on=FILED)
    found = answer(firm, "titled.5", major, studied)
    assert found.outcome == outcome, found.summary()
    assert (found.failed | found.unknown) <= {"titled_staff"}


@pytest.mark.parametrize(
    ("major", "studied", "outcome"),
    [
        ("测量", "结构", "granted"),
        ("结构", None, "granted"),
        ("测量", "测量", "refused"),
        ("测量", None, "awaiting_data"),
        ("工民建", "测量", "awaiting_data"),
        ("测量", "土木工程", "awaiting_data"),
        ("工民建", "结构", "granted"),
    ],
)
def test_either_major_of_the_technical_leader_counts_and_one_not_told_may_be_any(
    major: str, studied: str | None, outcome: str
) -> None:
    firm = Portfolio.meeting("G01", "二级", kind="upgrade", filed_on=FILED)
    found = answer(firm, "lead", major, studied)
    assert found.outcome == outcome, found.summary()
    assert (found.failed | found.unknown) <= {"technical_lead"}


def test_a_person_of_two_majors_fills_both_places_but_is_one_head() -> None:
    firm = Portfolio.meeting("S11", "二级", kind="first", filed_on=FILED)
    found = answer(firm, "titled.5", "结构", "电气")
    told = {row["row_key"]: row for row in found.evidence_of("titled_staff")}
    assert len(told) == 5
    assert found.criterion("titled_staff.1")["actual"] == "5人"


@pytest.mark.provision("E8", "E10")
def test_a_name_in_no_list_is_no_matter_where_the_title_is_too_low_or_of_another_series() -> None:
    for spoilt in ({"title_level": "初级"}, {"series": "会计"}):
        firm = Portfolio.meeting("S11", "二级", kind="first", filed_on=FILED)
        firm.change(TITLE, {"person_key": firm.people["titled.5"]}, **spoilt)
        assert answer(firm, "titled.5", "给水排水", "给水排水").outcome == "refused"


@pytest.mark.provision("E10")
def test_where_enough_others_are_of_majors_that_count_nobody_waits_for_the_name() -> None:
    firm = Portfolio.meeting("S11", "二级", kind="first", filed_on=FILED).add_titled("中级", "结构")
    assert answer(firm, "titled.6", "给水排水", "给水排水").outcome == "granted"


@pytest.mark.parametrize("column", ["major", "studied_major"])
def test_the_office_is_told_the_name_that_no_list_has(column: str) -> None:
    firm = Portfolio.meeting("S11", "二级", kind="first", filed_on=FILED)
    told = {"major": "测量", "studied_major": "测量", column: "给水排水"}
    firm.change(TITLE, {"person_key": firm.people["titled.5"]}, **told)
    facts = Facts.of(frames_of([firm]))
    decided = decide(applications_of([firm]), facts, BOOK, instant(FILED, 10))
    lacking = trace(decided, facts, BOOK)
    assert lacking.select("criterion", "target", "fault", "cause").rows() == [
        ("titled_staff", TITLE, "unlisted", "给水排水")
    ]
