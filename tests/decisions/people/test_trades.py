"""Trades of workers that the text names: with 齐全 each, with 等 alone none by itself (reading 21).

Belongs here: who has the number without some of the trades. Does not: the numbers themselves (`figures`).
"""

from __future__ import annotations

import pytest
from exact import DAY, Exact
from portfolio import Portfolio
from sheets import Rank
from worked import assert_awaiting, assert_granted, assert_refused, base, verdict

SKILL = "base_personnel__skill_certificate"
WATERPROOFING = ("防水工", "电工", "油漆工", "抹灰工")


def waterproofer() -> Portfolio:
    """Meets S06 二级 with nothing to spare."""
    return Exact(Rank("S06", "二级"), DAY).build()


def retrained(p: Portfolio, trade: str, to: str) -> Portfolio:
    """With every worker of one trade in another."""
    for row in p.of(SKILL, trade=trade):
        row["trade"] = to
    return p


@pytest.mark.provision("E9")
@pytest.mark.parametrize("trade", WATERPROOFING)
async def test_a_trade_that_is_named_as_one_of_such_need_not_be_there(trade: str) -> None:
    other = next(one for one in WATERPROOFING if one != trade)
    assert_granted(await verdict(retrained(waterproofer(), trade, other)))


@pytest.mark.provision("E9")
async def test_who_decorates_without_workers_in_stone_is_not_turned_away() -> None:
    assert_granted(await verdict(retrained(base(), "石作业工", "木工")))


@pytest.mark.provision("E9")
async def test_whether_a_trade_that_is_not_named_is_one_such_no_text_says() -> None:
    answer = await verdict(retrained(waterproofer(), "抹灰工", "管道工"))
    assert answer.results["skilled_workers.count"] == "met"
    assert_awaiting(answer, "skilled_workers")


@pytest.mark.provision("E9")
async def test_who_is_short_of_workers_is_so_whatever_their_trades() -> None:
    p = waterproofer()
    p.remove_at(SKILL, -1)
    assert_refused(await verdict(retrained(p, "抹灰工", "防水工")), "skilled_workers")


@pytest.mark.provision("E9")
async def test_where_the_text_wants_the_trades_complete_each_must_be_there() -> None:
    p = retrained(Exact(Rank("S15", "三级"), DAY).build(), "维修电工", "低压电工")
    assert_refused(await verdict(p), "skilled_workers")


@pytest.mark.provision("E9")
async def test_workers_of_any_trade_do_not_surely_fill_up_the_number_of_electricians() -> None:
    p = Exact(Rank("S15", "三级"), DAY).build()
    electricians = p.of(SKILL, trade="高压电工")
    assert len(electricians) > 1
    electricians[-1]["trade"] = "管道工"
    answer = await verdict(p)
    assert answer.results["skilled_workers.维修电工"] == "met"
    assert_awaiting(answer, "skilled_workers")
