"""One act of Art. 23 that several sources tell, from their rows to the decision (C1, C-08).

Belongs here: what the copies of one decision make of a case. Does not: which rows are copies
(`tests/checks/across/test_credit.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from found import with_findings
from judge import judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio

pytestmark = pytest.mark.provision("C1")
DAY = date(2017, 3, 1)
WITHIN, LATER, BEFORE = date(2016, 6, 1), date(2016, 6, 6), date(2016, 2, 29)
ONE, OTHER = "3301061601010101", "3301061601010202"


def outcome_of(*days: date, **told: Sequence[str | None]) -> str:
    """Of an upgrade that meets everything but what these rows of one document say."""
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    for number, day in enumerate(days):
        row = {name: values[number] for name, values in told.items()}
        portfolio.act(day, **{"act": "转包或违法分包", "document_no": "浙建罚〔2016〕1号", **row})
    (verdict,) = judge(with_findings([portfolio]))
    assert not disagreements(verdict, plainly(portfolio)), verdict.summary()
    return verdict.outcome


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        ((WITHIN, WITHIN), "refused"),
        ((WITHIN, LATER), "refused"),
        ((BEFORE, BEFORE), "granted"),
        ((BEFORE, WITHIN), "awaiting_data"),
        ((WITHIN, BEFORE), "awaiting_data"),
    ],
)
def test_where_sources_tell_two_days_of_one_decision_it_must_lie_within_the_year_by_both(
    days: tuple[date, date], outcome: str
) -> None:
    assert outcome_of(*days) == outcome


@pytest.mark.parametrize(
    ("projects", "outcome"),
    [
        ([ONE, ONE], "granted"),
        ([None, ONE], "granted"),
        ([ONE, OTHER], "refused"),
        ([None, ONE, OTHER], "refused"),
    ],
)
def test_one_document_about_accidents_at_two_projects_is_about_two(
    projects: list[str | None], outcome: str
) -> None:
    """Two of class 一般 refuse (Art. 23 item 11, reading 84); one told twice is one."""
    days, acts = [WITHIN] * len(projects), ["一般事故"] * len(projects)
    assert outcome_of(*days, act=acts, project_no=projects) == outcome
