"""The major of the degree counts as that of the title does (E7, reading 74)."""

from __future__ import annotations

from datetime import date

import pytest
from judge import Verdict, judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio

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
