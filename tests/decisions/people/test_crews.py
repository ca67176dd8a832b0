"""Crews of vessels (施工船员), who count among the skilled workers of ports and waterways (reading 52).

Belongs here: being short of workers where crews count. Does not: the numbers themselves (`figures`).
"""

from __future__ import annotations

import pytest
from exact import DAY, Exact
from portfolio import Portfolio
from sheets import Rank
from worked import assert_awaiting, assert_granted, assert_refused, verdict

SKILL, POST = "base_personnel__skill_certificate", "base_personnel__post_certificate"


def lacking(code: str, *tables: str) -> Portfolio:
    """Meets 三级 of the category, but for one certificate of each of the tables."""
    p = Exact(Rank(code, "三级"), DAY).build()
    for table in tables:
        p.remove_at(table, -1)
    return p


@pytest.mark.provision("E9", "E12")
@pytest.mark.parametrize("code", ["S25", "S26", "S27"])
async def test_who_is_short_of_workers_may_have_crews_that_nobody_tells_of(code: str) -> None:
    answer = await verdict(lacking(code, SKILL))
    assert_awaiting(answer, "skilled_workers")
    assert "无数据来源" in str(answer.criterion("skilled_workers.count")["note"])


@pytest.mark.provision("E12")
async def test_who_has_enough_without_them_waits_for_none() -> None:
    decided = await verdict(lacking("S25"))
    assert decided.results["skilled_workers"] == "met"
    assert_granted(decided)


@pytest.mark.provision("E9")
async def test_what_is_short_beside_the_workers_refuses_all_the_same() -> None:
    assert_refused(await verdict(lacking("S25", SKILL, POST)), "site_managers")


@pytest.mark.provision("E12")
async def test_ashore_nobody_but_workers_counts() -> None:
    assert_refused(await verdict(lacking("S01", SKILL)), "skilled_workers")
