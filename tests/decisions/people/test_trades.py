"""Trades by the names of the national list, which the text names otherwise or apart (reading 99).

Belongs here: what a certificate of one trade says of another. Does not: numbers (`figures`).
"""

from __future__ import annotations

from datetime import date

import pytest
from exact import DAY, Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from sheets import Rank
from shipped import BOOK
from together import verdict_on

from assets.channels import load_channels

pytestmark = pytest.mark.provision("E9")
SKILL = "base_personnel__skill_certificate"


async def verdict(firm: Portfolio) -> Verdict:
    answer = await verdict_on(firm)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer


def with_trades(code: str, **names: str) -> Portfolio:
    """Meets 三级 of the category, its workers of some trades certified by other names."""
    firm = Exact(Rank(code, "三级"), DAY).build()
    for trade, name in names.items():
        firm.change(SKILL, {"trade": trade}, trade=name)
    return firm


@pytest.mark.parametrize(
    ("trade", "name", "result"),
    [
        ("砖细工", "砖细工", MET),
        ("砖细工", "砧细工", MET),
        ("砖刻工", "砧刻工", MET),
        ("砖细工", "古建筑传统石工", NO_DATA),
        ("石雕工", "古建筑传统石工", NO_DATA),
        ("砖刻工", "古建筑传统瓦工", NO_DATA),
        ("匾额工", "古建筑传统木工", NO_DATA),
        ("推光漆工", "古建筑传统油工", NO_DATA),
        ("砖细工", "古建筑传统木工", NOT_MET),
        ("砖细工", "瓦工", NOT_MET),
    ],
)
async def test_whom_the_national_list_certifies_as_one_trade_may_be_of_each_that_the_text_names(
    trade: str, name: str, result: str
) -> None:
    answer = await verdict(with_trades("S14", **{trade: name}))
    assert answer.results[f"skilled_workers.{trade}"] == result, answer.summary()
    assert answer.results["skilled_workers.count"] == MET


@pytest.mark.parametrize(("name", "result"), [("古建筑传统石工", MET), ("古建筑传统瓦工", NO_DATA)])
async def test_who_is_one_of_trades_that_are_all_named_makes_up_their_number(
    name: str, result: str
) -> None:
    """What is certified as 古建筑传统瓦工 may be 古建瓦工, which S14 does not name."""
    firm = Exact(Rank("S14", "二级"), date(2016, 10, 31)).build()
    several = [row for row in firm.of(SKILL) if row["trade"] == "砖细工"]
    assert len(several) > 1
    several[-1]["trade"] = name
    answer = await verdict(firm)
    assert answer.results["skilled_workers.kinds"] == result, answer.summary()
    assert answer.results["skilled_workers"] == result


async def test_the_certificate_says_why_its_trade_is_not_known() -> None:
    answer = await verdict(with_trades("S14", 砖细工="古建筑传统石工"))
    assert "属其中哪一个不明" in str(answer.criterion("skilled_workers.砖细工")["note"])


async def test_who_is_certified_by_the_other_name_of_his_trade_is_of_it() -> None:
    answer = await verdict(with_trades("S35", 瓦工="砌筑工"))
    assert answer.results["skilled_workers"] == MET, answer.summary()
    answer = await verdict(with_trades("S09", 起重信号工="起重信号司索工"))
    assert answer.results["skilled_workers"] == MET, answer.summary()


@pytest.mark.parametrize(
    ("rank", "trade", "result"),
    [
        (Rank("S15", "三级"), "维修电工", NO_DATA),
        (Rank("S15", "三级"), "安装电工", NO_DATA),
        (Rank("S15", "三级"), "高压电工", NOT_MET),
        (Rank("S33", "二级"), "核级焊工", NO_DATA),
    ],
)
async def test_who_has_none_of_a_trade_that_no_channel_tells_may_have_some(
    rank: Rank, trade: str, result: str
) -> None:
    firm = Exact(rank, DAY).build()
    assert (await verdict(firm)).results["skilled_workers"] == MET
    answer = await verdict(firm.change(SKILL, {"trade": trade}, trade="钢筋工"))
    assert answer.results["skilled_workers"] == result, answer.summary()


def told_trades() -> dict[str, str]:
    """The trades of the channel of skill certificates, by their national code."""
    (trades,) = (
        field.codes
        for field in load_channels()["skills"].feeds["certificate"].fields
        if field.to == "trade"
    )
    return dict(trades)


def test_every_trade_that_a_text_asks_for_is_told_by_the_channel_or_known_to_be_told_by_none() -> (
    None
):
    people = BOOK.codes.people
    told = set(told_trades().values())
    told |= {other for name, other in people.one_trade.items() if name in told}
    told |= {one for name in told for one in people.one_of_trades.get(name, ())}
    needs = [level.requirements for one in BOOK.categories.values() for level in one.levels]
    workers = [one.skilled_workers for one in needs if one.skilled_workers]
    asked = {trade for one in workers for trade in (*one.trades, *one.kinds)}
    assert asked - told == set(people.untold_trades)


def test_the_channel_tells_trades_by_the_names_of_the_national_list() -> None:
    trades = told_trades()
    assert {code: trades[code] for code in ("320", "330", "350", "360")} == {
        "320": "古建筑传统石工",
        "330": "古建筑传统瓦工",
        "350": "古建筑传统木工",
        "360": "古建筑传统油工",
    }
