"""Trades by the names of the national list, which the text names otherwise or apart (reading 99).

Belongs here: what a certificate of one trade says of another. Does not: numbers (`figures`).
"""

from __future__ import annotations

import pytest
from exact import DAY, Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from sheets import Rank
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


async def test_the_certificate_says_why_its_trade_is_not_known() -> None:
    answer = await verdict(with_trades("S14", 砖细工="古建筑传统石工"))
    assert "属其中哪一个不明" in str(answer.criterion("skilled_workers.砖细工")["note"])


async def test_who_is_certified_by_the_other_name_of_his_trade_is_of_it() -> None:
    answer = await verdict(with_trades("S35", 瓦工="砌筑工"))
    assert answer.results["skilled_workers"] == MET, answer.summary()
    answer = await verdict(with_trades("S09", 起重信号工="起重信号司索工"))
    assert answer.results["skilled_workers"] == MET, answer.summary()


def test_the_channel_tells_trades_by_the_names_of_the_national_list() -> None:
    (trades,) = (
        field.codes
        for field in load_channels()["skills"].feeds["certificate"].fields
        if field.to == "trade"
    )
    assert {code: trades[code] for code in ("320", "330", "350", "360")} == {
        "320": "古建筑传统石工",
        "330": "古建筑传统瓦工",
        "350": "古建筑传统木工",
        "360": "古建筑传统油工",
    }
