"""Works on the national platform: which grades count for the ministry, and from when (E23)."""

from __future__ import annotations

from datetime import date

import pytest
from exact import Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from portfolio import Portfolio, applications_of, frames_of, instant
from sheets import Rank
from shipped import BOOK
from together import verdict_on

from decisions.engine import decide
from decisions.facts.model import Facts

pytestmark = pytest.mark.provision("E23")


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio, with_evidence=False)


@pytest.mark.provision("F11")
@pytest.mark.parametrize(("grade", "result"), [("A", MET), ("B", NOT_MET), (None, NO_DATA)])
async def test_the_ministry_counts_works_of_grade_a_since_2023_09_15(
    grade: str | None, result: str
) -> None:
    portfolio = Exact(Rank("G01", "一级"), date(2023, 9, 15)).build()
    for row in portfolio.rows["base_project__project"]:
        row["data_level"] = grade
    assert (await verdict(portfolio)).results["performance"] == result


@pytest.mark.parametrize(
    ("filed_on", "result"), [(date(2023, 12, 31), MET), (date(2024, 1, 1), NOT_MET)]
)
async def test_works_led_must_be_on_the_platform_since_2024(filed_on: date, result: str) -> None:
    portfolio = Exact(Rank("S06", "二级"), filed_on).build()
    portfolio.rows["base_project__project"] = []
    assert (await verdict(portfolio)).results["lead_performance"] == result


@pytest.mark.parametrize("narrowed", [False, True])
def test_a_project_set_apart_may_be_on_the_platform(narrowed: bool) -> None:
    portfolio = Exact(Rank("G01", "一级"), date(2023, 9, 15)).build()
    portfolio.quarantine("base_project__project")
    facts = Facts.of(frames_of([portfolio]))
    if narrowed:
        facts = facts.of_enterprises([portfolio.usc_code])
    decided = decide(
        applications_of([portfolio]),
        facts,
        BOOK,
        instant(portfolio.decided_on),
        as_authority="ministry",
    )
    results = dict(decided.criteria.select("criterion", "result").iter_rows())
    assert results["performance"] == NO_DATA
